// The first sheet of an XLSX file as rows of texts: a ZIP archive of XML files, read by the browser itself.
const [DIRECTORY, END] = [0x02014b50, 0x06054b50]; // the signatures of ZIP's entries and of their end
const LARGEST = 50_000_000; // characters of a sheet

export const isWorkbook = (bytes) => bytes[0] === 0x50 && bytes[1] === 0x4b; // "PK"

export async function readWorkbook(buffer) {
  const entries = listEntries(buffer);
  const open = async (name) => (entries.has(name) ? new DOMParser().parseFromString(await unpack(buffer, entries.get(name)), "text/xml") : null);
  const sheet = await open(findSheet(await open("xl/workbook.xml"), await open("xl/_rels/workbook.xml.rels")));
  const shared = list((await open("xl/sharedStrings.xml")) ?? sheet, "si").map(readText);
  return list(sheet, "row").map((row) => {
    const cells = [];
    for (const cell of list(row, "c")) cells[columnOf(cell) ?? cells.length] = readCell(cell, shared);
    return Array.from(cells, (text) => text ?? "");
  });
}

const list = (node, name) => [...node.getElementsByTagNameNS("*", name)];

function findSheet(book, relations) {
  const id = [...list(book, "sheet")[0].attributes].find(({ localName, prefix }) => localName === "id" && prefix).value;
  const target = list(relations, "Relationship").find((each) => each.getAttribute("Id") === id).getAttribute("Target");
  return target.startsWith("/") ? target.slice(1) : `xl/${target}`;
}

// "C7" is in column 2; an empty cell is not written.
function columnOf(cell) {
  const letters = cell.getAttribute("r")?.match(/^[A-Z]{1,3}/)?.[0];
  return letters && [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function readCell(cell, shared) {
  const value = list(cell, "v")[0]?.textContent ?? "";
  const type = cell.getAttribute("t");
  if (type === "s") return shared[Number(value)] ?? "";
  return type === "inlineStr" ? readText(cell) : value;
}

// A text in parts of different fonts; the reading of Japanese characters is not part of it.
const readText = (node) => list(node, "t").filter((each) => each.parentNode.localName !== "rPh").map((each) => each.textContent).join("");

// The archive's directory stands at its end: by name, where each file begins and how long it is packed.
function listEntries(buffer) {
  const view = new DataView(buffer);
  let end = buffer.byteLength - 22;
  while (view.getUint32(end, true) !== END) end -= 1; // a RangeError where there is none
  let at = view.getUint32(end + 16, true);
  const entries = new Map();
  for (let left = view.getUint16(end + 10, true); left && view.getUint32(at, true) === DIRECTORY; left -= 1) {
    const [size, name, extra, comment] = [view.getUint32(at + 20, true), ...[28, 30, 32].map((each) => view.getUint16(at + each, true))];
    const entry = { packed: view.getUint16(at + 10, true) !== 0, size, start: view.getUint32(at + 42, true) };
    entries.set(new TextDecoder().decode(new Uint8Array(buffer, at + 46, name)), entry);
    at += 46 + name + extra + comment;
  }
  return entries;
}

async function unpack(buffer, { packed, size, start }) {
  const view = new DataView(buffer);
  const begin = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
  const bytes = new Blob([new Uint8Array(buffer, begin, size)]).stream();
  const reader = (packed ? bytes.pipeThrough(new DecompressionStream("deflate-raw")) : bytes).pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    text += piece.value;
    if (text.length > LARGEST) throw new RangeError("The sheet is too large.");
  }
  return text;
}

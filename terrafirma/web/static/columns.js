// Text of a spreadsheet to rows of cells, and back.
const HEADINGS = /^(country|countries|land|länder|pays|país|pais|nation|state|name|دولة|国家)/i;

// Tabs, as spreadsheets copy; else what a CSV file has most of in its first line. A plain list has no divider.
function findDivider(text) {
  const line = text.slice(0, text.search(/[\r\n]|$/));
  const counts = ["\t", ";", ",", "|"].map((mark) => [line.split(mark).length - 1, mark]);
  if (counts[0][0]) return "\t";
  counts.sort(([one], [other]) => other - one);
  return counts[0][0] ? counts[0][1] : null;
}

// A list of names has commas of its own ("Korea, Republic of"): only a file, or tabs, make columns.
export function parse(text, isFile) {
  const plain = text.replace(/^\uFEFF/, "");
  const divider = isFile || plain.includes("\t") ? findDivider(plain) : null;
  if (!divider) return plain.split(/\r\n|\r|\n/).map((line) => [line]).filter(([cell]) => cell.trim());
  return parseRows(plain, divider).filter((row) => row.some((cell) => cell.trim()));
}

function parseRows(text, divider) {
  const rows = [];
  let [row, cell, quoted] = [[], "", false];
  const endCell = () => {
    row.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted && letter === '"' && text[at + 1] === '"') {
      cell += letter;
      at += 1;
    } else if (letter === '"' && (quoted || cell === "")) quoted = !quoted;
    else if (!quoted && letter === divider) endCell();
    else if (!quoted && (letter === "\n" || letter === "\r")) {
      if (letter === "\r" && text[at + 1] === "\n") at += 1;
      endRow();
    } else cell += letter;
  }
  if (cell || row.length) endRow();
  return rows;
}

// The column that a heading of countries stands over; else the first.
export const guessColumn = ([heading = []]) => Math.max(0, heading.findIndex((cell) => HEADINGS.test(cell.trim())));

// A cell that a spreadsheet would take for a formula is kept a text.
const guard = (cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
const quote = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export const writeCsv = (rows) => "\uFEFF" + rows.map((row) => row.map((cell) => quote(guard(String(cell ?? "")))).join(",") + "\r\n").join("");

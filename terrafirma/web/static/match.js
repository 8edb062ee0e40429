// A column of names to records: equal cells are one row, matched by the API; what is open can be chosen and remembered.
import { callApi } from "./api.js";
import { guessColumn, parse, writeCsv } from "./columns.js";
import { make, makeButton, makeTable } from "./elements.js";
import { me } from "./header.js";
import { isWorkbook, readWorkbook } from "./workbook.js";

const form = document.querySelector("#match");
const { names, kind, on, column, heading } = form.elements;
const file = form.querySelector("#file");
const words = document.querySelector("#words").dataset;
const refusal = document.querySelector(".refusal");
const place = document.querySelector("#found");
const openOnly = document.querySelector("#open-only");
const SHOWN = 200; // rows at first, and more with each press
const CODES = ["alpha2", "alpha4", "code"];

let table = []; // the rows that were pasted
let entries = new Map(); // by text: { text, rows, answer, record, how }
let [shown, asked, isFile, mayWrite] = [SHOWN, 0, false, false];

const codeOf = (record) => String(CODES.map((name) => record[name]).find(Boolean) ?? record.id);
const isOpen = ({ record }) => !record;
const body = () => (hasHeading() ? table.slice(1) : table);
const hasHeading = () => table.length > 1 && heading.checked;
const at = () => Number(column.value || 0);

function readTable() {
  table = parse(names.value, isFile);
  const width = Math.max(0, ...table.slice(0, 100).map((row) => row.length));
  const wide = width > 1;
  const titles = Array.from({ length: width }, (_, index) => table[0]?.[index]?.trim() || String(index + 1));
  column.replaceChildren(...titles.map((title, index) => make("option", { value: index }, title)));
  column.value = wide ? guessColumn(table) : 0;
  form.querySelector("#columns").hidden = !wide;
  form.querySelector("#heading").hidden = table.length < 2;
  heading.checked = wide;
}

async function match(event) {
  event?.preventDefault();
  const turn = ++asked;
  refusal.textContent = "";
  entries = new Map();
  for (const row of body()) {
    const text = (row[at()] ?? "").trim();
    if (!text) continue;
    const entry = entries.get(text) ?? { text, rows: 0, answer: null, record: null, how: "none" };
    entry.rows += 1;
    entries.set(text, entry);
  }
  keepAddress();
  place.hidden = !entries.size;
  shown = SHOWN;
  if (entries.size) await resolveAll([...entries.keys()], turn);
  if (turn === asked) show();
}

// The kind and the day are part of the address, so that a page can be kept; a list is not.
function keepAddress() {
  const address = new URL(location.href);
  for (const each of [kind, on]) {
    if (each.value && each.value !== "country") address.searchParams.set(each.name, each.value);
    else address.searchParams.delete(each.name);
  }
  history.replaceState(null, "", address);
}

async function resolveAll(texts, turn) {
  const size = Number(form.dataset.batch);
  const query = new URLSearchParams({ kind: kind.value, ...(on.value && { on: on.value }) });
  for (let start = 0; start < texts.length; start += size) {
    document.querySelector("#counts").textContent = `${words.busy} … ${start} / ${texts.length}`;
    const answer = await callApi("POST", `${form.dataset.resolve}?${query}`, { body: texts.slice(start, start + size) });
    if (turn !== asked) return;
    if (!answer.ok) {
      refusal.textContent = answer.error;
      return;
    }
    for (const each of answer.body) {
      const entry = entries.get(each.query);
      Object.assign(entry, { answer: each, record: each.record ?? null, how: each.outcome });
    }
  }
}

function show() {
  const all = [...entries.values()].filter(({ answer }) => answer);
  const count = (how) => all.filter((entry) => entry.how === how).reduce((sum, { rows }) => sum + rows, 0);
  const told = ["matched", "chosen", "ambiguous", "none"].map((how) => [count(how), words[how]]);
  document.querySelector("#counts").textContent = told.filter(([number]) => number).map(([number, word]) => `${number} ${word}`).join(" · ");
  const listed = openOnly.checked ? all.filter(isOpen) : all;
  const headings = [words.name, words.rows, words.outcome, words.record, words.code];
  const rows = listed.slice(0, shown).map(makeRow);
  const more = () => {
    shown += SHOWN;
    show();
  };
  document.querySelector("#rows").replaceChildren(makeTable(document.querySelector("#result").textContent, headings, rows), listed.length > shown ? makeButton(words.more, more) : "");
}

function makeRow(entry) {
  const { text, rows, answer, record, how } = entry;
  const outcome = make("span", { class: `outcome is-${how}` }, words[how]);
  const why = answer.suggestion && !record ? make("span", { class: "why" }, answer.suggestion) : "";
  const choices = how === "matched" ? describe(record) : [makeChoice(entry), how === "chosen" ? makeRemember(entry) : "", why];
  return [make("bdi", {}, text), rows > 1 ? `×${rows}` : "", outcome, make("div", {}, choices), record ? codeOf(record) : ""];
}

const describe = (record) => make("bdi", {}, record.name ?? codeOf(record));

function makeChoice(entry) {
  const { text, answer, record, how } = entry;
  if (!answer.candidates.length) return "";
  const options = answer.candidates.map((each, index) =>
    make("option", { value: index, selected: record?.id === each.record.id }, `${each.record.name ?? ""} (${codeOf(each.record)})`),
  );
  const lead = record ? words.leave : how === "none" ? `${words.near} …` : `${words.choose} …`;
  const change = ({ target }) => choose(entry, target.value === "" ? null : answer.candidates[Number(target.value)].record);
  return make("select", { "aria-label": `${words.choose}: ${text}`, change }, make("option", { value: "" }, lead), options);
}

function choose(entry, record) {
  Object.assign(entry, { record, how: record ? "chosen" : entry.answer.outcome });
  show();
  const again = [...document.querySelectorAll("#rows select")].find((each) => each.getAttribute("aria-label").endsWith(`: ${entry.text}`));
  again?.focus();
}

// A name is added to those that the record has; another editor's names stay.
function makeRemember(entry) {
  if (!mayWrite || kind.value !== "country") return "";
  if (entry.kept) return make("span", { class: "why", role: "status" }, `✓ ${words.remembered}`);
  const keep = async () => {
    const address = `/countries/${entry.record.id}`;
    const found = await callApi("GET", address);
    const others = found.body?.other_names ?? [];
    const body = { other_names: [...others, entry.text] };
    const headers = found.etag ? { "If-Match": found.etag.replace(/^W\//, "") } : {};
    const answer = !found.ok || others.includes(entry.text) ? found : await callApi("PATCH", address, { body, headers });
    refusal.textContent = answer.ok ? "" : [answer.error, ...answer.details.map((each) => `${each.field} ${each.message}`)].join(" ");
    entry.kept = answer.ok;
    show();
  };
  return makeButton(words.remember, keep);
}

function download() {
  const added = (row) => {
    const { record, answer, how } = entries.get((row[at()] ?? "").trim()) ?? {};
    return [record ? codeOf(record) : "", record?.name ?? "", how === "matched" ? answer.score : "", how ?? "no role"];
  };
  const titles = ["alpha2", "matched_name", "score", "outcome"];
  const width = Math.max(...table.map((row) => row.length));
  const fill = (row) => Array.from({ length: width }, (_, index) => row[index] ?? "");
  const head = hasHeading() ? [[...fill(table[0]), ...titles]] : [[...Array.from({ length: width }, (_, index) => (width > 1 ? String(index + 1) : "name")), ...titles]];
  const text = writeCsv([...head, ...body().map((row) => [...fill(row), ...added(row)])]);
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  make("a", { href, download: "matched.csv" }).click();
  URL.revokeObjectURL(href);
}

async function readFile(chosen) {
  const buffer = await chosen.arrayBuffer();
  return isWorkbook(new Uint8Array(buffer)) ? writeCsv(await readWorkbook(buffer)) : chosen.text();
}

async function take(chosen) {
  if (!chosen) return;
  isFile = true;
  try {
    names.value = await readFile(chosen);
  } catch {
    refusal.textContent = words.unreadable;
    return;
  }
  readTable();
  await match();
}

names.addEventListener("input", () => {
  isFile = false;
  readTable();
});
file.addEventListener("change", () => take(file.files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  names.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    names.classList.toggle("over", name === "dragover");
    if (name === "drop") take(event.dataTransfer.files[0]);
  });
}
form.addEventListener("submit", match);
openOnly.addEventListener("change", show);
document.querySelector("#download").addEventListener("click", download);
me.then(({ ok, body }) => {
  mayWrite = ok && ["editor", "admin"].includes(body.role) && (!body.kinds || body.kinds.includes("country"));
  if (entries.size) show();
});
if (names.value) readTable(); // what the browser brought back

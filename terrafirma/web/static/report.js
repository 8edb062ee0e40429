// What a dry run found: counts, the way to commit it, changes field by field, faults by row and column, columns.
import { makeDownload } from "./admin.js";
import { make, makeButton, makeTable, tellNumber, tellValue } from "./elements.js";
import { linkLog } from "./outcome.js";

const SHOWN = 50; // rows at first, and more with each press

const count = (number, what) => `${tellNumber(number)} ${what}`;

// `retry` sends the file again with other columns (null: the page has it no more); `commit` answers what was written.
export function showReport(place, report, { retry, commit }) {
  const { counts, changes, errors, ready } = report;
  place.replaceChildren(
    ...(ready ? [tellCounts(counts), makeCommit(report, commit)] : [make("h2", {}, "The columns are not clear")]),
    ...list("Names read as codes", 0, report.names ?? [], makeNames),
    ...list("What would change", counts.created + counts.changed, changes.flatMap(tellChange), (rows) => makeChanges(report.path, rows)),
    ...list(ready ? "What is refused" : "What stands against it", ready ? errors.length : 0, errors, makeErrors),
    counts.refused ? make("p", {}, makeDownload("All refused rows as CSV", `/imports/${report.id}/errors`, `errors-${report.id}.csv`), ", to correct and send again.") : "",
    ...tellReading(report, retry),
  );
}

function tellCounts(counts) {
  const parts = ["created", "changed", "unchanged", "refused"].map((name) =>
    make("li", { class: name }, make("b", {}, tellNumber(counts[name])), ` ${name}`),
  );
  return make("div", { role: "status" }, make("ul", { class: "counts" }, parts));
}

function makeCommit({ id, counts, kind }, commit) {
  const { created, changed, refused } = counts;
  const place = make("div", { class: "commit" });
  if (!created && !changed) {
    place.append(refused ? "No row can be written. Correct them and send the file again." : "Everything is so already: nothing would be written.");
    return place;
  }
  const all = refused ? [] : [make("option", { value: "" }, "all rows, or none if one cannot be")];
  const mode = make("select", { name: "bad" }, all, make("option", { value: "skip" }, "rows piece by piece, without the bad ones"));
  const press = async () => {
    const result = await commit(id, mode.value === "skip");
    if (result) place.replaceChildren(...tellWritten(result, kind));
  };
  place.append(
    refused ? make("p", {}, `${count(refused, refused === 1 ? "row is" : "rows are")} refused and would be left out.`) : "",
    make("label", {}, "Write ", mode),
    makeButton(`Commit ${count(created + changed, created + changed === 1 ? "row" : "rows")}`, press, { class: "main" }),
  );
  return place;
}

function tellWritten({ written, skipped, since, errors }, kind) {
  const changed = linkLog({ since, written }, kind);
  const lost = (errors ?? []).map((each) => make("li", {}, `Row ${each.row}: ${each.field} ${each.message}`));
  return [
    make("p", { role: "status" }, make("b", {}, `Wrote ${count(written, written === 1 ? "row" : "rows")}, left out ${tellNumber(skipped)}. `), changed),
    lost.length ? make("ul", {}, lost) : "",
  ];
}

// A heading and a table of the first rows, with a button for more of them.
function list(heading, whole, rows, makeRows) {
  if (!rows.length) return [];
  const place = make("div");
  let shown = 0;
  const more = () => {
    shown += SHOWN;
    place.replaceChildren(makeRows(rows.slice(0, shown)), shown < rows.length ? makeButton("Show more", more) : "");
  };
  more();
  return [make("h2", {}, heading, whole ? make("small", {}, ` ${tellNumber(whole)}`) : ""), place];
}

function tellChange({ row, id, fields }) {
  return Object.entries(fields).map(([field, [before, after]]) => ({ row, id, field, before, after }));
}

function makeChanges(path, rows) {
  const cells = rows.map(({ row, id, field, before, after }) => [
    String(row),
    id === null ? "new" : make("a", { href: `${path}/${id}` }, String(id)),
    field,
    make("del", {}, tellValue(before)),
    make("ins", {}, tellValue(after)),
  ]);
  return makeTable("What would change, field by field", ["Row", "Record", "Field", "Was", "Will be"], cells);
}

function makeNames(names) {
  return makeTable("Names read as codes", ["Field", "In the file", "Read as"], names.map(({ field, text, code }) => [field, text, code]));
}

function makeErrors(errors) {
  const cells = errors.map((each) => [each.row === null ? "–" : String(each.row), each.column || "–", each.message]);
  return makeTable("What is refused, by row and column", ["Row", "Column", "What is wrong"], cells);
}

// How the file was read, and which field each column holds: to be put right and tried again.
function tellReading({ file, columns, kind }, retry) {
  const told = [file.format, file.encoding, file.delimiter && `cells divided by ${nameDelimiter(file.delimiter)}`, file.packed && "packed"];
  const headers = Object.entries(columns);
  const inputs = headers.map(([header, field]) =>
    make("input", { value: field ?? "", list: `fields-${kind}`, "aria-label": `Field of the column ${header}`, placeholder: "left out", autocomplete: "off" }),
  );
  const again = () => retry(Object.fromEntries(headers.map(([header], place) => [header, inputs[place].value.trim()])));
  const rows = headers.map(([header], place) => [header, inputs[place]]);
  return [
    make("h2", {}, "How the file was read"),
    make("p", {}, `As ${told.filter(Boolean).join(", ")}.`),
    ...(rows.length ? [makeTable("Which field each column holds", ["Column", "Field"], rows)] : []),
    retry && rows.length ? makeButton("Try again with these columns", again) : make("p", {}, "To read it otherwise, choose the file again above."),
  ];
}

function nameDelimiter(delimiter) {
  return { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" }[delimiter] ?? delimiter;
}

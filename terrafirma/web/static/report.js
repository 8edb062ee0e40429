// What a dry run found: counts, the way to commit it, refused rows to put right, changes field by field, columns.
import { makeDownload } from "./admin.js";
import { make, makeButton, makeTable, tellNumber, tellValue } from "./elements.js";
import { linkChanges } from "./outcome.js";
import { _, ngettext } from "./words.js";

const SHOWN = 50; // rows at first, and more with each press
const WHOLE_ROW = 2; // cells to put right where a fault is of no column

// `retry` sends the file again with other columns (null: the page has it no more); `correct` sends cells that were put
// right; `commit` and `undo` answer what was written and undone.
export function showReport(place, report, deeds) {
  const { counts, changes, errors, ready } = report;
  place.replaceChildren(
    ...(ready ? [tellCounts(counts), makeDeed(report, deeds)] : [make("h2", {}, _("The columns are not clear"))]),
    ...(ready ? makeRefused(report, deeds.correct) : list(_("Faults of the columns"), 0, errors, makeErrors)),
    ...list(_("Names read as codes"), 0, report.names ?? [], makeNames),
    ...list(_("Planned changes"), counts.created + counts.changed, changes.flatMap(tellChange), (rows) => makeChanges(report.path, rows)),
    ...tellReading(report, deeds.retry),
  );
}

const OUTCOMES = { created: _("created"), changed: _("changed"), unchanged: _("unchanged"), refused: _("refused") };

function tellCounts(counts) {
  const parts = Object.entries(OUTCOMES).map(([name, told]) => make("li", { class: name }, make("b", {}, tellNumber(counts[name])), ` ${told}`));
  return make("div", { role: "status" }, make("ul", { class: "counts" }, parts));
}

function makeDeed(report, { commit, undo }) {
  const { counts: { created, changed, refused }, committed } = report;
  const place = make("div", { class: "commit" });
  if (committed) return showWritten(place, committed, report, undo);
  if (!created && !changed) {
    place.append(refused ? _("No row can be written. Correct them and send the file again.") : _("Everything is so already: no row would be written."));
    return place;
  }
  const all = refused ? [] : [make("option", { value: "" }, _("all rows, or no row if a row fails"))];
  const mode = make("select", { name: "bad" }, all, make("option", { value: "skip" }, _("rows piece by piece, without bad rows")));
  const press = async () => {
    const result = await commit(report.id, mode.value === "skip");
    if (result) showWritten(place, result, report, undo);
  };
  place.append(
    refused ? make("p", {}, ngettext("%(number)s row is refused and would be left out.", "%(number)s rows are refused and would be left out.", refused)) : "",
    make("label", {}, `${_("Write")} `, mode),
    makeButton(ngettext("Commit %(number)s row", "Commit %(number)s rows", created + changed), press, { class: "main" }),
  );
  return place;
}

// What was written, or undone since, with the way to undo it: as a whole, or but for what others changed.
function showWritten(place, result, { id, kind, undone }, undo) {
  const told = make("p", { role: "status" });
  const lost = (result.errors ?? []).map((each) => make("li", {}, `${_("Row")} ${each.row}: ${each.field} ${each.message}`));
  place.replaceChildren(told, lost.length ? make("ul", {}, lost) : "");
  if (undone) return showUndone(place, undone);
  const written = ngettext("Wrote %(number)s row, left out %(left)s.", "Wrote %(number)s rows, left out %(left)s.", result.written ?? 0, { left: tellNumber(result.skipped) });
  told.append(make("b", {}, written), " ", result.entries?.length ? linkChanges(result, kind) : "");
  const press = (skip) => async () => {
    const back = await undo(id, skip);
    if (back) showUndone(place, back);
    else if (!skip) place.append(makeButton(_("Undo all but later changes"), press(true)));
  };
  if (result.entries?.length) place.append(makeButton(_("Undo this import"), press(false)));
  return place;
}

function showUndone(place, { undone, kept }) {
  const names = kept.map(({ name }) => name).join(", ");
  place.replaceChildren(
    make("p", { role: "status" }, make("b", {}, ngettext("Undone: %(number)s record is as it was before.", "Undone: %(number)s records are as they were before.", undone)), names ? ` ${_("Changed since, and kept: %(names)s.", { names })}` : ""),
  );
  return place;
}

// The refused rows, each with its cells that are wrong, to be put right here and sent again.
function makeRefused({ id, counts, columns, refused, errors }, correct) {
  if (!errors.length) return [];
  const download = make("p", {}, makeDownload(_("All refused rows as CSV"), `/imports/${id}/errors`, `errors-${id}.csv`), ` ${_("to correct and send again, as it is.")}`);
  if (!refused) return [...list(_("Refused rows"), counts.refused, errors, makeErrors), download];
  const inputs = [];
  const send = async () => {
    const changed = inputs.filter(({ input }) => input.value !== input.defaultValue);
    if (!changed.length) return inputs.find(({ input }) => input.ariaInvalid)?.input.focus();
    const rows = {};
    for (const { row, column, input } of changed) (rows[row] ??= {})[column] = input.value;
    await correct(id, rows);
  };
  const faults = Map.groupBy(errors, ({ row }) => row);
  const shown = refused.filter(({ row }) => faults.has(row)).map((each) => ({ ...each, faults: faults.get(each.row) }));
  const cells = shown.map((each) => [String(each.row), each.name ?? guessName(each), makeRepair(each, columns, inputs)]);
  return [
    make("h2", {}, _("Refused rows"), make("small", {}, ` ${tellNumber(counts.refused)}`)),
    makeTable(_("Refused rows, by row and column"), [_("Row"), _("Record"), _("Fault")], cells),
    make("p", { class: "buttons" }, makeButton(_("Check the corrected rows"), send, { class: "main" })),
    download,
  ];
}

const guessName = ({ cells }) => String(Object.values(cells).find((value) => typeof value === "string" && value) ?? "–");

// The cells of a row that are wrong, each with what is wrong with it.
function makeRepair({ row, cells, faults }, columns, inputs) {
  const named = Object.keys(columns).filter((column) => column in cells);
  const faulty = faults.filter(({ column }) => column in cells);
  const others = faulty.length < faults.length ? named.slice(0, WHOLE_ROW) : [];
  const about = [...new Set([...faulty.map(({ column }) => column), ...others])];
  const general = faults.filter(({ column }) => !(column in cells));
  return make(
    "div",
    { class: "repair" },
    general.map((each) => make("p", { class: "fault" }, [each.column, tellFault(each)].filter(Boolean).join(" "))),
    about.map((column, at) => {
      const wrong = faulty.filter((each) => each.column === column);
      const value = typeof cells[column] === "object" && cells[column] ? JSON.stringify(cells[column]) : (cells[column] ?? "");
      const fault = `fault-${row}-${at}`;
      const input = make("input", { value, autocomplete: "off", ...(wrong.length && { "aria-invalid": "true", "aria-describedby": fault }) });
      inputs.push({ row, column, input });
      return make("div", {}, make("label", {}, make("span", {}, column, make("span", { class: "away" }, ` ${_("of row %(row)s", { row })}`)), input), wrong.length ? make("p", { class: "fault", id: fault }, wrong.map(tellFault).join("; ")) : "");
    }),
  );
}

// What a fault says to a reader: its rule, and those ways out that are fields of this page.
export function tellFault({ rule, message, hints = [] }) {
  return [rule || message, ...hints.map(tellHint).filter(Boolean)].join("; ");
}

function tellHint({ parameter, value, effect }) {
  const field = document.querySelector(`#import [name="${parameter}"]`);
  const label = field?.labels[0]?.firstChild.textContent.trim();
  if (!label) return "";
  if (field.options) return [...field.options].some((each) => each.value === value) ? `${label}: ${[...field.options].find((each) => each.value === value).text}` : "";
  return `${label}: ${value} ${effect}`;
}

// A heading and a table of the first rows, with a button for more of them.
function list(heading, whole, rows, makeRows) {
  if (!rows.length) return [];
  const place = make("div");
  let shown = 0;
  const more = () => {
    shown += SHOWN;
    place.replaceChildren(makeRows(rows.slice(0, shown)), shown < rows.length ? makeButton(_("Show more"), more) : "");
  };
  more();
  return [make("h2", {}, heading, whole ? make("small", {}, ` ${tellNumber(whole)}`) : ""), place];
}

function tellChange({ row, id, name, fields }) {
  return Object.entries(fields).map(([field, [before, after]]) => ({ row, id, name, field, before, after }));
}

function makeChanges(path, rows) {
  const cells = rows.map(({ row, id, name, field, before, after }) => [
    String(row),
    id === null ? make("span", {}, `${name ?? ""} `, make("small", {}, _("new"))) : make("a", { href: `${path}/${id}` }, name ?? String(id)),
    field,
    make("del", {}, tellValue(before)),
    make("ins", {}, tellValue(after)),
  ]);
  return makeTable(_("Planned changes, field by field"), [_("Row"), _("Record"), _("Field"), _("Was"), _("Will be")], cells);
}

function makeNames(names) {
  return makeTable(_("Names read as codes"), [_("Field"), _("In the file"), _("Read as")], names.map(({ field, text, code }) => [field, text, code]));
}

function makeErrors(errors) {
  const cells = errors.map((each) => [each.row === null ? "–" : String(each.row), each.column || "–", tellFault(each)]);
  return makeTable(_("Refused rows, by row and column"), [_("Row"), _("Column"), _("Fault")], cells);
}

// How the file was read, and which field each column holds: to be put right and tried again.
function tellReading({ file, columns, kind, notes, hints, remembered }, retry) {
  const told = [file.format, file.encoding, file.delimiter && _("cells divided by %(mark)s", { mark: nameDelimiter(file.delimiter) }), file.packed && _("packed")];
  const headers = Object.entries(columns);
  const inputs = headers.map(([header, field]) =>
    make("input", { value: field ?? "", list: `fields-${kind}`, "aria-label": _("Field of the column %(column)s", { column: header }), placeholder: _("left out"), autocomplete: "off" }),
  );
  const again = () => retry(Object.fromEntries(headers.map(([header], place) => [header, inputs[place].value.trim()])));
  const rows = headers.map(([header], place) => [header, inputs[place]]);
  return [
    make("h2", {}, _("How the file was read")),
    make("p", {}, file.name ? make("b", {}, `${file.name} `) : "", _("As %(how)s.", { how: told.filter(Boolean).join(", ") })),
    ...[...(notes ?? []), ...(hints ?? []).map(tellHint)].filter(Boolean).map((note) => make("p", { class: "why" }, note)),
    remembered ? make("p", { class: "why" }, _("The columns are read as you chose for an earlier file.")) : "",
    ...(rows.length ? [makeTable(_("Which field each column holds"), [_("Column"), _("Field")], rows)] : []),
    retry && rows.length ? makeButton(_("Try again with these columns"), again) : make("p", {}, _("To read it otherwise, choose the file again above.")),
  ];
}

function nameDelimiter(delimiter) {
  return { ",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("bars") }[delimiter] ?? delimiter;
}

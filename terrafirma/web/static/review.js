// Before anything is sent: what changes, and since when it holds.
import { tell } from "./changes.js";
import { make, makeTable } from "./elements.js";
import { _ } from "./words.js";

// Shows a dialog and answers what its form was sent with, by name; null where it was closed.
export function ask(title, content, deeds) {
  const send = deeds.map(([text, value]) => make("button", { value, class: value === "delete" ? "danger" : "main", autofocus: value !== "delete" }, text));
  const back = make("button", { type: "button", click: () => dialog.close(), autofocus: deeds.some(([, value]) => value === "delete") }, _("Back"));
  const form = make("form", { method: "dialog" }, make("h2", { id: "asked" }, title), ...content, make("p", { class: "deeds" }, ...send, back));
  const dialog = make("dialog", { "aria-labelledby": "asked" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer = null;
    form.addEventListener("submit", ({ submitter }) => (answer = { ...Object.fromEntries(new FormData(form)), deed: submitter?.value }));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    dialog.showModal();
  });
}

// Rows with their headings in each cell, for where there is no room for columns.
export function makeComparison(caption, headings, rows) {
  const table = makeTable(caption, headings, rows);
  for (const cell of table.querySelectorAll("td")) cell.dataset.heading = headings[cell.cellIndex];
  return table;
}

// Answers the day from which the changes hold, "" where they stand in place of what was said; null: not to be saved.
export async function review(changes, datable) {
  const rows = changes.map(({ label, was, now }) => [label, make("del", {}, tell(was)), make("ins", {}, tell(now))]);
  const table = makeComparison(_("Changes to save"), [_("Field"), _("Was"), _("Will be")], rows);
  const answer = await ask(_("Save these changes?"), [table, datable ? makeSince() : ""], [[_("Save"), "save"]]);
  return answer && (answer.since === "day" ? answer.day : "");
}

function makeSince() {
  const today = new Date().toISOString().slice(0, 10);
  const day = make("input", { type: "date", name: "day", value: today, required: true, "aria-label": _("First day"), input: () => (later.checked = true) });
  const later = make("input", { type: "radio", name: "since", value: "day" });
  const now = make("input", { type: "radio", name: "since", value: "", checked: true });
  return make(
    "fieldset",
    { class: "since" },
    make("legend", {}, _("Holds since")),
    make("label", {}, now, ` ${_("as long as the old value: that was wrong")}`),
    make("div", {}, make("label", {}, later, ` ${_("a day: until then, the old value was right")}`), " ", day),
  );
}

// Someone else was faster: what was there, what stands in this form and what they wrote, side by side.
import { callApi } from "./api.js";
import { listChanges, same, tell } from "./changes.js";
import { make } from "./elements.js";
import { findNode, labelOf, read } from "./form.js";
import { ask, makeComparison } from "./review.js";
import { _ } from "./words.js";

// Makes the form one of the record as it is now, with what is to be kept of what was written in it.
// Answers that record as `{ was, match }`; without them the form stays as it stands, and `error` may say why.
export async function settle(form, was) {
  const { ok, body, error } = await callApi("GET", location.pathname, { headers: { Accept: "text/html" } });
  if (!ok) return { error };
  const fresh = new DOMParser().parseFromString(body, "text/html").querySelector("#edit");
  const [yours, theirs] = [read(form) ?? {}, read(fresh) ?? {}];
  const columns = compare(was, yours, theirs);
  const rows = columns.map((each, place) => [labelOf(form, each.path), tell(each.was), ...offer(each, place)]);
  const table = makeComparison(_("Was, yours and theirs"), [_("Field"), _("Was"), _("Yours"), _("Theirs")], rows);
  const told = make("p", {}, _("Someone has changed this record since you opened it. Changes of a single side are kept."));
  const answer = await ask(_("Yours or theirs?"), [told, table], [[_("Save"), "save"]]);
  if (!answer) return {};
  for (const [place, { path, yours: mine }] of columns.entries())
    if (mine.changed && answer[place] !== "theirs") carry(form, fresh, path);
  form.replaceChildren(...fresh.childNodes);
  return { was: theirs, match: fresh.dataset.match };
}

// A row for each path that either side changed.
function compare(was, yours, theirs) {
  const sides = [yours, theirs].map((side) => new Map(listChanges(was, side).map((each) => [each.path, each])));
  return [...new Set(sides.flatMap((side) => [...side.keys()]))].map((path) => {
    const before = sides.map((side) => side.get(path)).find(Boolean).was;
    const [mine, other] = sides.map((side) => ({ changed: side.has(path), value: side.has(path) ? side.get(path).now : before }));
    return { path, was: before, yours: mine, theirs: other };
  });
}

// What both changed, and not alike, is chosen from; of the rest the side is marked that stays.
function offer({ yours, theirs }, place) {
  const open = yours.changed && theirs.changed && !same(yours.value, theirs.value);
  return [[yours, "yours"], [theirs, "theirs"]].map(([side, value]) => {
    if (!open) return side.changed ? make("ins", {}, tell(side.value)) : tell(side.value);
    const radio = make("input", { type: "radio", name: String(place), value, checked: value === "yours" });
    return make("label", {}, radio, ` ${tell(side.value)}`);
  });
}

// A field as it stands in one form takes its place in another. Custom fields and timelines come and go.
function carry(form, fresh, path) {
  const [own, other] = [findNode(form, path), findNode(fresh, path)].map((node) => (node.dataset.type === "object" ? null : node));
  const row = (node) => node.closest("[data-type=pair]")?.closest("li") ?? node;
  if (own && other) return row(other).replaceWith(row(own));
  if (!own) return row(other).remove();
  const home = findNode(fresh, path.split(".")[0]);
  home.closest("section").hidden = false;
  (home.querySelector(":scope > .rows") ?? home).append(row(own));
}

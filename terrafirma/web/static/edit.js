// The form of a record: read, reviewed, sent to the API, and put right where that refuses it.
import { callApi } from "./api.js";
import { listChanges, makePatch, same } from "./changes.js";
import { settle } from "./conflict.js";
import { clearFaults, showFaults } from "./faults.js";
import { dropEmptyRows, findFaults, labelOf, read, startRows } from "./form.js";
import { leaveNotice } from "./notice.js";
import { startRemoval } from "./remove.js";
import { review } from "./review.js";
import { mayWrite } from "./rights.js";
import { startSuggestions } from "./suggest.js";
import { _ } from "./words.js";

const form = document.querySelector("#edit");
const { address, kind, page, key, undated } = form.dataset;
const isNew = !address.includes("/", 1);

const opened = read(form) ?? {};
const base = { was: isNew ? {} : opened, match: form.dataset.match };
let sent = { text: "", key: "" };
let [busy, leaving] = [false, false];

const entryOf = (mark) => Number(mark.replace(/^"/, "").split(".")[0]);

async function submit(event) {
  event.preventDefault();
  clearFaults(form);
  dropEmptyRows(form);
  const faults = findFaults(form);
  if (faults.length) return showFaults(form, _("Some fields are not valid."), faults);
  const now = read(form) ?? {};
  const changes = listChanges(base.was, now).map((each) => ({ ...each, label: labelOf(form, each.path) }));
  if (!changes.length) return showFaults(form, _("There are no changes yet."), []);
  const since = await review(changes, isDatable(changes));
  if (since === null || busy) return;
  busy = true;
  await save(now, since);
  busy = false;
}

// What a record is known by holds all its life, and a timeline has days of its own.
function isDatable(changes) {
  const fixed = new Set([...undated.split(" "), "dated"]);
  return !isNew && changes.every(({ path }) => path.startsWith("extra.") || !fixed.has(path.split(".")[0]));
}

async function save(now, since) {
  const answer = isNew ? await create(now) : await patch(now, since);
  if (answer.ok) return leave(answer);
  if (answer.status !== 412) return showFaults(form, answer.error, answer.details);
  const settled = await settle(form, base.was);
  if (!settled.match) return showFaults(form, settled.error ?? answer.error, []);
  Object.assign(base, settled);
  const merged = read(form) ?? {};
  if (same(base.was, merged)) return showFaults(form, _("Theirs stands; you have no changes left to save."), []);
  await save(merged, since);
}

function patch(now, since) {
  const query = since ? `?effective=${since}` : "";
  return callApi("PATCH", address + query, { body: makePatch(base.was, now), headers: { "If-Match": `"${base.match}"` } });
}

// The same document sent again is the same request, should the answer have been lost.
function create(now) {
  const text = JSON.stringify(now);
  if (text !== sent.text) sent = { text, key: [...crypto.getRandomValues(new Uint8Array(16))].join("-") };
  return callApi("POST", address, { body: now, headers: { "Idempotency-Key": sent.key } });
}

function leave({ body, etag }) {
  leaving = true;
  const [path, saved] = [`/${address.split("/")[1]}/${body.id}`, _("Saved as entry %(number)s.", { number: entryOf(etag) })];
  if (isNew) leaveNotice(`${saved} ${_("Its id is %(id)s.", { id: body.id })}`, [{ method: "DELETE", path, match: etag }], page.replace(/.$/, ""));
  else leaveNotice(saved, [{ method: "POST", path: `${path}/revert`, body: { entry: entryOf(base.match) }, match: etag }]);
  location.assign(page + encodeURIComponent(body[key] ?? body.id));
}

if (await mayWrite(kind)) {
  form.hidden = false;
  startRows(form);
  startSuggestions(form);
  startRemoval(form, base, () => (leaving = true));
  form.addEventListener("submit", submit);
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && !same(isNew ? opened : base.was, read(form) ?? {})) event.preventDefault();
  });
}

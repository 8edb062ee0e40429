// The page of keys: made and shown once, rotated, revoked.
import { callApi } from "./api.js";
import { confirmed, enter, readForm } from "./admin.js";
import { make, makeButton, makeCopy, makeTable, tellNumber, tellRefusal, tellWhen } from "./elements.js";
import { _ } from "./words.js";

const { admin } = await enter();
const form = admin.querySelector("#key");
const refusal = admin.querySelector(".refusal");
const made = admin.querySelector("#made");
const list = admin.querySelector("#keys");

function readKeyForm() {
  const { kinds, countries, requests, writes, ...body } = readForm(form);
  const chosen = [...form.querySelectorAll("[name=kinds]:checked:enabled")].map((box) => box.value);
  if (chosen.length) body.kinds = chosen;
  if (countries) body.countries = countries.toUpperCase().split(/[\s,]+/).filter(Boolean);
  if (requests) body.requests = Number(requests);
  if (writes) body.writes = Number(writes);
  return body;
}

// A key as it is shown once, with a line that tries it out.
function showMade({ id, role, key }, what) {
  const line = `curl -H 'Authorization: Bearer ${key}' ${location.origin}/me`;
  made.replaceChildren(
    make("section", { class: "made", "aria-label": _("Key %(id)s", { id }) }, make("h2", {}, `${_("Key %(id)s", { id })}, ${_(role)}, ${what}`), make("p", {}, _("It is shown this once. Copy it now.")), makeCopy(key), make("p", {}, _("Try it out:")), makeCopy(line)),
  );
  made.focus();
}

async function send(method, path, body, show) {
  const answer = await callApi(method, path, { body });
  tellRefusal(refusal, answer.ok ? null : answer);
  if (!answer.ok) return;
  show?.(answer.body);
  await showKeys();
}

async function rotate({ id }) {
  const kept = await confirmed(_("Give key %(id)s new random bits? The present key works for 24 hours more.", { id }));
  if (kept) await send("POST", `/keys/${id}/rotate`, { overlap_hours: 24 }, (key) => showMade(key, _("rotated")));
}

async function revoke({ id, note }) {
  const sure = await confirmed(_("Revoke key %(id)s? It is refused at once and for ever.", { id: note ? `${id} (${note})` : id }));
  if (sure) await send("DELETE", `/keys/${id}`);
}

function tellState(key) {
  if (key.revoked) return make("span", {}, `${_("revoked")} `, tellWhen(key.revoked));
  if (key.expires && Date.parse(key.expires) <= Date.now()) return make("span", {}, `${_("ended")} `, tellWhen(key.expires));
  const old = key.old_until && Date.parse(key.old_until) > Date.now() ? [`, ${_("the key before works until")} `, tellWhen(key.old_until)] : [];
  return make("span", {}, key.expires ? `${_("ends")} ` : _("valid"), key.expires ? tellWhen(key.expires) : "", ...old);
}

function tellRights({ role, kinds, countries, requests, writes }) {
  const limits = [requests && _("%(number)s requests a minute", { number: tellNumber(requests) }), writes && _("%(number)s writes a minute", { number: tellNumber(writes) })];
  return [_(role), kinds?.join(", "), countries?.join(", "), ...limits].filter(Boolean).join("; ");
}

function tellKey(key) {
  const actions = [makeButton(_("Rotate"), () => rotate(key), { "aria-label": _("Rotate key %(id)s", { id: key.id }) }), makeButton(_("Revoke"), () => revoke(key), { "aria-label": _("Revoke key %(id)s", { id: key.id }) })];
  return [
    String(key.id),
    key.note ?? "",
    tellRights(key),
    make("code", {}, `${key.prefix}…`),
    make("span", {}, tellWhen(key.created), ` ${_("by %(actor)s", { actor: key.created_by })}`),
    key.used ? tellWhen(key.used) : _("never"),
    tellState(key),
    key.revoked ? "" : make("div", { class: "buttons" }, actions),
  ];
}

async function showKeys() {
  const { ok, body, ...answer } = await callApi("GET", "/keys");
  if (!ok) return tellRefusal(refusal, answer);
  const headings = [_("Key"), _("For"), _("Rights"), _("Begins with"), _("Made"), _("Last used"), _("State"), _("Actions")];
  const table = makeTable(_("Keys, the newest first"), headings, body.toReversed().map(tellKey));
  list.replaceChildren(body.length ? table : make("p", { class: "empty" }, _("There are no keys yet. The form above makes a key.")));
}

function fitScope() {
  const scope = form.querySelector("#scope");
  scope.hidden = scope.disabled = form.elements.role.value !== "editor";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send("POST", "/keys", readKeyForm(), (key) => {
    showMade(key, _("made"));
    form.reset();
    fitScope();
  });
});
form.elements.role.addEventListener("change", fitScope);
showKeys();

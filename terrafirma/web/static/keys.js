// The page of keys: made and shown once, rotated, revoked.
import { callApi } from "./api.js";
import { confirmed, enter, readForm } from "./admin.js";
import { make, makeButton, makeCopy, makeTable, tellNumber, tellRefusal, tellWhen } from "./elements.js";

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
    make("section", { class: "made", "aria-label": `Key ${id}` }, make("h2", {}, `Key ${id}, ${role}, ${what}`), make("p", {}, "It is shown this once. Copy it now."), makeCopy(key), make("p", {}, "Try it out:"), makeCopy(line)),
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
  const kept = await confirmed(`Give key ${id} new random bits? The ones it has are taken for 24 hours more.`);
  if (kept) await send("POST", `/keys/${id}/rotate`, { overlap_hours: 24 }, (key) => showMade(key, "rotated"));
}

async function revoke({ id, note }) {
  const sure = await confirmed(`Revoke key ${id}${note ? ` (${note})` : ""}? Whatever shows it is refused at once, and it never comes back.`);
  if (sure) await send("DELETE", `/keys/${id}`);
}

function tellState(key) {
  if (key.revoked) return make("span", {}, "revoked ", tellWhen(key.revoked));
  if (key.expires && Date.parse(key.expires) <= Date.now()) return make("span", {}, "ended ", tellWhen(key.expires));
  const old = key.old_until && Date.parse(key.old_until) > Date.now() ? [", the one before is taken until ", tellWhen(key.old_until)] : [];
  return make("span", {}, key.expires ? "ends " : "valid", key.expires ? tellWhen(key.expires) : "", ...old);
}

function tellRights({ role, kinds, countries, requests, writes }) {
  const limits = [requests && `${tellNumber(requests)} requests a minute`, writes && `${tellNumber(writes)} writes a minute`];
  return [role, kinds?.join(", "), countries?.join(", "), ...limits].filter(Boolean).join("; ");
}

function tellKey(key) {
  const actions = [makeButton("Rotate", () => rotate(key), { "aria-label": `Rotate key ${key.id}` }), makeButton("Revoke", () => revoke(key), { "aria-label": `Revoke key ${key.id}` })];
  return [
    String(key.id),
    key.note ?? "",
    tellRights(key),
    make("code", {}, `${key.prefix}…`),
    make("span", {}, tellWhen(key.created), ` by ${key.created_by}`),
    key.used ? tellWhen(key.used) : "never",
    tellState(key),
    key.revoked ? "" : make("div", { class: "buttons" }, actions),
  ];
}

async function showKeys() {
  const { ok, body, ...answer } = await callApi("GET", "/keys");
  if (!ok) return tellRefusal(refusal, answer);
  const headings = ["Key", "For", "Rights", "Begins with", "Made", "Last used", "State", "Actions"];
  const table = makeTable("Keys, the newest first", headings, body.toReversed().map(tellKey));
  list.replaceChildren(body.length ? table : make("p", { class: "empty" }, "There are no keys. The form above makes one."));
}

function fitScope() {
  const scope = form.querySelector("#scope");
  scope.hidden = scope.disabled = form.elements.role.value !== "editor";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send("POST", "/keys", readKeyForm(), (key) => {
    showMade(key, "made");
    form.reset();
    fitScope();
  });
});
form.elements.role.addEventListener("change", fitScope);
showKeys();

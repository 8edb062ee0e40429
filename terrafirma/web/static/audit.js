// The page of the audit log: a page of lines at a time.
import { at, callApi } from "./api.js";
import { enter } from "./admin.js";
import { make, makeTable, tellRefusal, tellValue, tellWhen } from "./elements.js";
import { _ } from "./words.js";

const PAGE = 100;

const { admin } = await enter();
const place = admin.querySelector("#lines");
const { since } = admin.querySelector("#since").elements;

// What happened, by the event's name in the log.
const EVENTS = {
  "key-created": _("Key made"),
  "key-rotated": _("Key rotated"),
  "key-revoked": _("Key revoked"),
  "key-refused": _("Key refused"),
  "sign-in": _("Signed in"),
  "sign-in-refused": _("Sign-in refused"),
  "sign-out": _("Signed out"),
  "session-reused": _("Session ended: an old token of it was used again"),
  "person-blocked": _("Person kept out"),
  "person-admitted": _("Person admitted"),
  "webhook-created": _("Webhook made"),
  "webhook-changed": _("Webhook changed"),
  "webhook-deleted": _("Webhook deleted"),
  "webhook-rotated": _("Secret of a webhook rotated"),
  "webhook-replayed": _("Messages of a webhook sent again"),
  "webhook-tested": _("Test message sent"),
  "webhook-retried": _("Message tried again"),
  "webhook-paused": _("Webhook paused"),
  export: _("List exported"),
  backup: _("Backup made"),
  restored: _("Register restored from a backup"),
  "started-over": _("Register started over"),
  redacted: _("Personal data erased"),
};

const DETAILS = {
  role: _("role"),
  note: _("for"),
  description: _("for"),
  expires: _("ends"),
  old_until: _("the former works until"),
  requests: _("requests a minute"),
  writes: _("writes a minute"),
  kinds: _("kinds"),
  countries: _("countries"),
  records: _("records"),
  groups: _("groups"),
  fields: _("fields"),
  actions: _("changes"),
  filters: _("filters"),
  paused: _("paused"),
  to: _("to"),
  since: _("after entry"),
  delivery: _("message"),
  reason: _("reason"),
  prefix: _("begins with"),
  kind: _("kind"),
  path: _("asked at"),
  query: _("query"),
  file: _("file"),
  auth: _("with keys and people"),
  head: _("last entry"),
  dataset: _("dataset"),
  rows: _("lines"),
  address: _("network address"),
  email: _("e-mail"),
  issuer: _("provider"),
  subject: _("account"),
};

// Those who act and what they act on: `key:3` is a key, with the page on which it is listed.
const ACTORS = { cli: _("the command line"), worker: _("a worker"), settings: _("the settings"), local: _("this machine") };
const ABOUT = {
  key: [(id) => _("key %(id)s", { id }), () => "/explore/admin/keys"],
  person: [(id) => _("person %(id)s", { id }), () => "/explore/admin/people"],
  webhook: [(id) => _("webhook %(id)s", { id }), (id) => `/explore/admin/webhooks/${id}`],
};

function tellName(name) {
  const [kind, id] = (name ?? "").split(":");
  if (!id || !ABOUT[kind]) return ACTORS[name] ?? name ?? "";
  const [tell, page] = ABOUT[kind];
  return make("a", { href: at(page(id)) }, tell(id));
}

function tellDetail(value) {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? _("yes") : _("no");
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? tellWhen(value) : value || "–";
  if (value && typeof value === "object") return Object.entries(value).map(([name, each]) => `${DETAILS[name] ?? name}: ${tellDetail(each)}`).join("; ");
  return tellValue(value);
}

// Those of programs: `terrafirma verify` compares the hash of a row.
const HIDDEN = ["row_hash", "salt"];

function tellDetails(details) {
  const shown = Object.entries(details).filter(([name, value]) => !HIDDEN.includes(name) && value !== "");
  return shown.length ? make("ul", { class: "details" }, shown.map(([name, value]) => make("li", {}, `${DETAILS[name] ?? name}: `, tellDetail(value)))) : "";
}

function tellLine(line) {
  const personal = line.personal === null ? _("forgotten") : tellDetails(line.personal ?? {});
  return [String(line.number), tellWhen(line.at), EVENTS[line.event] ?? line.event, tellName(line.actor) || "–", tellName(line.about), tellDetails(line.details), personal];
}

function linkNext(headers, lines) {
  if (!headers.get("Link")?.includes('rel="next"')) return "";
  return make("p", {}, make("a", { rel: "next", href: `?since=${lines.at(-1).number}` }, _("Later lines")));
}

since.value = new URLSearchParams(location.search).get("since") ?? 0;
const { ok, body, headers, ...answer } = await callApi("GET", `/audit?since=${encodeURIComponent(since.value)}&limit=${PAGE}`);
if (ok && body.length) {
  const table = makeTable(_("Audit log"), [_("Line"), _("When"), _("Action"), _("Person"), _("About"), _("Details"), _("Personal data")], body.map(tellLine));
  place.replaceChildren(table, linkNext(headers, body));
} else if (ok) {
  place.replaceChildren(make("p", { class: "empty" }, _("No line comes after that.")));
} else {
  tellRefusal(admin.querySelector(".refusal"), answer);
}

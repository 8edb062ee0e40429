// The page of webhooks: those there are, a form for a new one, and one by itself with what was sent to it.
import { at, callApi } from "./api.js";
import { enter, readForm } from "./admin.js";
import { make, makeTable, tellNumber, tellRefusal } from "./elements.js";
import { makeSecret, showWebhook } from "./webhook.js";
import { _ } from "./words.js";

const HERE = at("/explore/admin/webhooks");
const LISTS = ["records", "groups", "fields"];

const { admin } = await enter();
const form = admin.querySelector("#new");
const refusal = admin.querySelector(".refusal");
const made = admin.querySelector("#made");

function readWebhookForm() {
  const { url, description, since, ...given } = readForm(form);
  const chosen = (name) => [...form.querySelectorAll(`[name=${name}]:checked`)].map((box) => box.value);
  const lists = LISTS.map((name) => [name, (given[name] ?? "").split(/[\s,]+/).filter(Boolean)]);
  const filters = [["kinds", chosen("kinds")], ["actions", chosen("actions")], ...lists].filter(([, values]) => values.length);
  return { url, ...(description && { description }), ...(since && { since: Number(since) }), ...Object.fromEntries(filters) };
}

function tellWebhook({ id, url, description, state, behind, deliveries, reason }) {
  const name = make("a", { href: `${HERE}/${id}` }, url);
  return [name, description ?? "", reason ? `${_(state)}: ${reason}` : _(state), tellNumber(behind), tellNumber(deliveries)];
}

async function showAll() {
  const { ok, body, ...answer } = await callApi("GET", "/webhooks");
  if (!ok) return tellRefusal(refusal, answer);
  const table = makeTable(_("Webhooks"), [_("Sent to"), _("For"), _("State"), _("Entries behind"), _("Messages")], body.map(tellWebhook));
  const nothing = make("p", { class: "empty" }, _("There are no webhooks yet. The form above makes a webhook."));
  admin.querySelector("#webhooks").replaceChildren(body.length ? table : nothing);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await callApi("POST", "/webhooks", { body: readWebhookForm() });
  tellRefusal(refusal, answer.ok ? null : answer);
  if (!answer.ok) return;
  made.replaceChildren(makeSecret(answer.body, _("made")));
  made.focus();
  form.reset();
  showAll();
});

if (location.pathname === HERE) {
  form.hidden = false;
  showAll();
} else {
  showWebhook(admin, location.pathname.slice(HERE.length + 1));
}

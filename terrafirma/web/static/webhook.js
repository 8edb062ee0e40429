// One webhook: how far it has come, what can be done about it, what was sent to it.
import { at, callApi } from "./api.js";
import { confirmed } from "./admin.js";
import { make, makeButton, makeCopy, makeTable, tellNumber, tellRefusal, tellWhen } from "./elements.js";
import { _ } from "./words.js";

const HERE = at("/explore/admin/webhooks");
const FILTERS = ["kinds", "actions", "records", "groups", "fields"];
const SOON = 1000; // milliseconds between looks at a message that is under way
const LOOKS = 20;

// A secret as it is shown once.
export function makeSecret({ id, url, secret }, what) {
  const more = make("a", { href: `${HERE}/${id}` }, _("Try it out with a test message"));
  return make(
    "section",
    { class: "made", "aria-label": _("Secret of webhook %(id)s", { id }) },
    make("h2", {}, _("Webhook %(id)s to %(url)s, %(state)s", { id, url, state: what })),
    make("p", {}, _("Its messages are signed with this secret, which is shown this once. Copy it now.")),
    makeCopy(secret),
    make("p", {}, more),
  );
}

export async function showWebhook(admin, id) {
  const path = `/webhooks/${id}`;
  const place = admin.querySelector("#webhook");
  const refusal = admin.querySelector(".refusal");
  const tell = (answer) => tellRefusal(refusal, answer.ok ? null : answer);

  // Sends something, then shows what became of it; answers null where it was refused.
  async function send(method, rest, body) {
    const answer = await callApi(method, path + rest, { body });
    tell(answer);
    if (answer.ok && method !== "DELETE") await show();
    return answer.ok ? answer.body : null;
  }

  async function follow(delivery) {
    for (let look = 0; delivery && look < LOOKS; look++) {
      const { ok, body } = await callApi("GET", `${path}/deliveries/${delivery.number}`);
      if (!ok || body.attempts > delivery.attempts) break;
      await new Promise((resolve) => setTimeout(resolve, SOON));
    }
    await show();
  }

  async function rotate() {
    if (!(await confirmed(_("Make a new secret? For 24 hours messages are signed with both.")))) return;
    const fresh = await send("POST", "/rotate", { overlap_hours: 24 });
    if (!fresh) return;
    admin.querySelector("#made").replaceChildren(makeSecret(fresh, _("rotated")));
    admin.querySelector("#made").focus();
  }

  async function remove() {
    if (!(await confirmed(_("Delete this webhook and its messages?")))) return;
    if ((await send("DELETE", "")) !== null) location.assign(HERE);
  }

  function makeReplay(position) {
    const since = make("input", { name: "since", type: "number", min: 0, value: position, required: true });
    const submit = (event) => {
      event.preventDefault();
      send("POST", "/replay", { since: Number(since.value) });
    };
    const form = make("form", { class: "fields", submit }, make("label", {}, `${_("Send again the entries after")} `, since), make("button", {}, _("Replay")));
    return form;
  }

  function makeActions({ state }) {
    const paused = state === "paused";
    return make("div", { class: "buttons" }, [
      makeButton(_("Send a test"), async () => follow(await send("POST", "/test")), { class: "main" }),
      makeButton(paused ? _("Resume") : _("Pause"), () => send("PATCH", "", { paused: !paused })),
      makeButton(_("Rotate the secret"), rotate),
      makeButton(_("Delete"), remove),
    ]);
  }

  function tellDelivery(delivery) {
    const { number, type, entry, state, attempts, at: queued, status, error, answer, ms, next_try: next } = delivery;
    const told = [status && _("status %(status)s", { status }), error, ms !== null && `${tellNumber(ms)} ms`].filter(Boolean).join(", ");
    const heard = answer ? make("details", {}, make("summary", {}, _("Answer")), make("pre", { tabindex: "0" }, answer)) : "";
    const retry = async () => follow(await send("POST", `/deliveries/${number}/retry`));
    const action = state === "dead" ? makeButton(_("Try again"), retry, { "aria-label": _("Try message %(number)s again", { number }) }) : "";
    const when = make("span", {}, tellWhen(queued), next ? `, ${_("again")} ` : "", tellWhen(next));
    const log = entry === null ? "" : make("a", { href: at(`/entries?since=${entry - 1}&limit=1`) }, String(entry));
    return [String(number), type, log, _(state), tellNumber(attempts), make("div", {}, told, heard), when, action];
  }

  async function show() {
    const outcome = new URLSearchParams(location.search);
    const [webhook, sent] = await Promise.all([callApi("GET", path), callApi("GET", `${path}/deliveries?${outcome}`)]);
    if (!webhook.ok || !sent.ok) return tell(webhook.ok ? sent : webhook);
    const next = /<([^>]+)>; rel="next"/.exec(sent.headers.get("Link") ?? "")?.[1];
    const headings = [_("Message"), _("Type"), _("Entry"), _("State"), _("Attempts"), _("Outcome"), _("When"), _("Actions")];
    place.replaceChildren(
      make("h2", {}, webhook.body.url),
      tellFacts(webhook.body),
      makeActions(webhook.body),
      makeReplay(webhook.body.position),
      make("h2", {}, _("Messages sent")),
      make("p", { class: "filter" }, make("a", { href: "?" }, _("All")), make("a", { href: "?outcome=dead" }, _("Dead"))),
      sent.body.length ? makeTable(_("Messages sent, the newest first"), headings, sent.body.map(tellDelivery)) : make("p", { class: "empty" }, _("There are no messages yet. A test sends a message.")),
      next ? make("p", {}, make("a", { rel: "next", href: `?${next.split("?")[1]}` }, _("Older messages"))) : "",
      make("p", {}, make("a", { href: HERE }, _("All webhooks"))),
    );
  }

  await show();
}

function tellFacts(webhook) {
  const { description, state, reason, position, behind, failures, next_try: next, old_until: old } = webhook;
  const filters = FILTERS.filter((name) => webhook[name]).map((name) => `${name}: ${webhook[name].join(", ")}`);
  const facts = [
    [_("For"), description],
    [_("State"), reason ? `${_(state)}: ${reason}` : _(state)],
    [_("Sent"), filters.join("; ") || _("everything")],
    [_("Has come to entry"), _("%(position)s, %(behind)s behind", { position: tellNumber(position), behind: tellNumber(behind) })],
    [_("Failures in a row"), failures ? tellNumber(failures) : null],
    [_("Tried again"), next && tellWhen(next)],
    [_("The old secret signs until"), old && tellWhen(old)],
  ];
  return make("dl", {}, facts.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

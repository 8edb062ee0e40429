// One webhook: how far it has come, what can be done about it, what was sent to it.
import { at, callApi } from "./api.js";
import { confirmed } from "./admin.js";
import { make, makeButton, makeCopy, makeTable, tellNumber, tellRefusal, tellWhen } from "./elements.js";

const HERE = at("/explore/admin/webhooks");
const FILTERS = ["kinds", "actions", "records", "groups", "fields"];
const SOON = 1000; // milliseconds between looks at a message that is under way
const LOOKS = 20;

// A secret as it is shown once.
export function makeSecret({ id, url, secret }, what) {
  const more = make("a", { href: `${HERE}/${id}` }, "Try it out with a test message");
  return make(
    "section",
    { class: "made", "aria-label": `Secret of webhook ${id}` },
    make("h2", {}, `Webhook ${id} to ${url}, ${what}`),
    make("p", {}, "Its messages are signed with this secret, which is shown this once. Copy it now."),
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
    if (!(await confirmed("Make a new secret? For 24 hours messages are signed with both."))) return;
    const fresh = await send("POST", "/rotate", { overlap_hours: 24 });
    if (!fresh) return;
    admin.querySelector("#made").replaceChildren(makeSecret(fresh, "rotated"));
    admin.querySelector("#made").focus();
  }

  async function remove() {
    if (!(await confirmed("Delete this webhook, and forget what was sent to it?"))) return;
    if ((await send("DELETE", "")) !== null) location.assign(HERE);
  }

  function makeReplay(position) {
    const since = make("input", { name: "since", type: "number", min: 0, value: position, required: true });
    const submit = (event) => {
      event.preventDefault();
      send("POST", "/replay", { since: Number(since.value) });
    };
    const form = make("form", { class: "fields", submit }, make("label", {}, "Send again what follows entry ", since), make("button", {}, "Replay"));
    return form;
  }

  function makeActions({ state }) {
    const paused = state === "paused";
    return make("div", { class: "buttons" }, [
      makeButton("Send a test", async () => follow(await send("POST", "/test")), { class: "main" }),
      makeButton(paused ? "Go on" : "Pause", () => send("PATCH", "", { paused: !paused })),
      makeButton("Rotate the secret", rotate),
      makeButton("Delete", remove),
    ]);
  }

  function tellDelivery(delivery) {
    const { number, type, entry, state, attempts, at: queued, status, error, answer, ms, next_try: next } = delivery;
    const told = [status && `status ${status}`, error, ms !== null && `${tellNumber(ms)} ms`].filter(Boolean).join(", ");
    const heard = answer ? make("details", {}, make("summary", {}, "Answer"), make("pre", { tabindex: "0" }, answer)) : "";
    const retry = async () => follow(await send("POST", `/deliveries/${number}/retry`));
    const action = state === "dead" ? makeButton("Try again", retry, { "aria-label": `Try message ${number} again` }) : "";
    const when = make("span", {}, tellWhen(queued), next ? ", again " : "", tellWhen(next));
    const log = entry === null ? "" : make("a", { href: at(`/entries?since=${entry - 1}&limit=1`) }, String(entry));
    return [String(number), type, log, state, tellNumber(attempts), make("div", {}, told, heard), when, action];
  }

  async function show() {
    const outcome = new URLSearchParams(location.search);
    const [webhook, sent] = await Promise.all([callApi("GET", path), callApi("GET", `${path}/deliveries?${outcome}`)]);
    if (!webhook.ok || !sent.ok) return tell(webhook.ok ? sent : webhook);
    const next = /<([^>]+)>; rel="next"/.exec(sent.headers.get("Link") ?? "")?.[1];
    const headings = ["Message", "Type", "Entry", "State", "Attempts", "Outcome", "When", "Actions"];
    place.replaceChildren(
      make("h2", {}, webhook.body.url),
      tellFacts(webhook.body),
      makeActions(webhook.body),
      makeReplay(webhook.body.position),
      make("h2", {}, "What was sent"),
      make("p", { class: "filter" }, make("a", { href: "?" }, "All"), make("a", { href: "?outcome=dead" }, "Dead")),
      sent.body.length ? makeTable("What was sent, the newest first", headings, sent.body.map(tellDelivery)) : make("p", { class: "empty" }, "Nothing was sent that is to be shown here. A test sends a message."),
      next ? make("p", {}, make("a", { rel: "next", href: `?${next.split("?")[1]}` }, "Older messages")) : "",
      make("p", {}, make("a", { href: HERE }, "All webhooks")),
    );
  }

  await show();
}

function tellFacts(webhook) {
  const { description, state, reason, position, behind, failures, next_try: next, old_until: old } = webhook;
  const filters = FILTERS.filter((name) => webhook[name]).map((name) => `${name}: ${webhook[name].join(", ")}`);
  const facts = [
    ["For", description],
    ["State", reason ? `${state}: ${reason}` : state],
    ["Sent", filters.join("; ") || "everything"],
    ["Has come to entry", `${tellNumber(position)}, ${tellNumber(behind)} behind`],
    ["Failures in a row", failures ? tellNumber(failures) : null],
    ["Tried again", next && tellWhen(next)],
    ["The old secret signs until", old && tellWhen(old)],
  ];
  return make("dl", {}, facts.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

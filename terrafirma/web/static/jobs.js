// The page of jobs: a list that keeps itself up to date, or one job with all that is known of it.
import { at, callApi } from "./api.js";
import { enter } from "./admin.js";
import { make, makeButton, makeTable, tellNumber, tellRefusal, tellWhen } from "./elements.js";
import { hasEnded, makeProgress, poll } from "./follow.js";
import { makeOutcome, nameJob } from "./outcome.js";
import { _ } from "./words.js";

const HERE = at("/explore/admin/jobs");
const IDLE = 10; // seconds between two looks while nothing is under way

const { admin } = await enter();
const place = admin.querySelector("#jobs");
const refusal = admin.querySelector(".refusal");
const rows = new Map();
const HEADINGS = [_("Job"), _("Asked for"), _("Progress"), _("Error"), _("Actions")];

// What can be done about a job as it is. Whatever comes of it, the next look shows.
function makeActions(job, again) {
  const act = (method, path) => async () => {
    const answer = await callApi(method, path);
    tellRefusal(refusal, answer.ok ? null : answer);
    if (answer.ok) again(answer);
  };
  const about = `${nameJob(job)}, ${job.at}`;
  if (!hasEnded(job)) return makeButton(_("Cancel"), act("DELETE", `/jobs/${job.id}`), { "aria-label": `${_("Cancel")}: ${about}` });
  if (job.state === "done") return "";
  return makeButton(_("Try again"), act("POST", `/jobs/${job.id}/retry`), { "aria-label": `${_("Try again")}: ${about}` });
}

// A row of the list. What has not changed stays where it is, and whoever is on its button too.
function showRow(job) {
  let row = rows.get(job.id);
  if (!row) {
    const name = make("a", { href: `${HERE}/${job.id}` }, nameJob(job));
    row = makeTable("", HEADINGS, [[name, tellWhen(job.at), "", "", ""]]).querySelector("tbody tr");
    rows.set(job.id, row);
  }
  const [, , progress, errors, actions] = row.cells;
  progress.replaceChildren(makeProgress(job));
  errors.textContent = job.errors.at(-1)?.message ?? "";
  if (row.dataset.state !== job.state) actions.replaceChildren(makeActions(job, ({ body }) => showRow(body)));
  row.dataset.state = job.state;
  return row;
}

function showList({ ok, body, headers, ...answer }) {
  tellRefusal(refusal, ok ? null : answer);
  if (!ok) return;
  const shown = body.map(showRow);
  const table = place.querySelector("table");
  const next = /<([^>]+)>; rel="next"/.exec(headers.get("Link") ?? "")?.[1];
  if (!body.length) {
    const ways = [make("a", { href: at("/explore/admin/imports") }, _("Import a file")), " · ", make("a", { href: at("/explore/admin/exports") }, _("Export a list"))];
    place.replaceChildren(make("p", { class: "empty" }, location.search ? _("There are no such jobs.") : `${_("There are no jobs yet.")} `, ...(location.search ? [] : ways)));
  } else if (!table) {
    const made = makeTable(_("Jobs, the newest first"), HEADINGS, []);
    made.querySelector("tbody").append(...shown);
    place.replaceChildren(made, next ? make("a", { href: `${HERE}?${next.split("?")[1]}`, rel: "next" }, _("Older jobs")) : "");
  } else if ([...table.tBodies[0].rows].some((row, at) => row !== shown[at]) || shown.length !== table.tBodies[0].rows.length) {
    table.tBodies[0].replaceChildren(...shown);
  }
}

function showOne({ ok, body: job, ...answer }) {
  tellRefusal(refusal, ok ? null : answer);
  if (!ok) return;
  const facts = [
    [_("Asked for"), tellWhen(job.at)],
    [_("Begun"), job.started_at ? tellWhen(job.started_at) : _("not yet")],
    [_("Ended"), job.ended_at ? tellWhen(job.ended_at) : _("not yet")],
    [_("Attempts"), tellNumber(job.attempt)],
  ];
  const errors = job.errors.map((each) => [_("Attempt %(number)s", { number: each.attempt }), tellWhen(each.at), each.message]);
  const action = makeActions(job, () => follow(job.id));
  place.replaceChildren(
    make("h2", {}, nameJob(job)),
    makeProgress(job),
    make("dl", {}, facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
    ...makeOutcome(job),
    errors.length ? makeTable(_("Errors"), ["", _("When"), _("Why")], errors) : "",
    action && make("p", { class: "buttons" }, action),
  );
}

const follow = (id) => poll(`/jobs/${id}`, showOne);

if (location.pathname === HERE) {
  for (const link of admin.querySelectorAll(".filter a")) if (link.href === location.href) link.ariaCurrent = "true";
  poll(`/jobs${location.search || "?limit=50"}`, showList, IDLE);
} else {
  admin.querySelector(".filter").replaceChildren(make("li", {}, make("a", { href: HERE }, _("All jobs"))));
  follow(location.pathname.slice(HERE.length + 1));
}

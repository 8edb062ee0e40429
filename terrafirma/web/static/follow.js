// A job followed until it has ended: asked for as often as the server says, and not while nobody looks.
import { callApi } from "./api.js";
import { make, tellNumber, tellSeconds } from "./elements.js";
import { _ } from "./words.js";

const ENDED = ["done", "failed", "cancelled"];
const PATIENCE = 3; // seconds until a server that did not answer is asked again

export const hasEnded = (job) => ENDED.includes(job.state);

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

// Until the page is looked at.
function seen() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true })).then(seen);
}

// Asks again and again for what an address has, as long as it comes with Retry-After, and after `idle` seconds where it
// does not; without those, the last answer is the end. Each is shown.
export async function poll(path, show, idle = null) {
  for (;;) {
    const answer = await callApi("GET", path);
    if (answer.status) show(answer);
    const wait = answer.status ? (answer.headers.get("Retry-After") ?? (answer.ok && idle)) : PATIENCE;
    if (!wait) return answer;
    await pause(Number(wait));
    await seen();
  }
}

// How far a job is: a bar, and in words. Nothing is moved to the reader's ear but its end.
export function makeProgress(job) {
  const known = job.total !== null && job.total > 0;
  const bar = known ? { value: job.done, max: job.total } : hasEnded(job) ? { value: job.state === "done" ? 1 : 0, max: 1 } : {};
  const name = `${job.kind} ${tellState(job.state)}`;
  return make("div", { class: "progress" }, make("progress", { ...bar, "aria-label": name }), make("span", {}, tellProgress(job)));
}

const STATES = { queued: _("queued"), running: _("running"), done: _("done"), failed: _("failed"), cancelled: _("cancelled") };

const tellState = (state) => STATES[state] ?? state;

export function tellProgress(job) {
  if (job.state === "queued") return job.attempt ? _("waits to be tried again") : _("waits for a worker");
  const rows = job.done || job.total ? (job.total ? _("%(done)s of %(total)s", { done: tellNumber(job.done), total: tellNumber(job.total) }) : tellNumber(job.done)) : "";
  const rate = job.rate ? _("%(rate)s a second", { rate: tellNumber(job.rate) }) : "";
  const left = job.seconds_left === null ? "" : _("about %(time)s left", { time: tellSeconds(job.seconds_left) });
  return [tellState(job.state), rows, rate, left].filter(Boolean).join(", ");
}

// Why a job that has ended did not do what it should.
export function tellEnd(job) {
  if (job.state === "cancelled") return _("It was stopped.");
  return job.errors.at(-1)?.message ?? _("It failed without a reason.");
}

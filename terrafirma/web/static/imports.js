// The page of imports: a file is sent and tried out, what that found is shown, and committed.
import { at, callApi } from "./api.js";
import { enter, readForm, tellScope } from "./admin.js";
import { make, makeButton, tellRefusal, tellSize } from "./elements.js";
import { hasEnded, makeProgress, poll, tellEnd } from "./follow.js";
import { showReport } from "./report.js";
import { sendFile } from "./upload.js";

const HERE = at("/explore/admin/imports");

const { admin, who } = await enter();
const form = admin.querySelector("#import");
const drop = admin.querySelector(".drop");
const refusal = admin.querySelector(".refusal");
const progress = admin.querySelector("#progress");
const report = admin.querySelector("#report");
const { file, kind, match } = form.elements;

function fitForm() {
  for (const option of match.options) option.hidden = option.dataset.kind !== undefined && option.dataset.kind !== kind.value;
  if (match.selectedOptions[0].hidden) match.value = "auto";
}

function narrow() {
  const told = tellScope(who);
  admin.querySelector("#scope").textContent = told;
  admin.querySelector("#scope").hidden = !told;
  for (const option of who.kinds ? [...kind.options] : []) if (!who.kinds.includes(option.value)) option.remove();
}

for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) file.files = event.dataTransfer.files;
  });
}

// Asks for a dry run of the chosen file, its columns read as said.
function ask(columns = {}) {
  const given = Object.entries(readForm(form));
  const maps = Object.entries(columns).map(([header, field]) => ["map", `${header}:${field}`]);
  return `/imports?${new URLSearchParams([...given, ...maps])}`;
}

function showProgress(element, stop) {
  progress.replaceChildren(element, stop ? makeButton("Stop", stop) : "");
  progress.hidden = false;
}

function refuse(answer) {
  progress.hidden = true;
  tellRefusal(refusal, answer);
}

async function tryOut(columns) {
  tellRefusal(refusal, null);
  report.hidden = true;
  const { name, size } = file.files[0];
  const bar = make("progress", { value: 0, max: size || 1, "aria-label": "Upload" });
  const told = make("span", {}, "is sent");
  const { answered, stop } = sendFile(ask(columns), file.files[0], (loaded) => {
    bar.value = loaded;
    told.textContent = `${name}: ${tellSize(loaded)} of ${tellSize(size)} sent`;
  });
  showProgress(make("div", { class: "progress" }, bar, told), stop);
  const answer = await answered;
  if (!answer.ok) return refuse(answer);
  history.replaceState(null, "", `${HERE}/${answer.body.id}`);
  await follow(answer.body.id);
}

// A job until it has ended; a message instead of it where there is none.
async function watch(id) {
  const stop = () => callApi("DELETE", `/jobs/${id}`);
  const answer = await poll(`/jobs/${id}`, ({ ok, body }) => ok && showProgress(makeProgress(body), !hasEnded(body) && stop));
  progress.hidden = answer.ok && answer.body.state === "done";
  if (!answer.ok) refuse(answer);
  else if (answer.body.state !== "done") tellRefusal(refusal, { error: tellEnd(answer.body) });
  return answer.body;
}

// The dry run, then its report: also of one that failed because a column could not be told.
async function follow(id) {
  const job = await watch(id);
  const { ok, body } = await callApi("GET", `/imports/${id}`);
  if (!ok) return;
  kind.value = body.kind;
  fitForm();
  showReport(report, { ...body, id, ready: job.state === "done", path: kind.selectedOptions[0].dataset.path }, { retry: file.files.length ? tryOut : null, commit });
  report.hidden = false;
  report.focus();
}

// Writes what the dry run found, and says where that is to be seen.
async function commit(id, skip) {
  tellRefusal(refusal, null);
  const answer = await callApi("POST", `/imports/${id}/commit${skip ? "?bad=skip" : ""}`);
  if (!answer.ok) return refuse(answer);
  const job = await watch(answer.body.id);
  return job?.state === "done" ? job.result : null;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tryOut();
});
kind.addEventListener("change", fitForm);
narrow();
fitForm();
if (location.pathname !== HERE) await follow(location.pathname.slice(HERE.length + 1));

// The page of imports: a file is sent and tried out, what that found is shown, and committed.
import { at, callApi } from "./api.js";
import { enter, readForm, tellScope } from "./admin.js";
import { make, makeButton, tellRefusal, tellSize } from "./elements.js";
import { hasEnded, makeProgress, poll, tellEnd } from "./follow.js";
import { readColumns, rememberColumns } from "./remembered.js";
import { showReport, tellFault } from "./report.js";
import { sendFile } from "./upload.js";
import { _ } from "./words.js";

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
  return `/imports?${new URLSearchParams([...given, ...maps, ["filename", file.files[0].name]])}`;
}

function showProgress(element, stop) {
  progress.replaceChildren(element, stop ? makeButton(_("Stop"), stop) : "");
  progress.hidden = false;
}

function refuse(answer) {
  progress.hidden = true;
  tellRefusal(refusal, answer);
}

// `columns` are those that a reader chose; else those of an earlier file are tried where this one is read otherwise.
async function tryOut(columns) {
  if (columns) rememberColumns(kind.value, columns);
  const found = await send(columns);
  const known = found && !columns && readColumns(kind.value, found.columns);
  if (known) await send(known, true);
}

async function send(columns, remembered = false) {
  tellRefusal(refusal, null);
  report.hidden = true;
  const { name, size } = file.files[0];
  const bar = make("progress", { value: 0, max: size || 1, "aria-label": _("Upload") });
  const told = make("span", {}, _("is sent"));
  const { answered, stop } = sendFile(ask(columns), file.files[0], (loaded) => {
    bar.value = loaded;
    told.textContent = _("%(name)s: %(sent)s of %(size)s sent", { name, sent: tellSize(loaded), size: tellSize(size) });
  });
  showProgress(make("div", { class: "progress" }, bar, told), stop);
  const answer = await answered;
  if (!answer.ok) return refuse(answer);
  history.replaceState(null, "", `${HERE}/${answer.body.id}`);
  return follow(answer.body.id, remembered);
}

// The same file again, with cells that were put right.
async function correct(id, rows) {
  tellRefusal(refusal, null);
  report.hidden = true;
  const answer = await callApi("POST", `/imports/${id}/corrections`, { body: { rows } });
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
  else if (answer.body.state !== "done") tellRefusal(refusal, { error: answer.body.state === "failed" && answer.body.errors.length ? tellFault(answer.body.errors.at(-1)) : tellEnd(answer.body) });
  return answer.body;
}

// The dry run, then its report: also of one that failed because a column could not be told.
async function follow(id, remembered = false) {
  const job = await watch(id);
  const { ok, body } = await callApi("GET", `/imports/${id}`);
  if (!ok) return null;
  kind.value = body.kind;
  fitForm();
  const ready = job.state === "done";
  const shown = { ...body, id, ready, remembered, path: kind.selectedOptions[0].dataset.path };
  showReport(report, shown, { retry: file.files.length ? tryOut : null, correct, commit, undo });
  report.hidden = false;
  report.focus();
  return body;
}

// Does something with what the dry run found; answers its result.
async function act(path) {
  tellRefusal(refusal, null);
  const answer = await callApi("POST", path);
  if (!answer.ok) return refuse(answer);
  const job = await watch(answer.body.id);
  return job?.state === "done" ? job.result : null;
}

const commit = (id, skip) => act(`/imports/${id}/commit${skip ? "?bad=skip" : ""}`);
const undo = (id, skip) => act(`/imports/${id}/undo${skip ? "?changed=skip" : ""}`);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tryOut();
});
kind.addEventListener("change", fitForm);
narrow();
fitForm();
if (location.pathname !== HERE) await follow(location.pathname.slice(HERE.length + 1));

// The page of exports: what is to be in a file, and the files there are.
import { at, callApi } from "./api.js";
import { enter, makeDownload, readForm } from "./admin.js";
import { make, makeTable, tellRefusal, tellSize, tellWhen } from "./elements.js";
import { makeProgress, poll, tellEnd } from "./follow.js";
import { _, ngettext } from "./words.js";

const DAY = 86_400_000;
const OF_PAGES = ["colour", "until", "x", "y", "format", "limit", "after", "count"]; // what an export has no use for

const { admin } = await enter();
const form = admin.querySelector("#export");
const refusal = admin.querySelector(".refusal");
const files = admin.querySelector("#files");
const { query, kind, on, as_of: asOf } = form.elements;

// An address of a page or of the API becomes its kind, its days, and the query that is left of it.
function takeAddress() {
  if (!/^(https?:\/)?\/|\?/.test(query.value)) return;
  const [path, asked = ""] = query.value.split("?");
  const option = [...kind.options].find((each) => path.split("/").includes(each.dataset.plural));
  if (option) kind.value = option.value;
  const kept = new URLSearchParams(asked);
  for (const name of OF_PAGES) kept.delete(name);
  for (const input of [on, asOf]) {
    input.value = kept.get(input.name) ?? "";
    kept.delete(input.name);
  }
  query.value = kept.toString().replace(/%(2A|2C|3A|5B|5D)/g, decodeURIComponent);
}

function readQuery() {
  const given = readForm(form);
  const asked = new URLSearchParams(given.query ?? "");
  for (const name of ["on", "as_of"]) if (given[name]) asked.set(name, given[name]);
  if (given.all && !asked.has("fields")) asked.set("fields", "*");
  return asked.toString();
}

const expiryOf = (job) => new Date(Date.parse(job.ended_at) + files.dataset.days * DAY).toISOString();

function tellFile(job) {
  if (job.state !== "done") return [make("a", { href: at(`/explore/admin/jobs/${job.id}`) }, _("Export")), tellWhen(job.at), job.errors.length ? tellEnd(job) : makeProgress(job)];
  const { name, file, bytes, rows, sha256 } = job.result;
  const sum = make("details", {}, make("summary", {}, sha256.slice(0, 8)), make("code", {}, sha256));
  return [makeDownload(_("Download %(name)s", { name }), file, name), tellWhen(job.at), `${ngettext("%(number)s row", "%(number)s rows", rows)}, ${tellSize(bytes)}`, sum, tellWhen(expiryOf(job))];
}

function showFiles({ ok, body }) {
  const jobs = ok ? body.filter((job) => job.kind === "export") : [];
  const nothing = make("p", { class: "empty" }, _("There are no recent files. The form above makes a file."));
  const table = makeTable(_("Files, the newest first"), [_("File"), _("Asked for"), _("Size"), "SHA-256", _("Kept until")], jobs.map(tellFile));
  files.replaceChildren(jobs.length ? table : nothing);
}

const showAll = () => poll("/jobs?limit=100", showFiles);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  takeAddress();
  const body = { kind: kind.value, format: form.elements.format.value, query: readQuery() };
  const answer = await callApi("POST", "/exports", { body });
  tellRefusal(refusal, answer.ok ? null : answer);
  if (answer.ok) showAll();
});
query.addEventListener("change", takeAddress);
query.value = form.dataset.of;
takeAddress();
showAll();

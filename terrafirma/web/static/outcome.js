// What came of a job, and where that is to be seen.
import { at } from "./api.js";
import { makeDownload } from "./admin.js";
import { make, tellNumber, tellSize } from "./elements.js";

const NAMES = {
  import: "Dry run of an import",
  "commit-import": "Commit of an import",
  export: "Export",
  snapshot: "Snapshot",
  tidy: "Tidying up",
};

export const nameJob = ({ kind }) => NAMES[kind] ?? kind;

// The entries that a commit wrote: those of the kind after the one before it.
export function linkLog({ since, written }, kind) {
  const query = new URLSearchParams({ since, limit: Math.max(1, Math.min(written, 1000)), ...(kind && { kind }) });
  return make("a", { href: at(`/entries?${query}`) }, "What changed, in the log");
}

const tellReport = ({ result, id }) => [
  make("p", {}, Object.entries(result.counts).map(([name, count]) => `${tellNumber(count)} ${name}`).join(", "), ". ",
    make("a", { href: at(`/explore/admin/imports/${id}`) }, "See the report and commit it")),
];

const tellCommit = ({ result }) => [
  make("p", {}, `Wrote ${tellNumber(result.written)} rows, left out ${tellNumber(result.skipped)}. `, result.written ? linkLog(result) : ""),
];

const tellFile = ({ result }) => [
  make("p", {}, makeDownload(`Download ${result.name}`, result.file, result.name), ` ${tellSize(result.bytes)}, ${tellNumber(result.rows)} rows`),
  make("p", {}, "SHA-256 ", make("code", {}, result.sha256)),
];

const TOLD = { import: tellReport, "commit-import": tellCommit, export: tellFile };

export function makeOutcome(job) {
  if (!job.result) return [];
  return TOLD[job.kind]?.(job) ?? [make("pre", { tabindex: "0" }, JSON.stringify(job.result, null, 2))];
}

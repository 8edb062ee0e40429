// What came of a job, and where that is to be seen.
import { at } from "./api.js";
import { makeDownload } from "./admin.js";
import { make, tellNumber, tellSize } from "./elements.js";
import { _, ngettext } from "./words.js";

const NAMES = {
  import: _("Dry run of an import"),
  "commit-import": _("Commit of an import"),
  "undo-import": _("Undo of an import"),
  export: _("Export"),
  snapshot: _("Snapshot"),
  tidy: _("Tidying up"),
};

export const nameJob = ({ kind }) => NAMES[kind] ?? kind;

// The page of changes, from the last that a commit wrote.
export function linkChanges({ entries }, kind) {
  const query = new URLSearchParams({ until: entries.at(-1)[1], all: "yes", ...(kind && { kind }) });
  return make("a", { href: at(`/explore/changes?${query}`) }, _("See the changes"));
}

const linkImport = (id, text) => make("a", { href: at(`/explore/admin/imports/${id}`) }, text);

const tellReport = ({ result: { counts }, id }) => [
  make("p", {}, _("%(created)s created, %(changed)s changed, %(unchanged)s unchanged, %(refused)s refused.", Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, tellNumber(count)]))), " ", linkImport(id, _("See the report and commit it"))),
];

const tellCommit = ({ result }) => [
  make("p", {}, ngettext("Wrote %(number)s row, left out %(left)s.", "Wrote %(number)s rows, left out %(left)s.", result.written ?? 0, { left: tellNumber(result.skipped) }), " ",
    result.import ? linkImport(result.import, _("See or undo it")) : ""),
];

const tellUndo = ({ result }) => [
  make("p", {}, ngettext("Undone: %(number)s record is as it was before.", "Undone: %(number)s records are as they were before.", result.undone)),
];

const tellFile = ({ result }) => [
  make("p", {}, makeDownload(_("Download %(name)s", { name: result.name }), result.file, result.name), ` ${tellSize(result.bytes)}, ${ngettext("%(number)s row", "%(number)s rows", result.rows)}`),
  make("p", {}, "SHA-256 ", make("code", {}, result.sha256)),
];

const TOLD = { import: tellReport, "commit-import": tellCommit, "undo-import": tellUndo, export: tellFile };

export function makeOutcome(job) {
  if (!job.result) return [];
  return TOLD[job.kind]?.(job) ?? [make("pre", { tabindex: "0" }, JSON.stringify(job.result, null, 2))];
}

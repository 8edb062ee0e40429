"""Every kind of job there is, and those that come again by themselves."""

from terrafirma.work import exports, import_commit, imports
from terrafirma.work.cleanup import clean_up
from terrafirma.work.task import Handler

HANDLERS: dict[str, Handler] = {
    "import": imports.stage,
    "commit-import": import_commit.commit,
    "undo-import": import_commit.undo,
    "export": exports.export,
    "snapshot": exports.snapshot,
    "tidy": clean_up,
}
"""By the kind of job they do."""

DAILY = ("tidy",)
"""Kinds of jobs that are done once a day (UTC), by whichever worker comes first."""

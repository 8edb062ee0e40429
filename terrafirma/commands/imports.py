"""`terrafirma import FILE`: a file tried out, and committed if asked for."""

import logging
import shutil
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from terrafirma.commands.jobs import watch
from terrafirma.commands.terminal import Command, choose, found, print_status, with_register
from terrafirma.config import Settings
from terrafirma.errors import ConfigurationError
from terrafirma.register import jobs as rules
from terrafirma.register.jobs import view
from terrafirma.register.log.imports import MODES, OUTCOMES, UPDATE_ONLY, UPSERT
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import KINDS
from terrafirma.storage.engine.database import Database
from terrafirma.storage.private_files import make_folder
from terrafirma.storage.work.jobs import DONE, Job, add_job
from terrafirma.storage.work.queue import Queue
from terrafirma.telemetry import configure_logs
from terrafirma.work.handlers import HANDLERS
from terrafirma.work.imports import DEFAULTS, ERRORS, REPORT, UPLOAD
from terrafirma.worker import Worker

TOLD = 20
"""Faults that are shown; the table of errors has all."""
TOLD_SECONDS = 1.0
"""Lock time in seconds from which it is reported before a commit."""
OPTIONS = (
    "kind",
    "match",
    "mode",
    "blanks",
    "decimal",
    "booleans",
    "sheet",
    "encoding",
    "delimiter",
)
READ = ("format", "encoding", "delimiter", "sheet")
"""Properties of a file in the order they are printed."""


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--commit", is_flag=True, help="Commit the import if it has no errors.")
@click.option(
    "--skip-bad", is_flag=True, help="With --commit: write the good rows, leave the others out."
)
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="country",
    help="The kind of records in the rows; country.",
)
@click.option(
    "--match", default="auto", help="How a row's record is found: auto, id, name or a code's field."
)
@click.option(
    "--blanks",
    default="keep",
    help='Treatment of empty cells: keep or clear; and texts that mean an empty cell, "clear,-".',
)
@click.option("--mode", type=click.Choice(MODES), help="Create and change records, or only either.")
@click.option(
    "--update-only", "mode", flag_value=UPDATE_ONLY, help="Change records, create no new ones."
)
@click.option(
    "--create", "mode", flag_value=UPSERT, help="Also make a record of a name that is not known."
)
@click.option("--sheet", default="", help="Of a spreadsheet: a sheet's name or number; the first.")
@click.option(
    "--decimal", type=click.Choice([".", ","]), default=".", help="The mark before decimals."
)
@click.option("--booleans", default="", help="Words for true and false, such as ja/nein.")
@click.option("--encoding", default="", help="Of a table; found out by default.")
@click.option(
    "--delimiter", default="", help="Of a table: comma, semicolon, tab, bar; found out by default."
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    help='A column and its field, "Land:name"; "Notes:" leaves a column out.',
)
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to put the refused rows.",
)
@with_register
def import_file(
    file: Path, commit: bool, skip_bad: bool, errors: Path | None, **given: Any
) -> None:
    """Check FILE: which records it would create, change or refuse. Without --commit the register is
    not changed."""
    about = {name: given.pop(name) or "" for name in OPTIONS}
    columns = dict(read_map(text) for text in given.pop("maps"))
    settings = choose(**given)
    with found(settings) as database:
        tried = run(
            settings,
            database,
            rules.make_job("import", DEFAULTS | about | {"columns": columns}, "cli"),
            file,
        )
        folder = settings.imports_path / tried.id
        report = decode((folder / REPORT).read_bytes())
        print_report(report)
        if errors:
            shutil.copyfile(folder / ERRORS, errors)
        refused = report["counts"]["refused"]
        if refused and not (commit and skip_bad):
            raise click.ClickException(f"{refused:,} rows are not valid; nothing was written.")
        if not commit:
            if report["lock_seconds"] >= TOLD_SECONDS:
                print_status(
                    f"To write all of it keeps other writers waiting for about {report['lock_seconds']:.0f} s."
                )
            print_status("Nothing was written; --commit writes it.")
            return
        arguments = {"import": tried.id, "kind": report["kind"], "skip": skip_bad}
        job = rules.make_job("commit-import", arguments, "cli", f"commit {tried.id}")
        print_commit(view(run(settings, database, job)).result or {})


def read_map(text: str) -> tuple[str, str]:
    """A column and the field it holds."""
    header, _, path = text.rpartition(":")
    if not header:
        raise ConfigurationError(
            f'--map takes a column and a field, as in "Land:name", not "{text}".'
        )
    return header, path


def run(settings: Settings, database: Database, job: Job, file: Path | None = None) -> Job:
    """A job once it is done here, or by a worker that was quicker. Unusable if it failed."""
    if file:
        folder = settings.imports_path / job.id
        make_folder(folder, new=True)
        shutil.copyfile(file, folder / UPLOAD)
    with database.writing_local() as connection:
        add_job(connection, job)
    # Its worker says what becomes of the job in the log, and this command in words.
    configure_logs(logging.WARNING)
    with closing(Queue(settings.queue_url)) as queue:
        worker = Worker(settings, database, queue, HANDLERS)
        doing = threading.Thread(target=worker.do, args=(job.id,), daemon=True)
        doing.start()
        ended = watch(database, job.id)
        doing.join()
    if ended.state != DONE:
        raise ConfigurationError(
            view(ended).errors[-1].message if view(ended).errors else f"The job is {ended.state}."
        )
    return ended


def print_report(report: dict[str, Any]) -> None:
    """Print the result of a dry run."""
    file = report["file"]
    print_status("Read as " + ", ".join(str(file[name]) for name in READ if file.get(name)) + ".")
    for note in report["notes"]:
        print_status(note)
    for name in report["names"][:TOLD]:
        print_status(f"{name['field']}: {name['text']} → {name['code']}")
    for error in report["errors"][:TOLD]:
        print_status(f"Row {error['row']}, {error['column'] or 'whole'}: {error['message']}")
    counts = report["counts"]
    print_status(
        ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in OUTCOMES if outcome in counts)
        + "."
    )


def print_commit(result: dict[str, Any]) -> None:
    """Print the result of a commit."""
    locked = (
        f" Other writers waited {result['locked_seconds']} s." if "locked_seconds" in result else ""
    )
    print_status(f"Wrote {result['written']:,} rows, left out {result['skipped']:,}.{locked}")

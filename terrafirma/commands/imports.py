"""`terrafirma import FILE`: a file tried out, and committed if asked for."""

import json
import logging
import shlex
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from terrafirma.commands.jobs import watch
from terrafirma.commands.sources import SourceArgument, copy_source, name_source
from terrafirma.commands.terminal import Command, choose, found, print_status, with_register
from terrafirma.config import Settings
from terrafirma.errors import ApiError, ConfigurationError, Hint
from terrafirma.formats.csv import DELIMITERS
from terrafirma.formats.source_file import check_encoding
from terrafirma.register import jobs as rules
from terrafirma.register.jobs import Failure, view
from terrafirma.register.log.imports import (
    AUTO,
    BLANKS,
    MATCHES,
    MODES,
    OUTCOMES,
    REFUSED,
    UPDATE_ONLY,
    UPSERT,
    check_blanks,
    check_booleans,
)
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
FLAGS = {("create", "yes"): "--create", ("bad", "skip"): "--skip-bad"}
"""Options that take no value, by the parameter and value of `POST /imports` that they stand for."""
LONGEST_VALUE = 60
"""Characters of a value that are shown beside its fault."""
READ = ("format", "encoding", "delimiter", "sheet")
"""Properties of a file in the order they are printed."""


@click.command("import", cls=Command)
@click.argument("file", type=SourceArgument())
@click.option("--commit", is_flag=True, help="Commit the import if it has no errors.")
@click.option(
    "--skip-bad", is_flag=True, help="With --commit: write the good rows, leave the others out."
)
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="country",
    help="The kind of records in the rows.",
)
@click.option(
    "--match",
    type=click.Choice(MATCHES),
    default=AUTO,
    help="How a row's record is found: by its codes, else its id, else its name, or only by this.",
)
@click.option(
    "--blanks",
    default=BLANKS[0],
    callback=lambda _context, _option, text: check_option(check_blanks, text),
    help='Treatment of empty cells: keep or clear; and texts that mean an empty cell, "clear,-".',
)
@click.option(
    "--mode",
    type=click.Choice(MODES),
    show_default="create and change those found",
    help="Create and change records, or only either.",
)
@click.option(
    "--update-only", "mode", flag_value=UPDATE_ONLY, help="Change records, create no new ones."
)
@click.option(
    "--create", "mode", flag_value=UPSERT, help="Also make a record of a name that is not known."
)
@click.option(
    "--sheet",
    default="",
    show_default="its first",
    help="The name or number of a spreadsheet's sheet.",
)
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    default=".",
    help="The mark before decimals.",
)
@click.option(
    "--booleans",
    default="",
    callback=lambda _context, _option, text: check_option(check_booleans, text),
    show_default="true, false and their like",
    help="Words for true and false, such as ja/nein.",
)
@click.option(
    "--encoding",
    default="",
    callback=lambda _context, _option, text: text and check_option(check_encoding, text),
    show_default="found out",
    help="The encoding of a table.",
)
@click.option(
    "--delimiter",
    type=click.Choice(list(DELIMITERS)),
    show_default="found out",
    help="The separator of a table's cells.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    show_default="by their headings",
    help='A column and its field, "Land:name"; "Notes:" leaves a column out. May be repeated.',
)
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default="not written",
    help="Where to put the refused rows.",
)
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
@with_register
def import_file(
    file: str, commit: bool, skip_bad: bool, errors: Path | None, as_json: bool, **given: Any
) -> None:
    """Check FILE, - for standard input or an address: which records it would create, change or
    refuse. Without --commit the register is not changed."""
    about: dict[str, Any] = {name: given.pop(name) or "" for name in OPTIONS}
    about["columns"] = dict(read_map(text) for text in given.pop("maps"))
    about["filename"] = name_source(file)
    settings = choose(**given)
    with found(settings) as database:
        tried = run(
            settings,
            database,
            rules.make_job("import", DEFAULTS | about, "cli"),
            file,
        )
        folder = settings.imports_path / tried.id
        report = decode((folder / REPORT).read_bytes())
        if errors:
            shutil.copyfile(folder / ERRORS, errors)
        refused = report["counts"]["refused"]
        writes = commit and (skip_bad or not refused)
        if not as_json:
            print_report(report)
        if writes:
            arguments = {"import": tried.id, "kind": report["kind"], "skip": skip_bad}
            job = rules.make_job("commit-import", arguments, "cli", f"commit {tried.id}")
            report["committed"] = view(run(settings, database, job)).result or {}
        if as_json:
            click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        elif writes:
            print_commit(report["committed"])
    if refused and not writes:
        rows = "1 row is" if refused == 1 else f"{refused:,} rows are"
        raise click.ClickException(f"{rows} not valid; nothing was written.")
    if not writes:
        print_not_written(report)


def check_option(check: Callable[[str], str], text: str) -> str:
    """Return an option's value. Raise BadParameter, with the sentence of its check."""
    try:
        return check(text)
    except ApiError as refusal:
        raise click.BadParameter(refusal.sentence) from None


def read_map(text: str) -> tuple[str, str]:
    """A column and the field it holds."""
    header, _, path = text.rpartition(":")
    if not header:
        raise ConfigurationError(
            f'--map takes a column and a field, as in "Land:name", not "{text}".'
        )
    return header, path


def run(settings: Settings, database: Database, job: Job, file: str = "") -> Job:
    """A job once it is done here, or by a worker that was quicker. ConfigurationError if it failed."""
    if file:
        folder = settings.imports_path / job.id
        make_folder(folder, new=True)
        try:
            copy_source(file, folder / UPLOAD, settings.max_import)
        except BaseException:
            # No job knows of it, so nothing would ever take it away.
            shutil.rmtree(folder)
            raise
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
        failed = view(ended).errors
        raise ConfigurationError(
            describe_failure(failed[-1]) if failed else f"The job is {ended.state}."
        )
    return ended


def describe_failure(failure: Failure) -> str:
    """Return why a job failed, and the options of this command that are ways out."""
    if not failure.hints:
        return failure.message
    return f"{'; '.join([failure.rule, *map(name_option, failure.hints)])}."


def name_option(hint: Hint) -> str:
    """Return a hint with the option of this command in place of the parameter of `POST /imports`."""
    option = FLAGS.get((hint.parameter, hint.value))
    return f"{option or f'--{hint.parameter} {shlex.quote(hint.value)}'} {hint.effect}"


def print_report(report: dict[str, Any]) -> None:
    """Print the result of a dry run."""
    file = report["file"]
    click.echo("Read as " + ", ".join(str(file[name]) for name in READ if file.get(name)) + ".")
    if sample := file.get("sample"):
        click.echo(f'A word beyond ASCII reads "{sample}".')
    for note in report["notes"]:
        click.echo(note)
    for hint in report["hints"]:
        click.echo(f"{name_option(Hint(**hint))}.")
    for name in report["names"][:TOLD]:
        click.echo(f"{name['field']}: {name['text']} → {name['code']}")
    for error in report["errors"][:TOLD]:
        click.echo(describe_error(error))
    counts = report["counts"]
    if (more := counts[REFUSED] - len({error["row"] for error in report["errors"][:TOLD]})) > 0:
        click.echo(f"… and {more:,} more rows; --errors writes them all into a file.")
    click.echo(
        ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in OUTCOMES if outcome in counts)
        + "."
    )


def describe_error(error: dict[str, Any]) -> str:
    """A fault as a line: its row, column, value and rule."""
    value = error["value"]
    # Names are in their messages already, and so are errors of spreadsheets.
    told = (
        value is None or error["message"].startswith(str(value)) or f'"{value}"' in error["message"]
    )
    shown = "" if told else f" {json.dumps(value, ensure_ascii=False)[:LONGEST_VALUE]}"
    hints = [name_option(Hint(**hint)) for hint in error.get("hints", ())]
    rule = "; ".join([error.get("rule") or error["message"], *hints])
    return f"Row {error['row']}, {error['column'] or 'whole'}{shown}: {rule}"


def print_not_written(report: dict[str, Any]) -> None:
    """Print how what was tried is written."""
    if report["lock_seconds"] >= TOLD_SECONDS:
        print_status(
            f"To write all of it keeps other writers waiting for about {report['lock_seconds']:.0f} s."
        )
    print_status("Nothing was written; --commit writes it.")


def print_commit(result: dict[str, Any]) -> None:
    """Print the result of a commit."""
    locked = (
        f" Other writers waited {result['locked_seconds']} s." if "locked_seconds" in result else ""
    )
    click.echo(f"Wrote {result['written']:,} rows, left out {result['skipped']:,}.{locked}")

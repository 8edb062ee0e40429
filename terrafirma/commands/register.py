"""`terrafirma load` and `verify`: a register as a whole."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from terrafirma.commands.audit import record_locally, verify_audit
from terrafirma.commands.backup import find_faults, set_aside
from terrafirma.commands.terminal import (
    Command,
    choose,
    found,
    print_status,
    with_data,
    with_register,
)
from terrafirma.config import STARTER, WORLD, Settings, read_settings
from terrafirma.dataset.load import fill, prepare, read_dataset
from terrafirma.dataset.prepared import place_world
from terrafirma.dataset.upgrade import Outcome, upgrade
from terrafirma.register.access.audit import parse_audit_checkpoint as read_audit_checkpoint
from terrafirma.register.log.history import Draft
from terrafirma.register.log.verification import read_checkpoint
from terrafirma.storage.engine.database import Connection, Database, open_database
from terrafirma.storage.engine.integrity import has_amcheck
from terrafirma.storage.register.backup import clear_contents

NOT_COVERED = [
    "jobs, kept answers of Idempotency-Keys, sessions, deliveries and counters",
    "the files of imports and exports, and the secret",
]
NO_AMCHECK = "the inner pages of indexes, without the extension amcheck"
NO_CHECKPOINT = "the end of both logs, without --against"
"""Contents that `verify` cannot vouch for."""


@click.command(cls=Command)
@click.argument("dataset", type=click.Choice([STARTER, WORLD]))
@with_data
@click.option(
    "--fresh", is_flag=True, help="Start over; the old register is kept in a file beside it."
)
def load(dataset: str, fresh: bool, data: Path | None) -> None:
    """Fill a new register with a dataset, or upgrade it; local changes are kept."""
    settings = read_settings(data=data, dataset=dataset)
    with opened(settings) as database:
        if fresh:
            with database.writing() as connection:
                kept = set_aside(connection, settings)
                clear_contents(connection)
                fill(connection, read_dataset(dataset), watch_progress)
            record_locally(settings, "started-over", {"dataset": dataset})
            print_status(f"Started over with {dataset}; what was there is kept in {kept}.")
        else:
            with database.writing() as connection:
                outcome = upgrade(connection, read_dataset(dataset))
            print_outcome(outcome)


@click.command(cls=Command)
@with_register
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    show_default="none",
    help="A checkpoint kept elsewhere: the answer of /checkpoint or /audit/checkpoint. May be repeated.",
)
def verify(data: Path | None, starter: bool, against: tuple[Path, ...]) -> None:
    """Verify the databases, the logs' hash chains, and that all rows follow from the logs."""
    settings = choose(data=data, starter=starter)
    audits, checkpoints = [], []
    for text in [file.read_bytes() for file in against]:
        if audit := read_audit_checkpoint(text):
            audits.append(audit)
        else:
            checkpoints.append(read_checkpoint(text))
    with found(settings) as database, database.reading() as connection:
        head, faults = find_faults(connection, checkpoints)
        unchecked = NOT_COVERED + ([] if is_well_checked(connection) else [NO_AMCHECK])
    faults += [f"audit log: {fault}" for fault in verify_audit(settings, audits)]
    for fault in faults:
        print_status(fault)
    if faults:
        raise click.ClickException(f"{len(faults)} faults in {head.number:,} entries.")
    print_status(f"Not covered: {'; '.join(unchecked + ([] if against else [NO_CHECKPOINT]))}.")
    print_status(f"{head.number:,} entries, unbroken; head {head.hash}")
    for checkpoint in checkpoints:
        print_status(f"They go on from the checkpoint at entry {checkpoint.entries:,}.")


def is_well_checked(connection: Connection) -> bool:
    """Return True if the database has a check of its own for its indexes."""
    return connection.dialect.name == "sqlite" or has_amcheck(connection)


def print_outcome(outcome: Outcome) -> None:
    """Print the result of an upgrade; records that kept local values come first."""
    for sentence in outcome.kept:
        print_status(sentence)
    before = f"It held {outcome.before}. " if outcome.before != outcome.after else ""
    counts = {"added": outcome.added, "changed": outcome.changed, "removed": outcome.removed}
    done = (
        ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
        or "nothing to change"
    )
    print_status(
        f"{before}The register holds {outcome.after}: {done}, {len(outcome.kept):,} conflicts."
    )


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """A register of the current schema, filled if it is new."""
    place_world(settings.url, settings.dataset)
    database = open_database(settings.url)
    try:
        prepare(database, settings.dataset, watch_progress)
        yield database
    finally:
        database.close()


def watch_progress(drafts: Iterable[Draft]) -> Iterable[Draft]:
    """A bar on a terminal, a line in a pipe."""
    if not sys.stderr.isatty():
        print_status("Filling the register …")
        return drafts
    return track(drafts, "Filling the register", console=Console(stderr=True))

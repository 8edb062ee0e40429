"""`terrafirma audit`: show the audit log and redact personal details."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from terrafirma.commands.keys import CLI, open_keys
from terrafirma.commands.terminal import ID, CommandGroup, choose, print_status, with_register
from terrafirma.config import Settings
from terrafirma.register.access import audit as log
from terrafirma.register.access import users
from terrafirma.register.auth_rows import compare_auth_rows
from terrafirma.register.log.history import GENESIS
from terrafirma.register.model.canonical_json import encode
from terrafirma.storage.auth.audit import read_audit_head, scan_audit
from terrafirma.storage.auth.auth_tables import metadata
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.integrity import check_database
from terrafirma.storage.register.entries import Head


@click.group(cls=CommandGroup)
def audit() -> None:
    """Show the audit log: sign-ins, refusals and changes of rights."""


@audit.command("list")
@with_register
def list_all(**given: Any) -> None:
    """Every line, oldest first, as JSON."""
    with open_keys(choose(**given)) as vault, vault.reading() as connection:
        for row in scan_audit(connection):
            click.echo(encode(log.show(row)))


@audit.command()
@with_register
def checkpoint(**given: Any) -> None:
    """Print the state of the log, to be kept elsewhere: `verify --against` compares it."""
    with open_keys(choose(**given)) as vault, vault.reading() as connection:
        head = read_audit_head(connection)
        click.echo(encode(asdict(log.AuditCheckpoint(head.number, head.hash, head.at))))


@audit.command()
@click.option(
    "--person", type=ID, show_default="none", help="Redact this user, by number, everywhere."
)
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    show_default="none",
    help="Redact personal details in lines from before a day.",
)
@with_register
def redact(person: int | None, before: Any, **given: Any) -> None:
    """Redact personal details. The log stays complete and marks the redacted rows."""
    if (person is None) == (before is None):
        raise click.UsageError("Give either --person or --before.")
    with open_keys(choose(**given)) as vault, vault.writing() as connection:
        if person is not None:
            count = users.redact(connection, CLI, person)
        else:
            day = before.date().isoformat()
            count = log.redact(connection, CLI, f"before {day}", lambda row: row.at < day)
    print_status(f"Redacted {count:,} lines of the audit log.")


def record_locally(settings: Settings, event: str, details: Mapping[str, Any]) -> None:
    """Record an action of the command line in the audit log."""
    with open_keys(settings) as vault, vault.writing() as connection:
        log.record_event(connection, CLI, event, details=details)


def verify_audit(settings: Settings, checkpoints: Sequence[log.AuditCheckpoint]) -> list[str]:
    """Every fault of a register's auth database and its audit log; print its state otherwise."""
    with open_keys(settings) as vault, vault.reading() as connection:
        head, redacted, faults = find_auth_faults(connection, checkpoints)
    if not faults and head.number:
        said = f", {redacted:,} of them redacted" if redacted else ""
        print_status(f"Audit log: {head.number:,} lines, unbroken{said}.")
    return faults


def find_auth_faults(
    connection: Connection, checkpoints: Sequence[log.AuditCheckpoint] = ()
) -> log.AuditFindings:
    """The head of an audit log, and every fault of it and of its auth database."""
    if structures := check_database(connection, metadata):
        return log.AuditFindings(Head(0, "", GENESIS), 0, structures)
    found = log.verify(connection)
    for each in checkpoints:
        found.faults.extend(log.compare_checkpoint(connection, each))
    found.faults.extend(compare_auth_rows(connection))
    return found

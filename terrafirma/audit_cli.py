"""`terrafirma audit`: the audit log from the command line, and what is personal in it forgotten."""

from collections.abc import Mapping
from typing import Any

import click

from terrafirma.config import Settings
from terrafirma.keys_cli import CLI, opened
from terrafirma.register import audit as log
from terrafirma.register import people
from terrafirma.register.canonical import encode
from terrafirma.storage.audit import scan_audit
from terrafirma.terminal import Group, choose, say, with_register


@click.group(cls=Group)
def audit() -> None:
    """The audit log: who came in, who was kept out, whose rights changed."""


@audit.command("list")
@with_register
def list_all(**given: Any) -> None:
    """Every line, oldest first, as JSON."""
    with opened(choose(**given)) as vault, vault.reading() as connection:
        for row in scan_audit(connection):
            click.echo(encode(log.show(row)))


@audit.command()
@click.option("--person", type=int, help="Forget who this person is, by number, everywhere.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Forget what is personal in lines from before a day.")
@with_register
def redact(person: int | None, before: Any, **given: Any) -> None:
    """Forget what is personal. The log stays whole, and says where something was redacted."""
    if (person is None) == (before is None):
        raise click.UsageError("Name one of --person and --before.")
    with opened(choose(**given)) as vault, vault.writing() as connection:
        if person is not None:
            count = people.redact(connection, CLI, person)
        else:
            day = before.date().isoformat()
            count = log.redact(connection, CLI, f"before {day}", lambda row: row.at < day)
    say(f"Redacted {count:,} lines of the audit log.")


def note_here(settings: Settings, event: str, details: Mapping[str, Any]) -> None:
    """Tell the audit log what was done from the command line."""
    with opened(settings) as vault, vault.writing() as connection:
        log.note(connection, CLI, event, details=details)


def verify_audit(settings: Settings) -> list[str]:
    """Every fault of a register's audit log; says how it is otherwise."""
    with opened(settings) as vault, vault.reading() as connection:
        head, redacted, faults = log.verify(connection)
    if not faults and head.number:
        said = f", {redacted:,} of them redacted" if redacted else ""
        say(f"Audit log: {head.number:,} lines, unbroken{said}.")
    return faults

"""`terrafirma changes`: the entries of the log, the newest first."""

from typing import Any

import click

from terrafirma.commands.terminal import (
    COUNT,
    Command,
    choose,
    found,
    print_all,
    with_json,
    with_register,
)
from terrafirma.http.request.arguments import read_instant
from terrafirma.register.log.diff import compare, state_on
from terrafirma.register.log.history import document_of
from terrafirma.register.log.provenance import DATASET
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import OWNERS
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import EntryRow, Wanted, list_wanted, number_at


@click.command(cls=Command)
@click.option(
    "--since",
    show_default="the first entry",
    help="Only changes after an entry's number, or from a day or an instant on, as 2026-01-01.",
)
@click.option("--kind", type=click.Choice(list(OWNERS)), show_default="all", help="Only a kind.")
@click.option("--limit", type=COUNT, default=20, help="How many, the newest first.")
@click.option("--all", "every", is_flag=True, help="Include the entries of datasets.")
@with_json
@with_register
def changes(
    since: str | None, kind: str | None, limit: int, every: bool, as_json: bool, **given: Any
) -> None:
    """List changes of the register: entry, instant, actor, action, record and fields."""
    with found(choose(**given)) as register, register.reading() as connection:
        without = "" if every else DATASET
        first = find_number(connection, since) if since else 0
        wanted = Wanted(since=first, kind=kind or "", without=without)
        rows = list_wanted(connection, wanted, limit)
    print_all(map(show, rows), describe, as_json=as_json)


def find_number(connection: Connection, since: str) -> int:
    """The number of the last entry before a day or an instant, or the number itself."""
    if since.isdecimal():
        return int(since)
    return number_at(connection, read_instant("--since", since))


def show(row: EntryRow) -> Document:
    """An entry as JSON, with the fields that it changed."""
    before, after = document_of(row.before), document_of(row.after)
    fields = {each["field"]: None for each in compare(before, after)} if before and after else {}
    document = after or before or {}
    name = (state_on(document, today()) or document).get("name")
    shown = {"entry": row.number, "at": row.at, "actor": row.actor, "action": row.action}
    return shown | {"kind": row.kind, "id": row.id, "name": name, "fields": list(fields)}


def describe(shown: Document) -> str:
    """An entry as a line of text."""
    parts = [str(shown["entry"]), shown["at"][:19] + "Z", shown["actor"], shown["action"]]
    parts += [
        f"{shown['kind']} {shown['id']}",
        str(shown["name"] or ""),
        ", ".join(shown["fields"]),
    ]
    return "  ".join(part for part in parts if part)

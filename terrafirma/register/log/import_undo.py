"""Undo the entries of an import: records that it created go, records that it changed are as before.

A record that another write has changed since is never touched.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from terrafirma.errors import Conflict
from terrafirma.register.log.changes import Edit, drafted, removal
from terrafirma.register.log.history import Draft, append
from terrafirma.register.log.import_writing import list_lost, list_taken
from terrafirma.register.log.revert import restate
from terrafirma.register.model.canonical_json import decode
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.entries import EntryRange, EntryRow, list_entries

BATCH = 500
NAMED = 3
"""Records that a refusal names."""


class UndoneEntries(NamedTuple):
    """How many records are as they were before, and those that changed since and were kept."""

    records: int
    kept: list[dict[str, Any]]


def undo_entries(
    connection: Connection, edit: Edit, ranges: Sequence[Sequence[int]], *, skip: bool
) -> UndoneEntries:
    """Undo entries, the newest first. Conflict for records that changed since, unless they are skipped.

    `ranges`: the first and the last number of each run of entries.
    """
    count, kept = 0, []
    for rows in list_batches(connection, edit.kind.name, ranges):
        moved = find_moved(connection, edit.kind.name, rows)
        kept += [{"id": row.id, "name": name_entry(row)} for row in rows if row.id in moved]
        if kept and not skip:
            raise Conflict(describe_kept(edit.kind.name, kept))
        going = [row for row in rows if row.id not in moved]
        write_back(connection, edit, going)
        count += len(going)
    return UndoneEntries(count, kept)


def list_batches(
    connection: Connection, kind: str, ranges: Sequence[Sequence[int]]
) -> Iterator[list[EntryRow]]:
    """The entries of a kind in some ranges, the newest first."""
    for first, last in reversed(ranges):
        stretch = EntryRange(first - 1, last, kind)
        while rows := list_entries(connection, stretch, BATCH, newest_first=True):
            yield rows
            stretch = stretch._replace(until=rows[-1].number - 1)


def find_moved(connection: Connection, kind: str, rows: Sequence[EntryRow]) -> set[int]:
    """The records whose last entry is another one by now."""
    current = records.list_current(connection, kind, sorted({row.id for row in rows}))
    last = {version.id: version.entry for version in current}
    return {row.id for row in rows if last.get(row.id) != row.number}


def write_back(connection: Connection, edit: Edit, rows: Sequence[EntryRow]) -> None:
    """Write the state before some entries. Conflict if another record needs what they gave."""
    drafts = {row.number: draft_back(edit, row) for row in rows if row.before}
    ids = frozenset(row.id for row in rows)
    taken = list_taken(connection, edit.kind, drafts, ids)
    gone = [
        draft for row in rows if not row.before for draft in removal(connection, edit.kind, row.id)
    ]
    append(connection, edit.actor, [*drafts.values(), *gone])
    own = {draft.id: draft for draft in gone if draft.kind == edit.kind.name}
    if faults := taken + list_lost(connection, edit.kind, drafts | own):
        raise Conflict(f"The import cannot be undone: {faults[0][1].field} {faults[0][1].message}.")


def draft_back(edit: Edit, row: EntryRow) -> Draft:
    """The draft that takes a record back to the state before an entry, by today's rules."""
    before = restate(edit.kind, row.before)
    return drafted(edit.kind, "revert", row.id, decode(row.after or "null"), before)


def name_entry(row: EntryRow) -> str:
    """The name of the record that an entry left, else its id."""
    return str(decode(row.after or "{}").get("name", row.id))


def describe_kept(kind: str, kept: Sequence[dict[str, Any]]) -> str:
    """The refusal that names the records which changed since."""
    names = ", ".join(each["name"] for each in kept[:NAMED])
    more = " and others" if len(kept) > NAMED else ""
    return (
        f"The {kind} {names}{more} changed after the import, so it is not undone;"
        " with changed=skip those are left as they are."
    )

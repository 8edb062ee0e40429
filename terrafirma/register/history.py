"""The log: drafts become entries, entries become what the register says.

An entry's hash is `sha256(previous, number, metadata, payload_hash)` over canonical JSON, so no entry
can be altered, dropped or moved without every later hash showing it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from terrafirma.register.canonical import decode, digest, encode
from terrafirma.register.keys import spans_of
from terrafirma.register.records import Document
from terrafirma.register.timelines import State, render
from terrafirma.storage import entries as log
from terrafirma.storage import records
from terrafirma.storage.database import Connection
from terrafirma.storage.entries import EntryRow, Head

SHAPE = 1
"""Version of the stored document; older ones are upgraded when read."""

GENESIS = "0" * 64
"""What the first entry chains from."""


class Draft(NamedTuple):
    """A change that is about to be written: the stored documents before and after it."""

    action: str
    kind: str
    id: int
    before: Document | None
    after: Document | None


def now() -> str:
    """This instant in UTC, as entries carry it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def payload_hash(before: str | None, after: str | None) -> str:
    """Hash of the two documents an entry carries, as their canonical texts."""
    return digest([before, after])


def entry_hash(row: EntryRow) -> str:
    """Hash of an entry, over all it says and the hash before it."""
    about = [row.previous, row.number, row.at, row.actor, row.action, row.kind, row.id, row.shape]
    return digest([*about, row.payload_hash])


def chain(head: Head, actor: str, drafts: Iterable[Draft]) -> list[EntryRow]:
    """The entries that carry drafts, each chained to the one before."""
    rows: list[EntryRow] = []
    number, previous = head.number, head.hash
    # The clock may step back; the log may not.
    at = max(now(), head.at)
    for draft in drafts:
        before, after = (encode(one).decode() if one is not None else None for one in draft[3:])
        payload = payload_hash(before, after)
        number += 1
        row = EntryRow(
            number, at, actor, draft.action, draft.kind, draft.id, before, after, SHAPE, payload, previous, ""
        )
        rows.append(row._replace(hash=entry_hash(row)))
        previous = rows[-1].hash
    return rows


def append(connection: Connection, actor: str, drafts: Sequence[Draft]) -> list[EntryRow]:
    """Write drafts of one kind to the log and make the register say so, in the caller's transaction."""
    rows = chain(log.read_head(connection), actor, drafts)
    log.append_entries(connection, rows)
    kind = drafts[0].kind
    for row in rows:
        if row.before is not None:
            records.close_record(connection, kind, row.id, row.number)
    written = [(row, render(draft.after)) for row, draft in zip(rows, drafts, strict=True) if draft.after is not None]
    records.add_versions(connection, kind, [version for row, states in written for version in versions_of(row, states)])
    spans = [span for row, states in written for span in spans_of(row.id, states)]
    records.add_keys(connection, kind, {row.id: row.number for row, _ in written}, spans)
    return rows


def versions_of(row: EntryRow, states: list[State]) -> list[records.Version]:
    """The states of a record, as an entry leaves them behind."""
    return [records.Version(row.id, row.number, start, end, encode(state).decode()) for start, end, state in states]


def stored_document(connection: Connection, number: int) -> Document:
    """The stored document that an entry left behind."""
    document: Document = decode(log.read_entry(connection, number).after or "null")
    return document


def verify(connection: Connection) -> tuple[Head, list[str]]:
    """The head and every fault of the chain: altered, missing or moved entries, states that do not follow."""
    faults: list[str] = []
    last = Head(0, "", GENESIS)
    leaves: dict[tuple[str, int], int] = {}
    for row in log.scan_entries(connection):
        faults += faults_of(row, last)
        last = Head(row.number, row.at, row.hash)
        leaves[row.kind, row.id] = row.number
    head = log.read_head(connection)
    if head != last and (head.number or last.number):
        faults.append(f"the head names entry {head.number}, but the log ends with entry {last.number}")
    for (kind, id), number in leaves.items():
        row = log.read_entry(connection, number)
        expected = versions_of(row, render(decode(row.after))) if row.after else []
        if records.list_rows(connection, kind, id) != expected:
            faults.append(f"{kind} {id} does not say what entry {number} left behind")
    return head, faults


def faults_of(row: EntryRow, last: Head) -> list[str]:
    """What is wrong with one entry, given the one before it."""
    if row.number != last.number + 1:
        return [f"entry {last.number + 1} is missing; entry {row.number} comes next"]
    if row.previous != last.hash:
        return [f"entry {row.number} is broken: it does not chain to entry {last.number}"]
    if row.payload_hash != payload_hash(row.before, row.after):
        return [f"entry {row.number} is broken: its documents were altered"]
    if row.hash != entry_hash(row):
        return [f"entry {row.number} is broken: its own hash does not match"]
    return []

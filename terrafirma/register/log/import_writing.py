"""Write the decided rows of an import, except rows whose record or codes changed since."""

from collections.abc import Sequence
from typing import NamedTuple

from terrafirma.errors import Detail
from terrafirma.register.log.changes import Edit
from terrafirma.register.log.custom_fields import customise
from terrafirma.register.log.history import Draft, append
from terrafirma.register.log.identifiers import spans_of
from terrafirma.register.log.imports import describe_taken
from terrafirma.register.log.references import find_dangling, find_unknown
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.validation import check_own
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.entries import read_entries
from terrafirma.storage.register.records import KeySpan


class StagedDecision(NamedTuple):
    """A row that was decided: its new document as text, and the entry that its record was at."""

    number: int
    id: int | None
    entry: int | None
    after: str


class WrittenRows(NamedTuple):
    """The result of writing rows: how many were written, and the faults of the others by row
    number."""

    rows: int
    refused: list[tuple[int, Detail]]


def write_rows(
    connection: Connection,
    edit: Edit,
    rows: Sequence[StagedDecision],
    changing: frozenset[int] = frozenset(),
) -> WrittenRows:
    """Write decisions in the caller's transaction, except rows whose record or codes changed since.

    `changing`: ids of records that other rows of the transaction change, and that may therefore
    give up codes.
    """
    drafts, stale = draft_rows(connection, edit, rows)
    changed = changing.union(draft.id for draft in drafts.values())
    refused = list_taken(connection, edit.kind, drafts, changed)
    while True:
        faulty = {number for number, _ in refused}
        drafts = {number: draft for number, draft in drafts.items() if number not in faulty}
        # What rows name may be in other rows, so it is looked for when all are there, and they are taken back if not.
        with connection.begin_nested() as attempt:
            if drafts:
                append(connection, edit.actor, list(drafts.values()))
            lost = list_lost(connection, edit.kind, drafts)
            if not lost:
                return WrittenRows(len(drafts), stale + refused)
            attempt.rollback()
        refused += lost


def list_lost(
    connection: Connection, kind: Kind, drafts: dict[int, Draft]
) -> list[tuple[int, Detail]]:
    """Rows that refer to missing records, or remove records that others refer to."""
    numbers, written = list(drafts), list(drafts.values())
    # A field may have been declared since the rows were decided.
    kind = customise(connection, kind)
    broken = [
        (number, fault)
        for number, draft in drafts.items()
        for fault in check_own(kind, draft.after or {})
    ]
    unknown = zip(numbers, find_unknown(connection, kind, written), strict=True)
    faults = [(number, detail) for number, details in unknown for detail in details]
    return (
        faults
        + broken
        + [
            (numbers[each.place], each.describe_fault())
            for each in find_dangling(connection, kind, written)
        ]
    )


def draft_rows(
    connection: Connection, edit: Edit, rows: Sequence[StagedDecision]
) -> tuple[dict[int, Draft], list[tuple[int, Detail]]]:
    """Drafts of the rows, and faults for rows whose record changed since the decision."""
    kind = edit.kind
    known = [row.id for row in rows if row.id is not None]
    entries = {
        version.id: version.entry for version in records.list_current(connection, kind.name, known)
    }
    stale = [
        (row.number, Detail("", f"the {kind.name} has changed since the dry run", "mismatch"))
        for row in rows
        if row.id is not None and entries.get(row.id) != row.entry
    ]
    moved = {number for number, _ in stale}
    fresh = [row for row in rows if row.number not in moved]
    stored = read_entries(connection, [row.entry for row in fresh if row.entry is not None])
    next_id = records.next_id(connection, kind.name)
    drafts: dict[int, Draft] = {}
    for row in fresh:
        before = decode(stored[row.entry].after or "null") if row.entry is not None else None
        id = row.id if row.id is not None else next_id
        next_id += row.id is None
        after = decode(row.after) | {"id": id}
        drafts[row.number] = Draft(
            "create" if before is None else "patch", kind.name, id, before, after
        )
    return drafts, stale


def list_taken(
    connection: Connection, kind: Kind, drafts: dict[int, Draft], changing: frozenset[int]
) -> list[tuple[int, Detail]]:
    """Rows that ask for a code or name which a record not among those changing holds on the same day."""
    spans = [
        (number, span)
        for number, draft in drafts.items()
        for span in spans_of(kind, draft.id, draft.states)
    ]
    return find_clashes(connection, kind, spans, changing)


def find_clashes(
    connection: Connection,
    kind: Kind,
    spans: Sequence[tuple[int, KeySpan]],
    changing: frozenset[int],
) -> list[tuple[int, Detail]]:
    """Of spans that rows want, by number, those of which a record not among those changing holds a day."""
    return [
        (number, describe_taken(connection, kind, holder))
        for field in kind.unique
        for number, holder in find_clashing(connection, kind, field, spans, changing)
    ]


def find_clashing(
    connection: Connection,
    kind: Kind,
    field: str,
    spans: Sequence[tuple[int, KeySpan]],
    changing: frozenset[int],
) -> list[tuple[int, KeySpan]]:
    """Clashes in a single field, each with the holder."""
    wanted: dict[str, list[tuple[int, KeySpan]]] = {}
    for number, span in spans:
        if span.field == field:
            wanted.setdefault(span.key, []).append((number, span))
    return [
        (number, holder)
        for holder in records.list_holders(connection, kind.name, field, sorted(wanted))
        if holder.id not in changing
        for number, span in wanted[holder.key]
        if holder.valid_from < span.valid_to and span.valid_from < holder.valid_to
    ]


def spell(document: Document) -> str:
    """A document as it is staged."""
    return encode(document).decode()

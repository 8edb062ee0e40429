"""Match the rows of a file to records and decide each row's change.

A row is a merge patch: its values are set, null removes, other fields stay. A row is matched by its
codes, then its id, then its name. Nothing is written here; `write_rows` writes the decisions if the
records have not changed since.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from terrafirma.errors import Detail, Invalid
from terrafirma.register.log import bulk
from terrafirma.register.log.changes import Edit, drafted, merge, new_document, patched
from terrafirma.register.log.history import Draft, append
from terrafirma.register.log.identifiers import ID, describe_holder, fold, spans_of
from terrafirma.register.log.references import find_dangling, find_unknown
from terrafirma.register.model.canonical_json import decode, encode, same
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.entries import read_entries
from terrafirma.storage.register.records import KeySpan, Version

CREATED, CHANGED, UNCHANGED, REFUSED = "created", "changed", "unchanged", "refused"
OUTCOMES = (CREATED, CHANGED, UNCHANGED, REFUSED)

AUTO, BY_ID = "auto", "id"


class ImportRow(NamedTuple):
    """A row of a file: its number as an editor shows it, its patch, and the cells that could not be
    read."""

    number: int
    patch: Any
    faults: list[Detail]


class RowDecision(NamedTuple):
    """The decision for a row: the resulting document, and the entry of the record it was decided
    on."""

    number: int
    outcome: str
    id: int | None = None
    entry: int | None = None
    after: Document | None = None
    changes: dict[str, list[Any]] = {}  # noqa: RUF012 - never written to
    """By field: the old and the new value."""
    spans: tuple[KeySpan, ...] = ()
    faults: tuple[Detail, ...] = ()


class FoundRecord(NamedTuple):
    """A record that a row means, as it is."""

    version: Version
    stored: Document


def decide_rows(
    connection: Connection, edit: Edit, rows: Sequence[ImportRow], match: str
) -> list[RowDecision]:
    """Decide rows one by one; conflicts between rows are found later."""
    ids = find_ids(connection, edit, rows, match)
    known = sorted({id for id in ids if isinstance(id, int)})
    versions = bulk.find_shown(connection, edit.kind, known, edit.day)
    entries = read_entries(connection, [version.entry for version in versions.values()])
    found = {
        id: FoundRecord(each, decode(entries[each.entry].after or "null"))
        for id, each in versions.items()
    }
    decisions = [decide(edit, row, id, found) for row, id in zip(rows, ids, strict=True)]
    return refuse_unknown(connection, edit.kind, decisions)


def refuse_unknown(
    connection: Connection, kind: Kind, decisions: list[RowDecision]
) -> list[RowDecision]:
    """Mark rows as refused if they refer to records of other kinds that do not exist.

    References to records of the same kind are checked when the file is written, since it may
    contain them.
    """
    drafts = [Draft(each.outcome, kind.name, each.id or 0, None, each.after) for each in decisions]
    own = {reference.field for reference in kind.references if reference.kind == kind.name}
    faults = find_unknown(connection, kind, drafts) if kind.references else [[] for _ in drafts]
    told = [tuple(detail for detail in found if detail.field not in own) for found in faults]
    return [
        RowDecision(each.number, REFUSED, faults=found) if found else each
        for each, found in zip(decisions, told, strict=True)
    ]


def decide(
    edit: Edit, row: ImportRow, id: "int | Detail | None", found: dict[int, FoundRecord]
) -> RowDecision:
    """Decide one row: for its record, for a new record, or as a fault if the match is unclear."""
    faults = [*row.faults, *([id] if isinstance(id, Detail) else [])]
    if faults:
        return RowDecision(row.number, REFUSED, faults=tuple(faults))
    try:
        if not isinstance(id, int):
            return decide_new(edit, row)
        return decide_change(edit, row, found[id])
    except Invalid as refusal:
        details = refusal.details or [Detail("", refusal.sentence)]
        return RowDecision(row.number, REFUSED, faults=tuple(details))


def decide_new(edit: Edit, row: ImportRow) -> RowDecision:
    """A new record."""
    body = merge({}, row.patch) if isinstance(row.patch, dict) else row.patch
    draft = drafted(edit.kind, "create", 0, None, new_document(edit.kind, body))
    after = draft.after or {}
    changes = {name: [None, value] for name, value in after.items() if name != "id"}
    return RowDecision(
        row.number, CREATED, None, None, after, changes, tuple(spans_of(edit.kind, 0, draft.states))
    )


def decide_change(edit: Edit, row: ImportRow, found: FoundRecord) -> RowDecision:
    """Decide a row for an existing record: the document with the row's changes."""
    version, stored = found
    after = {"id": version.id} | patched(edit, version, stored, row.patch)
    if same(stored, after):
        return RowDecision(row.number, UNCHANGED, version.id, version.entry)
    draft = drafted(edit.kind, "patch", version.id, stored, after)
    spans = tuple(spans_of(edit.kind, version.id, draft.states))
    return RowDecision(
        row.number, CHANGED, version.id, version.entry, after, compare(stored, after), spans
    )


def compare(before: Document, after: Document) -> dict[str, list[Any]]:
    """Fields that differ, each with the old and the new value."""
    names = sorted(before.keys() | after.keys())
    return {
        name: [before.get(name), after.get(name)]
        for name in names
        if not same(before.get(name), after.get(name))
    }


def find_ids(
    connection: Connection, edit: Edit, rows: Sequence[ImportRow], match: str
) -> "list[int | Detail | None]":
    """The id that each row matches; None for a new record, a fault if the match is unclear."""
    given = [row.patch if isinstance(row.patch, dict) else {} for row in rows]
    fields = bulk.naming_fields(edit.kind) if match == AUTO else [match]
    named = find_holders(connection, edit, given, [field for field in fields if field != BY_ID])
    numbers = {int(str(each["id"])) for each in given if is_id(each.get("id"))}
    there = {
        version.id: version
        for version in records.list_current(connection, edit.kind.name, sorted(numbers))
    }
    found: list[int | Detail | None] = []
    for each in given:
        codes = [
            named[field, fold(field, each[field])] for field in fields if holds(named, field, each)
        ]
        own = (
            int(str(each["id"]))
            if is_id(each.get("id")) and int(str(each["id"])) in there
            else None
        )
        found.append(choose(edit.kind, match, each, codes, own))
    return found


def choose(
    kind: Kind, match: str, given: Document, codes: list[int], own: int | None
) -> "int | Detail | None":
    """The record that a row matches: by codes, then id, then name, whichever first finds a record."""
    if match == BY_ID:
        if own is None and given.get("id") is not None:
            return Detail("id", f"is of no {kind.name}; leave it empty for a new one", "unknown")
        return own
    if match == AUTO and own is not None and codes and codes[0] != own:
        return Detail(
            "id", f"is {own}, but the codes or name are of {kind.name} {codes[0]}", "mismatch"
        )
    if codes:
        return codes[0]
    return own if match == AUTO else None


def find_holders(
    connection: Connection, edit: Edit, given: Sequence[Document], fields: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Holders of the codes and names in rows: on the edit's day or, if free then, the last holder."""
    holders: dict[tuple[str, str], KeySpan] = {}
    for field in fields:
        wanted = sorted(
            {fold(field, each[field]) for each in given if isinstance(each.get(field), str)}
        )
        for span in records.list_holders(connection, edit.kind.name, field, wanted):
            known = holders.get((field, span.key), span)
            holders[field, span.key] = max(span, known, key=lambda one: bulk.rank(one, edit.day))
    return {key: span.id for key, span in holders.items()}


def holds(named: dict[tuple[str, str], int], field: str, given: Document) -> bool:
    """Return True if some record has the row's value in a field."""
    return isinstance(given.get(field), str) and (field, fold(field, given[field])) in named


def is_id(value: Any) -> bool:
    """Return True if a value can be an id."""
    return not isinstance(value, bool) and ID.fullmatch(str(value)) is not None


def describe_taken(connection: Connection, kind: Kind, holder: KeySpan) -> Detail:
    """The fault of a row whose code or name is held by a record outside the file."""
    return describe_holder(connection, kind, holder)


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
    unknown = zip(numbers, find_unknown(connection, kind, written), strict=True)
    faults = [(number, detail) for number, details in unknown for detail in details]
    return faults + [
        (numbers[each.place], each.describe_fault())
        for each in find_dangling(connection, kind, written)
    ]


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
    """Clashes in one field, each with the holder."""
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

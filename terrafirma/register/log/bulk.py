"""Write many records of a kind in a single transaction, all or none.

Each item is decided first, then its codes are compared with those of the other items and of the
register, then all are written. Faults name the item by its index from 0, before the field:
`3.area`.
"""

from collections.abc import Callable, Collection, Iterable
from itertools import count, groupby
from typing import Any, TypeVar

from terrafirma.errors import Conflict, Detail, Invalid
from terrafirma.register.log.changes import (
    Edit,
    day_within,
    drafted,
    new_document,
    refuse_new_period,
    replacement,
    shown_on,
)
from terrafirma.register.log.custom_fields import refuse_broken
from terrafirma.register.log.history import Draft, append
from terrafirma.register.log.identifiers import (
    PLUS,
    describe_holder,
    describe_overlap,
    fold_identifier,
    spans_of,
)
from terrafirma.register.log.references import find_dangling, find_unknown, respell
from terrafirma.register.model.canonical_json import decode, same
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import fields_on
from terrafirma.register.model.validation import validate
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.entries import read_entries
from terrafirma.storage.register.records import KeySpan, Version

Named = tuple[str, str]
"""A field and the folded key in it that an item names a record by."""

Item = TypeVar("Item")
Decision = TypeVar("Decision")

KeepNames = Callable[[list[Any], list[Document | None]], list[Any]]
"""Replaces names in bodies that only repeat a localised name by the record's own name; takes the
bodies and the documents their records show."""

MOST = 100
"""Conflicts that an answer lists, and faults after which it looks for no more."""

SPOKEN = 3
"""Conflicts listed in the error's sentence."""


def create_all(connection: Connection, edit: Edit, bodies: list[Any]) -> list[int]:
    """New records from bodies; their ids, in order."""
    edit = edit.within(connection)
    kind = edit.kind
    refuse_empty(kind, bodies)
    first = records.next_id(connection, kind.name)

    def decide(index: int, body: Any) -> Draft:
        return drafted(kind, "create", first + index, None, new_document(kind, body))

    drafts = decide_each(kind, bodies, decide)
    write_all(connection, edit, dict(enumerate(drafts)))
    return [draft.id for draft in drafts]


def put_all(
    connection: Connection, edit: Edit, bodies: list[Any], keep_names: KeepNames
) -> list[int]:
    """Write each body to the record it names, or to a new record; return the ids in order."""
    edit = edit.within(connection)
    kind = edit.kind
    refuse_empty(kind, bodies)
    names = decide_each(kind, bodies, lambda _, body: name_of(kind, validate(kind, body), edit.day))
    ids = find_named(connection, kind, names, edit.day)
    refuse_repeated(ids)
    known = [id for id in ids if id is not None]
    versions = find_shown(connection, kind, known, edit.day)
    bodies = keep_names(
        bodies, [decode(versions[id].document) if id is not None else None for id in ids]
    )
    entries = read_entries(connection, [version.entry for version in versions.values()])
    unused = count(records.next_id(connection, kind.name))
    fresh = {index: next(unused) for index, id in enumerate(ids) if id is None}

    def decide(index: int, body: Any) -> Draft:
        id = ids[index]
        if id is None:
            refuse_new_period(edit)
            return drafted(kind, "create", fresh[index], None, new_document(kind, body))
        stored: Document = decode(entries[versions[id].entry].after or "null")
        after = replacement(stored, day_within(stored, versions[id], edit), edit, body)
        return drafted(kind, "replace", id, stored, after)

    drafts = decide_each(kind, bodies, decide)
    write_all(
        connection,
        edit,
        {i: each for i, each in enumerate(drafts) if not same(each.before, each.after)},
    )
    return [draft.id for draft in drafts]


def refuse_empty(kind: Kind, bodies: list[Any]) -> None:
    """Raise Invalid for an empty list of items."""
    if not bodies:
        raise Invalid(f"The array is empty; send at least one {kind.name}.")


def decide_each(
    kind: Kind, items: Iterable[Item], decide: Callable[[int, Item], Decision]
) -> list[Decision]:
    """Decide each item; raise Invalid with the faults of all items, or of the first MOST."""
    decisions, faults, total, told = [], {}, 0, 0
    for index, item in enumerate(items):
        total += 1
        # Telling each fault well takes time, and nobody reads thousands.
        if told >= MOST:
            continue
        try:
            decisions.append(decide(index, item))
        except Invalid as refusal:
            faults[index] = refusal.details or [Detail("", refusal.sentence)]
            told += len(faults[index])
    if faults:
        least = "At least " if told >= MOST else ""
        sentence = (
            f"{least}{len(faults)} of {total} {kind.plural} are not valid; nothing was written."
        )
        raise Invalid(
            sentence, [under(index, detail) for index, found in faults.items() for detail in found]
        )
    return decisions


def under(index: int, detail: Detail) -> Detail:
    """A fault of an item, as a fault of the array."""
    return Detail(f"{index}.{detail.field}".rstrip("."), detail.message, detail.code)


def naming_fields(kind: Kind) -> list[str]:
    """The fields by which a document may name its record, in order: codes, or the name for kinds
    without codes."""
    return [*kind.keys, *(field for field in kind.unique if field == "name")]


def name_of(kind: Kind, document: Document, day: str) -> Named | None:
    """The field and folded key by which a document names its record on a day."""
    fields = fields_on(document, day)
    field = next((field for field in naming_fields(kind) if field in fields), None)
    return (field, fold_identifier(field, fields[field])) if field else None


def find_named(
    connection: Connection, kind: Kind, names: list[Named | None], day: str
) -> list[int | None]:
    """Find the ids that names refer to on a day, or last referred to if they are free then; None if
    no record ever had the name.

    A name only matches a record without codes, so that an item cannot remove codes by leaving them
    out.
    """
    holders = find_holders(connection, kind, {name for name in names if name}, day)
    by_name = [span.id for (field, _), span in holders.items() if field == "name"]
    states = records.list_current(connection, kind.name, by_name)
    coded = {
        state.id for state in states if not decode(state.document).keys().isdisjoint(kind.keys)
    }
    found = {
        name: span.id for name, span in holders.items() if name[0] != "name" or span.id not in coded
    }
    return [found.get(name) if name else None for name in names]


def find_holders(
    connection: Connection, kind: Kind, names: Collection[Named], day: str
) -> dict[Named, KeySpan]:
    """Return the holder of each code or name: on a day or, where it is free then, the last holder."""
    holders: dict[Named, KeySpan] = {}
    for field in dict.fromkeys(field for field, _ in names):
        wanted = sorted({key for name, key in names if name == field})
        for span in records.list_holders(connection, kind.name, field, wanted):
            known = holders.get((field, span.key), span)
            holders[field, span.key] = max(span, known, key=lambda one: rank(one, day))
    return holders


def rank(span: KeySpan, day: str) -> tuple[bool, str]:
    """Sort key of holders: the holder on the day first, then the last holder."""
    return span.valid_from <= day < span.valid_to, span.valid_to


def refuse_repeated(ids: list[int | None]) -> None:
    """Conflict if two items are the same record."""
    first: dict[int, int] = {}
    details = [
        Detail(str(index), f"is the same record as item {first[id]}, id {id}", "mismatch")
        for index, id in enumerate(ids)
        if id is not None and first.setdefault(id, index) != index
    ]
    if details:
        raise conflict("Repeated", details)


def find_shown(connection: Connection, kind: Kind, ids: list[int], day: str) -> dict[int, Version]:
    """The state of each record on a day or, where it does not exist then, the last before or the first after."""
    states = records.list_current(connection, kind.name, ids)
    return {
        id: shown_on(list(group), day) for id, group in groupby(states, key=lambda state: state.id)
    }


def write_all(connection: Connection, edit: Edit, drafts: dict[int, Draft]) -> None:
    """Write drafts, by the index of their item: no code is held twice, the entries are appended."""
    spans = {index: spans_of(edit.kind, draft.id, draft.states) for index, draft in drafts.items()}
    refuse_shared(spans)
    refuse_held(
        connection,
        edit.kind,
        respell(connection, edit.kind, spans),
        {draft.id for draft in drafts.values()},
    )
    if drafts:
        append(connection, edit.actor, list(drafts.values()))
        refuse_unknown(connection, edit.kind, drafts)
        places = list(drafts)
        found = find_dangling(connection, edit.kind, list(drafts.values()))
        if details := [under(places[each.place], each.describe_fault()) for each in found]:
            raise conflict("Named by others", details)
        refuse_broken(connection, drafts.values())


def refuse_unknown(connection: Connection, kind: Kind, drafts: dict[int, Draft]) -> None:
    """Invalid if items just written name records that are not there."""
    found = zip(drafts, find_unknown(connection, kind, list(drafts.values())), strict=True)
    if details := [under(index, each) for index, faults in found for each in faults]:
        count = len({each.field.partition(".")[0] for each in details})
        raise Invalid(
            f"{count} of {len(drafts)} {kind.plural} are not valid; nothing was written.",
            details[:MOST],
        )


def refuse_shared(spans: dict[int, list[KeySpan]]) -> None:
    """Raise Conflict if two items hold the same code or name on the same day."""
    taken: dict[tuple[int, str, int], None] = {}
    ordered = sorted(
        (span.field, span.key, span.valid_from, index, span)
        for index, own in spans.items()
        for span in own
    )
    for _, group in groupby(ordered, key=lambda each: each[:2]):
        last: tuple[str, int] = ("", -1)
        for _, _, start, index, span in group:
            if start < last[0]:
                taken[max(index, last[1]), span.field, min(index, last[1])] = None
            last = max(last, (span.valid_to, index))
    if taken:
        details = [
            under(index, describe_overlap(field, f"item {other}"))
            if PLUS in field
            else Detail(f"{index}.{field}", f"is also that of item {other}", "mismatch")
            for index, field, other in sorted(taken)
        ]
        raise conflict("Taken", details)


def refuse_held(
    connection: Connection, kind: Kind, spans: dict[int, list[KeySpan]], changing: set[int]
) -> None:
    """Raise Conflict if a record outside this change holds any of the codes or names on one of its
    days."""
    wanted: dict[Named, list[tuple[int, KeySpan]]] = {}
    for index, own in spans.items():
        for span in own:
            wanted.setdefault((span.field, span.key), []).append((index, span))
    taken = sorted(
        (index, kind.unique.index(field), holder)
        for field in kind.unique
        for holder in records.list_holders(
            connection, kind.name, field, [key for name, key in wanted if name == field]
        )
        if holder.id not in changing
        for index, span in wanted[field, holder.key]
        if holder.valid_from < span.valid_to and span.valid_from < holder.valid_to
    )
    if taken:
        details = [
            under(index, describe_holder(connection, kind, holder))
            for index, _, holder in taken[:MOST]
        ]
        raise conflict("Taken", details, len(taken))


def conflict(word: str, details: list[Detail], total: int = 0) -> Conflict | Invalid:
    """The refusal of items that ask for the same as others; `total` where not all are listed."""
    total = total or len(details)
    told = [f"item {each.field.replace('.', ', ')} {each.message}" for each in details[:SPOKEN]]
    more = f"; and {total - SPOKEN} more" if total > SPOKEN else ""
    sentence = f"{'; '.join(told)}{more}. Nothing was written."
    if any(each.code == "overlap" for each in details):
        return Invalid(f"Overlapping: {sentence}", details[:MOST])
    return Conflict(f"{word}: {sentence}", details[:MOST])

"""Revert a record to the state after one of its entries, or bring a deleted record back.

The restored document is validated by today's rules.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from terrafirma.errors import Conflict, Detail, Invalid
from terrafirma.register.log import translations
from terrafirma.register.log.changes import Edit, drafted, write
from terrafirma.register.log.custom_fields import customise
from terrafirma.register.log.history import Draft, append
from terrafirma.register.log.identifiers import refuse_taken, spans_of
from terrafirma.register.log.references import find_unknown, list_said, respell
from terrafirma.register.model.canonical_json import decode, same
from terrafirma.register.model.kinds import KINDS, Kind
from terrafirma.register.model.records import Document, StrictModel
from terrafirma.register.model.strict_json import LARGEST
from terrafirma.register.model.validation import details_of, validate
from terrafirma.register.model.values import make_whole
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import (
    EntryRange,
    EntryRow,
    find_entry,
    list_entries,
    read_last_entry,
)


class RevertTarget(StrictModel):
    """The entry to revert to."""

    entry: Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(make_whole)] = Field(
        description="The number of an entry of this record: what it left comes back; of a deletion, what it removed."
    )


TARGET = TypeAdapter(RevertTarget)
BATCH = 100
NO_ENTRY = "The body must name an entry of this record."


def read_target(body: Any) -> int:
    """Read the entry number from a body; raise Invalid without it."""
    try:
        return TARGET.validate_python(body).entry
    except ValidationError as error:
        raise Invalid(NO_ENTRY, details_of(error, ("entry",))) from None


def revert(
    connection: Connection, edit: Edit, last: EntryRow, number: int, *, dependents: bool = False
) -> None:
    """Restore the document that an entry left. Its codes and names must be free.

    `last` is the record's last entry. A record that already equals the document gets no new entry.
    With `dependents`, a deleted record brings back the records that were deleted with it and are
    still deleted; all of them or none.
    """
    edit = edit.within(connection)
    kind, id, stored = edit.kind, last.id, decode(last.after or "null")
    target = find_entry(connection, number)
    if target is None or (target.kind, target.id) != (last.kind, id):
        rule = f"must be the number of an entry of {kind.name} {id}"
        raise Invalid(NO_ENTRY, [Detail("entry", rule, "mismatch")])
    after = restate(kind, target.after or target.before)
    if dependents:
        if stored:
            raise Conflict(f"The {kind.name} was not deleted, so nothing went with it.")
        own = drafted(kind, "revert", id, None, after)
        others = [
            drafted(each, "revert", row.id, None, restate(each, row.before))
            for row in list_gone_with(connection, last)
            for each in (customise(connection, KINDS[row.kind]),)
        ]
        write_together(connection, edit, [own, *others])
    elif not same(stored, {"id": id} | after):
        own = drafted(kind, "revert", id, stored, after)
        write(
            connection,
            edit,
            own,
            *([] if stored else translations.restoration(connection, kind, id)),
        )


def restate(kind: Kind, text: str | None) -> Document:
    """An old stored document revalidated by today's rules, without its id."""
    said: Document = decode(text or "{}")
    return validate(kind, {name: said[name] for name in said if name != "id"})


def list_gone_with(connection: Connection, deletion: EntryRow) -> list[EntryRow]:
    """Entries of the same request that deleted records referring to this record, referenced records
    first.

    Records that have come back since are left out.
    """
    gone, named = [], names_of(deletion)
    for row in list_same(connection, deletion):
        kind, document = KINDS.get(row.kind), decode(row.before or "{}")
        said = (
            [(each, value) for each in kind.references for value in list_said(document, each.field)]
            if kind
            else []
        )
        if any((reference.kind, value) in named for reference, value in said):
            named |= names_of(row)
            gone.append(row)
    return [
        row for row in gone if read_last_entry(connection, row.kind, row.id).number == row.number
    ]


def list_same(connection: Connection, deletion: EntryRow) -> Iterator[EntryRow]:
    """Deletions of a single request before a given entry, newest first: dependents come before the
    record they refer to."""
    stretch = EntryRange(until=deletion.number - 1)
    while batch := list_entries(connection, stretch, BATCH, newest_first=True):
        for row in batch:
            if (row.at, row.actor, row.action) != (deletion.at, deletion.actor, deletion.action):
                return
            yield row
        stretch = stretch._replace(until=batch[-1].number - 1)


def names_of(deletion: EntryRow) -> set[tuple[str, str]]:
    """The kind of a record that was deleted, with each of its id and codes."""
    document = decode(deletion.before or "{}")
    fields = ("id", *KINDS[deletion.kind].keys)
    return {(deletion.kind, str(value)) for field in fields for value in list_said(document, field)}


def write_together(connection: Connection, edit: Edit, drafts: list[Draft]) -> None:
    """Write records of several kinds that may refer to one another, with their translations."""
    whole = [
        [draft, *translations.restoration(connection, KINDS[draft.kind], draft.id)]
        for draft in drafts
    ]
    append(connection, edit.actor, [each for one in whole for each in one])
    for draft in drafts:
        kind = KINDS[draft.kind]
        spans = respell(connection, kind, {draft.id: spans_of(kind, draft.id, draft.states)})
        refuse_taken(connection, kind, draft.id, spans[draft.id])
        [unknown] = find_unknown(connection, kind, [draft])
        if unknown:
            raise Invalid(f"The {kind.name} {draft.id} is not valid.", unknown)

"""Back to an earlier state: a record says again what one of its entries left, or comes back after it was deleted.

What was good enough once is held to the rules of today.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from terrafirma.errors import Detail, Invalid
from terrafirma.register import names
from terrafirma.register.canonical import decode, same
from terrafirma.register.changes import Edit, drafted, write
from terrafirma.register.records import Document, Part
from terrafirma.register.validation import details_of, validate
from terrafirma.register.values import LARGEST, make_whole
from terrafirma.storage.database import Connection
from terrafirma.storage.entries import EntryRow, find_entry


class Target(Part):
    """Which entry to go back to."""

    entry: Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(make_whole)] = Field(
        description="The number of an entry of this record: what it left comes back; of a deletion, what it removed."
    )


TARGET = TypeAdapter(Target)
NO_ENTRY = "The body must name an entry of this record."


def read_target(body: Any) -> int:
    """The entry that a body names. Invalid if it names none."""
    try:
        return TARGET.validate_python(body).entry
    except ValidationError as error:
        raise Invalid(NO_ENTRY, details_of(error, ("entry",))) from None


def revert(connection: Connection, edit: Edit, last: EntryRow, number: int) -> None:
    """Make a record say what an entry of it left. Its codes and names must be free.

    `last` is the record's last entry. One that says so already gets no new entry.
    """
    kind, id, stored = edit.kind, last.id, decode(last.after or "null")
    target = find_entry(connection, number)
    if target is None or (target.kind, target.id) != (last.kind, id):
        rule = f"must be the number of an entry of {kind.name} {id}"
        raise Invalid(NO_ENTRY, [Detail("entry", rule, "mismatch")])
    wanted: Document = decode(target.after or target.before or "{}")
    after = {"id": id} | validate(kind, {name: wanted[name] for name in wanted if name != "id"})
    if not same(stored, after):
        own = drafted(kind, "revert", id, stored, after)
        write(connection, edit, own, *([] if stored else names.restoration(connection, kind, id)))

"""Versions and keys: the state of the register on a day, as of an entry.

Both tables follow from the log. `as_of` is an entry's number, or None for the present, which has an
index of its own.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)

from terrafirma.storage.engine.database import Connection, split
from terrafirma.storage.engine.prepared import Prepared
from terrafirma.storage.engine.tables import LATEST, entries, keys, versions
from terrafirma.storage.register.entries import make_mark

SPANS = 100
"""Spans asked for at once: SQLite takes no deeper expression than 1000."""


class Version(NamedTuple):
    """The document of a record on `[valid_from, valid_to)` as JSON text, and the entry that made
    it."""

    id: int
    entry: int
    valid_from: str
    valid_to: str
    document: str
    hash: str = ""
    """Of that entry; lists do not ask for it."""

    @property
    def mark(self) -> str:
        """The entry's name in an ETag."""
        return make_mark(self.entry, self.hash)


class KeySpan(NamedTuple):
    """A key that names a record on `[valid_from, valid_to)`."""

    field: str
    key: str
    id: int
    valid_from: str
    valid_to: str


State = tuple[int, str]
"""Identifies a state among all states its record ever had: the entry that made it, and its first
day."""

COLUMNS = (
    versions.c.id,
    versions.c.entry_from,
    versions.c.valid_from,
    versions.c.valid_to,
    versions.c.document,
)
HASH = select(entries.c.hash).where(entries.c.number == versions.c.entry_from).scalar_subquery()
SPAN_COLUMNS = (keys.c.field, keys.c.key, keys.c.id, keys.c.valid_from, keys.c.valid_to)


def as_of_entry(table: Table, as_of: int | BindParameter[int] | None) -> ColumnElement[bool]:
    """Rows that were current as of an entry; None: rows that are current."""
    if as_of is None:
        # A literal, so that both planners know the partial index fits, and need not look at the row for it.
        return table.c.entry_to == literal_column(str(LATEST))
    return and_(table.c.entry_from <= as_of, table.c.entry_to > as_of)


def said_by(table: Table, as_of: int | None) -> ColumnElement[bool]:
    """Rows that were current at any time up to an entry; None: all rows."""
    return true() if as_of is None else table.c.entry_from <= as_of


def holds_on(table: Table, on: str | BindParameter[str]) -> ColumnElement[bool]:
    """Rows that hold on a day."""
    return and_(table.c.valid_from <= on, table.c.valid_to > on)


# Statements that every request needs are built once; by whether they are about the present.
VERSION = {
    present: Prepared(
        select(*COLUMNS, HASH).where(
            versions.c.kind == bindparam("kind"),
            versions.c.id == bindparam("id"),
            as_of_entry(versions, None if present else bindparam("as_of")),
            holds_on(versions, bindparam("on")),
        )
    )
    for present in (True, False)
}
STATES = {
    present: Prepared(
        select(versions.c.id, versions.c.entry_from, versions.c.valid_from)
        .where(
            versions.c.kind == bindparam("kind"),
            as_of_entry(versions, None if present else bindparam("as_of")),
            holds_on(versions, bindparam("on")),
        )
        .order_by(versions.c.id)
    )
    for present in (True, False)
}
LAST_ID = Prepared(
    select(func.coalesce(func.max(versions.c.id), 0)).where(versions.c.kind == bindparam("kind"))
)


def find_version(
    connection: Connection, kind: str, id: int, on: str, as_of: int | None
) -> Version | None:
    """The state of a record on a day."""
    values = {"kind": kind, "id": id, "on": on, "as_of": as_of}
    row = VERSION[as_of is None].first(connection, values)
    return Version(*row) if row else None


def list_states(connection: Connection, kind: str, on: str, as_of: int | None) -> dict[int, State]:
    """The state of every record of a kind on a day, by id in order."""
    rows = STATES[as_of is None].all(connection, {"kind": kind, "on": on, "as_of": as_of})
    return {id: (entry, start) for id, entry, start in rows}


def find_nearest_version(
    connection: Connection, kind: str, id: int, on: str, as_of: int | None
) -> Version | None:
    """The last state of a record before a day, or the first state after it."""
    query = select(*COLUMNS, HASH).where(
        versions.c.kind == kind, versions.c.id == id, as_of_entry(versions, as_of)
    )
    past = query.where(versions.c.valid_from <= on).order_by(versions.c.valid_from.desc()).limit(1)
    coming = query.order_by(versions.c.valid_from).limit(1)
    row = connection.execute(past).first() or connection.execute(coming).first()
    return Version(*row) if row else None


def find_nth(connection: Connection, kind: str, position: int, on: str) -> Version | None:
    """The record at a position (from 0) in the order of ids."""
    query = select(*COLUMNS, HASH).where(
        versions.c.kind == kind, as_of_entry(versions, None), holds_on(versions, on)
    )
    row = connection.execute(query.order_by(versions.c.id).offset(position).limit(1)).first()
    return Version(*row) if row else None


def find_keys(
    connection: Connection, kind: str, fields: Sequence[str], key: str, as_of: int | None
) -> list[KeySpan]:
    """Holders of a key on any day."""
    query = select(*SPAN_COLUMNS)
    query = query.where(
        keys.c.kind == kind, keys.c.field.in_(fields), keys.c.key == key, as_of_entry(keys, as_of)
    )
    return [KeySpan(*row) for row in connection.execute(query)]


def find_last_id(
    connection: Connection, kind: str, fields: Sequence[str], key: str, as_of: int | None
) -> int:
    """The id of the last record that held a key, deleted or not; 0 if no record held it by then."""
    query = select(keys.c.id).where(
        keys.c.kind == kind, keys.c.field.in_(fields), keys.c.key == key
    )
    query = query.where(said_by(keys, as_of))
    return (
        connection.scalar(query.order_by(keys.c.entry_to.desc(), keys.c.valid_to.desc()).limit(1))
        or 0
    )


def exists_ever(connection: Connection, kind: str, id: int, as_of: int | None) -> bool:
    """Return True if the register ever had a record with this id."""
    query = (
        select(versions.c.id)
        .where(versions.c.kind == kind, versions.c.id == id, said_by(versions, as_of))
        .limit(1)
    )
    return connection.scalar(query) is not None


def find_holders(
    connection: Connection, kind: str, id: int, spans: Sequence[KeySpan]
) -> list[KeySpan]:
    """Spans of other records that overlap the wanted spans."""
    return [
        holder
        for batch in split(spans, SPANS)
        for holder in _find_holders(connection, kind, id, batch)
    ]


def _find_holders(
    connection: Connection, kind: str, id: int, spans: Sequence[KeySpan]
) -> list[KeySpan]:
    values: dict[str, str | int] = {"kind": kind, "id": id}
    for number, span in enumerate(spans):
        names = (f"field{number}", f"key{number}", f"from{number}", f"to{number}")
        values |= zip(names, (span.field, span.key, span.valid_from, span.valid_to), strict=True)
    return [KeySpan(*row) for row in _holders(len(spans)).all(connection, values)]


@cache
def _holders(count: int) -> Prepared:
    wanted = or_(
        *(
            and_(
                keys.c.field == bindparam(f"field{number}"),
                keys.c.key == bindparam(f"key{number}"),
                keys.c.valid_from < bindparam(f"to{number}"),
                keys.c.valid_to > bindparam(f"from{number}"),
            )
            for number in range(count)
        )
    )
    query = select(*SPAN_COLUMNS).where(
        keys.c.kind == bindparam("kind"), keys.c.id != bindparam("id")
    )
    return Prepared(query.where(as_of_entry(keys, None), wanted))


def next_id(connection: Connection, kind: str) -> int:
    """One above the highest id ever used: versions of deleted records stay."""
    [(last,)] = LAST_ID.all(connection, {"kind": kind})
    return int(last) + 1


def list_current(connection: Connection, kind: str, ids: Sequence[int]) -> list[Version]:
    """Every current state of some records, each record's in order."""
    found: list[Version] = []
    for batch in split(ids):
        query = select(*COLUMNS).where(versions.c.kind == kind, versions.c.id.in_(batch))
        query = query.where(as_of_entry(versions, None)).order_by(
            versions.c.id, versions.c.valid_from
        )
        found += [Version(*row) for row in connection.execute(query)]
    return found


def list_holders(
    connection: Connection, kind: str, field: str, wanted: Sequence[str], as_of: int | None = None
) -> list[KeySpan]:
    """Holders of any of these keys of a field, on any day."""
    found: list[KeySpan] = []
    for batch in split(wanted):
        query = select(*SPAN_COLUMNS)
        query = query.where(keys.c.kind == kind, keys.c.field == field, keys.c.key.in_(batch))
        found += [
            KeySpan(*row) for row in connection.execute(query.where(as_of_entry(keys, as_of)))
        ]
    return found


def list_stored(connection: Connection, kind: str) -> list[tuple[int, str]]:
    """The stored document of every record of a kind that is there now: `(id, canonical JSON)`."""
    current = select(versions.c.entry_from).where(
        versions.c.kind == kind, as_of_entry(versions, None)
    )
    query = select(entries.c.id, entries.c.after).where(entries.c.number.in_(current))
    return [(id, document) for id, document in connection.execute(query)]


def list_stored_among(
    connection: Connection, kind: str, ids: Sequence[int]
) -> list[tuple[int, str]]:
    """The stored documents of those of some records that are there now: `(id, canonical JSON)`."""
    found: list[tuple[int, str]] = []
    for batch in split(ids):
        current = select(versions.c.entry_from)
        current = current.where(versions.c.kind == kind, versions.c.id.in_(batch))
        query = select(entries.c.id, entries.c.after)
        query = query.where(entries.c.number.in_(current.where(as_of_entry(versions, None))))
        found += [(id, document) for id, document in connection.execute(query)]
    return found


def list_held(
    connection: Connection, kind: str, id: int, fields: Sequence[str], as_of: int | None
) -> list[str]:
    """The keys that a record holds in some fields, on any day."""
    query = (
        select(keys.c.key)
        .distinct()
        .where(keys.c.kind == kind, keys.c.id == id, keys.c.field.in_(fields))
    )
    return list(connection.scalars(query.where(as_of_entry(keys, as_of)).order_by(keys.c.key)))


def count_records(connection: Connection, day: str) -> list[tuple[str, int]]:
    """The number of records of each kind on a day."""
    there = and_(
        versions.c.entry_to == LATEST, versions.c.valid_from <= day, versions.c.valid_to > day
    )
    counted = (
        select(versions.c.kind, func.count())
        .where(there)
        .group_by(versions.c.kind)
        .order_by(versions.c.kind)
    )
    return [(kind, count) for kind, count in connection.execute(counted)]

"""Versions and keys: the state of the register on a day, as of an entry.

Both tables follow from the log. `as_of` is an entry's number, or None for the present, which has an
index of its own.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from terrafirma.storage.engine.database import Connection, split_batches
from terrafirma.storage.engine.prepared_statements import Prepared, fill_places, is_any, places_for
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
        # A literal, so that both planners know that the partial index fits.
        return table.c.entry_to == literal_column(str(LATEST))
    return and_(table.c.entry_from <= as_of, table.c.entry_to > as_of)


def holds_on(table: Table, on: str | BindParameter[str]) -> ColumnElement[bool]:
    """Rows that hold on a day."""
    return and_(table.c.valid_from <= on, table.c.valid_to > on)


# Statements are built once for each shape, and for the present apart from the past, which has another index.


def _said(table: Table, present: bool) -> ColumnElement[bool]:
    return as_of_entry(table, None if present else bindparam("as_of"))


@cache
def _versions(present: bool, hashed: bool = True) -> Select[Any]:
    columns = (*COLUMNS, HASH) if hashed else COLUMNS
    query = select(*columns).where(versions.c.kind == bindparam("kind"))
    return query.where(_said(versions, present))


@cache
def _version(present: bool) -> Prepared:
    query = _versions(present).where(versions.c.id == bindparam("id"))
    return Prepared(query.where(holds_on(versions, bindparam("on"))))


@cache
def _past_version(present: bool) -> Prepared:
    query = _versions(present).where(versions.c.id == bindparam("id"))
    query = query.where(versions.c.valid_from <= bindparam("on"))
    return Prepared(query.order_by(versions.c.valid_from.desc()).limit(1))


@cache
def _first_version(present: bool) -> Prepared:
    query = _versions(present).where(versions.c.id == bindparam("id"))
    return Prepared(query.order_by(versions.c.valid_from).limit(1))


@cache
def _states(present: bool) -> Prepared:
    columns = (versions.c.id, versions.c.entry_from, versions.c.valid_from)
    query = select(*columns).where(versions.c.kind == bindparam("kind"), _said(versions, present))
    return Prepared(query.where(holds_on(versions, bindparam("on"))).order_by(versions.c.id))


STATES_TODAY = Prepared(
    select(versions.c.document)
    .where(versions.c.kind == bindparam("kind"), _said(versions, True))
    .where(holds_on(versions, bindparam("on")))
    .order_by(versions.c.id)
)


@cache
def _current_versions(ids: int) -> Prepared:
    query = _versions(True, hashed=False).where(is_any(versions.c.id, "id", ids))
    return Prepared(query.order_by(versions.c.id, versions.c.valid_from))


@cache
def _spans(present: bool, fields: int, wanted: int) -> Prepared:
    query = select(*SPAN_COLUMNS).where(keys.c.kind == bindparam("kind"))
    query = query.where(is_any(keys.c.field, "field", fields), is_any(keys.c.key, "key", wanted))
    return Prepared(query.where(_said(keys, present)))


@cache
def _last_id(fields: int) -> Prepared:
    query = select(keys.c.id).where(keys.c.kind == bindparam("kind"))
    query = query.where(is_any(keys.c.field, "field", fields), keys.c.key == bindparam("key"))
    query = query.where(keys.c.entry_from <= bindparam("as_of"))
    return Prepared(query.order_by(keys.c.entry_to.desc(), keys.c.valid_to.desc()).limit(1))


@cache
def _held(present: bool, fields: int) -> Prepared:
    query = select(keys.c.key).distinct().where(keys.c.kind == bindparam("kind"))
    query = query.where(keys.c.id == bindparam("id"), is_any(keys.c.field, "field", fields))
    return Prepared(query.where(_said(keys, present)).order_by(keys.c.key))


EVER = Prepared(
    select(versions.c.id)
    .where(
        versions.c.kind == bindparam("kind"),
        versions.c.id == bindparam("id"),
        versions.c.entry_from <= bindparam("as_of"),
    )
    .limit(1)
)
NTH = Prepared(
    _versions(True)
    .where(holds_on(versions, bindparam("on")))
    .order_by(versions.c.id)
    .offset(bindparam("position"))
    .limit(1)
)
LAST_ID = Prepared(
    select(func.coalesce(func.max(versions.c.id), 0)).where(versions.c.kind == bindparam("kind"))
)


def find_version(
    connection: Connection, kind: str, id: int, on: str, as_of: int | None
) -> Version | None:
    """The state of a record on a day."""
    values = {"kind": kind, "id": id, "on": on, "as_of": as_of}
    row = _version(as_of is None).first(connection, values)
    return Version(*row) if row else None


def list_states(connection: Connection, kind: str, on: str, as_of: int | None) -> dict[int, State]:
    """The state of every record of a kind on a day, by id and in its order."""
    rows = _states(as_of is None).all(connection, {"kind": kind, "on": on, "as_of": as_of})
    return {id: (entry, start) for id, entry, start in rows}


def list_documents(connection: Connection, kind: str, on: str) -> list[str]:
    """The documents of all records of a kind as they are now, on a day, by id."""
    return [document for (document,) in STATES_TODAY.all(connection, {"kind": kind, "on": on})]


def find_nearest_version(
    connection: Connection, kind: str, id: int, on: str, as_of: int | None
) -> Version | None:
    """The last state of a record before a day, or the first state after it."""
    values = {"kind": kind, "id": id, "on": on, "as_of": as_of}
    row = _past_version(as_of is None).first(connection, values)
    row = row or _first_version(as_of is None).first(connection, values)
    return Version(*row) if row else None


def find_nth(connection: Connection, kind: str, position: int, on: str) -> Version | None:
    """The record at a position (from 0) in the order of ids."""
    row = NTH.first(connection, {"kind": kind, "position": position, "on": on})
    return Version(*row) if row else None


def find_keys(
    connection: Connection, kind: str, fields: Sequence[str], key: str, as_of: int | None
) -> list[KeySpan]:
    """The spans of a key in any of these fields, on any day."""
    return _list_spans(connection, kind, fields, [key], as_of)


def _list_spans(
    connection: Connection,
    kind: str,
    fields: Sequence[str],
    wanted: Sequence[str],
    as_of: int | None,
) -> list[KeySpan]:
    values = {"kind": kind, "as_of": as_of}
    values |= fill_places("field", fields) | fill_places("key", wanted)
    statement = _spans(as_of is None, places_for(fields), places_for(wanted))
    return [KeySpan(*row) for row in statement.all(connection, values)]


def find_last_id(
    connection: Connection, kind: str, fields: Sequence[str], key: str, as_of: int | None
) -> int:
    """The id of the last record that held a key, deleted or not; 0 if no record held it by then."""
    values = {"kind": kind, "key": key, "as_of": LATEST if as_of is None else as_of}
    row = _last_id(places_for(fields)).first(connection, values | fill_places("field", fields))
    return int(row[0]) if row else 0


def exists_ever(connection: Connection, kind: str, id: int, as_of: int | None) -> bool:
    """Return True if the register ever had a record with this id."""
    values = {"kind": kind, "id": id, "as_of": LATEST if as_of is None else as_of}
    return EVER.first(connection, values) is not None


def find_holders(
    connection: Connection, kind: str, id: int, spans: Sequence[KeySpan]
) -> list[KeySpan]:
    """Spans of other records that overlap the wanted spans."""
    return [
        holder
        for batch in split_batches(spans, SPANS)
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
    """A single above the highest id ever used: versions of deleted records stay."""
    [(last,)] = LAST_ID.all(connection, {"kind": kind})
    return int(last) + 1


def list_current(connection: Connection, kind: str, ids: Sequence[int]) -> list[Version]:
    """Every current state of some records, each record's in order."""
    found: list[Version] = []
    for batch in split_batches(ids):
        values = {"kind": kind} | fill_places("id", batch)
        rows = _current_versions(places_for(batch)).all(connection, values)
        found += [Version(*row) for row in rows]
    return found


def list_holders(
    connection: Connection, kind: str, field: str, wanted: Sequence[str], as_of: int | None = None
) -> list[KeySpan]:
    """The spans of any of these keys in a single field, on any day."""
    return [
        span
        for batch in split_batches(wanted)
        for span in _list_spans(connection, kind, (field,), batch, as_of)
    ]


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
    for batch in split_batches(ids):
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
    values = {"kind": kind, "id": id, "as_of": as_of} | fill_places("field", fields)
    rows = _held(as_of is None, places_for(fields)).all(connection, values)
    return [key for (key,) in rows]


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

"""The log: entries in the order of their numbers, and the head they chain from."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, insert, not_, select, update

from terrafirma.errors import ConfigurationError
from terrafirma.storage.engine.database import Connection, split_batches
from terrafirma.storage.engine.prepared_statements import Prepared
from terrafirma.storage.engine.tables import entries, head

BATCH = 1000
"""Entries of the log in memory at once while it is scanned."""

ENDLESS = 2**63 - 1


MARKED = 8
"""Digits of an entry's hash that distinguish it from an entry with the same number in a restored
register."""


class Head(NamedTuple):
    """The last entry: its number, instant and hash."""

    number: int
    at: str
    hash: str

    @property
    def mark(self) -> str:
        """Its name in an ETag."""
        return make_mark(self.number, self.hash)


class EntryRow(NamedTuple):
    """A row of the log, its documents as canonical JSON text."""

    number: int
    at: str
    actor: str
    action: str
    kind: str
    id: int
    before: str | None
    after: str | None
    shape: int
    payload_hash: str
    previous: str
    hash: str

    @property
    def mark(self) -> str:
        """Its name in an ETag."""
        return make_mark(self.number, self.hash)


class EntryRange(NamedTuple):
    """A range of entries: above `since`, up to `until`, of all records, a kind or a record."""

    since: int = 0
    until: int = ENDLESS
    kind: str | None = None
    id: int | None = None


ALL = EntryRange()


def make_mark(number: int, hash: str) -> str:
    """The name of an entry in an ETag: its number, which may recur after a restore, and part of its
    hash."""
    return f"{number}.{hash[:MARKED]}"


# Statements that every request needs are built once.
HEAD = Prepared(select(head.c.number, head.c.at, head.c.hash))
ENTRY = Prepared(select(entries).where(entries.c.number == bindparam("number")))
ABOUT = Prepared(
    select(entries.c.number, entries.c.at, entries.c.hash).where(
        entries.c.number == bindparam("number")
    )
)
LAST_NUMBER = "last entry"
"""Under which a connection has the number of the entry that was appended last."""

LAST = Prepared(
    select(entries)
    .where(
        entries.c.kind == bindparam("kind"),
        entries.c.id == bindparam("id"),
        entries.c.number <= bindparam("until"),
    )
    .order_by(entries.c.number.desc())
    .limit(1)
)
ADD = Prepared(insert(entries))
MOVE_HEAD = Prepared(update(head).values({name: bindparam(name) for name in Head._fields}))


def read_head(connection: Connection) -> Head:
    """The head as this transaction sees it. Raise ConfigurationError if it is missing."""
    row = HEAD.first(connection, {})
    if row is None:
        raise ConfigurationError("The log has lost its head; restore a backup.")
    return Head(*row)


def append_entries(connection: Connection, rows: Sequence[EntryRow]) -> None:
    """Add entries and move the head to the last of them."""
    ADD.insert_rows(connection, EntryRow._fields, rows)
    last = rows[-1]
    connection.info[LAST_NUMBER] = last.number
    MOVE_HEAD.run(connection, {"number": last.number, "at": last.at, "hash": last.hash})


def read_entry(connection: Connection, number: int) -> EntryRow:
    """An entry that is known to exist."""
    return EntryRow(*(ENTRY.first(connection, {"number": number}) or ()))


def read_entries(connection: Connection, numbers: Sequence[int]) -> dict[int, EntryRow]:
    """Entries by their numbers."""
    found: dict[int, EntryRow] = {}
    for batch in split_batches(numbers):
        query = select(entries).where(entries.c.number.in_(batch))
        found |= {row[0]: EntryRow(*row) for row in connection.execute(query)}
    return found


def find_head(connection: Connection, number: int) -> Head | None:
    """The head as of an entry; None if the entry does not exist."""
    row = ABOUT.first(connection, {"number": number})
    return Head(*row) if row else None


def find_entry(connection: Connection, number: int) -> EntryRow | None:
    """An entry; None if it does not exist."""
    row = ENTRY.first(connection, {"number": number})
    return EntryRow(*row) if row else None


def find_last_entry(
    connection: Connection, kind: str, id: int, until: int = ENDLESS
) -> EntryRow | None:
    """The last entry of a record up to a number."""
    row = LAST.first(connection, {"kind": kind, "id": id, "until": until})
    return EntryRow(*row) if row else None


def read_last_entry(connection: Connection, kind: str, id: int) -> EntryRow:
    """The last entry of a record that is known to exist."""
    return EntryRow(*(LAST.first(connection, {"kind": kind, "id": id, "until": ENDLESS}) or ()))


def list_entries(
    connection: Connection, stretch: EntryRange, limit: int, *, newest_first: bool = False
) -> list[EntryRow]:
    """Entries of a stretch of the log, from its beginning or from its end on."""
    query = select(entries).where(
        entries.c.number > stretch.since, entries.c.number <= stretch.until
    )
    for column, value in ((entries.c.kind, stretch.kind), (entries.c.id, stretch.id)):
        if value is not None:
            query = query.where(column == value)
    order = entries.c.number.desc() if newest_first else entries.c.number
    query = query.order_by(order).limit(limit)
    return [EntryRow(*row) for row in connection.execute(query)]


def scan_entries(connection: Connection, stretch: EntryRange = ALL) -> Iterator[list[EntryRow]]:
    """The entries of a stretch of the log, in order, batch by batch."""
    while batch := list_entries(connection, stretch, BATCH):
        yield batch
        stretch = stretch._replace(since=batch[-1].number)


def list_written(connection: Connection, kinds: Sequence[str], since: int) -> list[int]:
    """The ids of the records of some kinds that entries above a number are about."""
    query = (
        select(entries.c.id).distinct().where(entries.c.number > since, entries.c.kind.in_(kinds))
    )
    return list(connection.scalars(query))


def number_at(connection: Connection, instant: str) -> int:
    """The number of the last entry made at or before an instant; 0 before the first."""
    query: Any = select(func.max(entries.c.number)).where(entries.c.at <= instant)
    return connection.scalar(query) or 0


class Wanted(NamedTuple):
    """Entries to be read by people: of a single actor, action, kind or day, or without a loader's."""

    until: int = ENDLESS
    since: int = 0
    actor: str = ""
    action: str = ""
    kind: str = ""
    day: str = ""
    """A day in UTC, `2026-11-28`."""
    without: str = ""
    """The beginning of the names of actors whose entries are left out."""


def list_wanted(connection: Connection, wanted: Wanted, limit: int) -> list[EntryRow]:
    """The entries that are wanted, the newest first."""
    query = select(entries).where(entries.c.number <= wanted.until, entries.c.number > wanted.since)
    columns = (
        (entries.c.actor, wanted.actor),
        (entries.c.action, wanted.action),
        (entries.c.kind, wanted.kind),
    )
    for column, value in columns:
        if value:
            query = query.where(column == value)
    if wanted.day:
        query = query.where(entries.c.at.startswith(wanted.day, autoescape=True))
    if wanted.without:
        query = query.where(not_(entries.c.actor.startswith(wanted.without, autoescape=True)))
    query = query.order_by(entries.c.number.desc()).limit(limit)
    return [EntryRow(*row) for row in connection.execute(query)]


def list_actors(connection: Connection, limit: int) -> list[str]:
    """Everyone who made entries."""
    query = select(entries.c.actor).distinct().order_by(entries.c.actor).limit(limit)
    return [actor for (actor,) in connection.execute(query)]


def list_entries_at(connection: Connection, number: int, at: str, limit: int) -> list[EntryRow]:
    """The entries that were written at a single instant together with an entry, in order."""
    near = (entries.c.number > number - limit, entries.c.number < number + limit)
    query = select(entries).where(*near, entries.c.at == at).order_by(entries.c.number)
    return [EntryRow(*row) for row in connection.execute(query)]

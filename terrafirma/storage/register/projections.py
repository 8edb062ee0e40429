"""The rows that follow from entries, written, ended and read back whole."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, text, update

from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.prepared_statements import Prepared
from terrafirma.storage.engine.tables import LATEST, keys, terms, versions


class VersionRow(NamedTuple):
    """The document of a record on `[valid_from, valid_to)`."""

    kind: str
    id: int
    entry_from: int
    valid_from: str
    valid_to: str
    document: str


class KeyRow(NamedTuple):
    """A code or name that a record holds on `[valid_from, valid_to)`."""

    kind: str
    id: int
    entry_from: int
    valid_from: str
    valid_to: str
    field: str
    key: str


class TermRow(NamedTuple):
    """A value of the state that begins on `valid_from`, to find and to order by."""

    kind: str
    id: int
    entry_from: int
    valid_from: str
    field: str
    position: int
    text: str
    key: str
    whole: str | None = None


class Projection(NamedTuple):
    """Rows of each table."""

    versions: list[VersionRow]
    keys: list[KeyRow]
    terms: list[TermRow]


# Statements that every write needs are built once.
ADD_VERSIONS, ADD_KEYS = (
    Prepared(
        insert(table).values(
            {column.name: bindparam(column.name) for column in table.c} | {"entry_to": LATEST}
        )
    )
    for table in (versions, keys)
)
ADD_TERMS = Prepared(insert(terms))
END_VERSIONS, END_KEYS = (
    Prepared(
        update(table)
        .where(
            table.c.kind == bindparam("of_kind"),
            table.c.id == bindparam("of_id"),
            table.c.entry_to == LATEST,
        )
        .values(entry_to=bindparam("number"))
    )
    for table in (versions, keys)
)


def add(connection: Connection, projections: Iterable[Projection]) -> None:
    """Write rows as current."""
    parts = list(projections)
    ADD_VERSIONS.insert_rows(
        connection, VersionRow._fields, [row for part in parts for row in part.versions]
    )
    ADD_KEYS.insert_rows(connection, KeyRow._fields, [row for part in parts for row in part.keys])
    ADD_TERMS.insert_rows(
        connection, TermRow._fields, [row for part in parts for row in part.terms]
    )


def close(connection: Connection, ends: Iterable[tuple[str, int, int]]) -> None:
    """End the current states and keys of records with entries: `(kind, id, number)`. Terms belong to their states."""
    found = [{"of_kind": kind, "of_id": id, "number": number} for kind, id, number in ends]
    END_VERSIONS.run_each(connection, found)
    END_KEYS.run_each(connection, found)


def survey(connection: Connection) -> None:
    """Run ANALYZE on a new register in PostgreSQL, whose planner needs statistics and autovacuum
    takes a minute."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {versions.name}, {keys.name}, {terms.name}"))


def read_between(connection: Connection, first: int, last: int) -> Projection:
    """Every row that entries from `first` to `last` made."""
    found: list[list[tuple[object, ...]]] = []
    for table, shape in ((versions, VersionRow), (keys, KeyRow), (terms, TermRow)):
        columns = [table.c[name] for name in shape._fields]
        query = select(*columns).where(table.c.entry_from.between(first, last))
        found.append(list(map(shape._make, connection.execute(query))))
    return Projection(*found)  # type: ignore[arg-type]


def list_ends(connection: Connection) -> set[tuple[str, int, int, int]]:
    """The entry that ended the rows of each entry: `(kind, id, entry_from, entry_to)`."""
    return {
        (kind, id, first, last)
        for table in (versions, keys)
        for kind, id, first, last in connection.execute(
            select(table.c.kind, table.c.id, table.c.entry_from, table.c.entry_to).distinct()
        )
    }

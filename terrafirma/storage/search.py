"""Lists of records: filtered, ordered and counted in the database, by the terms of each version.

A condition is a set of versions, so that the database may start from whichever is smallest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, tuple_

from terrafirma.storage.database import Connection
from terrafirma.storage.records import COLUMNS, Version, as_of_entry, holds_on
from terrafirma.storage.tables import terms, versions

OWNER = (terms.c.id, terms.c.entry_from, terms.c.valid_from)
STATE = tuple_(versions.c.id, versions.c.entry_from, versions.c.valid_from)
ESCAPE = "\\"


@dataclass(frozen=True)
class Condition:
    """Versions with a term of one of these fields that one of these tests holds for; or without any."""

    fields: tuple[str, ...]
    operator: str
    keys: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class Order:
    """A field to order by; records without it come last either way."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class Search:
    """Which records of a kind, on which day, as of which entry, in which order, after which row."""

    kind: str
    on: str
    as_of: int | None
    conditions: tuple[Condition, ...] = ()
    orders: tuple[Order, ...] = ()
    after: tuple[str | None, ...] = field(default=())
    """The keys of the last row seen, one for each order."""
    after_id: int = 0


def list_found(connection: Connection, search: Search, limit: int) -> list[tuple[Version, tuple[str | None, ...]]]:
    """Versions that a search finds, each with the keys it was ordered by."""
    joins = [terms.alias(f"order{number}") for number in range(len(search.orders))]
    query = matching(search, select(*COLUMNS, *(join.c.key for join in joins)))
    source = versions
    keys: list[ColumnElement[str | None]] = []
    for order, join in zip(search.orders, joins, strict=True):
        same = and_(
            join.c.kind == versions.c.kind,
            join.c.id == versions.c.id,
            join.c.entry_from == versions.c.entry_from,
            join.c.valid_from == versions.c.valid_from,
            join.c.field == order.field,
            join.c.position == 0,
        )
        source = source.outerjoin(join, same)  # type: ignore[assignment]
        keys.append(join.c.key)
        query = query.order_by(join.c.key.is_(None), join.c.key.desc() if order.descending else join.c.key)
    query = query.select_from(source).order_by(versions.c.id).limit(limit)
    if search.after_id:
        query = query.where(comes_after(search, keys))
    width = len(COLUMNS)
    return [(Version(*row[:width]), tuple(row[width:])) for row in connection.execute(query)]


def count_found(connection: Connection, search: Search, most: int | None = None) -> int:
    """How many versions a search finds in all; counting stops above `most`."""
    query = matching(search, select(versions.c.id))
    counted = (query.limit(most + 1) if most is not None else query).subquery()
    return connection.scalar(select(func.count()).select_from(counted)) or 0


def count_values(connection: Connection, search: Search, name: str, limit: int) -> list[tuple[str, int]]:
    """The values of a field among the versions that a search finds, with how many records have each."""
    found = matching(search, select(versions.c.id, versions.c.entry_from, versions.c.valid_from)).subquery()
    records = func.count(terms.c.id.distinct())
    query = (
        select(func.min(terms.c.text), records)
        .join(
            found,
            and_(
                terms.c.id == found.c.id,
                terms.c.entry_from == found.c.entry_from,
                terms.c.valid_from == found.c.valid_from,
            ),
        )
        .where(terms.c.kind == search.kind, terms.c.field == name)
        .group_by(terms.c.key)
        .order_by(records.desc(), terms.c.key)
        .limit(limit)
    )
    return [(text, count) for text, count in connection.execute(query)]


def matching(search: Search, query: Select[Any]) -> Select[Any]:
    """A query held to the day, the entry and the conditions of a search."""
    query = query.where(
        versions.c.kind == search.kind, as_of_entry(versions, search.as_of), holds_on(versions, search.on)
    )
    for condition in search.conditions:
        owners = select(*OWNER).where(terms.c.kind == search.kind, terms.c.field.in_(condition.fields))
        if condition.keys:
            owners = owners.where(or_(*(compare(condition.operator, key) for key in condition.keys)))
        found = STATE.in_(owners)
        query = query.where(not_(found) if condition.negated else found)
    return query


def compare(operator: str, key: str) -> ColumnElement[bool]:
    """One test of a term's key. Ranges stay within the key's own type, which is its first letter."""
    column = terms.c.key
    if operator in ("contains", "startswith"):
        text = key[1:].replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
        return column.like(f"s{'%' if operator == 'contains' else ''}{text}%", escape=ESCAPE)
    floor, ceiling = key[0], chr(ord(key[0]) + 1)
    tests = {
        "eq": column == key,
        "gt": and_(column > key, column < ceiling),
        "gte": and_(column >= key, column < ceiling),
        "lt": and_(column < key, column >= floor),
        "lte": and_(column <= key, column >= floor),
    }
    return tests[operator]


def comes_after(search: Search, keys: Sequence[ColumnElement[str | None]]) -> ColumnElement[bool]:
    """Rows behind the last one seen, missing keys behind present ones."""
    level: ColumnElement[bool] = versions.c.id > search.after_id
    for order, key, seen in reversed(list(zip(search.orders, keys, search.after, strict=True))):
        if seen is None:
            level = and_(key.is_(None), level)
            continue
        behind = or_(key < seen if order.descending else key > seen, key.is_(None))
        level = or_(behind, and_(key == seen, level))
    return level

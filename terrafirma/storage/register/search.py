"""Lists of records: filtered, ordered and counted in the database, by the terms of each version.

A condition is a set of versions, so that the database may start from whichever is smallest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    tuple_,
)

from terrafirma.storage.engine.database import Connection, split
from terrafirma.storage.engine.prepared import Prepared
from terrafirma.storage.engine.tables import terms, versions
from terrafirma.storage.register.records import as_of_entry, holds_on

OWNER = (terms.c.id, terms.c.entry_from, terms.c.valid_from)
STATE = tuple_(versions.c.id, versions.c.entry_from, versions.c.valid_from)
OF_STATE = and_(
    terms.c.kind == versions.c.kind,
    terms.c.id == versions.c.id,
    terms.c.entry_from == versions.c.entry_from,
    terms.c.valid_from == versions.c.valid_from,
)
ESCAPE = "\\"
RANK = ""
"""The name, in an order, of the rank that a text search gives each record."""
FEWEST_PICKED = 2
"""Number of members from which SQLite returns picked members as an array; a single member is
returned bare."""
SHAPES = 256
"""Compiled statements that are kept: compiling costs more than running."""


@dataclass(frozen=True)
class Condition:
    """Versions with a term in one of these fields that passes one of these tests; or without any."""

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
    """A list query: kind, day, entry, filters, order and position."""

    kind: str
    on: str
    as_of: int | None
    conditions: tuple[Condition, ...] = ()
    orders: tuple[Order, ...] = ()
    after: tuple[str | None, ...] = field(default=())
    """Sort keys of the last row of the previous page, one per order."""
    after_id: int = 0
    among: tuple[tuple[int, ...], ...] = ()
    """Only records with an id in each of these."""
    ranks: tuple[tuple[int, ...], ...] = ()
    """Ids by rank, the best first: what the first order, RANK, goes by."""
    last: Condition | None = None
    """Selects each record's last state up to the day that meets this condition, instead of the
    states on the day."""


class FoundRow(NamedTuple):
    """A record that a search found."""

    id: int
    document: dict[str, Any]
    """The document, or the members that were asked for."""
    keys: tuple[str | None, ...]
    """Its sort keys."""
    valid_to: str
    """The first day on which it no longer holds."""
    entry: int
    """The entry that wrote it."""


class ConditionKey(NamedTuple):
    """The structure of a condition in a statement."""

    operator: str
    negated: bool
    fields: int
    keys: int


class QueryKey(NamedTuple):
    """The structure of a list query without its values: queries of the same structure share a
    statement."""

    present: bool
    last: ConditionKey | None
    tests: tuple[ConditionKey, ...]
    directions: tuple[bool, ...]
    """For each order, True if descending."""
    seen: tuple[bool, ...]
    """For each order, True if the previous page's last row has a sort key; empty on the first page.
    """
    among: tuple[int, ...]
    """Of each set of ids it is held to: how many places the statement has for them."""
    ranks: tuple[int, ...] = ()
    """Of each rank: how many places the statement has for its ids."""
    picked: int = 0
    """Number of members picked from each document; 0: the whole document."""


def query_key_of(search: Search, *, paged: bool, picked: int = 0) -> QueryKey:
    """The shape of a search, from its last row seen on or of all of it."""
    last = condition_key_of(search.last) if search.last else None
    tests = tuple(map(condition_key_of, search.conditions))
    seen = (*(key is not None for key in search.after), True) if paged and search.after_id else ()
    orders, among = (
        tuple(order.descending for order in search.orders),
        tuple(map(places_of, search.among)),
    )
    ranks = tuple(map(places_of, search.ranks)) if orders and paged else ()
    return QueryKey(search.as_of is None, last, tests, orders, seen, among, ranks, picked)


def condition_key_of(condition: Condition) -> ConditionKey:
    """The shape of a condition."""
    return ConditionKey(
        condition.operator, condition.negated, len(condition.fields), len(condition.keys)
    )


def values_of(search: Search, **others: str | int) -> dict[str, Any]:
    """The values of a search by the names that its statement has for them."""
    values: dict[str, Any] = {
        "kind": search.kind,
        "on": search.on,
        "as_of": search.as_of,
        "after": search.after_id,
    }
    for place, condition in enumerate(
        (*search.conditions, *([search.last] if search.last else ()))
    ):
        values |= {f"field{place}_{number}": name for number, name in enumerate(condition.fields)}
        for number, key in enumerate(condition.keys):
            # A range stays within the key's own type, which is its first letter.
            below = condition.operator in ("lt", "lte")
            values[f"key{place}_{number}"] = pattern_of(condition.operator, key)
            values[f"end{place}_{number}"] = key[0] if below else chr(ord(key[0]) + 1)
    values |= ids_by_name("among", search.among) | ids_by_name("rank", search.ranks)
    values |= {f"order{place}": order.field for place, order in enumerate(search.orders)}
    return values | {f"seen{place}": key for place, key in enumerate(search.after)} | others


def ids_by_name(name: str, sets: Sequence[tuple[int, ...]]) -> dict[str, int]:
    """Sets of ids as values of a statement, each filled up to the places there are for it."""
    return {
        f"{name}{place}_{number}": id
        for place, ids in enumerate(sets)
        # No record has the id 0.
        for number, id in enumerate((*ids, *[0] * (places_of(ids) - len(ids))))
    }


def places_of(ids: tuple[int, ...]) -> int:
    """Parameters for a number of ids: rounded up to a power of two, so that few statements are
    needed."""
    return 1 << max(len(ids) - 1, 0).bit_length()


def pattern_of(operator: str, key: str) -> str:
    """A key as a test compares with it: as it is, or as a pattern."""
    if operator not in ("contains", "startswith"):
        return key
    text = key[1:].replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
    return f"s{'%' if operator == 'contains' else ''}{text}%"


def list_found(
    connection: Connection, search: Search, limit: int, members: Sequence[str] = ()
) -> list[FoundRow]:
    """Records that a search finds; only these members of each are needed, or all without any."""
    # SQLite picks members sooner than Python reads a document; PostgreSQL would read it once for each of them.
    picked = (
        members if len(members) >= FEWEST_PICKED and connection.dialect.name == "sqlite" else ()
    )
    statement = listing(query_key_of(search, paged=True, picked=len(picked)))
    paths = {f"path{place}": f'$."{name}"' for place, name in enumerate(picked)}
    rows = statement.all(connection, values_of(search, limit=limit, **paths))
    return [
        FoundRow(id, read_document(text, picked), tuple(keys), end, entry)
        for id, end, entry, text, *keys in rows
    ]


def read_document(text: str, picked: Sequence[str]) -> dict[str, Any]:
    """A document from its JSON, or from an array of picked members; null stands for an absent
    member."""
    if not picked:
        document: dict[str, Any] = orjson.loads(text)
        return document
    return {
        name: value
        for name, value in zip(picked, orjson.loads(text), strict=True)
        if value is not None
    }


def count_found(connection: Connection, search: Search, most: int | None = None) -> int:
    """Count the matching versions; stop above `most`."""
    statement = counting(query_key_of(search, paged=False), most is not None)
    [(count,)] = statement.all(connection, values_of(search, limit=(most or 0) + 1))
    return int(count)


def count_values(
    connection: Connection, search: Search, name: str, limit: int
) -> list[tuple[str, int]]:
    """The values of a field among the versions that a search finds, with how many records have each."""
    statement = valuing(query_key_of(search, paged=False))
    return [
        (text, count)
        for text, count in statement.all(connection, values_of(search, name=name, limit=limit))
    ]


def list_citing(connection: Connection, kind: str, field: str, wanted: Sequence[str]) -> list[int]:
    """Ids of current records that have, on any day, a term with one of these sort keys in a field."""
    found: set[int] = set()
    for batch in split(wanted):
        query = select(terms.c.id).join(versions, OF_STATE).where(as_of_entry(versions, None))
        query = query.where(terms.c.kind == kind, terms.c.field == field, terms.c.key.in_(batch))
        found.update(connection.scalars(query))
    return sorted(found)


@lru_cache(maxsize=SHAPES)
def listing(shape: QueryKey) -> Prepared:
    """Versions in order, from a place on."""
    ranked = 1 if shape.ranks else 0
    joins = [terms.alias(f"order{place}") for place in range(ranked, len(shape.directions))]
    keys: list[ColumnElement[Any]] = [rank_column(shape)] if ranked else []
    keys += [join.c.key for join in joins]
    paths: list[BindParameter[str]] = [bindparam(f"path{place}") for place in range(shape.picked)]
    document = func.json_extract(versions.c.document, *paths) if paths else versions.c.document
    columns = (versions.c.id, versions.c.valid_to, versions.c.entry_from, document, *keys)
    query, source = matching(shape, select(*columns)), versions
    for place, join in enumerate(joins, ranked):
        same = and_(
            join.c.kind == versions.c.kind,
            join.c.id == versions.c.id,
            join.c.entry_from == versions.c.entry_from,
            join.c.valid_from == versions.c.valid_from,
            join.c.field == bindparam(f"order{place}"),
            join.c.position == 0,
        )
        source = source.outerjoin(join, same)  # type: ignore[assignment]
    for descending, key in zip(shape.directions, keys, strict=True):
        query = query.order_by(key.is_(None), key.desc() if descending else key)
    if shape.seen:
        query = query.where(comes_after(shape, keys))
    return Prepared(query.select_from(source).order_by(versions.c.id).limit(bindparam("limit")))


def rank_column(shape: QueryKey) -> ColumnElement[str]:
    """The rank of a version's record as a sort key; the last for a record that has none."""
    whens: list[tuple[ColumnElement[bool], str]] = []
    for rank, places in enumerate(shape.ranks):
        ids: list[BindParameter[int]] = [
            bindparam(f"rank{rank}_{number}") for number in range(places)
        ]
        whens.append((versions.c.id.in_(ids), str(rank)))
    return case(*whens, else_=str(len(shape.ranks)))


@lru_cache(maxsize=SHAPES)
def counting(shape: QueryKey, bounded: bool) -> Prepared:
    """The statement that counts versions, up to a limit or all."""
    query = matching(shape, select(versions.c.id))
    return Prepared(
        select(func.count()).select_from(
            (query.limit(bindparam("limit")) if bounded else query).subquery()
        )
    )


@lru_cache(maxsize=SHAPES)
def valuing(shape: QueryKey) -> Prepared:
    """The values of a field, the most frequent first."""
    found = matching(
        shape, select(versions.c.id, versions.c.entry_from, versions.c.valid_from)
    ).subquery()
    owned = and_(
        terms.c.id == found.c.id,
        terms.c.entry_from == found.c.entry_from,
        terms.c.valid_from == found.c.valid_from,
    )
    records = func.count(terms.c.id.distinct())
    query = select(func.min(terms.c.text), records).join(found, owned)
    query = query.where(terms.c.kind == bindparam("kind"), terms.c.field == bindparam("name"))
    return Prepared(
        query.group_by(terms.c.key).order_by(records.desc(), terms.c.key).limit(bindparam("limit"))
    )


def matching(shape: QueryKey, query: Select[Any]) -> Select[Any]:
    """A query held to the day, the entry and the conditions of a search."""
    said = (
        versions.c.kind == bindparam("kind"),
        as_of_entry(versions, None if shape.present else bindparam("as_of")),
    )
    conditions = [meets(place, test) for place, test in enumerate(shape.tests)]
    for place, places in enumerate(shape.among):
        ids: list[BindParameter[int]] = [
            bindparam(f"among{place}_{number}") for number in range(places)
        ]
        conditions.append(versions.c.id.in_(ids))
    if shape.last is None:
        return query.where(*said, holds_on(versions, bindparam("on")), *conditions)
    past = select(versions.c.id, versions.c.entry_from, func.max(versions.c.valid_from))
    past = past.where(
        *said, versions.c.valid_from <= bindparam("on"), meets(len(shape.tests), shape.last)
    )
    return query.where(
        *said, STATE.in_(past.group_by(versions.c.id, versions.c.entry_from)), *conditions
    )


def meets(place: int, test: ConditionKey) -> ColumnElement[bool]:
    """Condition: a version meets the condition at an index."""
    named = or_(
        *(terms.c.field == bindparam(f"field{place}_{number}") for number in range(test.fields))
    )
    owners = select(*OWNER).where(terms.c.kind == bindparam("kind"), named)
    if test.keys:
        owners = owners.where(
            or_(*(compare(test.operator, f"{place}_{number}") for number in range(test.keys)))
        )
    found = STATE.in_(owners)
    return not_(found) if test.negated else found


def compare(operator: str, name: str) -> ColumnElement[bool]:
    """Comparison of a term's sort key."""
    column, key, end = (
        terms.c.key,
        bindparam(f"key{name}", type_=String),
        bindparam(f"end{name}", type_=String),
    )
    tests = {
        "eq": lambda: column == key,
        "gt": lambda: and_(column > key, column < end),
        "gte": lambda: and_(column >= key, column < end),
        "lt": lambda: and_(column < key, column >= end),
        "lte": lambda: and_(column <= key, column >= end),
    }
    return tests[operator]() if operator in tests else column.like(key, escape=ESCAPE)


def comes_after(shape: QueryKey, keys: Sequence[ColumnElement[str | None]]) -> ColumnElement[bool]:
    """Condition: rows after the last row of the previous page; missing sort keys come last."""
    level: ColumnElement[bool] = versions.c.id > bindparam("after")
    for place in reversed(range(len(keys))):
        key, seen = keys[place], bindparam(f"seen{place}", type_=String)
        if not shape.seen[place]:
            level = and_(key.is_(None), level)
            continue
        behind = or_(key < seen if shape.directions[place] else key > seen, key.is_(None))
        level = or_(behind, and_(key == seen, level))
    return level

"""Statements for searches, built once for every shape that a search may have.

A list is read in one of two ways. Gathering starts from the versions that meet the conditions and
sorts them: a condition is a set of versions, so the database may start from the smallest. Walking
goes along the index of the field that orders the list, checks the conditions of each version it
comes to, and stops when the page is full.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Join,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.compiler import compiles

from terrafirma.storage.engine.prepared_statements import (
    Prepared,
    PreparedAtOnce,
    fill_places,
    is_any,
    places_for,
)
from terrafirma.storage.engine.tables import terms, versions
from terrafirma.storage.register.records import as_of_entry, holds_on
from terrafirma.storage.register.search import RANK, Condition, Search

STATE = tuple_(versions.c.id, versions.c.entry_from, versions.c.valid_from)
STATE_COLUMNS = (versions.c.id, versions.c.entry_from, versions.c.valid_from, versions.c.valid_to)
ESCAPE = "\\"
EQUAL = "eq"
"""The operator whose keys are an IN list."""
WITHIN = frozenset({"contains", "startswith"})
"""Operators that look into a text."""
SHAPES = 256
"""Compiled statements that are kept: compiling costs more than running."""


class ConditionKey(NamedTuple):
    """The structure of a condition in a statement."""

    operator: str
    negated: bool
    fields: int
    keys: int
    """How many places the statement has for keys."""


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
    rank_place: int = 0
    """Place of the order that ranks give, among the orders."""


def query_key_of(search: Search, *, paged: bool) -> QueryKey:
    """The shape of a search, from its last row seen on or of all of it."""
    last = condition_key_of(search.last) if search.last else None
    tests = tuple(map(condition_key_of, search.conditions))
    seen = (*(key is not None for key in search.after), True) if paged and search.after_id else ()
    orders, among = (
        tuple(order.descending for order in search.orders),
        tuple(map(places_for, search.among)),
    )
    ranks = tuple(map(places_for, search.ranks)) if orders and paged else ()
    fields = [order.field for order in search.orders]
    place = fields.index(RANK) if ranks else 0
    return QueryKey(search.as_of is None, last, tests, orders, seen, among, ranks, place)


def condition_key_of(condition: Condition) -> ConditionKey:
    """The shape of a condition."""
    keys = condition.keys
    places = places_for(keys) if keys and condition.operator == EQUAL else len(keys)
    return ConditionKey(condition.operator, condition.negated, len(condition.fields), places)


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
        if condition.operator == EQUAL:
            values |= fill_places(f"key{place}_", condition.keys)
            continue
        for number, key in enumerate(condition.keys):
            # A range stays within the key's own type, which is its first letter.
            below = condition.operator in ("lt", "lte")
            values[f"key{place}_{number}"] = pattern_of(condition.operator, key)
            values[f"end{place}_{number}"] = key[0] if below else chr(ord(key[0]) + 1)
    for place, ids in enumerate(search.among):
        values |= fill_places(f"among{place}_", ids)
    for place, ids in enumerate(search.ranks):
        values |= fill_places(f"rank{place}_", ids)
    values |= {f"order{place}": order.field for place, order in enumerate(search.orders)}
    return values | {f"seen{place}": key for place, key in enumerate(search.after)} | others


def pattern_of(operator: str, key: str) -> str:
    """A key as a test compares with it: as it is, or as a pattern."""
    if operator not in WITHIN:
        return key
    text = key[1:].replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
    return f"s{'%' if operator == 'contains' else ''}{text}%"


class WalkedJoin(Join):
    """A join that begins with its left side, whatever the planner thinks of it."""

    inherit_cache = False


@compiles(WalkedJoin, "sqlite")
def _compile_walked(join: WalkedJoin, compiler: Any, **options: Any) -> str:
    # SQLite keeps the order of a CROSS JOIN. PostgreSQL sees the limit and chooses by itself.
    options["asfrom"] = True
    left, right = (compiler.process(side, **options) for side in (join.left, join.right))
    return f"{left} CROSS JOIN {right} ON {compiler.process(join.onclause, **options)}"


@lru_cache(maxsize=SHAPES)
def gathering(shape: QueryKey) -> Prepared:
    """Versions in order, from a place on: those that meet the conditions, sorted."""
    keys: list[ColumnElement[Any]] = []
    source: FromClause = versions
    for place in range(len(shape.directions)):
        if shape.ranks and place == shape.rank_place:
            keys.append(rank_column(shape))
            continue
        order = terms.alias(f"order{place}")
        source = source.outerjoin(order, orders_by(order, place))
        keys.append(order.c.key)
    query = matching(shape, select(*STATE_COLUMNS, *keys)).select_from(source)
    for down, key in zip(shape.directions, keys, strict=True):
        query = query.order_by(key.is_(None), key.desc() if down else key)
    if shape.seen:
        query = query.where(comes_after(shape, keys))
    return PreparedAtOnce(query.order_by(versions.c.id).limit(bindparam("limit")))


def rank_column(shape: QueryKey) -> ColumnElement[str]:
    """The rank of a version's record as a sort key; the last for a record that has none."""
    whens = [
        (is_any(versions.c.id, f"rank{rank}_", places), f"{rank:04}")
        for rank, places in enumerate(shape.ranks)
    ]
    return case(*whens, else_=f"{len(shape.ranks):04}")


@lru_cache(maxsize=SHAPES)
def walking(shape: QueryKey) -> Prepared:
    """The same for versions that have the first field of the order, read along its index."""
    orders = [terms.alias(f"order{place}") for place in range(len(shape.directions))]
    first = orders[0]
    query = select(*STATE_COLUMNS, *(order.c.key for order in orders))
    query = query.where(first.c.kind == bindparam("kind"))
    source: FromClause = WalkedJoin(first, versions, orders_by(first, 0))
    for place, order in enumerate(orders[1:], 1):
        source = source.outerjoin(order, orders_by(order, place))
    query = matching(shape, query, walked=True).select_from(source)
    keys = [order.c.key for order in orders]
    if shape.seen:
        seen = bindparam("seen0", type_=String)
        # Where the index is entered: comes_after alone would read it from its beginning.
        query = query.where(first.c.key <= seen if shape.directions[0] else first.c.key >= seen)
        query = query.where(comes_after(shape, keys))
    for place, (down, key) in enumerate(zip(shape.directions, keys, strict=True)):
        query = query.order_by(key.is_(None)) if place else query
        query = query.order_by(key.desc() if down else key)
    # SQLite sees only by the index's own column that the index is in this order too.
    return PreparedAtOnce(query.order_by(first.c.id).limit(bindparam("limit")))


def orders_by(order: FromClause, place: int) -> ColumnElement[bool]:
    """The condition that a term is the first one of a version in the field of an order."""
    return and_(
        order.c.kind == versions.c.kind,
        order.c.id == versions.c.id,
        order.c.entry_from == versions.c.entry_from,
        order.c.valid_from == versions.c.valid_from,
        order.c.field == bindparam(f"order{place}"),
        order.c.position == 0,
    )


@lru_cache(maxsize=SHAPES)
def counting(shape: QueryKey, bounded: bool) -> Prepared:
    """The number of versions, up to a limit or to the last."""
    query = matching(shape, select(versions.c.id))
    query = query.limit(bindparam("limit")) if bounded else query
    return Prepared(select(func.count()).select_from(query.subquery()))


@lru_cache(maxsize=SHAPES)
def estimating(test: ConditionKey) -> Prepared:
    """The number of terms that meet a condition, up to a limit; of versions of any time."""
    query = select(terms.c.id).where(*meeting(terms, 0, test)).limit(bindparam("limit"))
    return Prepared(select(func.count()).select_from(query.subquery()))


@lru_cache(maxsize=SHAPES)
def valuing(shape: QueryKey) -> Prepared:
    """The values of a field, the most frequent first."""
    found = matching(shape, select(*STATE_COLUMNS)).subquery()
    owned = and_(
        terms.c.id == found.c.id,
        terms.c.entry_from == found.c.entry_from,
        terms.c.valid_from == found.c.valid_from,
    )
    records, shown = func.count(terms.c.id.distinct()), terms.alias("shown")
    # The index has no texts: they are looked up for the terms of these versions only.
    same = [shown.c[column.name] == column for column in terms.primary_key]
    source = WalkedJoin(terms.join(found, owned), shown, and_(*same))
    query = select(func.min(shown.c.text), records).select_from(source)
    query = query.where(terms.c.kind == bindparam("kind"), terms.c.field == bindparam("name"))
    query = query.group_by(terms.c.key).order_by(records.desc(), terms.c.key)
    return Prepared(query.limit(bindparam("limit")))


@lru_cache(maxsize=SHAPES)
def citing(wanted: int) -> Prepared:
    """The ids of records that have now, on any day, any of these keys in a field."""
    query = select(terms.c.id).distinct().where(terms.c.kind == bindparam("kind"))
    query = query.join(versions, of_version(terms)).where(as_of_entry(versions, None))
    query = query.where(terms.c.field == bindparam("field"), is_any(terms.c.key, "key", wanted))
    return Prepared(query.order_by(terms.c.id))


def matching(shape: QueryKey, query: Select[Any], *, walked: bool = False) -> Select[Any]:
    """A query held to the day, the entry and the conditions of a search."""
    said = (
        versions.c.kind == bindparam("kind"),
        as_of_entry(versions, None if shape.present else bindparam("as_of")),
    )
    meets = meets_each if walked else meets_any
    conditions = [meets(place, test) for place, test in enumerate(shape.tests)]
    for place, places in enumerate(shape.among):
        conditions.append(is_any(versions.c.id, f"among{place}_", places))
    if shape.last is None:
        return query.where(*said, holds_on(versions, bindparam("on")), *conditions)
    past = select(versions.c.id, versions.c.entry_from, func.max(versions.c.valid_from))
    past = past.where(*said, versions.c.valid_from <= bindparam("on"))
    past = past.where(meets(len(shape.tests), shape.last))
    past = past.group_by(versions.c.id, versions.c.entry_from)
    return query.where(*said, STATE.in_(past), *conditions)


def meets_any(place: int, test: ConditionKey) -> ColumnElement[bool]:
    """The condition at a place, as a set that a version is in."""
    owners = select(terms.c.id, terms.c.entry_from, terms.c.valid_from)
    found = owners.where(*meeting(terms, place, test))
    if test.operator in WITHIN:
        # Texts that are longer than their keys are few, and have an index of their own.
        among = STATE.in_(union_all(found, owners.where(*meeting_whole(terms, place, test))))
    else:
        among = STATE.in_(found)
    return not_(among) if test.negated else among


def meets_each(place: int, test: ConditionKey) -> ColumnElement[bool]:
    """The same, checked of a single version after another."""
    own = terms.alias(f"own{place}")
    # As an expression, so that SQLite looks up the version's own terms and not the range of keys.
    key = own.c.key.concat("")
    found: ColumnElement[bool] = exists().where(of_version(own), *meeting(own, place, test, key))
    if test.operator in WITHIN:
        found = or_(found, exists().where(of_version(own), *meeting_whole(own, place, test)))
    return not_(found) if test.negated else found


def of_version(own: FromClause) -> ColumnElement[bool]:
    """The condition that terms are those of a version."""
    return and_(
        own.c.kind == versions.c.kind,
        own.c.id == versions.c.id,
        own.c.entry_from == versions.c.entry_from,
        own.c.valid_from == versions.c.valid_from,
    )


def meeting(
    own: FromClause, place: int, test: ConditionKey, key: ColumnElement[str] | None = None
) -> list[ColumnElement[bool]]:
    """The terms that the condition at a place asks for, by their key or by an expression for it."""
    key = own.c.key if key is None else key
    fields = (own.c.field == bindparam(f"field{place}_{number}") for number in range(test.fields))
    conditions = [own.c.kind == bindparam("kind"), or_(*fields)]
    if test.keys and test.operator == EQUAL:
        conditions.append(is_any(key, f"key{place}_", test.keys))
    elif test.keys:
        compare = COMPARISONS[test.operator]
        keys = [
            compare(
                key,
                bindparam(f"key{place}_{number}", type_=String),
                bindparam(f"end{place}_{number}", type_=String),
            )
            for number in range(test.keys)
        ]
        conditions.append(either(keys))
    return conditions


def either(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Join conditions by OR as a balanced tree: SQLite takes no expression deeper than 1,000."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    return or_(*(either(half).self_group() for half in (conditions[:middle], conditions[middle:])))


def meeting_whole(own: FromClause, place: int, test: ConditionKey) -> list[ColumnElement[bool]]:
    """The terms whose text, longer than a key may be, contains or starts with what the condition asks for."""
    fields = (own.c.field == bindparam(f"field{place}_{number}") for number in range(test.fields))
    keys = (bindparam(f"key{place}_{number}", type_=String) for number in range(test.keys))
    whole = literal("s").concat(own.c.whole)
    return [
        own.c.kind == bindparam("kind"),
        or_(*fields),
        own.c.whole.is_not(None),
        either([whole.like(key, escape=ESCAPE) for key in keys]),
    ]


def is_like(column: Any, key: Any, _end: Any) -> ColumnElement[bool]:
    """The comparison of a key with a pattern."""
    matches: ColumnElement[bool] = column.like(key, escape=ESCAPE)
    return matches


COMPARISONS: dict[str, Callable[[Any, Any, Any], ColumnElement[bool]]] = {
    "gt": lambda column, key, end: and_(column > key, column < end),
    "gte": lambda column, key, end: and_(column >= key, column < end),
    "lt": lambda column, key, end: and_(column < key, column >= end),
    "lte": lambda column, key, end: and_(column <= key, column >= end),
    "contains": is_like,
    "startswith": is_like,
}
"""The comparison of a term's key with a key, up to the end of the keys of its type."""


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

"""A list's query: filters, text search, order and place, read from the parameters into a Search."""

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from terrafirma.errors import Malformed, NotFound
from terrafirma.http.app.context import state
from terrafirma.http.app.parameters import MOST_FACETS, MOST_ORDERS
from terrafirma.http.request.arguments import (
    MOMENT,
    read_choice,
    read_limit,
    read_list,
    read_moment,
    read_year,
    split_filter,
)
from terrafirma.http.request.filter_values import Asked, check_value, list_checked, read_filter
from terrafirma.http.request.languages import LANGUAGE, read_language
from terrafirma.http.request.localised_names import (
    NAME,
    LocalisedNames,
    find_localised_names,
    is_of_names,
)
from terrafirma.http.request.near_values import find_by_name, refuse_value
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.memberships import ChoosePart, ListPart, list_members
from terrafirma.register.log.sort_keys import fold, sort_key
from terrafirma.register.model.canonical_json import decode, digest, encode
from terrafirma.register.model.catalog import Catalog
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import GROUP, Kind
from terrafirma.register.model.languages import OWN
from terrafirma.register.model.series import VALUE, YEAR, name_in_year
from terrafirma.register.model.validation import nearest
from terrafirma.register.resolve.answers import Question
from terrafirma.register.resolve.resolver import RESOLVED
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.records import Version
from terrafirma.storage.register.search import RANK, Condition, Order, Search

QUERY = ("q", "sort", "count")
"""Parameters of a list beside its filters."""

MOST_CONDITIONS = 50
MOST_RANKED = 1000
"""Records that `q` ranks; where more are found, the others follow, found by their own fields only."""
COUNTED = 10_000
"""Rows up to which a list always has a total count."""

FORMER = Condition(("status",), "eq", (sort_key("former"),))

Keys = tuple[str | None, ...]


@dataclass(frozen=True)
class ListQuery:
    """The parameters of a list, parsed."""

    kind: Kind
    filters: tuple[Condition, ...]
    asked: tuple[Asked, ...]
    """Values of the filters that are checked with the register."""
    words: tuple[Condition, ...]
    """The words of `q`, each to be found in a record's own fields."""
    text: str
    """`q` as it was sent."""
    orders: tuple[Order, ...]
    after: str | None
    limit: int
    exact: bool
    """True if the total is asked for, however large it is."""
    dated: bool
    """True if it is about a moment other than now."""
    whole: bool
    """True if records are to have what they leave out because it is not known for the day."""
    language: str | None
    """The locale of `lang`, if names are filtered or sorted by; their own names otherwise."""


def read_query(kind: Kind, limit: int | None = None) -> ListQuery:
    """The query of a list of records of a kind, with its own limit or another.

    A query that is sent again is not parsed again.
    """
    key = (kind.name, request.query_string, limit)
    query: ListQuery = state().queries.get(key, lambda: parse_query(kind, limit))
    return query


def parse_query(kind: Kind, limit: int | None) -> ListQuery:
    """Parse the parameters of a list of records of a kind."""
    year, text = read_year(kind), request.args.get("q", "")
    filters, asked = read_filters(kind, year)
    words = tuple(
        Condition(kind.searched, "contains", ("s" + word,)) for word in fold(text).split()
    )
    if (count := len(filters) + len(words)) > MOST_CONDITIONS:
        raise Malformed(f"The query has {count} conditions; at most {MOST_CONDITIONS} are taken.")
    orders = read_orders(kind.catalog, year)
    named = any(map(is_of_names, filters)) or any(order.field == NAME for order in orders)
    language = read_language() if named and LANGUAGE in request.args else None
    return ListQuery(
        kind,
        filters,
        asked,
        words,
        text if words else "",
        orders=orders,
        after=request.args.get("after"),
        limit=limit or read_limit(),
        exact=read_choice("count") is not None,
        dated=any(name in request.args for name in MOMENT),
        whole=read_choice("list_include") is not None,
        language=None if language == OWN else language,
    )


def find_search(
    connection: Connection, query: ListQuery, choose: ChoosePart | None = None
) -> Search:
    """The search that a query asks for at its moment, of all records of a kind or of a part of them."""
    check_values(connection, query)
    moment = read_moment(connection) if query.dated else Moment(today())
    ranks = rank_names(connection, query, moment) if query.text else ()
    few = len(ranks) > 0 and sum(map(len, ranks)) <= MOST_RANKED
    names = (
        find_localised_names(connection, query.kind, query.language, moment)
        if query.language
        else None
    )
    orders = query.orders or ((Order(RANK),) if ranks else ())
    if names:
        orders = tuple(order_by_language(order, query.language) for order in orders)
    after, after_id = read_place(query.after, orders)
    former = None if moment.strict else next(filter(asks_for_former, query.filters), None)
    part = choose(connection, moment) if choose else ListPart(moment.on)
    moment = replace(moment, on=part.on)
    among = part.among + read_groups(connection, moment)
    if few:
        among += (tuple(sorted(id for ids in ranks for id in ids)),)
    filters = tuple(condition for condition in query.filters if condition is not former)
    if names:
        among += tuple(names.list_meeting(each) for each in filters if is_of_names(each))
        filters = tuple(each for each in filters if not is_of_names(each))
    return Search(
        query.kind.name,
        part.on,
        moment.as_of,
        part.conditions + filters + (() if few else query.words),
        orders,
        after,
        after_id,
        among,
        choose_ranks(orders, ranks, names),
        former,
    )


def check_values(connection: Connection, query: ListQuery) -> None:
    """Raise Malformed for a value of a filter that no record can have."""
    known = state().known_values
    for asked in query.asked:
        if (query.kind.name, asked.path.name, asked.value) not in known:
            check_value(connection, query.kind, asked)


def names_records(kind: Kind, moment: Moment) -> bool:
    """Return True if the index of names answers `q`: it only knows the present."""
    return kind.name in RESOLVED and moment.as_of is None


def order_by_language(order: Order, language: str | None) -> Order:
    """An order by name as an order by the names of a language; any other order as it is."""
    return Order(RANK, order.descending, language or "") if order.field == NAME else order


def choose_ranks(
    orders: tuple[Order, ...], ranks: tuple[tuple[int, ...], ...], names: LocalisedNames | None
) -> tuple[tuple[int, ...], ...]:
    """The ids by rank that an order by rank goes by: each name a rank of its own, or those of `q`."""
    if names and any(order.field == RANK and order.language for order in orders):
        return tuple((id,) for id in names.order)
    return cut_ranks(ranks) if orders == (Order(RANK),) else ()


def cut_ranks(ranks: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """The best ids, no more than a statement should name."""
    kept: list[tuple[int, ...]] = []
    for ids in ranks:
        kept.append(ids[: MOST_RANKED - sum(map(len, kept))])
    return tuple(kept)


def rank_names(
    connection: Connection, query: ListQuery, moment: Moment
) -> tuple[tuple[int, ...], ...]:
    """The ids that `q` finds by the index of names, by rank; empty without it."""
    if not names_records(query.kind, moment):
        return ()
    return tuple(map(tuple, rank_ids(connection, query.kind, query.text, moment)))


def rank_ids(connection: Connection, kind: Kind, text: str, moment: Moment) -> list[list[int]]:
    """The ids of the records that a text finds by their names, by rank, in the language asked for."""
    language = read_language()
    languages = (language, *state().locales.chain(language)) if language else ()
    question = Question(today(), moment.on if moment.strict else None, languages)
    return state().resolver.rank(connection, kind.name, text, question)


def read_groups(connection: Connection, moment: Moment) -> tuple[tuple[int, ...], ...]:
    """`member_of`, as often as wanted: the ids of the members of any of these groups."""
    keys = request.args.getlist("member_of")
    if len(keys) > MOST_CONDITIONS:
        raise Malformed(
            f"member_of is given {len(keys)} times; at most {MOST_CONDITIONS} are taken."
        )
    groups = [find_group(connection, key, replace(moment, strict=False)) for key in keys]
    return (list_members(connection, groups, moment.on, moment.as_of),) if groups else ()


def find_group(connection: Connection, key: str, moment: Moment) -> Version:
    """The group that `member_of` names. Malformed, with the group of that name, if there is none."""
    try:
        return find(connection, GROUP, key, moment)
    except NotFound as refusal:
        sentence = f'member_of: no {GROUP.name} has the {GROUP.keys_told} "{key[:80]}"'
        if meant := find_by_name(connection, (GROUP, GROUP.keys[0]), key):
            raise refuse_value(sentence, "member_of", [meant]) from None
        raise Malformed(f"member_of: {refusal.sentence}") from None


def asks_for_former(condition: Condition) -> bool:
    """Return True for `status=former`. Without a day it cannot mean today, when no former record
    exists."""
    return condition == FORMER


def read_filters(kind: Kind, year: str) -> tuple[tuple[Condition, ...], tuple[Asked, ...]]:
    """Filters, each an any-of of its repeated values, and the values that are to be checked.

    With a `year`, a figure is the one of that year, and records without one are left out.
    """
    filters = [Condition((name_in_year(VALUE, year),), "eq")] if year else []
    asked: list[Asked] = []
    for name, values in request.args.lists():
        if (
            name != "q"
            and not (year and name == YEAR)
            and (parts := split_filter(kind.catalog, name))
        ):
            path, operator = replace(parts[0], name=name_in_year(parts[0].name, year)), parts[1]
            filters.append(read_filter(name, path, operator, values))
            asked += list_checked(name, path, operator, values)
    return tuple(filters), tuple(asked)


def read_orders(catalog: Catalog, year: str = "") -> tuple[Order, ...]:
    """`sort`: fields with commas, a minus before those that go down; a figure is the one of a year."""
    orders: list[Order] = []
    for part in read_list("sort") or ():
        name = part.removeprefix("-")
        path = catalog.find(name)
        if path is None:
            raise Malformed(
                f'sort: "{name[:80]}" is not a field{nearest(name, tuple(catalog.paths)) or "."}'
            )
        if any(order.field == name_in_year(name, year) for order in orders):
            raise Malformed(f'sort: "{name}" is named twice.')
        orders.append(Order(name_in_year(name, year), part.startswith("-")))
    if len(orders) > MOST_ORDERS:
        raise Malformed(f"sort has {len(orders)} fields; at most {MOST_ORDERS} are taken.")
    return tuple(orders)


def read_facets(catalog: Catalog) -> list[str]:
    """`field`, repeatable: the fields whose values are counted."""
    names = request.args.getlist("field")
    if not names:
        raise Malformed("field must name a field, such as region; it may be repeated.")
    for name in names:
        if catalog.find(name) is None:
            raise Malformed(
                f'field: "{name[:80]}" is not a field{nearest(name, tuple(catalog.paths)) or "."}'
            )
    if len(names) > MOST_FACETS:
        raise Malformed(f"field is given {len(names)} times; at most {MOST_FACETS} are taken.")
    return names


def list_asked(search: Search) -> list[str]:
    """The fields that a search looks at: those of its filters, of `q` and of its order."""
    conditions = (*search.conditions, *([search.last] if search.last else ()))
    return [
        *(name for each in conditions for name in each.fields),
        *(order.field for order in search.orders),
    ]


def count_all(connection: Connection, search: Search, query: ListQuery, rows: int) -> int | None:
    """The total of a search whose page has so many rows; None above 10,000, unless it is asked for."""
    if not search.after_id and rows <= query.limit:
        return rows
    total = state().totals.count(connection, search, None if query.exact else COUNTED)
    return total if query.exact or total <= COUNTED else None


def write_place(orders: tuple[Order, ...], keys: Keys, id: int) -> str:
    """An opaque name for a row's place in a list of this order."""
    return base64.urlsafe_b64encode(encode([order_digest(orders), keys, id])).decode().rstrip("=")


def read_place(text: str | None, orders: tuple[Order, ...]) -> tuple[Keys, int]:
    """The place that `after` names; before the first row without it."""
    if text is None:
        return (None,) * len(orders), 0
    try:
        mark, keys, id = decode(
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        )
    except (binascii.Error, ValueError, TypeError):
        mark = keys = id = None
    sound = isinstance(keys, list) and len(keys) == len(orders) and all(map(is_sort_key, keys))
    if not sound or type(id) is not int or not 0 < id < 2**63 or mark != order_digest(orders):
        raise Malformed(
            "after must be a cursor from a Link header of this server, for the same sort."
        )
    return tuple(keys), id


def is_sort_key(key: Any) -> bool:
    """Return True if a cursor's sort key is valid or None; PostgreSQL rejects NUL."""
    return key is None or (type(key) is str and "\0" not in key)


def order_digest(orders: tuple[Order, ...]) -> str:
    """A short mark of an order, so that a cursor is not used with another."""
    return digest(
        [
            [order.field, order.descending, *([order.language] * bool(order.language))]
            for order in orders
        ]
    )[:8]

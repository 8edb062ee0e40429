"""The results of searches: states, their documents, counts and facets.

Documents are kept decoded in memory, since a state never changes; the database is asked for keys.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import starmap
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, func, select

from terrafirma.storage.engine.database import Connection, split_batches
from terrafirma.storage.engine.prepared_statements import Prepared, fill_places, is_any, places_for
from terrafirma.storage.engine.tables import terms, versions
from terrafirma.storage.register.records import as_of_entry, holds_on
from terrafirma.storage.register.search import Condition, Search
from terrafirma.storage.register.search_statements import (
    citing,
    condition_key_of,
    counting,
    estimating,
    gathering,
    query_key_of,
    values_of,
    valuing,
    walking,
)
from terrafirma.storage.register.state_cache import Item, open_states

Document = dict[str, Any]

FEW = 4000
"""Versions up to which it is quicker to sort all that meet a condition than to walk along an index."""

DECODED = 5
"""Bytes that a decoded document takes for each of its text, roughly."""


class FoundState(NamedTuple):
    """A state that a search found."""

    id: int
    entry: int
    valid_from: str
    valid_to: str
    keys: tuple[str | None, ...] = ()
    """The sort keys of its orders."""


class FoundRow(NamedTuple):
    """A record that a search found."""

    id: int
    document: Document
    keys: tuple[str | None, ...]
    """The sort keys of its orders."""
    valid_to: str
    entry: int


def list_found(connection: Connection, search: Search, limit: int) -> list[FoundRow]:
    """The records that a search finds."""
    states = find_states(connection, search, limit)
    documents = read_documents(connection, search, states)
    return [
        FoundRow(state.id, dict(document), state.keys, state.valid_to, state.entry)
        for state, document in zip(states, documents, strict=True)
    ]


def find_states(connection: Connection, search: Search, limit: int) -> list[FoundState]:
    """The states that a search finds."""
    if not is_walked(connection, search):
        return gather(connection, search, limit)
    seen_missing = bool(search.after_id) and search.after[0] is None
    found = [] if seen_missing else walk(connection, search, limit)
    if len(found) < limit:
        # Records without the field come last.
        lacking = Condition((search.orders[0].field,), "eq", negated=True)
        rest = replace(
            search,
            conditions=(*search.conditions, lacking),
            orders=search.orders[1:],
            after=search.after[1:],
            after_id=search.after_id if seen_missing else 0,
        )
        others = gather(connection, rest, limit - len(found))
        found += [state._replace(keys=(None, *state.keys)) for state in others]
    return found


def is_walked(connection: Connection, search: Search) -> bool:
    """Estimate whether most of what an index orders is what the search finds."""
    if not search.orders or search.among or search.ranks or search.last:
        return False
    return all(
        condition.negated or count_terms(connection, search.kind, condition) > FEW
        for condition in search.conditions
    )


def count_terms(connection: Connection, kind: str, condition: Condition) -> int:
    """The terms that meet a condition; counting stops above `FEW`."""
    values = values_of(Search(kind, "", None, (condition,)), limit=FEW + 1)
    [(count,)] = estimating(condition_key_of(condition)).all(connection, values)
    return int(count)


def gather(connection: Connection, search: Search, limit: int) -> list[FoundState]:
    """The states that a search finds, sorted."""
    statement = gathering(query_key_of(search, paged=True))
    return as_states(search, statement.all(connection, values_of(search, limit=limit)))


def walk(connection: Connection, search: Search, limit: int) -> list[FoundState]:
    """The states that a search finds and that have the first field of its order, read in order."""
    statement = walking(query_key_of(search, paged=True))
    return as_states(search, statement.all(connection, values_of(search, limit=limit)))


def as_states(search: Search, rows: list[tuple[Any, ...]]) -> list[FoundState]:
    """Rows of a statement as states."""
    if not search.orders:
        return list(starmap(FoundState, rows))
    return [FoundState(row[0], row[1], row[2], row[3], row[4:]) for row in rows]


def count_found(connection: Connection, search: Search, most: int | None = None) -> int:
    """The number of versions that a search finds in all; counting stops above `most`."""
    statement = counting(query_key_of(search, paged=False), most is not None)
    [(count,)] = statement.all(connection, values_of(search, limit=(most or 0) + 1))
    return int(count)


def count_values(
    connection: Connection, search: Search, name: str, limit: int
) -> list[tuple[str, int]]:
    """The values of a field in the versions that a search finds, each with its number of records."""
    statement = valuing(query_key_of(search, paged=False))
    rows = statement.all(connection, values_of(search, name=name, limit=limit))
    return [(text, count) for text, count in rows]


def find_term(connection: Connection, kind: str, field: str, key: str) -> int | None:
    """The id of a record of a kind that has this sort key in a field, or ever had it."""
    row = _FIND_TERM.first(connection, {"kind": kind, "field": field, "key": key})
    return None if row is None else int(row[0])


def list_texts(connection: Connection, kind: str, field: str) -> list[str]:
    """The texts that records of a kind have in a field, or ever had."""
    return [text for (text,) in _LIST_TEXTS.all(connection, {"kind": kind, "field": field})]


def list_citing(connection: Connection, kind: str, field: str, wanted: Sequence[str]) -> list[int]:
    """Ids of current records that have, on any day, a term with any of these sort keys in a field."""
    found: set[int] = set()
    for batch in split_batches(wanted):
        values = {"kind": kind, "field": field} | fill_places("key", batch)
        found.update(id for (id,) in citing(places_for(batch)).all(connection, values))
    return sorted(found)


def read_documents(
    connection: Connection, search: Search, states: Sequence[FoundState]
) -> list[Document]:
    """The documents of states that a search found, shared with other readers: copy to change."""
    keys = [(search.kind, state.id, state.entry, state.valid_from) for state in states]

    def make(places: list[int]) -> list[Item]:
        texts = read_texts(connection, search, [states[place].id for place in places])
        chosen = [texts[keys[place][1:]] for place in places]
        return [Item(orjson.loads(text), len(text) * DECODED) for text in chosen]

    return open_states(connection).get_all(keys, make)


def read_texts(
    connection: Connection, search: Search, ids: Sequence[int]
) -> dict[tuple[int, int, str], str]:
    """The documents of records as JSON, by id, entry and first day; others of them may be there too."""
    found: dict[tuple[int, int, str], str] = {}
    values = {"kind": search.kind, "on": search.on, "as_of": search.as_of}
    for batch in split_batches(ids):
        statement = _texts(search.as_of is None, search.last is None, places_for(batch))
        rows = statement.all(connection, values | fill_places("id", batch))
        found |= {(id, entry, start): text for id, entry, start, text in rows}
    return found


_OF_FIELD = terms.c.kind == bindparam("kind"), terms.c.field == bindparam("field")
_FIND_TERM = Prepared(
    select(terms.c.id).where(*_OF_FIELD, terms.c.key == bindparam("key")).limit(1)
)
_LIST_TEXTS = Prepared(select(func.min(terms.c.text)).where(*_OF_FIELD).group_by(terms.c.key))


@cache
def _texts(present: bool, on_day: bool, ids: int) -> Prepared:
    columns = (versions.c.id, versions.c.entry_from, versions.c.valid_from, versions.c.document)
    query = select(*columns).where(versions.c.kind == bindparam("kind"))
    query = query.where(as_of_entry(versions, None if present else bindparam("as_of")))
    query = query.where(is_any(versions.c.id, "id", ids))
    return Prepared(query.where(holds_on(versions, bindparam("on"))) if on_day else query)

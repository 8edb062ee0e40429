"""Find and cut records of version 5: properties by path, filters, order, pages. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from terrafirma.errors import Malformed, NotFound
from terrafirma.restcountries.match import OTHER, rank_text
from terrafirma.restcountries.spelling import fold_known, fold_spelling
from terrafirma.restcountries.translate import Record

DEFAULT_LIMIT, MOST = 25, 100
ALIASES = {
    "name": ("names.common", "names.official", "names.alternates", "names.native"),
    "code": ("codes",),
}
"""Addresses that mean several properties."""

TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")


class PageQuery(NamedTuple):
    """A part of a list."""

    limit: int
    offset: int


def follow(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """Yield the values at a path; for a list, those of its items."""
    if isinstance(value, list):
        for item in value:
            yield from follow(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from follow(value[path[0]], path[1:])


def list_leaves(value: Any) -> Iterator[Any]:
    """Yield the strings, numbers and booleans in a value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from list_leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from list_leaves(item)
    elif value is not None:
        yield value


def read_leaves(record: Record, prop: str) -> Iterator[Any]:
    """Yield the values at a property and below."""
    for path in ALIASES.get(prop, (prop,)):
        for value in follow(record, path.split(".")):
            yield from list_leaves(value)


def knows_property(records: Sequence[Record], prop: str) -> bool:
    """Return True if any record has a property, even if empty."""
    if prop in ALIASES:
        return True
    path = prop.split(".")
    parents = path[:-1]
    for record in records:
        for found in follow(record, parents) if parents else [record]:
            if isinstance(found, dict) and path[-1] in found:
                return True
    return False


def equals(leaf: Any, text: str) -> bool:
    """Return True if a value equals a text."""
    if isinstance(leaf, bool):
        return text.lower() in (TRUE if leaf else FALSE)
    if isinstance(leaf, str):
        return fold_known(leaf) == fold_spelling(text)
    try:
        return float(text) == float(leaf)
    except ValueError:
        return False


def find_exact(records: Sequence[Record], prop: str, text: str) -> list[Record]:
    """Return the records with a value at a property or below."""
    check_property(records, prop)
    return [
        record
        for record in records
        if any(equals(leaf, text) for leaf in read_leaves(record, prop))
    ]


def find_part(records: Sequence[Record], prop: str, text: str) -> list[Record]:
    """Return the records with a text in a value at a property or below, best match first.

    An empty property means all of them.
    """
    if prop:
        check_property(records, prop)
    if not text:
        raise Malformed("'q' must not be empty")
    wanted = fold_spelling(text)
    ranked = []
    for record in records:
        leaves = read_leaves(record, prop) if prop else list_leaves(record)
        texts = (fold_known(leaf) for leaf in leaves if isinstance(leaf, str))
        ranks = [rank_text(wanted, folded) for folded in texts if wanted in folded]
        if ranks:
            first = fold_known(record["names"]["common"]) == wanted
            ranked.append((OTHER - 1 if first else min(ranks), record))
    return [record for _, record in sorted(ranked, key=lambda pair: pair[0])]


def check_property(records: Sequence[Record], prop: str) -> None:
    """Raise NotFound if no record has a property."""
    if not knows_property(records, prop):
        raise NotFound(f"There is no property '{prop}'")


def apply_filters(records: Sequence[Record], filters: Mapping[str, str]) -> list[Record]:
    """Return the records that meet all filters."""
    found = list(records)
    for prop, text in filters.items():
        if not knows_property(records, prop):
            raise Malformed(f"There is no property '{prop}' to filter by")
        found = [
            record
            for record in found
            if any(equals(leaf, text) for leaf in read_leaves(record, prop))
        ]
    return found


def sort_records(records: list[Record], prop: str) -> list[Record]:
    """Return records in the order of a property; `-` turns it round. Those without it come last."""
    name, descending = prop.removeprefix("-"), prop.startswith("-")
    if records:
        check_property(records, name)
    keyed = [(next(read_leaves(record, name), None), record) for record in records]
    known = [pair for pair in keyed if pair[0] is not None]
    known.sort(key=lambda pair: sort_value(pair[0]), reverse=descending)
    return [record for _, record in known] + [record for key, record in keyed if key is None]


def sort_value(value: Any) -> tuple[float, str]:
    """Return a key by which numbers and texts can be sorted together."""
    return (0.0, fold_known(value)) if isinstance(value, str) else (float(value), "")


def read_page(limit: str | None, offset: str | None) -> PageQuery:
    """Return the page asked for. Malformed if it is out of range."""
    page = PageQuery(read_number(limit, DEFAULT_LIMIT), read_number(offset, 0))
    if not 1 <= page.limit <= MOST:
        raise Malformed(f"'limit' must be between 1 and {MOST}")
    return page


def read_number(text: str | None, default: int) -> int:
    """Return a whole number of a query; -1 where it is none."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Malformed("'limit' and 'offset' must be whole numbers")
    return int(text)


def pick(record: Record, fields: Sequence[str], omitted: Sequence[str]) -> Record:
    """Return the properties of a record that are asked for, without those to be left out."""
    shown = keep_paths(record, [field.split(".") for field in fields]) if fields else record
    return drop_paths(shown, [field.split(".") for field in omitted]) if omitted else shown


def keep_paths(value: Any, paths: Sequence[Sequence[str]]) -> Any:
    """A value reduced to some paths."""
    if isinstance(value, list):
        return [keep_paths(item, paths) for item in value]
    if not isinstance(value, dict) or [] in paths:
        return value
    below: dict[str, list[Sequence[str]]] = {}
    for path in paths:
        if path[0] in value:
            below.setdefault(path[0], []).append(path[1:])
    return {
        name: keep_paths(value[name], rest) if all(rest) else value[name]
        for name, rest in below.items()
    }


def drop_paths(value: Any, paths: Sequence[Sequence[str]]) -> Any:
    """A value without some paths."""
    if isinstance(value, list):
        return [drop_paths(item, paths) for item in value]
    if not isinstance(value, dict):
        return value
    dropped = {path[0] for path in paths if len(path) == 1}
    return {
        name: drop_paths(item, [path[1:] for path in paths if len(path) > 1 and path[0] == name])
        for name, item in value.items()
        if name not in dropped
    }

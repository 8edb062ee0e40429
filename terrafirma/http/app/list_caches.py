"""Caches of lists: parsed queries, and counts, which are made once for all pages and never change as of an entry."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import Head, find_head, read_head
from terrafirma.storage.register.found import count_found
from terrafirma.storage.register.search import Search

KEPT = 256
"""Counts kept per process; the least recently used is dropped first."""

SLACK = 1000
"""Records above the bound that are counted too: it takes as many writes to fall below it."""

PARSED = 500
"""Parsed queries kept per process."""

Value = TypeVar("Value")

Key = tuple[str, Search, int | None]
"""The mark of the entry, the query, and the number at which counting stops."""


class Above(NamedTuple):
    """A count above its bound, as of a head."""

    head: Head
    total: int


class CountCache:
    """The last counts, by everything they depend on."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Key, int] = OrderedDict()
        self._above: OrderedDict[Key, Above] = OrderedDict()
        self._lock = Lock()

    def count(self, connection: Connection, search: Search, most: int | None) -> int:
        """The number of records a search finds in all, wherever it goes on; only roughly above `most`."""
        present = search.as_of is None
        head = read_head(connection) if present else find_head(connection, search.as_of or 0)
        if head is None:
            return count_found(connection, search, most)
        every = replace(search, orders=(), after=(), after_id=0)
        with self._lock:
            key = (head.mark, every, most)
            if key in self._counts:
                self._counts.move_to_end(key)
                return self._counts[key]
            above = self._above.get(("", every, most))
        if above and most and stays_above(connection, above, most, head):
            return above.total
        count = count_found(connection, search, most and most + SLACK)
        self._keep(self._counts, key, count)
        if present and most and count > most:
            self._keep(self._above, ("", every, most), Above(head, count))
        return count

    def _keep(self, kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
        with self._lock:
            kept[key] = value
            while len(kept) > KEPT:
                kept.popitem(last=False)


def stays_above(connection: Connection, above: Above, most: int, head: Head) -> bool:
    """Return True if a count is above its bound still: each entry since can have changed it by one."""
    entries = head.number - above.head.number
    if not 0 <= entries < above.total - most:
        return False
    return find_head(connection, above.head.number) == above.head


class Memo:
    """Values that follow from a key, such as a query string.

    When there are too many it begins anew: the frequent ones are back at once.
    """

    def __init__(self, most: int = PARSED) -> None:
        self._most = most
        self._values: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of a key, made if it is not there. What cannot be made raises, each time."""
        values = self._values
        if key in values:
            return values[key]
        value = make()
        if len(values) >= self._most:
            values = self._values = {}
        values[key] = value
        return value

"""How many records a search finds, counted once for all its pages: as of an entry that stays the same."""

from collections import OrderedDict
from dataclasses import replace
from threading import Lock

from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import find_head, read_head
from terrafirma.storage.register.search import Search, count_found

KEPT = 256
"""Totals of a process; the one that was not asked for the longest goes first."""

Key = tuple[str, Search, int | None]
"""The mark of the entry, what is searched for, where counting stops."""


class CountCache:
    """What was counted last, by everything it depends on."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Key, int] = OrderedDict()
        self._lock = Lock()

    def count(self, connection: Connection, search: Search, most: int | None) -> int:
        """How many records a search finds in all, wherever it goes on; counting stops above `most`."""
        head = (
            read_head(connection) if search.as_of is None else find_head(connection, search.as_of)
        )
        if head is None:
            return count_found(connection, search, most)
        key = (head.mark, replace(search, orders=(), after=(), after_id=0), most)
        with self._lock:
            if key in self._counts:
                self._counts.move_to_end(key)
                return self._counts[key]
        count = count_found(connection, search, most)
        with self._lock:
            self._counts[key] = count
            while len(self._counts) > KEPT:
                self._counts.popitem(last=False)
        return count

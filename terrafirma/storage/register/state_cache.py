"""Values made from states of records, kept in memory because a state never changes.

A kind, an id, the number of an entry and a first day name one state for as long as the log only
grows. A restored backup or a fresh start replaces the log, and the same numbers then name other
states. The cache therefore checks that the last entry it has seen is still in the log, and starts
empty if it is not.

Only reading transactions have a cache: a write that is rolled back leaves its entry numbers to the
next one.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, NamedTuple

from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.register.entries import Head, find_head, read_head

OPTION = "terrafirma_state_cache"
"""The execution option by which a connection has a cache."""

OVERHEAD = 200
"""Bytes that an item costs beside its value."""

HEADS = 64
"""Heads that are known without a query to be of the same log."""


class Item(NamedTuple):
    """A value and the bytes it takes."""

    value: Any
    size: int


Make = Callable[[list[int]], list[Item]]
"""Makes the items at some places of a list of keys."""

Count = Callable[[int, int], None]
"""Takes how many values were found and how many had to be made."""


class CachedStates:
    """Values made from states of a single log.

    It has two halves. A value that is used moves to the new half; when that is full it becomes the
    old half, and what stood there unused is dropped. Finding a value takes no lock.
    """

    def __init__(self, capacity: int = 0, count: Count = lambda _found, _made: None) -> None:
        self._half = capacity // 2
        self._count = count
        self._new: dict[Hashable, Item] = {}
        self._old: dict[Hashable, Item] = {}
        self._size = 0
        self._lock = Lock()
        self.heads: OrderedDict[Head, None] = OrderedDict()

    def get_all(self, keys: Sequence[Hashable], make: Make) -> list[Any]:
        """The values of keys, in their order; those that are missing are made and kept."""
        new = self._new
        found = [new.get(key) for key in keys]
        made = self._complete(keys, found, make) if None in found else 0
        self._count(len(keys) - made, made)
        return [item and item.value for item in found]

    def _complete(self, keys: Sequence[Hashable], found: list[Item | None], make: Make) -> int:
        old, places = self._old, [place for place, item in enumerate(found) if item is None]
        for place in places:
            found[place] = old.get(keys[place])
        missing = [place for place in places if found[place] is None]
        for place, item in zip(missing, make(missing) if missing else (), strict=True):
            found[place] = item
        with self._lock:
            for place in places:
                self._put(keys[place], found[place] or Item(None, 0))
        return len(missing)

    def _put(self, key: Hashable, item: Item) -> None:
        size = item.size + OVERHEAD
        if size > self._half or key in self._new:
            return
        if self._size + size > self._half:
            self._new, self._old, self._size = {}, self._new, 0
        self._new[key] = item
        self._size += size


class StateCache:
    """The cached states of a register, for as long as its log only grows."""

    def __init__(self, capacity: int, count: Count = lambda _found, _made: None) -> None:
        self._capacity = capacity
        self._count = count
        self._states = CachedStates(capacity, count)
        self._lock = Lock()

    def open(self, connection: Connection) -> CachedStates:
        """The values that hold in a reading transaction."""
        head, states = read_head(connection), self._states
        if head in states.heads:
            return states
        with self._lock:
            if not continues(connection, self._states.heads):
                self._states = CachedStates(self._capacity, self._count)
            states = self._states
            states.heads[head] = None
            if len(states.heads) > HEADS:
                states.heads.popitem(last=False)
        return states


def continues(connection: Connection, known: OrderedDict[Head, None]) -> bool:
    """Return True if the log that a transaction sees continues the log of known heads."""
    last = max(known, default=None)
    return last is None or find_head(connection, last.number) == last


def keep_states(database: Database, capacity: int, count: Count) -> None:
    """Give the reading transactions of a database a cache of so many bytes."""
    database.set_reader_option(OPTION, StateCache(capacity, count))


def open_states(connection: Connection) -> CachedStates:
    """The cached states of a transaction; an empty one that keeps nothing where there is no cache."""
    cache: StateCache | None = connection.get_execution_options().get(OPTION)
    return cache.open(connection) if cache else CachedStates()

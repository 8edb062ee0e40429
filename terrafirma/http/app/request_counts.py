"""Requests, counted: by route, method and status class, with how long each took until its answer began."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from terrafirma.http.app.routes import Route
from terrafirma.storage.engine.shared_counters import SharedCounters
from terrafirma.telemetry import Environ

ROUTE = "terrafirma.route"
"""Key in a request's environ: the index of its route's counters."""
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds within which a request may have been answered."""
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
OTHER = "other"
"""Label for requests without a route."""

# What a row holds: requests of each status class, by their digit; seconds in all; requests by how long they took.
CLASS = {each[0]: place for place, each in enumerate(CLASSES)}
SECONDS = len(CLASSES)
BUCKETS = SECONDS + 1
WIDTH = BUCKETS + len(BOUNDS) + 1

# What stands before the rows.
HITS, MISSES, FOUND, MADE, ROWS = 0, 1, 2, 3, 4


class CountedRequest(NamedTuple):
    """Counters of a route and method."""

    route: str
    method: str
    classes: dict[str, float]
    seconds: float
    buckets: list[float]


class CountedRequests(NamedTuple):
    """Counters of the response cache, the state cache and each route."""

    hits: float
    misses: float
    states_found: float
    states_made: float
    rows: list[CountedRequest]


class RequestCounts:
    """Counts the requests of a server's processes."""

    def __init__(self, contracts: Mapping[str, Route]) -> None:
        named = {
            (each.address, method) for each in contracts.values() for method in methods_of(each)
        }
        self._rows = [(OTHER, OTHER), *sorted(named)]
        places = {row: ROWS + WIDTH * index for index, row in enumerate(self._rows)}
        self.places: dict[tuple[str | None, str], int] = {
            (endpoint, method): places[each.address, method]
            for endpoint, each in contracts.items()
            for method in methods_of(each)
        }
        """Where a route's requests are counted, by endpoint and method."""
        self.tally = SharedCounters(ROWS + WIDTH * len(self._rows))

    def note(self, environ: Environ, status: str, seconds: float) -> None:
        """Count a request that is being answered."""
        # Each addition is done before the interpreter lets another thread go on: it looks for one at calls and jumps.
        numbers, place = self.tally.numbers, environ.get(ROUTE, ROWS)
        numbers[place + CLASS[status[0]]] += 1
        numbers[place + SECONDS] += seconds
        numbers[place + BUCKETS + bisect_left(BOUNDS, seconds)] += 1

    def count_states(self, found: int, made: int) -> None:
        """Count values that the state cache had, and those that had to be made."""
        self.tally.numbers[FOUND] += found
        self.tally.numbers[MADE] += made

    def total(self) -> CountedRequests:
        """The counters of all processes, and of each route that had requests."""
        numbers = self.tally.total()
        return CountedRequests(
            numbers[HITS],
            numbers[MISSES],
            numbers[FOUND],
            numbers[MADE],
            list(self._read_rows(numbers)),
        )

    def _read_rows(self, numbers: list[float]) -> Iterator[CountedRequest]:
        for index, (route, method) in enumerate(self._rows):
            row = numbers[ROWS + WIDTH * index : ROWS + WIDTH * (index + 1)]
            if any(row):
                classes = {name: count for name, count in zip(CLASSES, row, strict=False) if count}
                yield CountedRequest(route, method, classes, row[SECONDS], row[BUCKETS:])


def methods_of(contract: Route) -> tuple[str, ...]:
    """The methods that a route takes, but for OPTIONS."""
    return (contract.method, "HEAD") if contract.method == "GET" else (contract.method,)

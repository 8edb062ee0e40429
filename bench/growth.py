"""What one request costs in registers of different sizes: one connection, no cache, medians."""

from collections.abc import Callable, Iterator
from itertools import repeat
from statistics import median
from typing import Any, NamedTuple

from bench.fill import make_posts, make_register
from bench.load import Client, get
from bench.report import Row, Table
from bench.rounds import Plan
from bench.servers import Yard

FLAT = 1.5
"""The largest register may cost this much more than the smallest, where a page shows as much."""
GROWN = 3.0
"""The same where the largest register has more to look through."""

RARE = "GET a filtered, sorted list of the same 50"
COMMON = "GET a page of 100 of what a filter mostly matches, sorted"
TEXT = "GET what a text finds"
FACETS = "GET the facets of a field"
FILTERED = 3.0
"""Milliseconds that a filtered list of a few may take in the smallest register."""


class Size(NamedTuple):
    """A register, asked over one connection."""

    size: int
    client: Client
    asks: dict[str, Iterator[bytes]]


def measure_growth(plan: Plan, yard: Yard) -> list[Table]:
    """The cost of reading and writing, by size."""
    sizes = [open_size(yard, size) for size in plan.sizes]
    seconds: dict[tuple[str, int], list[float]] = {}
    for number in range(plan.samples + 5):
        for each in sizes:
            for name, requests in each.asks.items():
                taken = each.client.ask(next(requests))
                if number >= 5:
                    seconds.setdefault((name, each.size), []).append(taken)
    for each in sizes:
        each.client.close()
    costs = {key: median(values) * 1000 for key, values in seconds.items()}
    return [
        tabulate(name, plan.sizes, lambda size, name=name: costs[name, size])
        for name in sizes[0].asks
    ]


def open_size(yard: Yard, size: int) -> Size:
    """A server over a register of a size, and what it is asked."""
    data = yard.folder / f"growth-{size}"
    last = make_register(data, size)
    server = yard.start_ours(f"growth-{size}", data, hot=False)
    server.wait("/health")
    asks = {
        "GET a page of 100": repeat(get("/countries?limit=100")),
        "GET a page of 100 as of an earlier entry": repeat(
            get(f"/countries?limit=100&as_of={last}")
        ),
        "GET one record": repeat(get(f"/countries/{size // 2}")),
        "POST": make_posts("Grown"),
        RARE: repeat(get("/countries?region=Asia&sort=-area&fields=name,area")),
        COMMON: repeat(get("/countries?area[gte]=1001&sort=name&limit=100&fields=name,area")),
        TEXT: repeat(get("/countries?q=united&limit=20&fields=name")),
        FACETS: repeat(get("/countries/facets?field=region")),
    }
    return Size(size, Client(server.port), asks)


def tabulate(name: str, sizes: tuple[int, ...], cost: Callable[[int], float]) -> Table:
    """Milliseconds by size, as ratios of the smallest."""
    table = Table(f"{name}, no cache, ms by records in the register")
    for size in sizes:
        ratio = cost(size) / cost(sizes[0])
        mark = mark_of(name, size, sizes, cost(size), ratio)
        table.rows.append(
            Row(f"{size:,} records", cost(size), "ms", ratio, f"{sizes[0]:,}", **mark)
        )
    return table


def mark_of(
    name: str, size: int, sizes: tuple[int, ...], cost: float, ratio: float
) -> dict[str, Any]:
    """What a cost is held to: filtered lists by time in the smallest register, the rest by growth."""
    if name == RARE and size == sizes[0]:
        return {"mark": f"≤ {FILTERED:.0f} ms", "met": cost <= FILTERED}
    if size == sizes[-1]:
        most = GROWN if name in (RARE, COMMON, TEXT, FACETS) else FLAT
        return {"mark": f"≤ {most} × the smallest", "met": ratio <= most}
    return {}

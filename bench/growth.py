"""What one request costs in registers of different sizes: one connection, no cache, medians."""

from collections.abc import Callable, Iterator
from itertools import repeat
from statistics import median
from typing import NamedTuple

from bench.fill import make_posts, make_register
from bench.load import Client, get
from bench.report import Row, Table
from bench.rounds import Plan
from bench.servers import Yard

FLAT = 1.5
"""The largest register may cost this much more than the smallest."""


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
    return [tabulate(name, plan.sizes, lambda size, name=name: costs[name, size]) for name in sizes[0].asks]


def open_size(yard: Yard, size: int) -> Size:
    """A server over a register of a size, and what it is asked."""
    data = yard.folder / f"growth-{size}"
    last = make_register(data, size)
    server = yard.start_ours(f"growth-{size}", data, hot=False)
    server.wait("/health")
    asks = {
        "GET a page of 100": repeat(get("/countries?limit=100")),
        "GET a page of 100 as of an earlier entry": repeat(get(f"/countries?limit=100&as_of={last}")),
        "GET one record": repeat(get(f"/countries/{size // 2}")),
        "POST": make_posts("Grown"),
    }
    return Size(size, Client(server.port), asks)


def tabulate(name: str, sizes: tuple[int, ...], cost: Callable[[int], float]) -> Table:
    """Milliseconds by size, as ratios of the smallest."""
    table = Table(f"{name}, no cache, ms by records in the register")
    for size in sizes:
        ratio = cost(size) / cost(sizes[0])
        mark = {"mark": f"≤ {FLAT} × the smallest", "met": ratio <= FLAT} if size == sizes[-1] else {}
        table.rows.append(Row(f"{size:,} records", cost(size), "ms", ratio, f"{sizes[0]:,}", **mark))
    return table

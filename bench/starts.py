"""How long a server takes from its command to its first answer."""

import time
from statistics import median

from bench.report import Row, Table
from bench.rounds import Plan
from bench.servers import Yard


def measure_starts(plan: Plan, yard: Yard) -> list[Table]:
    """With a register that is yet to be made and filled, and with one that is there."""
    fresh, known = [], []
    for number in range(plan.starts):
        data = yard.folder / f"start-{number}"
        fresh.append(start(yard, f"start-fresh-{number}", data))
        known.append(start(yard, f"start-known-{number}", data))
    rows = [
        Row("a fresh register, filled with the world", median(fresh), "s"),
        Row("an existing register", median(known), "s"),
    ]
    return [Table("Start to first answer", rows)]


def start(yard: Yard, name: str, data: object) -> float:
    """Seconds of one start."""
    begun = time.perf_counter()
    server = yard.start_ours(name, data)
    server.wait("/countries/TH", pause=0.005)
    taken = time.perf_counter() - begun
    server.stop()
    return taken

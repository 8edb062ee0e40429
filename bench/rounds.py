"""Rounds: A B C, A B C, … and the median of each, so that a slow moment of the machine hits all alike."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from bench.load import Pace


@dataclass(frozen=True)
class Plan:
    """How long a run may take."""

    rounds: int
    seconds: float
    """Of one measurement in one round."""
    sizes: tuple[int, ...]
    starts: int
    samples: int
    """Single requests to a size."""
    postgres: bool


QUICK = Plan(rounds=3, seconds=0.4, sizes=(250, 10_000), starts=1, samples=30, postgres=False)
FULL = Plan(
    rounds=7, seconds=1.2, sizes=(250, 10_000, 100_000), starts=3, samples=100, postgres=False
)


def run_rounds(plan: Plan, measurements: Mapping[str, Callable[[], Pace]]) -> dict[str, Pace]:
    """The median pace of each measurement."""
    seen: dict[str, list[Pace]] = {name: [] for name in measurements}
    for _ in range(plan.rounds):
        for name, measure in measurements.items():
            gc.collect()
            seen[name].append(measure())
    return {
        name: Pace(median(pace.rate for pace in paces), median(pace.busy for pace in paces))
        for name, paces in seen.items()
    }

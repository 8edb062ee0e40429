"""Runs of jobs, counted in the transaction that ends each: the counts outlast the jobs, and so never fall."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text

from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.tables import job_runs

RETRIED, LOST = "retried", "lost"
"""Further results of a run, beside the end states of jobs: failed and to be retried; lost with its
worker."""
BOUNDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
"""Seconds within which a run may have come to its end."""
NO_BOUND = "+Inf"
BOUND_NAMES = (*map(str, BOUNDS), NO_BOUND)

COUNT = text(
    "INSERT INTO job_runs (kind, outcome, bound, count, seconds) VALUES (:kind, :outcome, :bound, 1, :seconds) "
    "ON CONFLICT (kind, outcome, bound) "
    "DO UPDATE SET count = job_runs.count + 1, seconds = job_runs.seconds + excluded.seconds"
)


class RunCounts(NamedTuple):
    """Runs of a kind of job with a single result, up to a duration bound: their number and total
    seconds."""

    kind: str
    outcome: str
    bound: str
    ended: int
    seconds: float


class JobRun(NamedTuple):
    """A run that ended."""

    kind: str
    outcome: str
    started_at: str
    ended_at: str


def count_runs(connection: Connection, ended: Iterable[JobRun]) -> None:
    """Count runs; the last thing of a transaction, since others wait for these rows."""
    for run in sorted(ended):
        passed = datetime.fromisoformat(run.ended_at) - datetime.fromisoformat(run.started_at)
        seconds = max(0.0, passed.total_seconds())
        bound = BOUND_NAMES[bisect_left(BOUNDS, seconds)]
        counted = {"kind": run.kind, "outcome": run.outcome, "bound": bound, "seconds": seconds}
        connection.execute(COUNT, counted)


def list_runs(connection: Connection) -> list[RunCounts]:
    """All that was counted."""
    return [
        RunCounts(*row)
        for row in connection.execute(select(job_runs).order_by(*job_runs.primary_key))
    ]

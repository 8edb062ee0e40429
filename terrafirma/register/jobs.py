"""Rules of background jobs: how a job starts, is shown, is cancelled and is retried.

The jobs table is the truth. A job runs at least once; its effects on the register are written in
the transaction that ends it, so they happen once.
"""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from terrafirma.errors import Conflict, Forbidden, Hint, NotFound
from terrafirma.register.access.roles import EVERYTHING, Principal
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.clock import now
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.work import jobs as storage
from terrafirma.storage.work.job_runs import LOST, JobRun, count_runs
from terrafirma.storage.work.jobs import CANCELLED, ENDED, FAILED, QUEUED, RELEASED, RUNNING, Job

ID = re.compile("[0-9a-f]{20}", re.ASCII)
MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 3600.0
"""Seconds before the second attempt, twice as many before each that follows, and the most."""
LEASE_SECONDS = 30.0
"""How long a worker keeps its jobs without a heartbeat."""
MOST_LOST = 100
"""Jobs that one sweep takes from dead workers."""
GONE = "The worker that did it was not heard of any more."


@dataclass
class Failure:
    """Why an attempt failed."""

    at: str
    attempt: int
    message: str
    rule: str = ""
    """The message without its hints, if it has some."""
    hints: list[Hint] = field(default_factory=list)
    """Ways out, each a parameter and a value for it."""


@dataclass
class JobView:
    """A job as JSON. `rate` is in units per second, `seconds_left` an estimate; both are null if
    unknown."""

    id: str
    kind: str
    state: str
    at: str
    started_at: str | None
    ended_at: str | None
    attempt: int
    done: int
    total: int | None
    rate: float | None
    seconds_left: int | None
    errors: list[Failure]
    result: dict[str, Any] | None


def make_id() -> str:
    """A new id: they sort by when they were made, and never come again."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(4)}"


def make_job(kind: str, arguments: dict[str, Any], actor: str, key: str | None = None) -> Job:
    """A job that can be done at once."""
    instant, waiting = now(), (None,) * 2
    head = (make_id(), kind, key, actor, encode(arguments).decode(), QUEUED, 0, 0, instant, instant)
    return Job(*head, *waiting, 0, *waiting, 0, None, None, "[]")


def enqueue(connection: Connection, kind: str, arguments: dict[str, Any], actor: str) -> Job:
    """Add a job in the transaction it belongs to. Push its id into the queue after the commit."""
    job = make_job(kind, arguments, actor)
    storage.add_job(connection, job)
    return job


def find_job(connection: Connection, id: str) -> Job:
    """A job by its id. NotFound."""
    job = storage.find_job(connection, id)
    if job is None:
        raise NotFound(
            f'There is no job "{id[:80]}"; those that ended are forgotten after a while.'
        )
    return job


def find_own(connection: Connection, id: str, principal: Principal) -> Job:
    """A job in which a principal has a part. Forbidden for another's, if the principal does not write everything."""
    job = find_job(connection, id)
    if principal.scope != EVERYTHING and job.actor != principal.actor:
        raise Forbidden(
            f"This key is narrowed, so it has no part in jobs of others: {job.actor} asked for this one."
        )
    return job


def cancel(connection: Connection, id: str, principal: Principal) -> Job:
    """Stop a job: at once if it waits, soon if it is being done. Conflict if it has ended."""
    job = find_own(connection, id, principal)
    if job.state in ENDED:
        raise Conflict(f"The job has ended already: it is {job.state}.")
    waiting = job.state == QUEUED
    if not (waiting and storage.change_job(connection, job, state=CANCELLED, ended_at=now())):
        storage.ask_to_stop(connection, id)
    return find_job(connection, id)


def retry(
    connection: Connection, id: str, principal: Principal, arguments: str | None = None
) -> Job:
    """Do a job again that failed or was cancelled, as the job of the principal who asks now. Conflict for any other."""
    job = find_own(connection, id, principal)
    if job.state not in (FAILED, CANCELLED):
        raise Conflict(
            f"Only a job that failed or was cancelled can be tried again; it is {job.state}."
        )
    afresh = {"state": QUEUED, "run_at": now(), "ended_at": None, "attempt": 0, "cancelling": 0}
    mine = {"actor": principal.actor, "arguments": arguments or job.arguments}
    storage.change_job(connection, job, **mine, **afresh, **RELEASED)
    return find_job(connection, id)


def recover(connection: Connection) -> int:
    """Requeue jobs whose worker is gone and return their number. A job with too many attempts
    fails."""
    found = storage.list_lost(connection, now(), MOST_LOST)
    lost = [job for job in found if storage.change_job(connection, job, **fate_of(job))]
    count_runs(
        connection, [JobRun(job.kind, LOST, job.started_at or job.at, now()) for job in lost]
    )
    return len(lost)


def fate_of(job: Job) -> dict[str, Any]:
    """The new state of a job whose worker is gone."""
    errors = add_failure(job, GONE)
    if job.cancelling:
        return {"state": CANCELLED, "ended_at": now(), "lease_until": None}
    if job.attempt >= MOST_ATTEMPTS:
        return {"state": FAILED, "ended_at": now(), "lease_until": None, "errors": errors}
    return {"state": QUEUED, "run_at": now(), "errors": errors} | RELEASED


def add_failure(job: Job, message: str, rule: str = "", hints: Sequence[Hint] = ()) -> str:
    """The errors of a job plus a new error, as JSON."""
    failure = Failure(now(), job.attempt, message, rule if hints else "", list(hints))
    return encode([*decode(job.errors), asdict(failure)]).decode()


def read_failure(written: dict[str, Any]) -> Failure:
    """An error of a job as it is stored."""
    hints = [Hint(**each) for each in written.get("hints", ())]
    return Failure(**{**written, "hints": hints})


def pause_after(attempt: int) -> float:
    """Seconds to wait after a failed attempt."""
    return min(FIRST_PAUSE * 2.0 ** (attempt - 1), LONGEST_PAUSE)


def arguments_of(job: Job) -> dict[str, Any]:
    """The arguments of a job."""
    found: dict[str, Any] = decode(job.arguments)
    return found


def view(job: Job) -> JobView:
    """A job as its current JSON view."""
    rate = measure_rate(job)
    left = job.total - job.done if job.total is not None and job.state == RUNNING else None
    return JobView(
        job.id,
        job.kind,
        job.state,
        job.at,
        job.started_at,
        job.ended_at,
        job.attempt,
        job.done,
        job.total,
        rate,
        round(left / rate) if left is not None and rate else None,
        [read_failure(each) for each in decode(job.errors)],
        decode(job.result) if job.result else None,
    )


def measure_rate(job: Job) -> float | None:
    """Units per second of a job; None before any progress."""
    if not job.started_at or not job.done:
        return None
    end = datetime.fromisoformat(job.ended_at or now())
    seconds = (end - datetime.fromisoformat(job.started_at)).total_seconds()
    return round(job.done / seconds, 1) if seconds > 0 else None

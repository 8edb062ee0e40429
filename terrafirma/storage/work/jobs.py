"""Jobs and workers: the truth about background work, whatever happens to the queue.

A worker owns a job while its lease lasts. Its updates name the worker and the attempt, so a worker
that lost its lease changes nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.tables import jobs, workers
from terrafirma.storage.work.job_runs import JobRun, count_runs

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED)
ENDED = (DONE, FAILED, CANCELLED)


class Job(NamedTuple):
    """A job: its arguments, progress and result. Times are formatted as in entries."""

    id: str
    kind: str
    key: str | None
    """Unique key of a recurring job: the hour or day it is for."""
    actor: str
    arguments: str
    """JSON, as `result` and `errors` are."""
    state: str
    announced: int
    """1 if a sweep has pushed its id into the queue."""
    cancelling: int
    """1 if cancelling was requested."""
    at: str
    run_at: str
    started_at: str | None
    ended_at: str | None
    attempt: int
    worker: str | None
    lease_until: str | None
    done: int
    total: int | None
    result: str | None
    errors: str


class Owner(NamedTuple):
    """The owner of a job: a worker, in a single attempt."""

    id: str
    worker: str
    attempt: int


class Progress(NamedTuple):
    """The progress of a job."""

    owner: Owner
    done: int
    total: int | None


class Heartbeat(NamedTuple):
    """A worker that is there."""

    id: str
    host: str
    pid: int
    threads: int
    started_at: str
    beat_at: str


def add_job(connection: Connection, job: Job) -> None:
    """Add a job."""
    connection.execute(insert(jobs).values(job._asdict()))


def find_job(connection: Connection, id: str) -> Job | None:
    """A job by its id."""
    row = connection.execute(select(jobs).where(jobs.c.id == id)).first()
    return Job(*row) if row else None


def find_keyed(connection: Connection, key: str) -> Job | None:
    """The job that has a key."""
    row = connection.execute(select(jobs).where(jobs.c.key == key)).first()
    return Job(*row) if row else None


def add_job_once(connection: Connection, job: Job) -> bool:
    """Add a job unless its key exists; return True if added."""
    add = (
        postgresql.insert(jobs) if connection.dialect.name == "postgresql" else sqlite.insert(jobs)
    )
    added = add.values(job._asdict()).on_conflict_do_nothing().returning(jobs.c.id)
    return connection.scalar(added) is not None


def list_jobs(
    connection: Connection, limit: int, state: str | None = None, before: str | None = None
) -> list[Job]:
    """Jobs, newest first, in a state or all, older than the job `before`."""
    query = select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    query = query.where(jobs.c.state == state) if state else query
    query = query.where(jobs.c.id < before) if before else query
    return [Job(*row) for row in connection.execute(query)]


def list_due(connection: Connection, now: str, limit: int, *, again: bool) -> list[str]:
    """Ids of jobs that are due, longest due first; announced jobs only on request."""
    query = select(jobs.c.id).where(jobs.c.state == QUEUED, jobs.c.run_at <= now)
    query = query if again else query.where(jobs.c.announced == 0)
    return list(connection.scalars(query.order_by(jobs.c.run_at, jobs.c.id).limit(limit)))


def mark_announced(connection: Connection, ids: Sequence[str]) -> None:
    """Remember that ids were put into the queue."""
    connection.execute(update(jobs).where(jobs.c.id.in_(ids)).values(announced=1))


def take_job(
    connection: Connection, id: str, worker: str, now: str, lease_until: str
) -> Job | None:
    """Lease a job to a worker; None if it is not due or has another owner."""
    taken = update(jobs).where(jobs.c.id == id, jobs.c.state == QUEUED, jobs.c.run_at <= now)
    values: dict[str, Any] = {
        "state": RUNNING,
        "worker": worker,
        "lease_until": lease_until,
        "started_at": now,
    }
    values |= {"attempt": jobs.c.attempt + 1, "done": 0, "total": None}
    row = connection.execute(taken.values(values).returning(*jobs.c)).first()
    return Job(*row) if row else None


def owned(owner: Owner) -> ColumnElement[bool]:
    """Condition: the owner still owns the job."""
    ours = and_(jobs.c.worker == owner.worker, jobs.c.attempt == owner.attempt)
    return and_(jobs.c.id == owner.id, jobs.c.state == RUNNING, ours)


def beat_job(connection: Connection, progress: Progress, lease_until: str) -> bool | None:
    """Store progress and extend the lease; True if cancelling was requested, None if the lease was
    lost."""
    values: dict[str, Any] = {
        "done": progress.done,
        "total": progress.total,
        "lease_until": lease_until,
    }
    kept = update(jobs).where(owned(progress.owner)).values(values).returning(jobs.c.cancelling)
    cancelling: int | None = connection.scalar(kept)
    return None if cancelling is None else bool(cancelling)


def end_job(
    connection: Connection,
    progress: Progress,
    state: str,
    now: str,
    result: str | None,
    errors: str,
) -> bool:
    """End a job in a state of ENDED; False, without changes, if the lease was lost."""
    values: dict[str, Any] = {
        "state": state,
        "ended_at": now,
        "lease_until": None,
        "result": result,
    }
    values |= {"errors": errors, "done": progress.done, "total": progress.total}
    ended = (
        update(jobs)
        .where(owned(progress.owner))
        .values(values)
        .returning(jobs.c.kind, jobs.c.started_at)
    )
    row = connection.execute(ended).first()
    if row is not None:
        count_runs(connection, [JobRun(row.kind, state, row.started_at, now)])
    return row is not None


def return_job(
    connection: Connection, owner: Owner, run_at: str, errors: str, attempt: int
) -> bool:
    """Requeue a job for an instant; False, without changes, if the lease was lost."""
    values = {"state": QUEUED, "run_at": run_at, "errors": errors, "attempt": attempt}
    return (
        connection.execute(update(jobs).where(owned(owner)).values(values | RELEASED)).rowcount == 1
    )


RELEASED: dict[str, Any] = {"worker": None, "lease_until": None, "announced": 0}


def save_arguments(connection: Connection, owner: Owner, arguments: str) -> bool:
    """Store the arguments for resuming a job, in the transaction of its work; False if the lease
    was lost."""
    return (
        connection.execute(update(jobs).where(owned(owner)).values(arguments=arguments)).rowcount
        == 1
    )


def list_lost(connection: Connection, now: str, limit: int) -> list[Job]:
    """Jobs whose worker has had no heartbeat within the lease."""
    query = select(jobs).where(jobs.c.state == RUNNING, jobs.c.lease_until < now).limit(limit)
    return [Job(*row) for row in connection.execute(query)]


def change_job(connection: Connection, job: Job, **values: Any) -> bool:
    """Change a job that is still as it was read; False if it is not."""
    same = and_(jobs.c.id == job.id, jobs.c.state == job.state, jobs.c.attempt == job.attempt)
    # A worker that was only slow may have been heard of since.
    lease = (
        jobs.c.lease_until.is_(None)
        if job.lease_until is None
        else jobs.c.lease_until == job.lease_until
    )
    return connection.execute(update(jobs).where(same, lease).values(values)).rowcount == 1


def ask_to_stop(connection: Connection, id: str) -> None:
    """Request the cancellation of a job."""
    connection.execute(
        update(jobs).where(jobs.c.id == id, jobs.c.state == RUNNING).values(cancelling=1)
    )


def list_ended(connection: Connection, before: str, limit: int) -> list[str]:
    """Ids of jobs that ended before an instant."""
    query = select(jobs.c.id).where(jobs.c.state.in_(ENDED), jobs.c.ended_at < before)
    return list(connection.scalars(query.order_by(jobs.c.id).limit(limit)))


def remove_jobs(connection: Connection, ids: Sequence[str]) -> None:
    """Forget jobs."""
    connection.execute(delete(jobs).where(jobs.c.id.in_(ids)))


def count_jobs(connection: Connection) -> list[tuple[str, str, int]]:
    """The number of jobs by kind and state."""
    counted = select(jobs.c.kind, jobs.c.state, func.count()).group_by(jobs.c.kind, jobs.c.state)
    return [(kind, state, count) for kind, state, count in connection.execute(counted)]


def measure_queue(connection: Connection, now: str) -> tuple[int, str | None]:
    """The number of due jobs that are not started, and the time since when the oldest waits."""
    due = select(func.count(), func.min(jobs.c.run_at)).where(
        jobs.c.state == QUEUED, jobs.c.run_at <= now
    )
    count, since = connection.execute(due).one()
    return count, since


def record_heartbeat(connection: Connection, presence: Heartbeat) -> None:
    """Keep when a worker was last heard of."""
    known = update(workers).where(workers.c.id == presence.id).values(beat_at=presence.beat_at)
    if connection.execute(known).rowcount == 0:
        connection.execute(insert(workers).values(presence._asdict()))


def record_absence(connection: Connection, id: str, unheard_since: str) -> None:
    """Forget a worker, and all that were not heard of since an instant."""
    connection.execute(
        delete(workers).where((workers.c.id == id) | (workers.c.beat_at < unheard_since))
    )


def list_workers(connection: Connection, since: str) -> list[Heartbeat]:
    """Workers heard of since an instant."""
    query = (
        select(workers)
        .where(workers.c.beat_at >= since)
        .order_by(workers.c.started_at, workers.c.id)
    )
    return [Heartbeat(*row) for row in connection.execute(query)]

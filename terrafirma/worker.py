"""A worker: runs jobs, keeps their leases, and recovers jobs of dead workers."""

import os
import signal
import socket
import threading
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from time import monotonic
from typing import Any, NamedTuple

from flask import Flask

from terrafirma.config import Settings
from terrafirma.errors import ApiError, Busy, ConfigurationError, TooSlow
from terrafirma.factory import create_app
from terrafirma.http.app.api_client import InProcessAnswer, ReportRows, call_api
from terrafirma.register import jobs as rules
from terrafirma.register.access.actors import find_writer
from terrafirma.register.access.roles import Principal
from terrafirma.register.access.users import read_rules
from terrafirma.register.jobs import MOST_ATTEMPTS, add_failure, make_job, pause_after
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.clock import later, now, today
from terrafirma.storage.auth.auth_database import opened_auth_database, read_secret_of
from terrafirma.storage.auth.webhooks import has_webhooks
from terrafirma.storage.engine.database import Connection, Database, OperationalError, open_database
from terrafirma.storage.work import jobs
from terrafirma.storage.work.job_runs import RETRIED, JobRun, count_runs
from terrafirma.storage.work.jobs import CANCELLED, DONE, FAILED, Heartbeat
from terrafirma.storage.work.queue import Queue, QueueDown
from terrafirma.telemetry import configure_logs, get_logger
from terrafirma.work.handlers import DAILY, HANDLERS
from terrafirma.work.task import Cancelled, Handler, JobLost, Stopping, Task
from terrafirma.work.webhook_sender import WebhookSender

FINISH_SECONDS = 25
"""Seconds for jobs to stop when the worker ends; later their leases expire."""
IDLE_SECONDS = 0.1
"""Between two looks into a queue that does not wait by itself."""
SWEPT = 100
"""Jobs that one sweep pushes into the queue."""
ACTOR = "worker"
"""The actor of recurring jobs."""
FORGOTTEN = 20
"""Leases after which a worker that was not heard of is no longer remembered."""

log = get_logger()


class Intervals(NamedTuple):
    """Intervals of a worker in seconds: heartbeats and sweeps, and the extra time of a lease."""

    sweep: float = 1.0
    beat: float = 5.0
    lease: float = rules.LEASE_SECONDS


PACE = Intervals()


class Worker:
    """Threads that run jobs, and a thread that keeps their leases."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        queue: Queue,
        handlers: dict[str, Handler],
        daily: tuple[str, ...] = (),
        pace: Intervals = PACE,
    ) -> None:
        self.id = f"{socket.gethostname()}-{rules.make_id()}"
        self._settings, self._database, self._queue = settings, database, queue
        self._handlers, self._daily, self._pace = handlers, daily, pace
        self._threads = max(1, settings.job_threads)
        self._started = now()
        self._app: Flask | None = None
        self._making = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._heard, self._planned = monotonic(), ""
        self._stop, self._close = threading.Event(), threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then stop and requeue running jobs."""
        keeping = threading.Thread(target=self._keep, name="keep-leases", daemon=True)
        pulling = [
            threading.Thread(target=self._pull, name=f"job-{n}", daemon=True)
            for n in range(self._threads)
        ]
        for thread in (keeping, *pulling):
            thread.start()
        stop.wait()
        self._stop.set()
        deadline = monotonic() + FINISH_SECONDS
        for thread in pulling:
            thread.join(max(0, deadline - monotonic()))
        self._close.set()
        keeping.join(FINISH_SECONDS)
        with self._database.writing_quietly() as connection:
            jobs.record_absence(connection, self.id, later(-FORGOTTEN * self._pace.lease))

    def do(self, id: str) -> None:
        """Run a job in this thread while its lease is kept."""
        keeping = threading.Thread(target=self._keep, name="keep-leases", daemon=True)
        keeping.start()
        try:
            self.perform(id)
        finally:
            self._close.set()
            self._stop.set()
            keeping.join()

    def _ask(self, address: str, report: ReportRows | None = None) -> InProcessAnswer:
        # Made when it is first needed: most jobs ask nothing.
        with self._making:
            self._app = self._app or create_app(self._settings)
        return call_api(self._app, address, report)

    def _find_writer(self, actor: str) -> Principal:
        with (
            opened_auth_database(self._database) as vault,
            vault.reading() as auth,
            self._database.reading() as register,
        ):
            return find_writer(auth, register, actor, read_rules(self._settings.oidc_roles))

    def _pull(self) -> None:
        """Take and run jobs in a loop."""
        while not self._stop.is_set():
            try:
                id = self._next()
                if id is not None:
                    self.perform(id)
            except OperationalError as error:
                log.warning("worker", error=str(error.orig))
                self._stop.wait(self._pace.sweep)

    def _next(self) -> str | None:
        """The id of a job that may be due: from the queue or, while that is down, from the table."""
        try:
            id = self._queue.pop()
        except QueueDown:
            with self._database.reading() as connection:
                id = next(iter(jobs.list_due(connection, now(), 1, again=True)), None)
            if id is None:
                self._stop.wait(self._pace.sweep)
        else:
            if id is None and not self._queue.waits:
                self._stop.wait(IDLE_SECONDS)
        return id

    def perform(self, id: str) -> None:
        """Run a job if it is due and has no owner."""
        with self._database.writing_quietly() as connection:
            job = jobs.take_job(connection, id, self.id, now(), later(self._pace.lease))
        if job is None:
            return
        find_writer = partial(self._find_writer, job.actor)
        task = self._tasks[id] = Task(job, self._database, self._settings, self._ask, find_writer)
        begun = monotonic()
        try:
            state = self._do(task)
        finally:
            del self._tasks[id]
        log.info(
            "job",
            id=id,
            kind=job.kind,
            state=state,
            attempt=job.attempt,
            ms=round((monotonic() - begun) * 1000),
        )

    def _do(self, task: Task) -> str:
        """The state that a job is left in, after trying to do it."""
        try:
            handler = self._handlers.get(task.job.kind, refuse_unknown)
            result = handler(task)
        except JobLost:
            return "lost"
        except Stopping:
            return self._give_back(task, task.job.errors, 0.0, task.job.attempt - 1)
        except Cancelled:
            return self._end(task, CANCELLED, task.job.errors)
        except (Busy, TooSlow, ConfigurationError) as error:
            return self._try_again(task, error)
        except ApiError as refusal:
            about = (refusal.sentence, refusal.rule, refusal.hints)
            return self._end(task, FAILED, add_failure(task.job, *about))
        except Exception as error:
            return self._try_again(task, error)
        return DONE if task.ended else self._end(task, DONE, task.job.errors, result)

    def _try_again(self, task: Task, error: Exception) -> str:
        """Put a job back after a fault, for later; it has failed if that was the last attempt."""
        job = task.job
        log.error("job", id=job.id, kind=job.kind, exc_info=error)
        errors = add_failure(job, f"{type(error).__name__}: {error}"[:1000])
        if job.attempt >= MOST_ATTEMPTS:
            return self._end(task, FAILED, errors)
        return self._give_back(task, errors, pause_after(job.attempt), job.attempt, RETRIED)

    def _give_back(
        self, task: Task, errors: str, seconds: float, attempt: int, outcome: str = ""
    ) -> str:
        job = task.job
        with self._database.writing_quietly() as connection:
            returned = jobs.return_job(
                connection, task.progress.owner, later(seconds), errors, attempt
            )
            if returned and outcome:
                count_runs(connection, [JobRun(job.kind, outcome, job.started_at or job.at, now())])
        return jobs.QUEUED

    def _end(
        self, task: Task, state: str, errors: str, result: dict[str, Any] | None = None
    ) -> str:
        text = encode(result).decode() if result is not None else None
        with self._database.writing_quietly() as connection:
            jobs.end_job(connection, task.progress, state, now(), text, errors)
        return state

    def _keep(self) -> None:
        """Send heartbeats and recover lost jobs until the last job is returned."""
        beaten, told = -self._pace.beat, None
        while not self._close.is_set():
            try:
                if self._stop.is_set():
                    self._interrupt(Stopping(), list(self._tasks.values()))
                progress = {id: task.progress for id, task in list(self._tasks.items())}
                if progress != told or monotonic() >= beaten + self._pace.beat:
                    self._beat(progress)
                    beaten, told = monotonic(), progress
                self._sweep()
            except OperationalError as error:
                log.warning("worker", error=str(error.orig))
                self._give_up_late()
            (self._close if self._stop.is_set() else self._stop).wait(self._pace.sweep)

    def _beat(self, progress: dict[str, jobs.Progress]) -> None:
        """Record heartbeat and progress; note cancellations."""
        instant, until = now(), later(self._pace.lease)
        here = Heartbeat(
            self.id, socket.gethostname(), os.getpid(), self._threads, self._started, instant
        )
        with self._database.writing_quietly() as connection:
            jobs.record_heartbeat(connection, here)
            heard = {id: jobs.beat_job(connection, each, until) for id, each in progress.items()}
        self._heard = monotonic()
        for id, cancelling in heard.items():
            if cancelling is not False and (task := self._tasks.get(id)):
                task.interrupted = Cancelled() if cancelling else JobLost()

    def _give_up_late(self) -> None:
        """Abandon jobs whose lease could not be renewed: other workers may have started them."""
        if monotonic() > self._heard + self._pace.lease:
            # One that holds the writer's turn may be what kept this worker from being heard of.
            self._interrupt(
                JobLost(), [task for task in list(self._tasks.values()) if not task.ending]
            )

    def _interrupt(self, reason: Stopping | JobLost, tasks: Iterable[Task]) -> None:
        for task in tasks:
            task.interrupted = task.interrupted or reason

    def _sweep(self) -> None:
        """Requeue lost jobs, and push due jobs into the queue."""
        with self._database.reading() as connection:
            lost = jobs.list_lost(connection, now(), 1)
            due = self._list_due(connection)
        if lost:
            with self._database.writing_quietly() as connection:
                log.info("recovered", jobs=rules.recover(connection))
        if due:
            with self._database.writing_quietly() as connection:
                jobs.mark_announced(connection, due)
            for id in due:
                self._queue.push(id)
        self._plan()

    def _list_due(self, connection: Connection) -> list[str]:
        # What was announced and is due while nothing is in the queue was lost with it.
        try:
            empty = self._queue.count() == 0
        except QueueDown:
            return []
        return jobs.list_due(connection, now(), SWEPT, again=empty)

    def _plan(self) -> None:
        """Add the jobs of today."""
        day = today()
        if self._planned != day:
            with self._database.writing_quietly() as connection:
                for kind in self._daily:
                    jobs.add_job_once(connection, make_job(kind, {}, ACTOR, f"{kind} {day}"))
            self._planned = day


def refuse_unknown(task: Task) -> dict[str, Any] | None:
    """Fail a job of a kind that this version does not know."""
    raise ApiError(
        f'This version of Terrafirma does not know how to do a job of the kind "{task.job.kind}".'
    )


def work(settings: Settings, stop: threading.Event) -> None:
    """Work on the register that the settings name until `stop` is set."""
    configure_logs()
    with (
        closing(open_database(settings.url)) as database,
        closing(Queue(settings.queue_url)) as queue,
    ):
        daily = (*DAILY, "snapshot") if settings.snapshot == "daily" else DAILY
        carrying = threading.Thread(
            target=carry, args=(settings, database, stop), name="courier", daemon=True
        )
        carrying.start()
        Worker(settings, database, queue, HANDLERS, daily).run(stop)
        carrying.join(FINISH_SECONDS)


def carry(settings: Settings, database: Database, stop: threading.Event) -> None:
    """Deliver to webhooks until `stop` is set, except to those made with another secret."""
    while not stop.is_set():
        try:
            with opened_auth_database(database) as vault:
                if not wait_for_webhooks(vault, stop):
                    return
                secret = read_secret_of(settings, vault)
                WebhookSender(database, vault, secret, settings.webhook_networks).run(stop)
        except OperationalError as error:
            log.warning("webhooks", error=str(error.orig))
            stop.wait(PACE.sweep)
        except ConfigurationError as unusable:
            log.error("webhooks", error=f"This worker delivers to none: {unusable.sentence}")
            return


def wait_for_webhooks(vault: Database, stop: threading.Event) -> bool:
    """Return True once there is a webhook; False if `stop` is set first.

    Until then no secret is created or checked: this machine may not need it.
    """
    while True:
        with vault.reading() as connection:
            if has_webhooks(connection):
                return True
        if stop.wait(PACE.sweep):
            return False


def work_until_told(settings: Settings, main: int | None = None) -> None:
    """Work until SIGTERM or SIGINT or, if this was started by a main process, until that is gone."""
    stop = threading.Event()
    for sent in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sent, lambda *_: stop.set())
    if main is not None:
        threading.Thread(
            target=stop_with, args=(main, stop), daemon=True, name="watch-main"
        ).start()
    work(settings, stop)


def stop_with(main: int, stop: threading.Event) -> None:
    """Set an event once this process has another parent."""
    while os.getppid() == main and not stop.wait(0.5):
        pass
    stop.set()

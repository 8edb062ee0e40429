"""What it costs to have a job done: kept in the table, leased, ended; beside Huey alone, on the same queue file."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import structlog
from huey import SqliteHuey

from bench.fill import make_register
from bench.load import Pace
from bench.report import Row, Table
from bench.rounds import Plan, run_rounds
from bench.servers import Yard
from terrafirma.config import Settings
from terrafirma.register import jobs as rules
from terrafirma.register.model.clock import later
from terrafirma.storage.engine.database import Database, open_database
from terrafirma.storage.work.jobs import DONE, count_jobs, list_ended, remove_jobs
from terrafirma.storage.work.queue import Queue
from terrafirma.worker import Worker

JOBS, THREADS = 500, 2
PATIENCE = 60.0
HUEY, OURS = "bare Huey", "Terrafirma"


def measure_jobs(plan: Plan, yard: Yard) -> Table:
    """Jobs that do nothing, added one by one and done by two threads beside that, a second."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    data = yard.folder / "jobs"
    make_register(data, 0)
    settings = Settings(data=data, job_threads=THREADS)
    file = Path(settings.queue_url.removeprefix("sqlite:///"))
    paces = run_rounds(plan, {HUEY: partial(do_with_huey, file), OURS: partial(do_here, settings)})
    rates = {name: pace.rate for name, pace in paces.items()}
    rows = [
        Row(name, rates[name], "/s", rates[name] / rates[HUEY], "bare Huey")
        for name in (HUEY, OURS)
    ]
    return Table("Jobs that do nothing, a second", rows)


def do_with_huey(file: Path) -> Pace:
    """Messages in a file: a killed worker loses what it had taken."""
    huey = SqliteHuey("bench", filename=str(file))
    done: list[None] = []
    nothing = huey.task()(lambda: done.append(None))
    consumer = huey.create_consumer(
        workers=THREADS, periodic=False, initial_delay=0.01, max_delay=0.1
    )
    consumer.start()
    begun = time.perf_counter()
    for _ in range(JOBS):
        nothing()
    wait_until(lambda: len(done) == JOBS)
    taken = time.perf_counter() - begun
    consumer.stop(graceful=True)
    huey.storage.close()
    return Pace(JOBS / taken, 0.0)


def do_here(settings: Settings) -> Pace:
    """Rows in the register's file, each committed before its id goes into the queue."""
    with (
        closing(open_database(settings.url)) as database,
        closing(Queue(settings.queue_url)) as queue,
    ):
        stop = threading.Event()
        worker = Worker(settings, database, queue, {"nothing": lambda _: None})
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        begun = time.perf_counter()
        for _ in range(JOBS):
            with database.writing_local() as connection:
                job = rules.enqueue(connection, "nothing", {}, "bench")
            queue.push(job.id)
        wait_until(lambda: count_done(database) == JOBS)
        taken = time.perf_counter() - begun
        stop.set()
        thread.join()
        with database.writing_quietly() as connection:
            remove_jobs(connection, list_ended(connection, later(1), JOBS))
    return Pace(JOBS / taken, 0.0)


def count_done(database: Database) -> int:
    """How many jobs are done."""
    with database.reading() as connection:
        return sum(count for _, state, count in count_jobs(connection) if state == DONE)


def wait_until(ask: Callable[[], bool]) -> None:
    """Return once something is so. TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while not ask():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done after {PATIENCE:.0f} s")
        time.sleep(0.005)

"""A register of its own with workers that are quick to notice."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from terrafirma.config import Settings
from terrafirma.register import jobs as rules
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Database, open_database
from terrafirma.storage.work.jobs import ENDED, Job
from terrafirma.storage.work.queue import Queue
from terrafirma.work.task import Handler
from terrafirma.worker import Intervals, Worker

QUICK = Intervals(sweep=0.05, beat=0.1, lease=1.0)
PATIENCE = 120


class Place:
    """A register, its queue, and workers to start on it."""

    def __init__(self, settings: Settings, database: Database, queue: Queue) -> None:
        self.settings, self.database, self.queue = settings, database, queue

    def enqueue(self, kind: str, /, push: bool = True, **arguments: object) -> str:
        """A new job's id."""
        with self.database.writing_local() as connection:
            job = rules.enqueue(connection, kind, arguments, "local")
        if push:
            self.queue.push(job.id)
        return job.id

    def find(self, id: str) -> Job:
        """A job as it is."""
        with self.database.reading() as connection:
            return rules.find_job(connection, id)

    def wait(self, id: str, *states: str) -> Job:
        """A job once it is in one of some states; by default, once it has ended."""
        return wait_until(lambda: (job := self.find(id)).state in (states or ENDED) and job)

    @contextmanager
    def working(self, handlers: dict[str, Handler], pace: Intervals = QUICK) -> Iterator[Worker]:
        """A worker, for a while."""
        worker, stop = (
            Worker(self.settings, self.database, self.queue, handlers, pace=pace),
            threading.Event(),
        )
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            yield worker
        finally:
            stop.set()
            thread.join(PATIENCE)
            assert not thread.is_alive()


def wait_until(ask: Callable[[], object]):
    """What asking comes to, once that is something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := ask()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    """An empty register on each kind of database, its queue in the same."""
    settings = Settings(data=tmp_path, database_url=database_url)
    with (
        closing(open_database(database_url)) as database,
        closing(Queue(settings.queue_url)) as queue,
    ):
        schema.upgrade(database)
        yield Place(settings, database, queue)

"""What a handler stands in while it does a job: its arguments, its register, and a way to say how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from terrafirma.config import Settings
from terrafirma.http.app.api_client import InProcessAnswer
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.clock import now
from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.work.jobs import DONE, Job, Owner, Progress, end_job, save_arguments

TAKEN_OVER = "The job is another worker's by now."


class Interrupted(Exception):
    """A job is not done to its end; what it wrote so far stays or is undone as its transactions say."""


class JobLost(Interrupted):
    """Another worker may do the job by now: this one was not heard of for too long."""


class Cancelled(Interrupted):
    """Somebody asked the job to stop."""


class Stopping(Interrupted):
    """The worker is to end; the job goes back."""


class Task:
    """A job in one attempt of it, as its handler sees it."""

    def __init__(
        self,
        job: Job,
        database: Database,
        settings: Settings,
        ask: Callable[[str], InProcessAnswer],
    ) -> None:
        self.job = job
        self.ask = ask
        """What the API answers to a GET of an address."""
        self.database = database
        self.settings = settings
        self.arguments: dict[str, Any] = decode(job.arguments)
        self.ended = False
        """Whether the job's end is written."""
        self.ending = False
        """Whether that is under way, in a transaction that is undone if the job is another worker's by then."""
        self.interrupted: Interrupted | None = None
        """Set by the worker: why the handler should come to an end."""
        self._done, self._total = 0, job.total

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(
            Owner(self.job.id, self.job.worker or "", self.job.attempt), self._done, self._total
        )

    def tell(self, done: int, total: int | None = None) -> None:
        """Say how far it is, of how much. Raises Interrupted where it should not go on; call it often."""
        self._done, self._total = done, total
        if self.interrupted is not None:
            raise self.interrupted

    @contextmanager
    def finishing(self, result: dict[str, Any] | None = None) -> Iterator[Connection]:
        """The writer's transaction, in which the job's effects happen and the job ends: both or neither. Lost."""
        with self.database.writing() as connection:
            self.ending = True
            try:
                yield connection
                self.end(connection, result)
            finally:
                self.ending = False
        self.ended = True

    def save(self, connection: Connection, more: dict[str, Any]) -> None:
        """Keep what another attempt needs to go on, in the transaction of what this one has done so far. Lost."""
        if not save_arguments(
            connection, self.progress.owner, encode(self.arguments | more).decode()
        ):
            raise JobLost(TAKEN_OVER)

    def end(self, connection: Connection, result: dict[str, Any] | None) -> None:
        """Write that the job is done. Lost if it is this worker's no more."""
        text = encode(result).decode() if result is not None else None
        if not end_job(connection, self.progress, DONE, now(), text, self.job.errors):
            raise JobLost(TAKEN_OVER)


Handler = Callable[[Task], dict[str, Any] | None]
"""Does a job and gives its result. It may be begun again after any step it took: it must come to the same."""

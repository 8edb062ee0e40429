"""The context of a job handler: arguments, register, and progress reports."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from terrafirma.config import Settings
from terrafirma.http.app.api_client import InProcessAnswer
from terrafirma.register.access.roles import Principal
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.clock import now
from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.work.jobs import DONE, Job, Owner, Progress, end_job, save_arguments

TAKEN_OVER = "The job is another worker's by now."


class Interrupted(Exception):
    """The job must stop early; its writes stay or are undone with their transactions."""


class JobLost(Interrupted):
    """The lease was lost: another worker may run the job now."""


class Cancelled(Interrupted):
    """Somebody asked the job to stop."""


class Stopping(Interrupted):
    """The worker is to end; the job goes back."""


class Task:
    """A single attempt of a job, as its handler sees it."""

    def __init__(
        self,
        job: Job,
        database: Database,
        settings: Settings,
        ask: Callable[..., InProcessAnswer],
        find_writer: Callable[[], Principal],
    ) -> None:
        self.job = job
        self.find_writer = find_writer
        """Returns the job's actor with the rights it has now. Forbidden if it has none any more."""
        self.ask = ask
        """Sends a GET to the API, with a function for the count of rows, and returns the answer."""
        self.database = database
        self.settings = settings
        self.arguments: dict[str, Any] = decode(job.arguments)
        self.ended = False
        """True once the job's end is committed."""
        self.ending = False
        """True while the end is being written, in a transaction that is undone if the lease was
        lost."""
        self.interrupted: Interrupted | None = None
        """Set by the worker: why the handler should come to an end."""
        self._done, self._total = 0, job.total

    @property
    def progress(self) -> Progress:
        """The current progress."""
        return Progress(
            Owner(self.job.id, self.job.worker or "", self.job.attempt), self._done, self._total
        )

    def tell(self, done: int, total: int | None = None) -> None:
        """Report progress; call often. Raises Interrupted if the job must stop."""
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
        """Store arguments for another attempt, in the transaction of the work done so far. Raises
        JobLost."""
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

"""A register's database: one engine with a reading and a writing side.

SQLite runs in WAL mode with `synchronous=FULL`, and the driver's own transaction handling is off: a
write begins with BEGIN IMMEDIATE, because the default begins too late and loses updates. PostgreSQL
reads in REPEATABLE READ; its writers queue on the row of the chain's head.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    Table,
    create_engine,
    event,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
)

from terrafirma.deferred import Deferred
from terrafirma.errors import ConfigurationError, TooSlow
from terrafirma.storage.engine import timeouts
from terrafirma.storage.engine.head_revision import CHANNEL, HeadRevision
from terrafirma.storage.engine.revision import Revision, SharedRevision
from terrafirma.storage.engine.tables import head
from terrafirma.storage.private_files import make_file, make_folder

__all__ = [
    "Connection",
    "Database",
    "OperationalError",
    "has_file",
    "open_database",
    "open_snapshot",
    "split_batches",
]

postgresql = Deferred("terrafirma.storage.engine.postgresql")

BUSY_SECONDS = 300
"""Seconds that a SQLite writer waits for other processes: one may be filling a new register, or upgrading it."""

SECONDS_BETWEEN_TRIES = 0.02
FAILOVER_SECONDS = 0.2
"""Seconds between two attempts to find a server that takes writes."""

UNBOUNDED = -1
"""No limit of connections beside the pooled ones: a thread holds at most one, so the threads limit
them."""

PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-16000",
)


ASKED = 500
"""Values in a single statement."""

Value = TypeVar("Value")


def split_batches(values: Sequence[Value], size: int = ASKED) -> Iterator[Sequence[Value]]:
    """Values in batches that a statement can take."""
    return (values[start : start + size] for start in range(0, len(values), size))


class Database:
    """Connections to a register, for reading and for writing."""

    def __init__(
        self,
        engine: Engine,
        revision: Revision,
        path: Path | None,
        seconds: float | None,
        head: Table = head,
        *,
        is_announced: bool = True,
    ) -> None:
        self.engine = engine
        self.revision = revision
        self.path = path
        """The SQLite file; None on PostgreSQL."""
        self.seconds = seconds
        """Seconds that a transaction may run or wait; None: no limit."""
        self._lock = select(head.c.lock).with_for_update()
        self._is_announced = is_announced
        level = {} if path else {"isolation_level": "REPEATABLE READ"}
        self._reader = engine.execution_options(**level)
        self._connect: Callable[[Engine], Connection] = Engine.connect
        if path is None:
            self._connect = postgresql.check_out
        self._turn = threading.Lock()
        self._writer: Connection | None = None
        self.closing = threading.Event()
        """Set when the connections are given back: threads that use them end."""

    def set_reader_option(self, name: str, value: Any) -> None:
        """Let the connections of reading transactions carry something, by a name."""
        self._reader = self._reader.execution_options(**{name: value})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view: every query in it sees the same entries."""
        with self._connect(self._reader) as connection, connection.begin():
            if self.path is not None:
                # By the driver: it only takes note of it, and SQLAlchemy's way costs as much as a short query.
                driver: Any = connection.connection.driver_connection
                driver.execute("BEGIN")
                timeouts.restart(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only writer's transaction: durable and announced on leaving, undone on an exception."""
        with self._own_turn():
            if self.path is None:
                with self._locked() as connection:
                    yield connection
                    if self._is_announced:
                        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                    connection.commit()
            else:
                with self._kept_writer() as connection, self._begun(connection):
                    yield connection
            self.revision.bump()

    def _locked(self) -> Connection:
        """A connection whose transaction has locked the head; retried during a failover."""
        deadline = time.monotonic() + (self.seconds or 0)
        while True:
            connection = None
            try:
                connection = self._connect(self.engine)
                connection.execute(self._lock)
                return connection
            except OperationalError as error:
                if connection is not None:
                    connection.invalidate()
                    connection.close()
                if timeouts.is_overdue(error) or time.monotonic() > deadline:
                    raise
            # A primary that became a standby keeps nobody's connection for long, but takes no writes either.
            self.engine.dispose()
            time.sleep(FAILOVER_SECONDS)

    @contextmanager
    def writing_quietly(self) -> Iterator[Connection]:
        """A transaction that is neither announced nor necessarily durable: counters, times of last
        use."""
        with (
            self._connect(self.engine) as connection,
            self._hasty(connection),
            self._begun(connection),
        ):
            if self.path is None:
                connection.exec_driver_sql("SET LOCAL synchronous_commit=off")
            yield connection

    @contextmanager
    def _hasty(self, connection: Connection) -> Iterator[None]:
        if self.path is None:
            yield
            return
        # Not through SQLAlchemy, which would begin a transaction, in which SQLite ignores it.
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            driver.execute("PRAGMA synchronous=FULL")

    @contextmanager
    def writing_local(self) -> Iterator[Connection]:
        """A durable transaction that is not announced: work to do, but no change of the register."""
        if self.path is None:
            with self._connect(self.engine) as connection, connection.begin():
                yield connection
        else:
            with (
                self._own_turn(),
                self._kept_writer() as connection,
                self._begun(connection),
            ):
                yield connection

    @contextmanager
    def setting_up(self) -> Iterator[Connection]:
        """A writer's transaction in a database that need not have its tables yet."""
        with (
            self._connect(self.engine) as connection,
            self._begun(connection),
        ):
            yield connection

    @contextmanager
    def _begun(self, connection: Connection) -> Iterator[None]:
        with connection.begin():
            if self.path is not None:
                # Said here and not in an event: listeners to one would be looked for at every statement.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                timeouts.restart(connection)
            yield

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        # Threads of one process take turns here, since SQLite's own waiting is a sleep.
        if not self._turn.acquire(timeout=-1 if self.seconds is None else self.seconds):
            raise TooSlow(
                f"Other writes left this write no turn for {self.seconds:g} seconds; it was not begun. Try again."
            )
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _kept_writer(self) -> Iterator[Connection]:
        # A file's writer keeps its connection until something goes wrong.
        connection, self._writer = self._writer or self.engine.connect(), None
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._writer = connection

    def close(self) -> None:
        """Give the connections back."""
        self.closing.set()
        with self._turn:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self.engine.dispose()


def read_address(url: str) -> URL:
    """A database's URL, taken apart."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            "DATABASE_URL is not an address such as postgresql://user@host/name."
        ) from None


def is_postgresql(url: str) -> bool:
    """Return True for the URL of PostgreSQL, which may name several hosts."""
    return url.partition(":")[0] in ("postgresql", "postgresql+psycopg")


def has_file(url: str) -> bool:
    """Return True if the SQLite file of a URL exists; for a server always True."""
    if is_postgresql(url):
        return True
    address = read_address(url)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").is_file()


def open_database(url: str, seconds: float | None = None) -> Database:
    """Open the register's database at a URL; a missing file is created.

    Transactions that run or wait longer than `seconds` are stopped; see `is_overdue`.
    """
    if is_postgresql(url):
        engine = postgresql.open_engine(url, seconds)
        event.listen(engine, "connect", partial(_prepare_postgresql, seconds))
        event.listen(engine, "handle_error", _name_unusable)
        return Database(engine, HeadRevision(engine), None, seconds)
    address = read_address(url)
    if address.get_backend_name() == "sqlite":
        path = make_place(address.database)
        make_file(path)
        # Last in, first out: a connection's page cache holds until another one commits.
        engine = create_engine(address, pool_size=16, max_overflow=UNBOUNDED, pool_use_lifo=True)
        event.listen(engine, "connect", partial(_prepare_sqlite, seconds))
        event.listen(engine, "handle_error", _name_unusable)
        return Database(
            engine, SharedRevision(path.with_name(path.name + "-revision")), path, seconds
        )
    raise ConfigurationError(
        f"DATABASE_URL names {address.get_backend_name()}; Terrafirma speaks sqlite and postgresql."
    )


class NoRevision:
    """The token of a register that never changes."""

    def known(self) -> bytes:
        """Return the same token always."""
        return b""

    read = known

    def bump(self) -> None:
        """Refuse, as there is no writer."""
        raise ConfigurationError("This register is read-only.")


def open_snapshot(path: Path) -> Database:
    """Open a SQLite register that nobody writes, such as the shipped world; it may lie in a read-only place."""
    address = f"sqlite:///file:{quote(path.as_posix())}?immutable=1&uri=true"
    engine = create_engine(address, max_overflow=UNBOUNDED)
    event.listen(engine, "connect", _leave_transactions_alone)
    return Database(engine, NoRevision(), path, None)


def make_place(name: str | None) -> Path:
    """The path of a SQLite file, its directory made. Unusable where no file can be."""
    if not name or name.startswith((":", "file:")):
        raise ConfigurationError(
            "DATABASE_URL must name a SQLite file, as in sqlite:////var/lib/terrafirma/register.sqlite."
        )
    path = Path(name)
    try:
        make_folder(path.parent)
    except OSError as error:
        raise ConfigurationError(
            f"The directory {path.parent} cannot be made: {error.strerror}."
        ) from None
    return path


def _prepare_sqlite(seconds: float | None, connection: Any, record: Any) -> None:
    connection.isolation_level = None
    patience = BUSY_SECONDS if seconds is None else min(seconds, BUSY_SECONDS)
    for pragma in (f"PRAGMA busy_timeout={round(patience * 1000)}", *PRAGMAS):
        connection.execute(pragma)
    _write_ahead(connection)
    if seconds is not None:
        record.info[timeouts.INFO] = timeouts.limit_sqlite(connection, seconds)


def _leave_transactions_alone(connection: Any, _record: Any) -> None:
    connection.isolation_level = None


def _prepare_postgresql(seconds: float | None, connection: Any, _record: Any) -> None:
    if seconds is not None:
        timeouts.limit_postgresql(connection, seconds)


def _write_ahead(connection: Any) -> None:
    # SQLite waits for no other process that is about to change a new file's mode: it says "locked" at once.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(SECONDS_BETWEEN_TRIES)


def _name_unusable(context: ExceptionContext) -> OperationalError | None:
    return as_configuration_error(context.sqlalchemy_exception)


def as_configuration_error(error: Any) -> OperationalError | None:
    """An error that means the database cannot be used, by that name: a damaged file, a read-only standby."""
    if type(error) in (DatabaseError, InterfaceError, InternalError):
        return OperationalError(error.statement, error.params, error.orig)
    return None

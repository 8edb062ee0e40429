"""The queue that wakes workers: it carries job ids; losing it loses no work.

Huey's storages implement it: a SQLite file, tables of PostgreSQL, or a list of Valkey or Redis. It
carries only the bytes of an id, so foreign content is never unpickled.
"""

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from terrafirma.deferred import Deferred
from terrafirma.errors import ConfigurationError
from terrafirma.storage.private_files import make_file, make_folder
from terrafirma.telemetry import get_logger

huey, redis, psycopg = map(Deferred, ("huey.storage", "redis", "psycopg"))

NAME = "terrafirma"
WAIT_SECONDS = 1
"""Seconds for which PostgreSQL and Valkey block a waiting worker; SQLite returns at once."""
PATIENCE_SECONDS = 5
"""Seconds that Valkey may take to answer."""

SCHEMES = ("sqlite", "postgresql", "redis", "rediss", "valkey", "valkeys")


class QueueDown(Exception):
    """The queue cannot be used now; jobs are found in their table instead."""


class Queue:
    """Ids of waiting jobs, oldest first, each given to one worker. It is opened on first use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._storage: Any = None
        self._opening = threading.Lock()
        check_address(url)
        self.waits = not url.startswith("sqlite")
        """True if `pop` blocks for an id."""

    def push(self, id: str) -> None:
        """Put an id in. Where that fails, a worker's sweep finds the job a second later."""
        try:
            self._opened().enqueue(id.encode())
        except list_faults() as error:
            get_logger().warning("queue", error=str(error))

    def pop(self) -> str | None:
        """Take the oldest id, waiting up to a second where the storage can. Raises QueueDown."""
        try:
            taken = self._opened().dequeue()
        except list_faults() as error:
            raise QueueDown(str(error)) from None
        return bytes(taken).decode(errors="replace") if taken is not None else None

    def count(self) -> int:
        """The number of ids in the queue. Raises QueueDown."""
        try:
            return int(self._opened().queue_size())
        except list_faults() as error:
            raise QueueDown(str(error)) from None

    def close(self) -> None:
        """Give its connections back."""
        if self._storage is not None:
            with suppress(*list_faults()):
                self._storage.close()

    def _opened(self) -> Any:
        with self._opening:
            if self._storage is None:
                self._storage = open_storage(self._url)
            return self._storage


def list_faults() -> tuple[type[Exception], ...]:
    """Exceptions that the storages raise when they are unavailable."""
    return sqlite3.Error, psycopg.Error, redis.RedisError, OSError


def check_address(url: str) -> None:
    """Unusable for an address of another kind of queue."""
    if url.partition("://")[0].partition("+")[0] not in SCHEMES or "://" not in url:
        raise ConfigurationError(
            "TERRAFIRMA_QUEUE must be an address such as redis://host:6379/0, postgresql://… or sqlite:////…."
        )


def open_storage(url: str) -> Any:
    """Huey's storage for an address."""
    scheme, _, rest = url.partition("://")
    scheme = scheme.partition("+")[0]
    if scheme == "sqlite":
        path = Path(rest.removeprefix("/"))
        make_folder(path.parent)
        make_file(path)
        return huey.SqliteStorage(NAME, filename=str(path))
    if scheme == "postgresql":
        return huey.PostgresStorage(
            NAME, dsn=f"postgresql://{rest}", read_timeout=WAIT_SECONDS, table_prefix="queue"
        )
    address = f"{scheme.replace('valkey', 'redis')}://{rest}"
    waits = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
    pool = redis.ConnectionPool.from_url(address, **waits)
    return huey.RedisStorage(NAME, connection_pool=pool, read_timeout=WAIT_SECONDS)

"""How long the database may work for one request: on SQLite a clock is asked, PostgreSQL has one of its own."""

import sqlite3
from math import inf
from time import monotonic
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

INFO = "clock"
"""Under which a connection to SQLite has its clock."""

STEPS = 100_000
"""Instructions of SQLite between two looks at the clock: a few milliseconds, so that most statements need none."""

STOPPED = frozenset({"SQLITE_INTERRUPT", "SQLITE_BUSY", "57014"})
"""What the two databases call a statement that was stopped, or waited too long for another writer."""


class QueryClock:
    """When a transaction must be done with."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = inf

    def start(self) -> None:
        """As much time as there is, from now on."""
        self._end = monotonic() + self._seconds

    def is_over(self) -> bool:
        """Whether no time is left."""
        return monotonic() > self._end


def limit_sqlite(connection: sqlite3.Connection, seconds: float) -> QueryClock:
    """Let a clock stop what runs on a connection."""
    clock = QueryClock(seconds)
    connection.set_progress_handler(clock.is_over, STEPS)
    return clock


def limit_postgresql(connection: Any, seconds: float) -> None:
    """Let the server stop each statement of a connection."""
    connection.autocommit = True
    connection.execute(f"SET statement_timeout = {max(1, round(seconds * 1000))}")
    connection.autocommit = False


def restart(connection: Connection) -> None:
    """Give what a transaction has yet to do as much time as a new one."""
    if clock := connection.info.get(INFO):
        clock.start()


def is_overdue(error: OperationalError) -> bool:
    """Whether an error says that time was up."""
    names = (getattr(error.orig, name, None) for name in ("sqlite_errorname", "sqlstate"))
    return not STOPPED.isdisjoint(names)

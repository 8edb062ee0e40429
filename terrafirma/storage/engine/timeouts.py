"""Limits on the database time of a request: a progress handler on SQLite, `statement_timeout` on
PostgreSQL."""

import sqlite3
from math import inf
from time import monotonic
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

INFO = "clock"
"""Under which a connection to SQLite has its clock."""

STEPS = 100_000
"""SQLite instructions between two checks of the clock: a few milliseconds, so most statements need
no check."""

STOPPED = frozenset({"SQLITE_INTERRUPT", "SQLITE_BUSY", "57014"})
"""Error names of both databases for a statement that was stopped, or waited too long for another
writer."""


class QueryClock:
    """When a transaction must be done with."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = inf

    def start(self) -> None:
        """As much time as there is, from now on."""
        self._end = monotonic() + self._seconds

    def is_over(self) -> bool:
        """Return True if the time limit is reached."""
        return monotonic() > self._end


def limit_sqlite(connection: sqlite3.Connection, seconds: float) -> QueryClock:
    """Stop statements on a connection when its clock runs out."""
    clock = QueryClock(seconds)
    connection.set_progress_handler(clock.is_over, STEPS)
    return clock


def limit_postgresql(connection: Any, seconds: float) -> None:
    """Let the server stop each statement of a connection."""
    connection.autocommit = True
    connection.execute(f"SET statement_timeout = {max(1, round(seconds * 1000))}")
    connection.autocommit = False


def restart(connection: Connection) -> None:
    """Restart the time limit of a transaction."""
    if clock := connection.info.get(INFO):
        clock.start()


def is_in_doubt(error: OperationalError) -> bool:
    """Return True if an error leaves open whether a commit happened."""
    return bool(getattr(error.orig, "in_doubt", False))


def is_overdue(error: OperationalError) -> bool:
    """Return True if an error means that the time limit was reached."""
    names = (getattr(error.orig, name, None) for name in ("sqlite_errorname", "sqlstate"))
    return not STOPPED.isdisjoint(names)

"""Connections to PostgreSQL that survive a failover.

libpq's list of hosts finds the server that accepts writes. This module handles the rest: dead
connections of the pool, a frozen server that keeps its connections open, and a commit with an
unknown outcome.
"""

import time
from functools import partial
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import Diagnostic, _WaitTimeout
from sqlalchemy import Connection, Engine, create_engine

from terrafirma.errors import ConfigurationError

CONNECT_SECONDS = 3
"""Seconds for connecting to a host, unless the URL has another value."""
FRESH_SECONDS = 1.0
"""Seconds for which a connection that was in use is taken to be alive without asking."""
GRACE_SECONDS = 1.0
"""Seconds beyond its own time limit that the server has to answer."""
WAIT_SECONDS = 0.1
"""Interval at which psycopg looks for a signal while it waits."""
CHECKED = "checked"
"""Under which a connection has the time when it was last found alive."""
UNBOUNDED = -1


class CommitInDoubt(psycopg.OperationalError):
    """A commit that may or may not have happened, or that no standby may have."""

    in_doubt = True


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits for its server only so long, and notices a commit in doubt."""

    patience: float | None = None
    """Seconds to wait for an answer; None: any time."""
    _warned = False

    def wait(self, gen: Any, interval: float = WAIT_SECONDS, timeout: float | None = None) -> Any:
        """Wait for an exchange with the server; close the connection on a timeout."""
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except _WaitTimeout:
            # A frozen server sends nothing, and its kernel keeps the connection alive.
            self.close()
            raise psycopg.OperationalError("the server does not answer") from None

    def commit(self) -> None:
        """Commit; raise CommitInDoubt if the outcome is unknown.

        A server that waits for a standby in vain commits nevertheless and only warns of it: a failover would lose that
        commit.
        """
        self._warned = False
        try:
            super().commit()
        except psycopg.OperationalError as error:
            raise CommitInDoubt(f"The connection was lost during a commit: {error}") from error
        if self._warned:
            raise CommitInDoubt("A commit may not have reached a standby.")

    def record_warning(self, notice: Diagnostic) -> None:
        """Remember a warning of the server."""
        self._warned |= notice.severity_nonlocalized == "WARNING"


def open_engine(url: str, seconds: float | None) -> Engine:
    """Return an engine over the servers of a URL, which may name several hosts."""
    creator = partial(connect, read_parameters(url), seconds)
    # Said, because a server may have another default: a writer must see what its predecessor committed.
    options: dict[str, Any] = {"isolation_level": "READ COMMITTED", "max_overflow": UNBOUNDED}
    return create_engine("postgresql+psycopg://", creator=creator, **options)


def read_parameters(url: str) -> dict[str, Any]:
    """Return libpq's parameters of a URL."""
    try:
        parameters = conninfo_to_dict("postgresql://" + url.partition("://")[2])
        # libpq itself looks at ports when it connects.
        ports = [int(port) for port in str(parameters.get("port", "")).split(",") if port]
        if any(not 0 < port < 65_536 for port in ports):
            raise ValueError
    except (psycopg.ProgrammingError, ValueError):
        raise ConfigurationError(
            "DATABASE_URL is not an address such as postgresql://user@host/name."
        ) from None
    return {"connect_timeout": CONNECT_SECONDS} | parameters


def connect(parameters: dict[str, Any], seconds: float | None) -> PatientConnection:
    """Connect to the first server that libpq's rules allow."""
    connection = PatientConnection.connect(**parameters)
    connection.patience = None if seconds is None else seconds + GRACE_SECONDS
    connection.add_notice_handler(connection.record_warning)
    return connection


def check_out(engine: Engine) -> Connection:
    """A live connection of the pool, or a new connection."""
    connection = engine.connect()
    checked, now = connection.info.get(CHECKED, 0.0), time.monotonic()
    if checked and now - checked > FRESH_SECONDS and not is_alive(connection):
        connection.invalidate()
        connection.close()
        # The others most likely died with it.
        engine.dispose()
        connection = engine.connect()
    connection.info[CHECKED] = now
    return connection


def is_alive(connection: Connection) -> bool:
    """Send an empty query to test a connection."""
    try:
        connection.dialect.do_ping(connection.connection.dbapi_connection)  # type: ignore[arg-type]
    except psycopg.Error:
        return False
    return True

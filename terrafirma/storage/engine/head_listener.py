"""Hears of commits on PostgreSQL, so that a process need not ask for the head at each read.

Every commit to a log sends NOTIFY. A thread of each server process LISTENs on a connection of its own and asks for the
head over it, a few times a second: the answer proves that the server is there, and follows every notification that was
sent before. docs/operations.md lists what readers can rely on.
"""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from terrafirma.storage.engine.head_revision import CHANNEL, LEASE_SECONDS, HeadRevision
from terrafirma.telemetry import get_logger

BEAT_SECONDS = 0.3
"""Seconds between two questions while nothing is heard: two may get lost within a lease."""
REST_SECONDS = 1.0
"""Seconds between two attempts to listen."""


class Pooled(Exception):
    """Something answers in the place of the server, which may not pass notifications on."""


def keep_lease(revision: HeadRevision, closing: threading.Event) -> None:
    """Keep the lease of a revision from a daemon thread, until it is closed or gone."""
    given = (weakref.ref(revision), closing)
    threading.Thread(target=_keep, args=given, daemon=True, name="listener").start()


def _keep(reference: "weakref.ref[HeadRevision]", closing: threading.Event) -> None:
    while not closing.is_set() and (revision := reference()) is not None:
        engine = revision.engine
        del revision
        try:
            with _listening(engine) as connection:
                _renew(connection, reference, closing)
        except Pooled as error:
            get_logger().warning("listener", error=str(error))
            return
        except (DBAPIError, psycopg.Error) as error:
            if not closing.is_set():
                get_logger().warning("listener", error=str(getattr(error, "orig", error)))
            if (revision := reference()) is not None:
                revision.bump()
                del revision
            closing.wait(REST_SECONDS)


@contextmanager
def _listening(engine: Engine) -> Iterator[Connection]:
    """A connection, outside the pool, that hears of commits."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.detach()
        answering = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        if answering != _find_driver(connection).info.backend_pid:
            raise Pooled("There is a pooler before the database, so every read asks it.")
        connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        yield connection


def _renew(
    connection: Connection, reference: "weakref.ref[HeadRevision]", closing: threading.Event
) -> None:
    """Renew the lease until the connection breaks, or nobody wants it any more."""
    while not closing.is_set() and (revision := reference()) is not None:
        asked, changes = monotonic(), revision.count_changes()
        token = str(connection.exec_driver_sql(revision.query).scalar()).encode()
        heard = _hear(connection, 0)
        if not heard:
            revision.grant(token, asked + LEASE_SECONDS, changes)
            heard = _hear(connection, BEAT_SECONDS)
        if heard:
            revision.bump()
        del revision


def _hear(connection: Connection, seconds: float) -> bool:
    """Return True once a commit is announced, False if there is none for some seconds."""
    heard = _find_driver(connection).notifies(timeout=seconds, stop_after=1)
    return any(True for _ in heard)


def _find_driver(connection: Connection) -> "psycopg.Connection[Any]":
    driver: Any = connection.connection.dbapi_connection
    return cast("psycopg.Connection[Any]", driver)

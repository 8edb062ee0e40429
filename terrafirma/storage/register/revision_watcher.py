"""Keeps the revision of a register current in the background.

On SQLite a writer may have died between its commit and its announcement: the write was never acknowledged, but it
stands, and another process notices the head that moved. On PostgreSQL the process listens to the writers.
"""

import threading
import weakref

from terrafirma.deferred import Deferred
from terrafirma.storage.engine.database import Database, OperationalError
from terrafirma.storage.engine.head_revision import HeadRevision
from terrafirma.storage.register.entries import Head, read_head
from terrafirma.telemetry import get_logger

SECONDS = 1.0


head_listener = Deferred("terrafirma.storage.engine.head_listener")


def watch_revision(database: Database, *, lease: bool = False) -> None:
    """Watch a register from a daemon thread until it is closed; PostgreSQL only where a lease is wanted."""
    if isinstance(database.revision, HeadRevision):
        if lease:
            head_listener.keep_lease(database.revision, database.closing)
    elif database.path is not None:
        # Answers of this process are about this head, or later ones.
        with database.reading() as connection:
            watched = (weakref.ref(database), database.closing, read_head(connection))
        threading.Thread(target=_watch, args=watched, daemon=True, name="healer").start()


def _watch(reference: "weakref.ref[Database]", closing: threading.Event, seen: Head) -> None:
    while not closing.wait(SECONDS):
        database = reference()
        if database is None:
            return
        try:
            seen = check(database, seen)
        except OperationalError as error:
            get_logger().warning("healer", error=str(error.orig))
        del database


def check(database: Database, seen: Head) -> Head:
    """Bump the revision if the head moved since `seen`; return the head.

    It is bumped even if the writer already did: this cannot be known, and once a second is cheap.
    """
    with database.reading() as connection:
        head = read_head(connection)
    if head != seen:
        database.revision.bump()
    return head

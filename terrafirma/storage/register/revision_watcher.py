"""Heals the revision after a writer that died between its commit and its announcement.

Such a write was never acknowledged, but it stands. Another process notices the head that moved.
"""

import threading
import weakref

from structlog import get_logger

from terrafirma.storage.engine.database import Database, OperationalError
from terrafirma.storage.register.entries import Head, read_head

SECONDS = 1.0


def watch_revision(database: Database) -> None:
    """Watch a SQLite register from a daemon thread until it is closed."""
    if database.path is not None:
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

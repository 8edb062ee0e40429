"""Counters shared by all processes: events per minute, by name."""

from time import time

from sqlalchemy import bindparam, delete, select, text

from terrafirma.storage.auth.auth_tables import counters
from terrafirma.storage.engine.database import Database

SECONDS = 60
"""Length of a window in seconds; the next window begins when it ends."""

COUNT = text(
    "INSERT INTO counters (name, ends, count) VALUES (:name, :ends, 1) "
    "ON CONFLICT (name, ends) DO UPDATE SET count = counters.count + 1 RETURNING count"
)
PEEK = select(counters.c.count).where(
    counters.c.name == bindparam("name"), counters.c.ends == bindparam("ends")
)
SWEEP = delete(counters).where(counters.c.ends < bindparam("begun"))


def window_end() -> int:
    """The second in which this window ends."""
    return (int(time()) // SECONDS + 1) * SECONDS


def count(vault: Database, name: str) -> int:
    """Count an event and return the number in this window."""
    ends = window_end()
    with vault.writing_quietly() as connection:
        found: int = connection.scalar(COUNT, {"name": name, "ends": ends})
        if found == 1:
            connection.execute(SWEEP, {"begun": ends - SECONDS})
    return found


def peek(vault: Database, name: str) -> int:
    """The number of events in this window."""
    with vault.reading() as connection:
        return connection.scalar(PEEK, {"name": name, "ends": window_end()}) or 0

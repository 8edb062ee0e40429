"""The revision on PostgreSQL: the hash of a log's head.

Asking for it costs each read a round trip, so a process may hold a lease on it, which `head_listener.py` renews. Under
a lease the token is known without asking. It ends by itself, and at once with every commit that the process hears of.
"""

from threading import Lock
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Engine, Table, select

from terrafirma.deferred import Deferred
from terrafirma.storage.engine.tables import head

postgresql = Deferred("terrafirma.storage.engine.postgresql")

CHANNEL = "terrafirma_head"
"""The channel on which commits to the register are announced."""
LEASE_SECONDS = 1.0
"""Seconds for which a head that was read is taken to be the newest while no commit is heard of."""


class Lease(NamedTuple):
    """A token, and the instant of the monotonic clock until which it counts."""

    token: bytes
    until: float


NO_LEASE = Lease(b"", 0)


class HeadRevision:
    """The hash of a log's head, under a lease or asked of the database."""

    def __init__(self, engine: Engine, head: Table = head) -> None:
        self.engine = engine
        self.query = str(select(head.c.hash).compile(dialect=engine.dialect))
        self._lease = NO_LEASE
        self._changes = 0
        self._turn = Lock()

    def known(self) -> bytes | None:
        """The token under the lease; None without a lease."""
        lease = self._lease
        return lease.token if monotonic() < lease.until else None

    def read(self) -> bytes:
        """The token now, asked of the database."""
        with postgresql.check_out(self.engine) as connection:
            token = str(connection.exec_driver_sql(self.query).scalar()).encode()
        if token != self._lease.token:
            # This process does not go back to an older state than it has answered from.
            self.bump()
        return token

    def bump(self) -> None:
        """End the lease: there was a commit, or there may have been."""
        with self._turn:
            self._changes += 1
            self._lease = NO_LEASE

    def count_changes(self) -> int:
        """How often a lease ended, or would have."""
        return self._changes

    def grant(self, token: bytes, until: float, changes: int) -> None:
        """Begin a lease, unless a commit was heard of since `changes` were counted."""
        with self._turn:
            if changes == self._changes:
                self._lease = Lease(token, until)

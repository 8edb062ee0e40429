"""Reads from a standby, for as long as it is close enough to the primary.

The distance is measured in entries: once a second each process asks the primary for its head. A standby that has an
entry is at most as old as the time since the primary was known to have no newer one.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import inf
from threading import Lock
from time import monotonic
from typing import NamedTuple

from terrafirma.storage.engine.database import Connection, Database, OperationalError
from terrafirma.storage.register.entries import Head, read_head
from terrafirma.telemetry import get_logger

ASK_SECONDS = 1.0
"""Seconds between two questions to the primary."""
SAMPLES = 4_000
"""Answers that are remembered: more than an hour."""


class View(NamedTuple):
    """A consistent view of the register on one of the servers."""

    connection: Connection
    head: Head
    age: float = 0
    """Seconds by which the view may be behind, at most; 0 on the primary."""


class PrimaryHead:
    """This process's knowledge of the primary's head, and its time."""

    def __init__(self, primary: Database) -> None:
        self._primary = primary
        self._samples: deque[tuple[float, int]] = deque(maxlen=SAMPLES)
        self._asked = -inf
        self._asking = Lock()
        self.reachable = True

    def refresh(self) -> None:
        """Ask the primary if the last question was a while ago, and nobody else does."""
        if monotonic() - self._asked < ASK_SECONDS or not self._asking.acquire(blocking=False):
            return
        try:
            asked = monotonic()
            with self._primary.reading() as connection:
                self._samples.append((asked, read_head(connection).number))
            self.reachable = True
        except OperationalError as error:
            self.reachable = False
            get_logger().warning("primary", error=str(error.orig))
        finally:
            self._asked = monotonic()
            self._asking.release()

    def find_age(self, number: int) -> float:
        """Return the seconds since the primary was known to have no newer entry than this one."""
        for asked, known in reversed(tuple(self._samples)):
            if known <= number:
                return monotonic() - asked
        return inf


class Replica:
    """A standby beside the primary, with the rule that says which of the two a read is for."""

    def __init__(self, standby: Database, primary: Database, max_lag: float) -> None:
        self._standby = standby
        self._primary = primary
        self._max_lag = max_lag
        self._known = PrimaryHead(primary)

    @contextmanager
    def reading(self, entry: int) -> Iterator[View]:
        """A view that has an entry and is not too old: the standby's, or else the primary's.

        While the primary cannot be reached the standby's age does not matter: there is nothing newer to be had.
        """
        self._known.refresh()
        with ExitStack() as stack:
            view = self._open_standby(stack, entry)
            if view is None:
                connection = stack.enter_context(self._primary.reading())
                view = View(connection, read_head(connection))
            yield view

    def _open_standby(self, stack: ExitStack, entry: int) -> View | None:
        with ExitStack() as attempt:
            try:
                connection = attempt.enter_context(self._standby.reading())
                head = read_head(connection)
            except OperationalError as error:
                get_logger().warning("replica", error=str(error.orig))
                return None
            age = self._known.find_age(head.number)
            current = age <= self._max_lag or not self._known.reachable
            if head.number < entry or not current:
                return None
            stack.push(attempt.pop_all())
            return View(connection, head, age)

    def close(self) -> None:
        """Give the connections to the standby back."""
        self._standby.close()

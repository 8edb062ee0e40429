"""Slots for event streams: so many in all, and so many of a single address."""

from collections import Counter
from threading import Lock

from terrafirma.errors import Busy

FULL = "{:,} streams are open, as many as this server takes; try again later."
FULL_ADDRESS = "{:,} streams are open from your address, as many as one may have."


class StreamSlots:
    """The open event streams of a process. Each holds a thread."""

    def __init__(self, most: int, each: int) -> None:
        self._most = most
        self._each = each
        self._open: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, address: str) -> None:
        """Take a slot. Raise Busy if all are taken, or all that an address may have."""
        with self._lock:
            if self._open.total() >= self._most:
                raise Busy(FULL.format(self._most))
            if self._open[address] >= self._each:
                raise Busy(FULL_ADDRESS.format(self._each))
            self._open[address] += 1

    def give_back(self, address: str) -> None:
        """Give a slot back."""
        with self._lock:
            self._open[address] -= 1
            self._open += Counter()  # Without addresses that have none.

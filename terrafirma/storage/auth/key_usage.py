"""When keys were last used, noted in memory and written now and then: no request waits for it."""

import threading
import weakref

from terrafirma.storage.auth.api_keys import touch_credentials
from terrafirma.storage.engine.database import Database, OperationalError
from terrafirma.telemetry import get_logger

SECONDS = 30.0
"""Seconds between two writes of last-use times; unwritten ones are lost if the process is killed.
"""


class KeyUsage:
    """The last use of each key that this process saw."""

    def __init__(self, vault: Database) -> None:
        self._vault = vault
        self._used: dict[int, str] = {}
        watched = (weakref.ref(self), vault.closing)
        threading.Thread(target=_watch, args=watched, daemon=True, name="usage").start()

    def note(self, id: int, at: str) -> None:
        """A key is used now."""
        self._used[id] = at

    def flush(self) -> None:
        """Write the recorded times."""
        if self._used:
            used, self._used = self._used, {}
            with self._vault.writing_quietly() as connection:
                touch_credentials(connection, used)


def _watch(reference: "weakref.ref[KeyUsage]", closing: threading.Event) -> None:
    while not closing.wait(SECONDS):
        usage = reference()
        if usage is None:
            return
        try:
            usage.flush()
        except OperationalError as error:
            get_logger().warning("usage", error=str(error.orig))
        del usage

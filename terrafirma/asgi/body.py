"""The body of a request as a file: a thread reads it, the event loop receives it."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

from terrafirma.errors import Malformed

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

BROKEN_OFF = "The body ended after {:,} bytes, before it was complete."
SHORT = "The body ended after {:,} of {:,} bytes."
LATE = "The rest of the body did not come within {:g} seconds."

EARLY_BYTES = 16_384
"""The largest body that is received before a thread reads it."""
EARLY_SECONDS = 0.05
"""How long it is waited for; a thread that can refuse the request waits for a later one."""


class RequestBody(io.RawIOBase):
    """The body of a request. Reading raises Malformed if its sender hangs up or waits too long."""

    def __init__(self, receive: Receive, length: int | None, seconds: float, framed: bool) -> None:
        self.is_complete = not framed
        self._is_broken = False
        self._receive_message = receive
        self._length = length
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._count = 0
        self._pending: Future[bytes] | None = None

    def readable(self) -> bool:
        """Return True: it is a file to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the bytes that have arrived, or wait for more."""
        # The last part may have been received, but not read yet.
        while not self._rest and (self._pending is not None or not self.is_complete):
            self._rest = self._wait()
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    async def receive_early(self, leave: Callable[[], None]) -> None:
        """Receive a small body in the event loop: for a thread, each part is a hand-over and back.

        leave: called where it is late, to go on without; what comes is then passed on.
        """

        def leave_waiting() -> None:
            self._pending = Future()
            leave()

        # Not a task that is waited for: it would take longer than all the rest.
        late = self._loop.call_later(EARLY_SECONDS, leave_waiting)
        try:
            while not self.is_complete and not self._is_broken:
                if not self._keep(await self._receive()):
                    return
        finally:
            late.cancel()

    def _keep(self, part: bytes) -> bool:
        """Keep a part for the thread to come; pass it on and return False if that waits already."""
        if self._pending is None:
            self._rest += part
            return True
        self._pending.set_result(part)
        return False

    def prefetch(self) -> Future[bytes]:
        """Begin to receive the next part, unless that has begun."""
        if self._pending is None:
            self._pending = asyncio.run_coroutine_threadsafe(self._receive(), self._loop)
        return self._pending

    async def drain(self, most: int, seconds: float, idle: float) -> None:
        """Receive and discard the rest of a refused body."""
        end, last = self._loop.time() + seconds, self._count + most
        while (
            not self.is_complete
            and not self._is_broken
            and self._count < last
            and self._loop.time() < end
        ):
            pending = asyncio.wrap_future(self.prefetch())
            done, _ = await asyncio.wait([pending], timeout=idle)
            if not done:
                return
            self._pending = None

    async def wait_for_disconnect(self) -> None:
        """Return once the client has hung up. This is unknown while the body is incomplete."""
        while not self._is_broken:
            if self.is_complete or self._pending is None:
                await self._receive()
            else:
                await asyncio.wrap_future(self._pending)
                self._pending = None

    def _wait(self) -> bytes:
        part = b""
        if not self._is_broken:
            try:
                part = self.prefetch().result(self._seconds)
            except TimeoutError:
                raise Malformed(LATE.format(self._seconds)) from None
            self._pending = None
        if self._is_broken:
            if self._length is not None:
                raise Malformed(SHORT.format(self._count, self._length))
            raise Malformed(BROKEN_OFF.format(self._count))
        return part

    async def _receive(self) -> bytes:
        message = await self._receive_message()
        if message["type"] != "http.request":
            self._is_broken = True
            return b""
        part: bytes = message.get("body", b"")
        self._count += len(part)
        # The server passes on the last part before it notices that it is the last.
        is_last = self._count == self._length or not message.get("more_body", False)
        self.is_complete = self.is_complete or is_last
        return part

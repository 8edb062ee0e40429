"""Run the WSGI application behind an ASGI server: an event loop talks to clients, threads run the
application.

A thread is busy only while the application works. A client that reads slowly holds no thread and no
transaction: the rest of a list goes to a temporary file, and a client that does not read is cut
off.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from terrafirma.asgi.body import EARLY_BYTES, Message, Receive, RequestBody
from terrafirma.asgi.connections import hang_up
from terrafirma.http.app.context import GONE
from terrafirma.http.middleware.response_cache import KNOWN_ONLY, NotKnown
from terrafirma.telemetry import WSGI, Environ, get_logger

Send = Callable[[Message], Awaitable[None]]
Peer = tuple[str, str]
"""The address and port of a client."""

WHOLE = 131_072
"""The largest body that is passed to the server at once."""
PIECE = 32_768
"""Bytes handed to the server at once of a larger body."""
JOINED = 1_000_000
"""The largest body of known length that is taken from the application at once."""
PATIENCE = 0.5
"""Seconds that a client may keep its list waiting in all before the rest goes to a file."""
HELD_BYTES = 48_000_000
"""Bytes of complete bodies kept in memory for slow clients; beyond, the rest goes to a file."""
SPOOLS = 32
"""Lists in temporary files at the same time; more slow readers are cut off."""
ADDRESS_SPOOLS = SPOOLS // 2
"""Those of a single address, so that it leaves room for others."""
DRAIN_BYTES = 16_000_000
DRAIN_SECONDS = 2.0
DRAIN_IDLE = 0.2
"""Seconds of reading a body that the application refused: a client that still sends may not see the
answer."""


@dataclass(slots=True)
class Answer:
    """The application's answer."""

    reader: str
    """The address that it is for: behind a proxy that is believed, the client's own."""
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | None
    """The whole body, if it is at hand."""
    pieces: Iterator[bytes] = field(default_factory=lambda: iter(()))
    """The body otherwise, and once a file has the rest of it."""
    close: Callable[[], None] | None = None
    is_endless: bool = False
    """True if reading ahead makes no sense: a file, or events that are still to happen."""
    is_held: bool = False
    """True if its body counts as one of a slow client."""
    is_spooled: bool = False
    """True if it counts as a list in a temporary file."""


class Bridge:
    """An ASGI application that runs a WSGI application."""

    def __init__(self, app: WSGI, threads: int, seconds: float, folder: Path) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(threads, "request")
        self._seconds = seconds
        self._folder = folder
        self._spools: Counter[str] = Counter()
        """Lists in temporary files, by the address of their reader."""
        self._held: dict[int, tuple[int, int]] = {}
        """Complete bodies of slow clients, by identity: bytes, and how many clients read them."""
        self._waiting: set[Peer] = set()
        """Clients that the server reads from, or sends to piece by piece."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        environ = make_environ(scope)
        is_framed = environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
        if not is_framed and scope["method"] == "GET":
            try:
                answer = run(self._app, environ | {KNOWN_ONLY: True})
            except NotKnown:
                pass
            else:
                await self._reply(answer, send, scope["client"])
                return
        await self._answer(environ, is_framed, receive, send, scope["client"])

    def abort_all(self) -> None:
        """Hang up on every client that the server is still waiting for."""
        for peer in self._waiting:
            hang_up(peer[0], int(peer[1]))

    async def _answer(
        self, environ: Environ, is_framed: bool, receive: Receive, send: Send, peer: Peer
    ) -> None:
        """Answer with what the application makes of a request."""
        length = declared_length(environ)
        body = environ["wsgi.input"] = RequestBody(receive, length, self._seconds, is_framed)
        go_on = partial(self._run_and_send, environ, body, send, peer)
        late: list[asyncio.Task[None]] = []
        # Asking for a body sends `100 Continue`, which a request that is refused should not get.
        if is_framed and "HTTP_EXPECT" not in environ:
            if length is not None and length <= EARLY_BYTES:
                await body.receive_early(lambda: late.append(asyncio.create_task(go_on())))
            else:
                body.prefetch()
        await (late[0] if late else go_on())

    async def _run_and_send(
        self, environ: Environ, body: RequestBody, send: Send, peer: Peer
    ) -> None:
        """Run the application in a thread, and send its answer."""
        gone = environ[GONE] = Event()
        self._waiting.add(peer)
        try:
            answer = await self._run(partial(run, self._app, environ))
            if not body.is_complete:
                await self._drain(body, environ, answer)
            if answer.body is not None:
                await self._reply(answer, send, peer)
            else:
                await self._stream(answer, send, peer, gone, body)
        finally:
            gone.set()
            self._waiting.discard(peer)

    async def _run(self, work: Callable[[], Any]) -> Any:
        """Run in a thread what may wait. `run_in_executor` needs twice the time to hand over."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._pool.submit(run_for, work, loop, done)
        return await done

    async def _drain(self, body: RequestBody, environ: Environ, answer: Answer) -> None:
        """Read the rest of a refused body, or announce that the connection closes."""
        if "HTTP_EXPECT" not in environ:
            await body.drain(DRAIN_BYTES, DRAIN_SECONDS, DRAIN_IDLE)
        if not body.is_complete and environ["SERVER_PROTOCOL"] == "HTTP/1.1":
            answer.headers = [*answer.headers, (b"connection", b"close")]

    async def _reply(self, answer: Answer, send: Send, peer: Peer) -> None:
        """Send a complete body: at once, or as fast as the client reads it."""
        if answer.body is not None and len(answer.body) > WHOLE:
            self._waiting.add(peer)
            answer.pieces = cut([answer.body])
            try:
                await self._send_pieces(answer, send, peer, Event())
            finally:
                self._waiting.discard(peer)
            return
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await send(start)
        await send({"type": "http.response.body", "body": answer.body or b"", "more_body": False})

    async def _stream(
        self, answer: Answer, send: Send, peer: Peer, gone: Event, body: RequestBody
    ) -> None:
        """Send a body while the application makes it, until it is done or the client hangs up."""
        watch = asyncio.ensure_future(watch_client(body, gone))
        try:
            await self._send_pieces(answer, send, peer, gone)
        finally:
            watch.cancel()
            gone.set()
            if answer.close is not None:
                await self._run(answer.close)

    async def _send_pieces(self, answer: Answer, send: Send, peer: Peer, gone: Event) -> None:
        """Send a body in pieces; hang up on a client that does not read, or if the rest is
        unavailable."""
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await send(start)
        try:
            await self._send_all(answer, send, gone)
        except Exception as error:
            # The status is sent already: only a broken connection tells the client that the rest is missing.
            reason = str(error) or f"nothing read within {self._seconds:g} seconds"
            get_logger().warning("cut-off", peer=peer[0], reason=reason)
            hang_up(peer[0], int(peer[1]))
        else:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, answer: Answer, send: Send, gone: Event) -> None:
        spooled, left = None, PATIENCE
        now = asyncio.get_running_loop().time
        try:
            while (piece := await self._next(answer)) is not None and not gone.is_set():
                message = {"type": "http.response.body", "body": piece, "more_body": True}
                sending, begun = asyncio.ensure_future(send(message)), now()
                done, _ = await asyncio.wait([sending], timeout=max(left, 0))
                left -= now() - begun
                if not done and spooled is None and self._must_spool(answer):
                    spooled = await self._spool(answer)
                    answer.body, answer.pieces = None, iter(partial(spooled.read, PIECE), b"")
                async with asyncio.timeout(self._seconds):
                    await sending
        finally:
            if spooled is not None:
                spooled.close()
            if answer.is_spooled:
                self._spools -= Counter([answer.reader])
            if answer.is_held and answer.body is not None:
                self._release(answer.body)

    def _must_spool(self, answer: Answer) -> bool:
        """Return True if the rest of a slow client's answer is to go to a file.

        A complete body stays in memory, where many clients may share it, unless there are too many.
        """
        body = answer.body
        if body is None:
            return not answer.is_endless
        size, readers = self._held.get(id(body), (len(body), 0))
        held = sum(each for each, _ in self._held.values())
        if answer.is_held:
            return False
        if not readers and held + size > HELD_BYTES:
            return True
        answer.is_held = True
        self._held[id(body)] = size, readers + 1
        return False

    def _release(self, body: bytes) -> None:
        """Count a slow client's body no more."""
        size, readers = self._held.pop(id(body))
        if readers > 1:
            self._held[id(body)] = size, readers - 1

    async def _next(self, answer: Answer) -> bytes | None:
        if answer.body is not None:
            return next(answer.pieces, None)
        piece: bytes | None = await self._run(partial(next, answer.pieces, None))
        return piece

    async def _spool(self, answer: Answer) -> IO[bytes]:
        """Write the rest of an answer to a file, so that the application is finished with it."""
        if self._spools.total() >= SPOOLS or self._spools[answer.reader] >= ADDRESS_SPOOLS:
            raise OSError("too many slow readers")
        self._spools[answer.reader] += 1
        answer.is_spooled = True
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - the caller closes it

        def write() -> None:
            file.writelines(answer.pieces)
            if answer.close is not None:
                answer.close()
            file.seek(0)

        try:
            await self._run(write)
        except BaseException:
            file.close()
            raise
        return file


def make_environ(scope: Message) -> Environ:
    """Return the WSGI environ of a request (PEP 3333)."""
    path: bytes = scope["raw_path"]
    server, client = scope["server"], scope["client"]
    environ: Environ = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "Granian",
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        # A socket for both versions of IP has addresses of the older one in the newer one's form.
        "REMOTE_ADDR": client[0].removeprefix("::ffff:") if "." in client[0] else client[0],
        "REMOTE_PORT": str(client[1]),
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.input": BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = name_header(name)
        if key is None:
            continue
        text = value.decode("latin-1")
        if key in environ:
            text = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + text
        environ[key] = text
    return environ


def run_for(
    work: Callable[[], Any], loop: asyncio.AbstractEventLoop, done: asyncio.Future[Any]
) -> None:
    """Run something in this thread for an event loop that waits for its result."""
    try:
        settle = partial(done.set_result, work())
    except BaseException as error:
        settle = partial(done.set_exception, error)
    loop.call_soon_threadsafe(lambda: done.cancelled() or settle())


def declared_length(environ: Environ) -> int | None:
    """Return the length of a body that Content-Length frames; Transfer-Encoding overrides it (RFC 9112, 6.3)."""
    declared = environ.get("CONTENT_LENGTH", "")
    is_framing = declared.isdecimal() and "HTTP_TRANSFER_ENCODING" not in environ
    return int(declared) if is_framing else None


def run(app: WSGI, environ: Environ) -> Answer:
    """Call the application, and take its body at once if it is short."""
    status, headers = "", [("", "")]

    def start(given: str, named: list[tuple[str, str]], _exc_info: Any = None) -> None:
        nonlocal status, headers
        status, headers = given, named

    body = app(environ, start)
    encoded = [encode_header(each) for each in headers]
    # A proxy that is believed has put the client's address there meanwhile.
    answer = partial(Answer, environ["REMOTE_ADDR"], int(status[:3]), encoded)
    if isinstance(body, list):
        return answer(body[0] if len(body) == 1 else b"".join(body))
    close: Callable[[], None] | None = getattr(body, "close", None)
    known = dict(encoded)
    length, form = known.get(b"content-length"), known.get(b"content-type", b"")
    if length is None or int(length) > JOINED:
        is_endless = length is not None or form.startswith(b"text/event-stream")
        return answer(None, cut(body), close, is_endless)
    whole = b"".join(body)
    if close is not None:
        close()
    return answer(whole)


def cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut large bodies into pieces."""
    for piece in pieces:
        if len(piece) <= PIECE:
            yield piece
            continue
        view = memoryview(piece)
        for start in range(0, len(piece), PIECE):
            yield bytes(view[start : start + PIECE])


async def watch_client(body: RequestBody, gone: Event) -> None:
    """Set an event once the client has hung up."""
    await body.wait_for_disconnect()
    gone.set()


@lru_cache(1000)
def encode_header(header: tuple[str, str]) -> tuple[bytes, bytes]:
    """Return a header as ASGI has it; most are the same in many answers."""
    name, value = header
    return name.lower().encode("latin-1"), value.encode("latin-1")


@lru_cache(1000)
def name_header(name: bytes) -> str | None:
    """Return the key of a header in an environ; None for a name that could pass for another header.

    `X_Forwarded_For` and `X-Forwarded-For` would be the same key, and proxies drop only the second.
    """
    if b"_" in name:
        return None
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"

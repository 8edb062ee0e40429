"""Run the WSGI application behind an ASGI server: an event loop talks to clients, threads run the
application.

A thread is busy only while the application works. A client that reads slowly holds no thread and no
transaction: the rest of a list goes to a temporary file, and a client that does not read is cut
off.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import IO, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from structlog import get_logger

from terrafirma.asgi.body import Message, Receive, RequestBody
from terrafirma.asgi.connections import hang_up
from terrafirma.http.app.context import GONE
from terrafirma.http.middleware.response_cache import KNOWN_ONLY, NotKnown
from terrafirma.telemetry import WSGI, Environ

Send = Callable[[Message], Awaitable[None]]
Peer = tuple[str, str]
"""The address and port of a client."""

WHOLE = 131_072
"""The largest body that is passed to the server at once."""
PIECE = 65_536
"""Bytes handed to the server at once of a larger body."""
JOINED = 1_000_000
"""The largest body of known length that is taken from the application at once."""
PATIENCE = 0.5
"""Seconds a client may take for a piece before the rest of its list goes to a file."""
SPOOLS = 32
"""Lists in temporary files at the same time; more slow readers are cut off."""
DRAIN_BYTES = 16_000_000
DRAIN_SECONDS = 2.0
DRAIN_IDLE = 0.2
"""Seconds of reading a body that the application refused: a client that still sends may not see the
answer."""


class Answer(NamedTuple):
    """The application's answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | None
    """The whole body, if it is at hand."""
    pieces: Iterator[bytes] = iter(())
    """The body otherwise."""
    close: Callable[[], None] | None = None
    is_endless: bool = False
    """True if reading ahead makes no sense: a file, or events that are still to happen."""


class Bridge:
    """An ASGI application that runs a WSGI application."""

    def __init__(self, app: WSGI, threads: int, seconds: float, folder: Path) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(threads, "request")
        self._seconds = seconds
        self._folder = folder
        self._spools = SPOOLS
        self._waiting: set[Peer] = set()
        """Clients that the server reads from, or sends to piece by piece."""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        environ = make_environ(scope)
        is_framed = environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ
        if not is_framed and scope["method"] == "GET":
            environ[KNOWN_ONLY] = True
            try:
                answer = run(self._app, environ)
            except NotKnown:
                environ = make_environ(scope)
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
        """Run the application in a thread and send its answer."""
        body = RequestBody(receive, environ.get("CONTENT_LENGTH"), self._seconds, is_framed)
        environ["wsgi.input"] = body
        # Asking for a body sends `100 Continue`, which a request that is refused should not get.
        if is_framed and "HTTP_EXPECT" not in environ:
            body.prefetch()
        gone = environ[GONE] = Event()
        self._waiting.add(peer)
        try:
            answer = await self._run(partial(run, self._app, environ))
            if not body.is_complete:
                answer = await self._drain(body, environ, answer)
            if answer.body is not None:
                await self._reply(answer, send, peer)
            else:
                await self._stream(answer, send, peer, gone, body)
        finally:
            gone.set()
            self._waiting.discard(peer)

    async def _run(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _drain(self, body: RequestBody, environ: Environ, answer: Answer) -> Answer:
        """Read the rest of a refused body, or announce that the connection closes."""
        if "HTTP_EXPECT" not in environ:
            await body.drain(DRAIN_BYTES, DRAIN_SECONDS, DRAIN_IDLE)
        if body.is_complete or environ["SERVER_PROTOCOL"] != "HTTP/1.1":
            return answer
        return answer._replace(headers=[*answer.headers, (b"connection", b"close")])

    async def _reply(self, answer: Answer, send: Send, peer: Peer) -> None:
        """Send a complete body: at once, or as fast as the client reads it."""
        body = answer.body or b""
        if len(body) > WHOLE:
            self._waiting.add(peer)
            try:
                await self._send_pieces(answer._replace(pieces=cut([body])), send, peer, Event())
            finally:
                self._waiting.discard(peer)
            return
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": False})

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
        pieces, spooled = answer.pieces, None
        may_spool = answer.body is None and not answer.is_endless
        try:
            while (piece := await self._next(answer, pieces)) is not None and not gone.is_set():
                message = {"type": "http.response.body", "body": piece, "more_body": True}
                sending = asyncio.ensure_future(send(message))
                done, _ = await asyncio.wait([sending], timeout=PATIENCE)
                if not done and may_spool and spooled is None:
                    spooled = await self._spool(pieces, answer)
                    pieces = iter(partial(spooled.read, PIECE), b"")
                async with asyncio.timeout(self._seconds):
                    await sending
        finally:
            if spooled is not None:
                self._spools += 1
                spooled.close()

    async def _next(self, answer: Answer, pieces: Iterator[bytes]) -> bytes | None:
        if answer.body is not None:
            return next(pieces, None)
        piece: bytes | None = await self._run(partial(next, pieces, None))
        return piece

    async def _spool(self, pieces: Iterator[bytes], answer: Answer) -> IO[bytes]:
        """Write the rest of an answer to a file, so that the application is finished with it."""
        if self._spools == 0:
            raise OSError("too many slow readers")
        self._spools -= 1
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - the caller closes it

        def write() -> None:
            file.writelines(pieces)
            if answer.close is not None:
                answer.close()
            file.seek(0)

        await self._run(write)
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
        "REMOTE_ADDR": client[0],
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


def run(app: WSGI, environ: Environ) -> Answer:
    """Call the application, and take its body at once if it is short."""
    status, headers = "", [("", "")]

    def start(given: str, named: list[tuple[str, str]], _exc_info: Any = None) -> None:
        nonlocal status, headers
        status, headers = given, named

    body = app(environ, start)
    encoded = [(encode_name(name), value.encode("latin-1")) for name, value in headers]
    code = int(status[:3])
    if isinstance(body, list):
        return Answer(code, encoded, body[0] if len(body) == 1 else b"".join(body))
    close: Callable[[], None] | None = getattr(body, "close", None)
    known = dict(encoded)
    length, form = known.get(b"content-length"), known.get(b"content-type", b"")
    if length is None or int(length) > JOINED:
        is_endless = length is not None or form.startswith(b"text/event-stream")
        return Answer(code, encoded, None, cut(body), close, is_endless)
    whole = b"".join(body)
    if close is not None:
        close()
    return Answer(code, encoded, whole)


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
def encode_name(name: str) -> bytes:
    """Return the name of a header as ASGI has it."""
    return name.lower().encode("latin-1")


@lru_cache(1000)
def name_header(name: bytes) -> str | None:
    """Return the key of a header in an environ; None for a name that could pass for another header.

    `X_Forwarded_For` and `X-Forwarded-For` would be the same key, and proxies drop only the second.
    """
    if b"_" in name:
        return None
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"

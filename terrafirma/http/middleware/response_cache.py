"""The response cache: answers repeated without Flask while the register has not changed.

The revision is read before the answer is looked up or made, so no reader misses a write that was
acknowledged before the request. The UTC day is part of the key, because dated facts change with it.
"""

from collections.abc import Callable, Iterable
from threading import Event, Lock
from time import time
from typing import Any, NamedTuple

from terrafirma.http.app.context import ENTRY_COOKIE, ENTRY_HEADER, READ_HEAD
from terrafirma.http.app.formats import rank_formats
from terrafirma.http.app.request_counts import HITS, MISSES, ROUTE, ROWS
from terrafirma.http.middleware.compression import negotiate_encoding
from terrafirma.http.response.responses import HOT
from terrafirma.storage.engine.database import OperationalError
from terrafirma.storage.engine.revision import Revision
from terrafirma.storage.engine.shared_counters import SharedCounters
from terrafirma.telemetry import WSGI, Environ, StartResponse

Headers = list[tuple[str, str]]
Key = tuple[str, ...]
"""Everything an answer depends on beside the register: address, query, negotiated language and
encoding, the host if links contain it, formats."""

SECONDS_A_DAY = 86_400
ENTRY_HEADER_KEY = "HTTP_" + ENTRY_HEADER.upper().replace("-", "_")
KNOWN_ONLY = "terrafirma.known_only"
"""Set in the environ of a request that must be answered from memory or not at all."""
WAIT_SECONDS = 10.0
"""Seconds to wait for an answer that another thread is making."""
OVERHEAD = 1000
"""Bytes that keeping an answer costs beside its own."""


class NotKnown(Exception):
    """The answer to a request that must be answered from memory is not there."""


class CachedAnswer(NamedTuple):
    """A 200, ready to be sent, and the 304 that stands for it."""

    etag: str
    headers: Headers
    body: list[bytes]
    unchanged: Headers
    size: int
    route: int
    """The place of its route's count."""


class CacheGeneration:
    """Answers of a single revision and day; a new revision replaces them."""

    def __init__(self, revision: bytes, day: int) -> None:
        self.revision = revision
        self.day = day
        self.answers: dict[Key, CachedAnswer] = {}
        self.making: dict[Key, Event] = {}
        """Answers that are being made for the first time, each with what tells that it is done."""
        self.size = 0


def name_site(environ: Environ) -> str:
    """Return scheme and host that a request was sent to."""
    return f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"


def names_entry(environ: Environ) -> bool:
    """Return True if a client names the entry that it wrote or saw: it must not read an older state."""
    return ENTRY_HEADER_KEY in environ or ENTRY_COOKIE in environ.get("HTTP_COOKIE", "")


class ResponseCache:
    """WSGI middleware: cached answers to GETs, or the app's answer.

    Answers to addresses that start with one of `by_host` contain links to this server, and depend
    on its name. `negotiate` maps an Accept-Language header to a supported language, so that odd
    headers cannot fill the cache.
    """

    def __init__(
        self,
        app: WSGI,
        revision: Revision,
        capacity: int,
        negotiate: Callable[[str], str] = str,
        tally: SharedCounters | None = None,
        by_host: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._by_host = by_host
        self._revision = revision
        self._capacity = capacity
        self._negotiate = negotiate
        self._shelf = CacheGeneration(b"", 0)
        self._tally = tally or SharedCounters(ROWS)
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        shelf = self._current(environ)
        if shelf is None:
            return self._ask(environ, start_response)
        key = self._key(environ)
        answer = shelf.answers.get(key)
        if answer is None:
            answer = self._wait(environ, shelf, key)
        if answer is None:
            return self._make(environ, start_response, shelf, key)
        known = environ.get("HTTP_IF_NONE_MATCH")
        environ[ROUTE] = answer.route
        if known is None:
            self._tally.numbers[HITS] += 1
            start_response("200 OK", answer.headers)
            return answer.body
        if known == answer.etag:
            self._tally.numbers[HITS] += 1
            start_response("304 NOT MODIFIED", answer.unchanged)
            return ()
        return self._ask(environ, start_response)

    def knows(self, environ: Environ) -> bool:
        """Return True if the answer to a request is in memory now."""
        shelf = self._current(environ)
        return shelf is not None and self._key(environ) in shelf.answers

    def _current(self, environ: Environ) -> CacheGeneration | None:
        """Return the answers of today and of the current revision; None where there are none for a request."""
        if environ["REQUEST_METHOD"] != "GET" or not self._capacity:
            return None
        shelf, day = self._shelf, int(time()) // SECONDS_A_DAY
        revision = None if names_entry(environ) else self._revision.known()
        if revision is None:
            # The database may take its time.
            if KNOWN_ONLY in environ:
                return None
            try:
                revision = self._revision.read()
            except OperationalError:
                return None
        if shelf.revision != revision or shelf.day != day:
            shelf = self._shelf = CacheGeneration(revision, day)
        return shelf

    def _key(self, environ: Environ) -> Key:
        languages = environ.get("HTTP_ACCEPT_LANGUAGE")
        language = self._negotiate(languages) if languages else ""
        accept, encodings = environ.get("HTTP_ACCEPT"), environ.get("HTTP_ACCEPT_ENCODING")
        encoding = negotiate_encoding(encodings) if encodings else ""
        path = environ["PATH_INFO"]
        site = name_site(environ) if self._by_host and path.startswith(self._by_host) else ""
        return (
            # Pages and links name the prefix that they are asked for under.
            environ.get("SCRIPT_NAME", "") + path,
            environ.get("QUERY_STRING", ""),
            language,
            encoding,
            site,
            *rank_formats(accept or ""),
        )

    def _wait(self, environ: Environ, shelf: CacheGeneration, key: Key) -> CachedAnswer | None:
        """The answer that another thread is making; None if there is no such, or it is not kept."""
        if KNOWN_ONLY in environ:
            raise NotKnown
        done = shelf.making.get(key)
        if done is None:
            return None
        done.wait(WAIT_SECONDS)
        return shelf.answers.get(key)

    def _make(
        self, environ: Environ, start_response: StartResponse, shelf: CacheGeneration, key: Key
    ) -> Iterable[bytes]:
        """The app's answer. Others who ask for the same meanwhile wait for it."""
        done = shelf.making.setdefault(key, Event())
        try:
            return self._make_now(environ, start_response, shelf, key)
        finally:
            done.set()
            shelf.making.pop(key, None)

    def _ask(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on to the application, unless only memory may be asked."""
        if KNOWN_ONLY in environ:
            raise NotKnown
        return self._app(environ, start_response)

    def _make_now(
        self, environ: Environ, start_response: StartResponse, shelf: CacheGeneration, key: Key
    ) -> Iterable[bytes]:
        """The app's answer, kept if it may be."""
        started: list[Any] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            started[:] = [status, headers]
            return (
                start_response(status, headers, exc_info)
                if exc_info
                else start_response(status, headers)
            )

        body = self._ask(environ, start)
        head = environ.get(READ_HEAD)
        # A replica's answer may be of an older state than the revision that was read.
        if not environ.get(HOT) or (head is not None and head.encode() != shelf.revision):
            return body
        self._tally.numbers[MISSES] += 1
        kept = [b"".join(body)]
        getattr(body, "close", lambda: None)()
        self._keep(shelf, key, started[1], kept, environ.get(ROUTE, ROWS))
        return kept

    def _keep(
        self, shelf: CacheGeneration, key: Key, headers: Headers, body: list[bytes], route: int
    ) -> None:
        size = len(body[0]) + sum(len(part) for part in key) + OVERHEAD
        if size > self._capacity:
            return
        # It is served again only while it is current.
        headers = [pair for pair in headers if pair[0] != "Age"]
        fields = {name.lower(): value for name, value in headers}
        # Made for everyone, but on its way it was given something for one browser.
        if "set-cookie" in fields:
            return
        unchanged = [
            (name, value) for name, value in headers if not name.lower().startswith("content-")
        ]
        answer = CachedAnswer(fields["etag"], headers, body, unchanged, size, route)
        with self._lock:
            if key in shelf.answers:
                return
            while shelf.answers and shelf.size + size > self._capacity:
                shelf.size -= shelf.answers.pop(next(iter(shelf.answers))).size
            shelf.answers[key] = answer
            shelf.size += size

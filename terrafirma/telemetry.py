"""Structured logs and request ids."""

import io
import itertools
import logging
import re
import secrets
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import perf_counter
from typing import Any, TextIO, cast

import orjson

# With rich, which other packages bring along, structlog would draw tracebacks that no log needs,
# and import 80 modules more in every process.
is_rich_here = "rich" in sys.modules
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
import structlog  # noqa: E402

if not is_rich_here:
    del sys.modules["rich"]

get_logger = structlog.get_logger

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

REQUEST_ID = "terrafirma.request_id"
GIVEN_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}", re.ASCII)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class LogStream(io.TextIOBase):
    """Standard error; a full disk or closed pipe loses lines but fails no request."""

    def write(self, text: str) -> int:
        """Write as much as possible."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()
        return len(text)


def encode_line(event: Any, **_options: Any) -> str:
    """An event as JSON; values without a JSON form are shown by `repr`."""
    return orjson.dumps(event, default=repr).decode()


def configure_logs(least: int = logging.INFO) -> None:
    """Log one line per event to standard error: readable on a terminal, JSON elsewhere."""
    people = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer()
            if people
            else structlog.processors.JSONRenderer(encode_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, LogStream())),
        cache_logger_on_first_use=True,
    )


class RequestLog:
    """WSGI middleware: every request has an id and is noted, and those asked for have a line."""

    def __init__(self, app: WSGI, which: str, note: Callable[[Environ, str, float], None]) -> None:
        self._app = app
        self._which = which
        self._note = note
        self._prefix = secrets.token_hex(4)
        self._count = itertools.count(1)
        self._log = get_logger()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Name a request, pass it on, log it."""
        given = environ.get("HTTP_X_REQUEST_ID")
        request_id = (
            given
            if given and GIVEN_ID.fullmatch(given)
            else f"{self._prefix}-{next(self._count):x}"
        )
        environ[REQUEST_ID] = request_id
        begun = perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            seconds = perf_counter() - begun
            self._note(environ, status, seconds)
            if self._asked(environ["REQUEST_METHOD"], status):
                self._line(environ, status, seconds)
            return start_response(status, [*headers, ("X-Request-Id", request_id)], *exc_info)

        return self._app(environ, start)

    def _asked(self, method: str, status: str) -> bool:
        if self._which == "changes":
            return method not in SAFE or status[0] in "45"
        return self._which == "all"

    def _line(self, environ: Environ, status: str, seconds: float) -> None:
        self._log.info(
            "request",
            id=environ[REQUEST_ID],
            method=environ["REQUEST_METHOD"],
            path=environ.get("PATH_INFO", ""),
            status=int(status[:3]),
            ms=round(seconds * 1000, 2),
            peer=environ.get("REMOTE_ADDR", ""),
        )

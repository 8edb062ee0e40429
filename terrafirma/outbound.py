"""Requests to addresses that users chose, as `outbound_targets.py` allows them.

A name is resolved once, refused if any of its addresses is not allowed, and the connection goes to
a checked address, so DNS rebinding has no effect. Redirects are not followed, and proxies of the
environment are ignored.
"""

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from http.client import HTTPException
from threading import Event, Thread
from time import monotonic
from typing import NamedTuple, Self

import certifi
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from terrafirma.config import Network
from terrafirma.outbound_targets import (
    OutboundTarget,
    TargetRefused,
    find_addresses,
    parse_target,
)

SECONDS = 15.0
"""Time limit of a receiver in seconds."""
CONNECT_SECONDS = 5.0
"""Time limit for connecting to an address in seconds."""
WATCH_SECONDS = 0.1
"""Seconds between checks for late receivers."""
KEPT_SECONDS = 60.0
"""Seconds after which a connection's name is resolved again."""
TRIED = 3
"""Addresses of a name that are tried."""
READ = 65_536
"""Bytes of an answer that are read."""
KEPT = 1_000
"""Characters kept of an answer or error."""
REDIRECTS = range(300, 400)
FAULTS = (HTTPError, HTTPException, OSError, ValueError)
"""Errors caused by receivers that are unreachable, hang up, or break HTTP."""


class OutboundAnswer(NamedTuple):
    """The result of a request: a status or an error, and the beginning of the answer."""

    status: int | None
    error: str | None
    text: str
    ms: int
    retry_after: str | None = None
    """The header of the answer."""


class GuardedConnection:
    """A connection to a receiver that is reused between messages. As a context manager it closes at
    the end."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = networks
        self._connection: HTTPConnection | None = None
        self._target: OutboundTarget | None = None
        self._opened = 0.0
        self._late: tuple[float, socket.socket] | None = None
        self._over = Event()

    def __enter__(self) -> Self:
        Thread(target=self._watch, name="watch-line", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._close()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> OutboundAnswer:
        """Send bytes and return the result. Never raises for errors of the receiver."""
        begun, retry_after = monotonic(), None
        try:
            status, text, retry_after = self._exchange(
                parse_target(url), headers, body, begun + SECONDS
            )
            error = describe_status(status)
        except TargetRefused as refused:
            status, text, error = None, "", f"The address {refused}."
        except FAULTS as fault:
            self._close()
            late = monotonic() >= begun + SECONDS
            status, text, error = (
                None,
                "",
                f"No answer within {SECONDS:g} seconds." if late else describe_fault(fault),
            )
        ms = round((monotonic() - begun) * 1000)
        return OutboundAnswer(status, error, text, ms, retry_after)

    def _watch(self) -> None:
        """Close slow connections: a receiver that sends a byte at a time never reaches a socket
        timeout."""
        while not self._over.wait(WATCH_SECONDS):
            late = self._late
            if late is not None and monotonic() >= late[0]:
                with suppress(OSError):
                    # Not TLS's own, which would wait for the other side.
                    socket.socket.shutdown(late[1], socket.SHUT_RDWR)

    def _exchange(
        self, target: OutboundTarget, headers: Mapping[str, str], body: bytes, end: float
    ) -> tuple[int, str, str | None]:
        connection = self._connect(target)
        self._late = (end, connection.sock)
        try:
            asked = {"Host": target.netloc, "User-Agent": "Terrafirma", **headers}
            connection.request(
                "POST", target.path, body, asked, preload_content=False, decode_content=False
            )
            response = connection.getresponse()
            if monotonic() >= end:
                # A head that was cut off reads like a whole one.
                raise TimeoutError
            return response.status, self._read(response), response.headers.get("Retry-After")
        finally:
            self._late = None

    def _read(self, response: HTTPResponse) -> str:
        """The beginning of an answer, which has counted since its status came."""
        try:
            said = response.read(READ, decode_content=False)
            whole = len(said) < READ
        except FAULTS:
            said, whole = b"", False
        if not whole:
            self._close()
        return clean(said[: 4 * KEPT].decode(errors="replace"))

    def _connect(self, target: OutboundTarget) -> HTTPConnection:
        """The open connection, or a new connection to a checked address."""
        kept, fresh = self._connection, monotonic() < self._opened + KEPT_SECONDS
        if kept is not None and self._target == target and fresh and kept.is_connected:
            return kept
        self._close()
        connection = reach(target, find_addresses(target, self._networks)[:TRIED])
        self._connection, self._target, self._opened = connection, target, monotonic()
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def reach(target: OutboundTarget, addresses: Sequence[str]) -> HTTPConnection:
    """A connection to the first of some addresses that is there."""
    for place, address in enumerate(addresses, 1):
        connection = make_connection(target, address)
        try:
            connection.connect()
        except FAULTS:
            connection.close()
            if place == len(addresses):
                raise
        else:
            connection.sock.settimeout(SECONDS)
            break
    return connection


def make_connection(target: OutboundTarget, address: str) -> HTTPConnection:
    """A connection to an address that requires the certificate of the target's name."""
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=CONNECT_SECONDS)
    trust = load_trust()
    return HTTPSConnection(
        address,
        target.port,
        timeout=CONNECT_SECONDS,
        server_hostname=target.host,
        ssl_context=trust,
    )


@cache
def load_trust() -> ssl.SSLContext:
    """Whom to believe: the authorities that this system knows, and those that browsers do."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def describe_status(status: int) -> str | None:
    """The fault of a status, if it is an error."""
    if 200 <= status < 300:
        return None
    return f"The receiver answered {status}{'; redirects are not followed' if status in REDIRECTS else ''}."


def describe_fault(fault: Exception) -> str:
    """The fault of a failed request in a line."""
    return clean(f"{type(fault).__name__}: {fault}")


def clean(text: str) -> str:
    """The beginning of foreign text, without characters that break displays or databases."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:KEPT]).strip()

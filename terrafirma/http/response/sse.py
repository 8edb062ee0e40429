"""Server-sent events: the log as it grows.

Each stream holds a thread of its worker, so their number is limited. It checks the revision for new
entries, on SQLite without a query, and holds neither a connection nor a transaction between reads.
"""

from collections.abc import Callable, Generator, Iterator
from itertools import chain
from threading import Event
from time import monotonic
from typing import Any, NamedTuple

from flask import Response, request

from terrafirma.errors import ApiError, Malformed
from terrafirma.http.app.context import GONE, AppState, state
from terrafirma.http.app.rate_limits import name_address
from terrafirma.http.request.arguments import read_number, read_since
from terrafirma.register.model.canonical_json import encode
from terrafirma.storage.engine.database import Connection, Database, OperationalError
from terrafirma.storage.register.entries import (
    EntryRange,
    EntryRow,
    Head,
    find_head,
    list_entries,
    read_head,
)
from terrafirma.telemetry import get_logger

EVENTS = "text/event-stream"
LAST_SEEN = "Last-Event-ID"

BATCH = 100
"""Entries read at once."""
SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_BETWEEN_HEARTBEATS = 10.0
BEGIN = b"retry: 2000\n\n"
"""Milliseconds after which a client that lost its stream asks again."""
HEARTBEAT = b":\n\n"
REPLACED = b"event: replaced\nid:\ndata: {}\n\n"
"""The log was replaced: the register was started over or restored. Without an id, a client begins anew."""

UNKNOWN = -1
"""Stands for the number of an entry that is not in the log."""

Show = Callable[[EntryRow], Any]


class StreamClient(NamedTuple):
    """The client of a stream: its address, and an event that is set once it has hung up."""

    address: str
    gone: Event


def read_last_seen(connection: Connection) -> int:
    """The number of the last entry that a client has: `Last-Event-ID`, which reconnecting sends, or `since`.

    -1 if a client that reconnects has an entry which is not in the log: an error would end it for good.
    """
    text = request.headers.get(LAST_SEEN)
    number = read_since() if text is None else read_number(LAST_SEEN, text)
    last = read_head(connection).number
    if number > last and text is not None:
        return UNKNOWN
    if number > last:
        raise Malformed(f"since names entry {number}, but the newest is {last}.")
    return number


def reply_stream(stretch: EntryRange, show: Show) -> Response:
    """Entries of a stretch as events, those to come too. Busy if as many follow as may."""
    response = Response(mimetype=EVENTS)
    if request.method != "HEAD":
        client = StreamClient(
            name_address(request.remote_addr or ""), request.environ.get(GONE) or Event()
        )
        events = follow(state(), stretch, show, client)
        # Begun here: only what has begun is ended, and so gives back what it holds.
        response.response = chain([next(events)], events)
        response.call_on_close(events.close)
    # Asks nginx not to hold events back.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def follow(
    state: AppState, stretch: EntryRange, show: Show, client: StreamClient
) -> Generator[bytes, None, None]:
    """Events until the client leaves, the server stops, the database fails or the log is replaced."""
    state.followers.take(client.address)
    try:
        yield BEGIN
        if stretch.since == UNKNOWN:
            yield REPLACED
            return
        yield from list_events(state, stretch, show, client.gone)
    except (OperationalError, ApiError) as error:
        get_logger().warning("stream", error=str(error))
    finally:
        state.followers.give_back(client.address)


def list_events(state: AppState, stretch: EntryRange, show: Show, gone: Event) -> Iterator[bytes]:
    """New entries as they are written, with heartbeats in between."""
    revision, head, spoken = b"", None, monotonic()
    while not (state.stopping.is_set() or gone.is_set()):
        # Asked before the log is read: what is written meanwhile changes it again.
        now = state.database.revision.read()
        if now != revision:
            news = read_new_entries(state.database, stretch, head)
            if news is None:
                yield REPLACED
                return
            rows, head = news
            if rows:
                yield b"".join(make_event(row, show) for row in rows)
                spoken = monotonic()
            if len(rows) == BATCH:
                stretch = stretch._replace(since=rows[-1].number)
                continue
            revision, stretch = now, stretch._replace(since=head.number)
        elif monotonic() - spoken > SECONDS_BETWEEN_HEARTBEATS:
            yield HEARTBEAT
            spoken = monotonic()
        state.stopping.wait(SECONDS_BETWEEN_LOOKS)


def read_new_entries(
    database: Database, stretch: EntryRange, seen: Head | None
) -> tuple[list[EntryRow], Head] | None:
    """The next entries and the head; None if the log does not continue the head seen before."""
    with database.reading() as connection:
        if seen is not None and seen.number and find_head(connection, seen.number) != seen:
            return None
        return list_entries(connection, stretch, BATCH), read_head(connection)


def make_event(row: EntryRow, show: Show) -> bytes:
    """An entry as an event."""
    return b"id: %d\ndata: %b\n\n" % (row.number, encode(show(row)))

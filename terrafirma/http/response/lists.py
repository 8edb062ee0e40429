"""Lists: a page, or all rows streamed page by page if the format allows it and no limit is given."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Semaphore
from typing import Any

from flask import Response, request

from terrafirma.errors import Busy
from terrafirma.http.app.context import record_export, state
from terrafirma.http.app.formats import Format
from terrafirma.http.response.responses import link_next, reply_bytes, set_format_headers
from terrafirma.register.model.canonical_json import encode

TOTAL = "X-Total-Count"


@dataclass(frozen=True)
class Page:
    """Some rows of a list, as of an entry, which the mark names."""

    rows: list[Any]
    mark: str
    following: dict[str, str | int]
    """The parameters of the next page's address; empty on the last."""
    total: int | None = None
    language: str | None = None
    undated: Sequence[str] = ()
    """Fields of the query that are not known of some records on its day."""


Pages = Generator[Page, None, None]
"""Pages from a single transaction, which ends with the last page or when the generator is closed.
"""

Writer = Callable[[list[Any], bool], bytes]
"""Converts rows to bytes, given a flag for the first rows."""


def reply_pages(first: Page, others: Pages, form: Format, write: Writer) -> Response:
    """The first page, or all of them where the form can be written as rows come and no limit is asked for."""
    if first.following and form.streamed and "limit" not in request.args:
        if request.method == "GET":
            record_export({"path": request.path, "query": request.query_string.decode("latin-1")})
        response = Response(stream_pages(first, others, write), mimetype=form.media)
    else:
        others.close()
        response = reply_bytes(write(first.rows, True), form.media, mark=first.mark)
        if first.following:
            link_next(response, **first.following)
    if first.total is not None:
        response.headers[TOTAL] = str(first.total)
    return set_format_headers(response, form)


def stream_pages(first: Page, others: Pages, write: Writer) -> Iterator[bytes]:
    """All pages as bytes; raise Busy if too many lists are being streamed. HEAD needs no pages."""
    if request.method == "HEAD":
        others.close()
        return iter(())
    pieces = write_pages(first, others, write, state().streams)
    # Begun here: only what has begun is ended, and so gives back what it holds, however it is let go of.
    return chain([next(pieces)], pieces)


def write_pages(first: Page, others: Pages, write: Writer, streams: Semaphore) -> Iterator[bytes]:
    """Rows as bytes, a page in memory at a time. A slow reader holds a thread, so there may be only so many."""
    if not streams.acquire(blocking=False):
        raise Busy(
            "As many lists are being streamed as this server takes at once; try again, or ask with a limit."
        )
    try:
        yield write(first.rows, True)
        for page in others:
            yield write(page.rows, False)
    finally:
        others.close()
        streams.release()


def write_lines(rows: list[Any]) -> bytes:
    """NDJSON: each row a line."""
    return b"".join(encode(row) + b"\n" for row in rows)


def write_array(rows: list[Any]) -> bytes:
    """A JSON array."""
    return encode(rows) + b"\n"

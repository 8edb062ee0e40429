"""Lists: a page, or all rows streamed page by page if the format allows it and no limit is given."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Semaphore

from flask import Response, request

from terrafirma.errors import Busy
from terrafirma.http.app.api_client import EXPORT, ReportRows
from terrafirma.http.app.context import record_export, state
from terrafirma.http.response.representations import Representation
from terrafirma.http.response.responses import link_next, reply_bytes, set_format_headers

TOTAL = "X-Total-Count"


@dataclass(frozen=True)
class Page:
    """Some rows of a list, as of an entry, which the mark names."""

    rows: list[bytes]
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


def reply_pages(first: Page, others: Pages, shown: Representation) -> Response:
    """The first page, or all of them if the format or an export wants all and no limit is given."""
    form = shown.form
    report = request.environ.get(EXPORT)
    every = "limit" not in request.args and (form.whole or report)
    if report or (first.following and every):
        pages = chain([first], others) if every else iter([first])
        pieces = write_pages(count_rows(pages, report), others, shown, state().streams)
        response = Response(begin(pieces, others, report), mimetype=form.media)
    else:
        others.close()
        body = b"".join(form.write([first.rows], shown.selection))
        response = reply_bytes(body, form.media, mark=first.mark)
        if first.following:
            link_next(response, **first.following)
    if first.total is not None:
        response.headers[TOTAL] = str(first.total)
    return set_format_headers(response, form)


def begin(pieces: Iterator[bytes], others: Pages, report: ReportRows | None) -> Iterator[bytes]:
    """The pieces of all pages; raise Busy if too many lists are being streamed. HEAD needs none."""
    if report:
        # An export may be interrupted by any report, which is no error of this request.
        return pieces
    if request.method == "HEAD":
        others.close()
        return iter(())
    record_export({"path": request.path, "query": request.query_string.decode("latin-1")})
    # Begun here: only what has begun is ended, and so gives back what it holds, however it is let go of.
    return chain([next(pieces)], pieces)


def count_rows(pages: Iterable[Page], report: ReportRows | None) -> Iterator[list[bytes]]:
    """The rows of each page, and to an export how many there were so far."""
    count = 0
    for page in pages:
        count += len(page.rows)
        if report:
            report(count)
        yield page.rows


def write_pages(
    rows: Iterator[list[bytes]], others: Pages, shown: Representation, streams: Semaphore
) -> Iterator[bytes]:
    """Rows as bytes, a page in memory at a time. A slow reader holds a thread, so there may be only so many."""
    if not streams.acquire(blocking=False):
        raise Busy(
            "As many lists are being streamed as this server takes at once; try again, or ask with a limit."
        )
    try:
        yield from shown.form.write(rows, shown.selection)
    finally:
        others.close()
        streams.release()

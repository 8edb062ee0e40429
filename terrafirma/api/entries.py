"""`/entries` and `/countries/{key}/entries`, `/{any kind}/{key}/entries`: the log, oldest first."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, get_type_hints

from flask import Response
from pydantic import create_model

from terrafirma.http.arguments import read_limit, read_since
from terrafirma.http.context import reading, today
from terrafirma.http.contracts import Access, Door
from terrafirma.http.formats import FORMAT, JSON, NDJSON, read_format
from terrafirma.http.lists import Page, Pages, reply_pages, write_array, write_lines
from terrafirma.register.canonical import decode
from terrafirma.register.keys import find_id_ever
from terrafirma.register.kinds import KINDS, Kind
from terrafirma.storage.clock import restart
from terrafirma.storage.entries import EntryRow, list_entries, read_head

door = Door("entries")

QUERY = ("since", "limit", FORMAT)
OFFERED = (JSON, NDJSON)


@dataclass
class Names:
    """What a record is called, by locale."""

    id: int
    names: dict[str, str]


FIELDS: dict[str, Any] = {name: (hint, ...) for name, hint in get_type_hints(EntryRow).items()}
DOCUMENT: Any = reduce(or_, (kind.model for kind in KINDS.values())) | Names | None
Entry = create_model("Entry", **FIELDS | dict.fromkeys(("before", "after"), (DOCUMENT, ...)))
"""An entry as it is shown."""
GIVEN = ((JSON.media, list[Entry]), (NDJSON.media, str))


@door.route("GET", "/entries", Access.READ, QUERY, gives=GIVEN)
def list_all() -> Response:
    """Entries with numbers above `since`."""
    return reply_entries(None)


def list_record_entries(kind: Kind, key: str) -> Response:
    """Entries of one record, also of one that was deleted."""
    return reply_entries((kind, key))


def reply_entries(record: tuple[Kind, str] | None) -> Response:
    """The log, of one record or of all: a page, or all of it as NDJSON without `limit`."""
    form = read_format(OFFERED)
    write = write_lines if form is NDJSON else write_array
    pages = list_pages(record, read_since(), read_limit())
    return reply_pages(next(pages), pages, form, lambda rows, _: write(rows))


def list_pages(named: tuple[Kind, str] | None, since: int, limit: int) -> Pages:
    """Entries with numbers above one, page by page in one transaction."""
    with reading() as connection:
        head, more = read_head(connection), True
        record = (named[0].name, find_id_ever(connection, *named, today())) if named else None
        while more:
            rows = list_entries(connection, since, limit + 1, record)
            more, rows = len(rows) > limit, rows[:limit]
            since = rows[-1].number if rows else since
            yield Page([show(row) for row in rows], head.mark, {"since": since} if more else {})
            restart(connection)


def show(row: EntryRow) -> dict[str, Any]:
    """An entry as JSON; `before` and `after` are stored documents, null where there is none."""
    documents = {name: decode(text or "null") for name, text in (("before", row.before), ("after", row.after))}
    return row._asdict() | documents

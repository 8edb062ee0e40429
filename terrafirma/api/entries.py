"""`/entries` and `/countries/{key}/entries`: the log, oldest first."""

from typing import Any

from flask import Response

from terrafirma.http.context import reading, today
from terrafirma.http.contracts import Access, Door
from terrafirma.http.params import read_limit, read_since
from terrafirma.http.replies import link_next, reply_json
from terrafirma.register.canonical import decode
from terrafirma.register.countries import KIND
from terrafirma.register.keys import find_id_ever
from terrafirma.storage.entries import EntryRow, list_entries, read_head

door = Door("entries")

QUERY = ("since", "limit")


@door.route("GET", "/entries", Access.READ, QUERY)
def list_all() -> Response:
    """Entries with numbers above `since`."""
    return reply_entries(None)


@door.route("GET", "/countries/<key>/entries", Access.READ, QUERY)
def list_of_country(key: str) -> Response:
    """Entries of one country, also of one that was deleted."""
    return reply_entries(key)


def reply_entries(key: str | None) -> Response:
    """A page of the log, of one country or of all."""
    limit, since = read_limit(), read_since()
    with reading() as connection:
        head = read_head(connection)
        record = (KIND, find_id_ever(connection, KIND, key, today())) if key is not None else None
        rows = list_entries(connection, since, limit + 1, record)
    shown = rows[:limit]
    response = reply_json([show(row) for row in shown], entry=head.number)
    if len(rows) > limit:
        link_next(response, since=shown[-1].number)
    return response


def show(row: EntryRow) -> dict[str, Any]:
    """An entry as JSON; `before` and `after` are stored documents, null where there is none."""
    documents = {name: decode(text or "null") for name, text in (("before", row.before), ("after", row.after))}
    return row._asdict() | documents

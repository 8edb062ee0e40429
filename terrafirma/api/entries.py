"""`/entries` and `/entries/stream`: the log, oldest first, and as it grows; `/checkpoint`: how far it has come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from typing import Any, get_type_hints

from flask import Response, request
from pydantic import create_model

from terrafirma.errors import Malformed
from terrafirma.formats.offered import describe_answers, list_formats
from terrafirma.formats.selection import Selection
from terrafirma.http.app.context import reading
from terrafirma.http.app.formats import FORMAT, read_format
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import (
    read_choice,
    read_choices,
    read_limit,
    read_moment,
    read_since,
)
from terrafirma.http.response.lists import Page, Pages, reply_pages
from terrafirma.http.response.representations import BYTE_ORDER_MARK, Representation, mark_bytes
from terrafirma.http.response.responses import reply_json
from terrafirma.http.response.sse import EVENTS, LAST_SEEN, read_last_seen, reply_stream
from terrafirma.register.log.datasets import Loaded
from terrafirma.register.log.diff import Difference, compare
from terrafirma.register.log.history import document_of, show_entry
from terrafirma.register.log.identifiers import Moment, find_id_ever
from terrafirma.register.log.verification import Checkpoint, take_checkpoint
from terrafirma.register.model.catalog import Catalog
from terrafirma.register.model.kinds import COUNTRY, EVERY_KIND, OWNERS
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.timeouts import restart
from terrafirma.storage.register.entries import EntryRange, EntryRow, list_entries, read_head

door = Door("entries")

LOG = ("since", "limit", "as_of", "entry_fields", FORMAT, BYTE_ORDER_MARK)
FILTERS = ("entry_kind", "record")
USUAL = EntryRow._fields
"""Default fields of an entry in the log of all records."""


@dataclass
class Names:
    """Names of a record by locale."""

    id: int
    names: dict[str, str]


FIELDS: dict[str, Any] = {name: (hint, None) for name, hint in get_type_hints(EntryRow).items()}
DOCUMENT: Any = reduce(or_, (kind.model for kind in EVERY_KIND.values())) | Names | Loaded | None
FIELDS |= dict.fromkeys(("before", "after"), (DOCUMENT, None))
FIELDS["changes"] = (list[Difference], None)
Entry = create_model("Entry", **FIELDS)
"""An entry as it is shown."""
COLUMNS: dict[str, Any] = {name: FIELDS[name] for name in USUAL}
CATALOG = Catalog(create_model("EntryColumns", **COLUMNS))
"""Its columns in a table; `before`, `after` and `changes` are one each."""


def gives_entries() -> Any:
    """The media types of entries."""
    formats = list_formats(placed=False)
    return describe_answers(formats, Entry, many=True)


@door.route(
    "GET",
    "/entries",
    Access.READ,
    (*LOG, *FILTERS),
    gives=gives_entries(),
)
def list_all() -> Response:
    """Entries with numbers above `since`, of all records or of some, oldest first.

    `changes` only if requested with `fields`. All formats but JSON have all entries without `limit`.
    """
    return reply_entries(read_filters, USUAL)


@door.route(
    "GET",
    "/entries/stream",
    Access.READ,
    ("since", *FILTERS),
    gives=((EVENTS, str),),
    heeds=(LAST_SEEN,),
)
def follow() -> Response:
    """Entries above `since` as server-sent events, followed by new entries as they are written.

    The id of an event is the entry's number, its data the entry as JSON. A client that reconnects
    with `Last-Event-ID` continues where it stopped. An event `replaced` ends the stream if the
    register was started over.
    """
    with reading() as connection:
        stretch = read_filters(connection)._replace(since=read_last_seen(connection))
    return reply_stream(stretch, partial(show, fields=USUAL))


@door.route("GET", "/checkpoint", Access.READ, gives=Checkpoint)
def get_checkpoint() -> Response:
    """The number of entries and the last hash, to be stored elsewhere for `terrafirma verify
    --against`."""
    with reading() as connection:
        head = read_head(connection)
    return reply_json(take_checkpoint(head), mark=head.mark)


def read_filters(connection: Connection) -> EntryRange:
    """The entries that `kind`, `record` and `as_of` ask for."""
    kind, key = read_choice("entry_kind"), request.args.get("record")
    moment = read_moment(connection)
    if key is None:
        return make_stretch(moment, kind)
    if kind not in OWNERS:
        raise Malformed(f"record needs a kind that has keys, such as kind={COUNTRY.name}.")
    return make_stretch(moment, kind, find_id_ever(connection, OWNERS[kind], key, moment))


def make_stretch(moment: Moment, kind: str | None, id: int | None = None) -> EntryRange:
    """The entries up to a moment, of a kind or a record or of all."""
    whole = EntryRange(kind=kind, id=id)
    return whole if moment.as_of is None else whole._replace(until=moment.as_of)


def reply_entries(which: Callable[[Connection], EntryRange], usual: Sequence[str]) -> Response:
    """Entries above `since`, with their usual fields or those asked for: a page, or all without `limit`."""
    form, fields = read_format(list_formats(placed=False)), read_choices("entry_fields") or usual
    selection = Selection("entries", Entry, CATALOG, {name: {} for name in fields})
    shown = mark_bytes(Representation(form, selection))
    pages = list_pages(which, shown, read_since(), read_limit())
    return reply_pages(next(pages), pages, shown)


def list_pages(
    which: Callable[[Connection], EntryRange], shown: Representation, since: int, limit: int
) -> Pages:
    """Entries after a number, page by page in a single transaction."""
    form, selection = shown
    fields = tuple(selection.tree or ())
    with reading() as connection:
        head, stretch, more = read_head(connection), which(connection)._replace(since=since), True
        while more:
            rows = list_entries(connection, stretch, limit + 1)
            more, rows = len(rows) > limit, rows[:limit]
            stretch = stretch._replace(since=rows[-1].number if rows else since)
            yield Page(
                [form.write_row(show(row, fields), selection) for row in rows],
                head.mark,
                {"since": stretch.since} if more else {},
            )
            restart(connection)


def show(row: EntryRow, fields: Sequence[str]) -> dict[str, Any]:
    """Fields of an entry as JSON; `before` and `after` are stored documents or null."""
    told = show_entry(row)
    if "changes" in fields:
        told["changes"] = compare(document_of(row.before), document_of(row.after))
    return {name: told[name] for name in fields}

"""`/explore/changes`: the log as people read it, one entry of it, a feed, and what changed since a day."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request, url_for

from terrafirma.errors import Malformed, NotFound
from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.languages import LANGUAGE
from terrafirma.http.response.responses import reply_bytes
from terrafirma.register.log.diff import Difference, compare
from terrafirma.register.log.history import document_of
from terrafirma.register.log.provenance import DATASET
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import EVERY_KIND, KINDS, Kind
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import (
    ENDLESS,
    EntryRow,
    Wanted,
    find_entry,
    list_actors,
    list_entries_at,
    list_wanted,
    read_head,
)
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import label_of
from terrafirma.web.links import PLURALS, STATE, origin, record_page
from terrafirma.web.rendering import HTML, name_of, render_template, reply_page

door = Door("changes")

PAGE = ((HTML, str),)
ATOM = "application/atom+xml"
SHOWN = 50
"""Entries of a page."""
FED = 30
"""Entries of the feed, which comes without filters."""
MOST_ACTORS = 200
TOGETHER = 5000
"""Entries around one among which those of the same instant are looked for."""
ACTIONS = ("create", "update", "delete", "revert")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LISTED = ("kind", "actor", "action", "day", "until", "since", "all")


@dataclass(frozen=True)
class Entry:
    """An entry of the log as people read it."""

    row: EntryRow
    kind: str
    """In words."""
    name: str
    href: str
    """The record's page; empty for entries that are about no record."""
    differences: list[Difference] = field(default_factory=list)

    @property
    def revert(self) -> str:
        """The page that goes back to what an entry left; of a deletion, to what was there."""
        return f"{self.href}/revert?entry={self.row.number}" if self.href else ""


@door.route(
    "GET",
    "/explore/changes",
    Access.READ,
    (LANGUAGE,),
    gives=PAGE,
    foreign=True,
    own=(*LISTED, *STATE),
)
def recent_changes() -> Response:
    """The newest entries, by kind, person, action and day."""
    wanted = read_wanted()
    with reading() as connection:
        rows, head = list_wanted(connection, wanted, SHOWN + 1), read_head(connection)
        actors = list_actors(connection, MOST_ACTORS)
    return reply_page(
        "changes.html",
        head.mark,
        entries=[read_entry(row) for row in rows[:SHOWN]],
        older=rows[SHOWN].number if len(rows) > SHOWN else None,
        actors=[actor for actor in actors if not actor.startswith(DATASET)],
        datasets=[actor for actor in actors if actor.startswith(DATASET)],
        kinds=EVERY_KIND.values(),
        actions=ACTIONS,
        head=head,
    )


def read_wanted() -> Wanted:
    """The entries that the parameters ask for; what the dataset loaded only where it is asked for."""
    text = {name: request.args.get(name, "") for name in LISTED}
    if text["kind"] and text["kind"] not in (
        *EVERY_KIND,
        *(kind.translations for kind in KINDS.values()),
    ):
        raise Malformed(f'kind: there is no kind "{text["kind"][:80]}".')
    if text["action"] and text["action"] not in ACTIONS:
        raise Malformed(f'action must be one of {", ".join(ACTIONS)}, not "{text["action"][:80]}".')
    if text["day"] and not DAY.fullmatch(text["day"]):
        raise Malformed(f'day must be a day such as 2026-11-28, not "{text["day"][:80]}".')
    without = "" if text["all"] or text["actor"] else DATASET
    until, since = read_number("until", ENDLESS), read_number("since", 0)
    return Wanted(until, since, text["actor"], text["action"], text["kind"], text["day"], without)


def read_number(name: str, usual: int) -> int:
    """The number of an entry that a parameter names."""
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= ENDLESS):
        raise Malformed(f'{name} must be the number of an entry, not "{text[:80]}".')
    return int(text)


@door.route(
    "GET",
    "/explore/changes/<number:entry>",
    Access.READ,
    (LANGUAGE,),
    gives=PAGE,
    foreign=True,
    own=STATE,
)
def show_entry(entry: int) -> Response:
    """A single entry: who changed what, when, and each field before and after."""
    with reading() as connection:
        row, head = find_entry(connection, entry), read_head(connection)
        if row is None:
            raise NotFound(f"There is no entry {entry}; the last is {head.number}.")
        together = list_entries_at(connection, row.number, row.at, TOGETHER)
    return reply_page(
        "entry.html",
        head.mark,
        entry=read_entry(row),
        last=head.number,
        together=[read_entry(each) for each in together if each.number != entry],
    )


@door.route("GET", "/explore/changes.atom", Access.READ, (), gives=((ATOM, str),), foreign=True)
def changes_feed() -> Response:
    """The newest changes as an Atom feed."""
    with reading() as connection:
        rows, head = list_wanted(connection, Wanted(without=DATASET), FED), read_head(connection)
    place = origin() + url_for("changes.recent_changes")
    text = render_template(
        "changes.atom", entries=[read_entry(row) for row in rows], head=head, place=place
    )
    return reply_bytes(text, ATOM, mark=head.mark)


def read_entry(row: EntryRow) -> Entry:
    """An entry with the name and page of its record, and what it changed."""
    kind, before, after = EVERY_KIND.get(row.kind), document_of(row.before), document_of(row.after)
    document: Document = after or before or {}
    if kind is None:
        owner = next((each for each in KINDS.values() if each.translations == row.kind), None)
        href = record_page(owner.name, row.id) if owner else ""
        return Entry(
            row, _(label_of(row.kind)), f"{_(label_of(row.kind))} {row.id}", href, list_changed(row)
        )
    return Entry(
        row,
        _(label_of(kind.name)),
        name_of(kind, {"id": row.id} | document),
        page_of(kind, document, row),
        list_changed(row),
    )


def list_changed(row: EntryRow) -> list[Difference]:
    """The differences of an entry that changes a record; none of one that makes or deletes it."""
    return (
        compare(document_of(row.before), document_of(row.after)) if row.before and row.after else []
    )


def page_of(kind: Kind, document: Document, row: EntryRow) -> str:
    """The page of a record that an entry is about."""
    code = next((document[key] for key in kind.keys if key in document), row.id)
    return record_page(kind.name, code)


def find_lost(connection: Connection, row: EntryRow) -> list[EntryRow]:
    """The deletions that happened together with one, in the order in which they can be taken back."""
    rows = list_entries_at(connection, row.number, row.at, TOGETHER)
    return [each for each in reversed(rows) if each.action == "delete"]


def describe_lost(rows: list[EntryRow]) -> dict[str, int]:
    """How many records of each kind were deleted, by its plural; names in other languages belong to theirs."""
    kinds = [EVERY_KIND[row.kind] for row in rows if row.kind in EVERY_KIND]
    return dict(Counter(kind.plural for kind in kinds))


def list_undoing(rows: list[EntryRow]) -> list[dict[str, Any]]:
    """The requests to the API that bring records back."""
    return [
        {
            "method": "POST",
            "path": f"/{PLURALS[row.kind]}/{row.id}/revert",
            "body": {"entry": row.number},
        }
        for row in rows
        if row.kind in PLURALS
    ]


def read_document(row: EntryRow) -> Document:
    """The document before a deletion."""
    found: Document = decode(row.before or "{}")
    return found

"""A record's history: its entries with their changes, newest first, and the days on which it
changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import request

from terrafirma.errors import Malformed
from terrafirma.register.log.diff import Difference, compare
from terrafirma.register.log.history import document_of
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import ends
from terrafirma.register.model.values import first_day
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import (
    ENDLESS,
    EntryRange,
    EntryRow,
    list_entries,
    read_last_entry,
)

MOST_ENTRIES = 50
UNTIL = "until"
"""The parameter for the next page of the history: the entry below which it begins."""


@dataclass(frozen=True)
class Change:
    """An entry and its changes."""

    entry: EntryRow
    differences: list[Difference]


@dataclass(frozen=True)
class History:
    """A page of changes, newest first, and the entry below which the next page begins; None on the
    last page."""

    changes: list[Change]
    older: int | None


def read_history(connection: Connection, kind: str, id: int) -> History:
    """The changes of a record up to the entry that is asked for, else to the last."""
    stretch = EntryRange(until=read_until(), kind=kind, id=id)
    rows = list_entries(connection, stretch, MOST_ENTRIES + 1, newest_first=True)
    changes = [
        Change(row, compare(document_of(row.before), document_of(row.after)))
        for row in rows[:MOST_ENTRIES]
    ]
    return History(changes, rows[MOST_ENTRIES].number if len(rows) > MOST_ENTRIES else None)


def read_until() -> int:
    """The entry that `until` names; the last there can be without it."""
    text = request.args.get(UNTIL)
    if text is None:
        return ENDLESS
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= ENDLESS):
        raise Malformed(f'until must be the number of an entry, not "{text[:80]}".')
    return int(text)


def compare_with_now(
    connection: Connection, kind: str, id: int, then: Document
) -> list[Difference]:
    """Differences between a record's earlier state and its state now."""
    return compare(then, document_of(read_last_entry(connection, kind, id).after))


@dataclass(frozen=True)
class Stop:
    """A day on the slider of a record's page; the empty day is today."""

    day: str
    note: str = ""


def list_stops(
    days: Sequence[str], notes: dict[str, list[str]], chosen: str, today: str
) -> list[Stop]:
    """The days to look at, oldest first, with today and the chosen day in their places among them."""
    every = sorted({*days, *notes, *([chosen] if chosen else [])})
    stops = [Stop(day, ", ".join(notes.get(day, []))) for day in every]
    past = sum(day <= today for day in every)
    return [*stops[:past], Stop(""), *stops[past:]]


def list_days(document: Document) -> list[str]:
    """The days from which a stored document changes, oldest first; the record exists on each of
    them."""
    end = ends(document)
    return sorted({day for day in find_days(document) if day < end})


def find_days(document: Document) -> Iterator[str]:
    """The first days of a record, of its periods, and of the gaps after them."""
    if "from" in document:
        yield first_day(document["from"])
    for timeline in document.get("dated", {}).values():
        for period in timeline:
            yield from (first_day(period[bound]) for bound in ("from", "to") if bound in period)

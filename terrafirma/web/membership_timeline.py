"""Memberships as spans of a common line of years, those that have ended too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.model.kinds import MEMBERSHIP
from terrafirma.register.model.records import Document
from terrafirma.register.model.values import first_day
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import list_found
from terrafirma.storage.register.search import Condition, Search
from terrafirma.web.related import MOST_RELATED

LENGTH = 1000
"""Units of the line."""


@dataclass(frozen=True)
class MembershipSpan:
    """A membership with the start and length of its bar, and a flag if it has ended."""

    document: Document
    start: float
    length: float
    past: bool


@dataclass(frozen=True)
class MembershipLine:
    """Spans by the group they are of, oldest first, and the days at which the line begins and ends."""

    groups: dict[str, list[MembershipSpan]]
    first: str
    last: str


def find_memberships(connection: Connection, country: str, moment: Moment) -> list[Document]:
    """The memberships of a country up to a day."""
    ever = Condition(("country",), "eq", (sort_key(country),))
    search = Search(MEMBERSHIP.name, moment.on, moment.as_of, last=ever)
    return [found.document for found in list_found(connection, search, MOST_RELATED)]


def draw_spans(memberships: Sequence[Document], on: str) -> MembershipLine | None:
    """The timeline of memberships up to a day; None without any. A membership without a start
    begins at the left edge."""
    if not memberships:
        return None
    began = {each["id"]: first_day(each["from"]) for each in memberships if "from" in each}
    first = min([*began.values(), on])
    groups: dict[str, list[MembershipSpan]] = {}
    for each in sorted(memberships, key=lambda each: began.get(each["id"], "")):
        end = min(first_day(each["to"]), on) if "to" in each else on
        start = place(began.get(each["id"], first), first, on)
        span = MembershipSpan(
            each, start, max(2, round(place(end, first, on) - start, 1)), "to" in each and end < on
        )
        groups.setdefault(each["group"], []).append(span)
    return MembershipLine(groups, first, on)


def place(day: str, first: str, last: str) -> float:
    """Where a day stands on a line."""
    at, start, end = (date.fromisoformat(each).toordinal() for each in (day, first, last))
    return round(LENGTH * (at - start) / ((end - start) or 1), 1)

"""`/explore/since`: what became different in the world since a day, for a single record, a group,
or every country."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import Response, request
from markupsafe import Markup, escape

from terrafirma.errors import Malformed
from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.languages import LANGUAGE, localise, read_language
from terrafirma.register.log.diff import Difference, compare, state_on
from terrafirma.register.log.history import stored_document
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.references import label_citation
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, GROUP, MEMBER, MEMBERSHIP, Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import ends, starts
from terrafirma.register.model.values import check_date, first_day
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head, read_last_entry
from terrafirma.storage.register.found import list_found
from terrafirma.storage.register.search import Condition, Search
from terrafirma.web.belonging import name_country
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.history import find_days
from terrafirma.web.links import STATE, record_page
from terrafirma.web.nouns import Text
from terrafirma.web.related import find_any, find_by_codes, find_kind
from terrafirma.web.rendering import HTML, name_of, reply_page

door = Door("since")

PAGE = ((HTML, str),)
OWN = ("since", *STATE)
MOST = 100_000
"""Records that are looked through."""
YEARS = 5
"""Years back, if no day is asked for."""


@dataclass(frozen=True)
class Event:
    """Changes of a day."""

    day: str
    about: Text
    differences: list[Difference] = field(default_factory=list)
    words: str = ""


@door.route("GET", "/explore/since", Access.READ, (LANGUAGE,), gives=PAGE, foreign=True, own=OWN)
def world_since() -> Response:
    """Changes since a day, of every country or of the members of a group."""
    since, now = read_since(), today()
    with reading() as connection:
        head = read_head(connection)
        events = list_country_events(connection, since, now) + list_membership_events(
            connection, (), since, now
        )
    return reply_page(
        "since.html", head.mark, since=since, events=sort_events(events), about=None, shown=None
    )


@door.route(
    "GET",
    "/explore/since/<plural>/<key:key>",
    Access.READ,
    (LANGUAGE,),
    gives=PAGE,
    foreign=True,
    own=OWN,
)
def record_since(plural: str, key: str) -> Response:
    """Changes of a record since a day, with its memberships."""
    kind, since, now = find_kind(plural), read_since(), today()
    with reading() as connection:
        version = find(connection, kind, key, Moment(now))
        document = decode(version.document)
        localise(connection, kind, [document], read_language(), Moment(now))
        about = Text(
            name_of(kind, document),
            record_page(
                kind.name,
                next((document[name] for name in kind.keys if name in document), version.id),
            ),
        )
        events = list_events(stored_document(connection, version.entry), about, since, now)
        events += list_membership_events(connection, membership_filter(kind, document), since, now)
        head = read_head(connection)
    return reply_page(
        "since.html",
        head.mark,
        since=since,
        events=sort_events(events),
        about=about,
        shown=document,
    )


def read_since() -> str:
    """The day that `since` names; some years ago without it."""
    text = request.args.get("since", "")
    if not text:
        day = date.fromisoformat(today())
        return day.replace(year=day.year - YEARS, month=1, day=1).isoformat()
    try:
        return first_day(check_date(text))
    except ValueError as error:
        raise Malformed(f"since: {error}") from None


def membership_filter(kind: Kind, document: Document) -> tuple[Condition, ...]:
    """The memberships of a record: of a country, of a group, or an empty list."""
    if kind is COUNTRY and (named := label_citation(MEMBER, document)):
        return (Condition(("country",), "eq", (sort_key(named),)),)
    code = document["code"] if kind is GROUP else NOTHING
    return (Condition(("group",), "eq", (sort_key(code),)),)


NOTHING = "-"
"""A code that no group has."""


def list_events(stored: Document, about: Text, since: str, now: str) -> list[Event]:
    """Changes of a record between two days, day by day."""
    days = sorted(
        {day for day in find_days(stored) if since < day <= now}
        | {each for each in (starts(stored), ends(stored)) if since < each <= now}
    )
    events = []
    before = state_on(stored, since)
    for day in days:
        after = state_on(stored, day)
        if before is None or after is None:
            words = (
                _("begins to exist")
                if before is None and after is not None
                else _("ceases to exist")
            )
            if before is not after:
                events.append(Event(day, about, [], words))
        elif differences := compare(before, after):
            events.append(Event(day, about, differences))
        before = after
    return events


def list_country_events(connection: Connection, since: str, now: str) -> list[Event]:
    """Changes of every country that exists on either day."""
    ids: dict[int, Document] = {}
    for day in (since, now):
        for row in list_found(connection, Search(COUNTRY.name, day, None), MOST):
            ids[row.id] = row.document
    events: list[Event] = []
    for id, document in ids.items():
        entry = read_last_entry(connection, COUNTRY.name, id)
        if entry.after is not None:
            events += list_events(decode(entry.after), name_country(document, str(id)), since, now)
    return events


def list_membership_events(
    connection: Connection, conditions: Sequence[Condition], since: str, now: str
) -> list[Event]:
    """The memberships that began or ended after a day, up to another."""
    ever = conditions[0] if conditions else Condition(("group",), "eq")
    search = Search(MEMBERSHIP.name, now, None, last=ever)
    found = [row.document for row in list_found(connection, search, MOST)]
    moved = [
        each
        for each in found
        if any(since < bound_of(each, bound) <= now for bound in ("from", "to"))
    ]
    named = find_by_codes(connection, [each["country"] for each in moved], Moment(now))
    groups = name_groups(connection, moved, now)
    events = []
    for each in moved:
        about = name_country(named.get(each["country"], {}), each["country"])
        for bound, words in (("from", _("joins %(group)s")), ("to", _("leaves %(group)s"))):
            if since < bound_of(each, bound) <= now:
                told = escape(words) % {"group": groups[each["group"]]}
                events.append(Event(bound_of(each, bound), about, [], told))
    return events


def name_groups(
    connection: Connection, memberships: Sequence[Document], now: str
) -> dict[str, Markup]:
    """The groups of memberships by code, each as a link with its name."""
    codes = {each["group"] for each in memberships}
    found = find_any(connection, GROUP, "code", sorted(codes), Moment(now))
    names = dict.fromkeys(codes, "") | {each["code"]: each["name"] for each in found}
    return {
        code: Markup('<a href="{}">{}</a>').format(record_page(GROUP.name, code), name or code)
        for code, name in names.items()
    }


def bound_of(membership: Document, bound: str) -> str:
    """The first day of a bound of a membership; empty where it has none."""
    return first_day(membership[bound]) if bound in membership else ""


def sort_events(events: list[Event]) -> list[Event]:
    """Events, the newest first."""
    return sorted(events, key=lambda each: (each.day, each.about.text), reverse=True)

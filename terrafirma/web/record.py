"""`/explore/TH`: one country, opening with its figures and its outline; and the page of a record of any other kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from terrafirma.errors import NotFound
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import MOMENT, read_moment
from terrafirma.http.request.languages import LANGUAGE, localise, read_language
from terrafirma.register.log.diff import Difference
from terrafirma.register.log.figures import complete_figures, describe_shown, list_completed
from terrafirma.register.log.history import stored_document
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.provenance import SourceNote
from terrafirma.register.log.references import label_citation
from terrafirma.register.log.translations import find_names
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, FIGURE, GROUP, MEMBER, SUBDIVISION, Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.values import first_day
from terrafirma.register.resolve.cities import City
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.search import Search
from terrafirma.web.belonging import list_above, list_belonging
from terrafirma.web.catalogues import name_language
from terrafirma.web.display import label_of
from terrafirma.web.gone import reply_gone
from terrafirma.web.history import (
    History,
    Stop,
    compare_with_now,
    list_days,
    list_stops,
    read_history,
)
from terrafirma.web.key_facts import list_key_facts
from terrafirma.web.membership_timeline import draw_spans, find_memberships
from terrafirma.web.nouns import Text, write_texts
from terrafirma.web.outline import draw_outline
from terrafirma.web.related import find_any, find_kind, find_named, find_related
from terrafirma.web.rendering import HTML, reply_page
from terrafirma.web.sections import list_facts, list_sections
from terrafirma.web.series import draw_lines
from terrafirma.web.subdivision_map import draw_subdivision
from terrafirma.web.world_map import world_map

door = Door("record")

PAGE = ((HTML, str),)
ASKED = (*MOMENT, LANGUAGE)
MOST_COUNTRIES = 1000
"""Countries among which a figure is ranked."""
LARGEST_CITIES = 12
"""Cities that the page of a country names."""
LEADING = ("subregion", "sovereign")
"""Fields that the line under a country's name shows."""


@dataclass(frozen=True)
class RecordView:
    """A record on a day, with its timelines and the entries that made it so."""

    kind: Kind
    id: int
    mark: str
    moment: Moment
    document: Document
    dated: dict[str, list[Document]]
    sources: dict[str, SourceNote]
    stops: list[Stop]
    """Days on which it says something else, today, and the day that was asked for."""
    history: History
    since: list[Difference] | None
    """Differences from today's state, on pages of the past."""
    day: str
    """The day that was asked for; empty: none was."""
    unknown: str
    """Fields of which it is not known whether they held on that day."""

    @property
    def stop(self) -> int:
        """The place of the day that is shown among the stops."""
        return next(place for place, stop in enumerate(self.stops) if stop.day == self.day)


@dataclass(frozen=True)
class DisplayedName:
    """A country's name in a language."""

    language: str
    tag: str
    name: str


@door.route(
    "GET",
    "/explore/<key:key>",
    Access.READ,
    ASKED,
    kind=COUNTRY,
    gives=PAGE,
    foreign=True,
    own=("until",),
)
def show_country(key: str) -> Response:
    """A country; one that was deleted can be brought back here."""
    try:
        return reply_country(key)
    except NotFound as missing:
        return reply_gone(COUNTRY, key, missing)


@dataclass(frozen=True)
class Around:
    """The records that a country's page shows beside it."""

    neighbours: list[Document]
    memberships: list[Document]
    subdivisions: list[Document]
    groups: dict[str, str]
    """Names of groups by code."""
    named: dict[str, Document]
    """Countries that it names, by code."""
    everyone: list[Document]
    """All countries of the day, among which its figures are ranked."""
    names: list[DisplayedName]
    figures: list[Document]
    """Its figures over the years."""


def reply_country(key: str) -> Response:
    """A country: figures, outline, facts in sections, memberships, subdivisions, names, history."""
    with reading() as connection:
        moment = read_moment(connection)
        version = find(connection, COUNTRY, key, moment)
        named_by = label_citation(MEMBER, decode(version.document))
        # The slider offers days after the one that is shown, too.
        later = Moment(max(moment.on, today()), moment.as_of)
        ever = find_memberships(connection, named_by, later) if named_by else []
        shown = read_shown(connection, COUNTRY, key, ever)
        around = read_around(connection, shown, named_by)
    document = shown.document
    alpha2 = document.get("alpha2")
    middle = (document.get("longitude", 0.0), document.get("latitude", 0.0))
    return reply_page(
        "country.html",
        shown.mark,
        shown=shown,
        document=document,
        nouns=list_nouns(document, around.named),
        figures=list_key_facts(document, around.everyone),
        sections=list_sections(document, shown.dated, shown.sources, around.named),
        outline=draw_outline(state().shapes, document, middle, around.neighbours),
        spot=world_map()["spots"].get(alpha2),
        world=world_map(),
        neighbours=sorted(around.neighbours, key=lambda each: str(each["name"])),
        memberships=draw_spans(around.memberships, shown.moment.on),
        groups=around.groups,
        subdivisions=around.subdivisions,
        cities=list_largest(alpha2) if shown.moment.on == today() else [],
        names=around.names,
        series=draw_lines(around.figures),
    )


def read_around(connection: Connection, shown: RecordView, named_by: str | None) -> Around:
    """The records beside a country, on the same day and in the reader's language."""
    document, moment, alpha2 = shown.document, shown.moment, shown.document.get("alpha2")
    neighbours = find_related(connection, COUNTRY, "borders", alpha2, moment)
    named = find_named(connection, COUNTRY, [document], moment)
    localise(connection, COUNTRY, [*neighbours, *named.values()], read_language(), moment)
    memberships = find_memberships(connection, named_by, moment) if named_by else []
    codes = [each["group"] for each in memberships]
    groups = find_any(connection, GROUP, "code", codes, moment)
    search = Search(COUNTRY.name, moment.on, moment.as_of)
    _spoken, names = find_names(connection, COUNTRY, shown.id, moment)
    return Around(
        neighbours,
        memberships,
        find_related(connection, SUBDIVISION, "country", alpha2, moment),
        {group["code"]: group["name"] for group in groups},
        named,
        [row.document for row in list_completed(connection, search, MOST_COUNTRIES)],
        list_spoken_names(names),
        find_related(connection, FIGURE, "country", named_by, moment),
    )


def list_nouns(document: Document, named: dict[str, Document]) -> list[Text]:
    """The line under a country's name: where it lies, and whose it is."""
    return [
        text
        for field in LEADING
        for text in write_texts(COUNTRY, field, document.get(field), named)
    ]


def list_largest(alpha2: str | None) -> list[City]:
    """The largest cities of a country, as they are today."""
    return state().cities.of_country(alpha2 or "")[:LARGEST_CITIES]


def list_spoken_names(names: dict[str, str]) -> list[DisplayedName]:
    """Names by the languages they are in, ordered by what the page calls those."""
    found = [DisplayedName(name_language(tag), tag, name) for tag, name in names.items()]
    return sorted(found, key=lambda each: each.language.casefold())


@door.route(
    "GET",
    "/explore/list/<plural>/<key:key>",
    Access.READ,
    ASKED,
    gives=PAGE,
    foreign=True,
    own=("until",),
)
def show_record(plural: str, key: str) -> Response:
    """A record of any kind; one that was deleted can be brought back here."""
    kind = find_kind(plural)
    try:
        return reply_record(kind, key)
    except NotFound as missing:
        return reply_gone(kind, key, missing)


def reply_record(kind: Kind, key: str) -> Response:
    """A record with the records that belong to it."""
    with reading() as connection:
        shown = read_shown(connection, kind, key)
        named = find_named(connection, kind, [shown.document], shown.moment)
        lists = list_belonging(connection, kind, shown.document, shown.moment)
        above = list_above(connection, kind, shown.document, shown.moment)
        drawn = (
            draw_subdivision(connection, shown.document, shown.moment)
            if kind is SUBDIVISION
            else None
        )
    return reply_page(
        "record.html",
        shown.mark,
        shown=shown,
        document=shown.document,
        facts=list_facts(kind, shown.document, shown.dated, shown.sources, named),
        lists=lists,
        above=above,
        drawn=drawn,
    )


def read_shown(
    connection: Connection, kind: Kind, key: str, memberships: Sequence[Document] = ()
) -> RecordView:
    """A record as the parameters ask for it, named in the reader's language."""
    moment = read_moment(connection)
    version = find(connection, kind, key, moment)
    [document] = complete_figures(connection, kind.name, [decode(version.document)], moment)
    localise(connection, kind, [document], read_language(), moment)
    stored = stored_document(connection, version.entry)
    day = first_day(request.args["on"]) if request.args.get("on") else ""
    return RecordView(
        kind,
        version.id,
        read_head(connection).mark,
        moment,
        document,
        stored.get("dated", {}),
        describe_shown(connection, kind, version, document, moment),
        list_stops(list_days(stored), note_memberships(memberships), day, today()),
        read_history(connection, kind.name, version.id),
        compare_with_now(connection, kind.name, version.id, stored)
        if moment.as_of is not None
        else None,
        day,
        ", ".join(label_of(name) for name in document.get("undated", [])),
    )


def note_memberships(memberships: Sequence[Document]) -> dict[str, list[str]]:
    """The days on which memberships begin and end, with the groups: `+EU`, `−EU`."""
    notes: dict[str, list[str]] = {}
    for each in memberships:
        for bound, sign in (("from", "+"), ("to", "−")):
            if bound in each:
                notes.setdefault(first_day(each[bound]), []).append(f"{sign}{each['group']}")
    return notes

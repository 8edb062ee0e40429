"""`/explore/TH`: one country, everything the register says of it; and a plainer page for records of other kinds."""

from dataclasses import dataclass

from flask import Response

from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import MOMENT, read_moment
from terrafirma.http.request.languages import LANGUAGE, localise, read_language
from terrafirma.register.log.diff import Difference
from terrafirma.register.log.history import stored_document
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.provenance import SourceNote, describe_sources
from terrafirma.register.log.references import label_citation
from terrafirma.register.log.translations import find_names
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import COUNTRY, GROUP, MEMBER, SUBDIVISION, Kind
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.web.history import History, compare_with_now, list_days, read_history
from terrafirma.web.membership_timeline import draw_spans, find_memberships
from terrafirma.web.outline import draw_outline
from terrafirma.web.related import find_any, find_countries, find_kind, find_members, find_related
from terrafirma.web.rendering import HTML, reply_page
from terrafirma.web.sections import list_sections
from terrafirma.web.world import world_map

door = Door("record")

PAGE = ((HTML, str),)
ASKED = (*MOMENT, LANGUAGE)


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
    days: list[str]
    """Those on which it says something else."""
    history: History
    since: list[Difference] | None
    """What is said otherwise now, where an earlier state was asked for."""


@door.route("GET", "/explore/<key:key>", Access.READ, ASKED, kind=COUNTRY, gives=PAGE, foreign=True)
def show_country(key: str) -> Response:
    """A country: facts in sections, outline, neighbours, memberships, subdivisions, names, history."""
    with reading() as connection:
        shown = read_shown(connection, COUNTRY, key)
        alpha2, named = shown.document.get("alpha2"), label_citation(MEMBER, shown.document)
        neighbours = find_related(connection, COUNTRY, "borders", alpha2, shown.moment)
        memberships = find_memberships(connection, named, shown.moment) if named else []
        subdivisions = find_related(connection, SUBDIVISION, "country", alpha2, shown.moment)
        groups = find_any(
            connection, GROUP, "code", [each["group"] for each in memberships], shown.moment
        )
        localise(connection, COUNTRY, neighbours, read_language(), shown.moment)
        _, names = find_names(connection, COUNTRY, shown.id, shown.moment)
    document = shown.document
    middle = (document.get("longitude", 0.0), document.get("latitude", 0.0))
    return reply_page(
        "country.html",
        shown.mark,
        shown=shown,
        document=document,
        sections=list_sections(document, shown.dated, shown.sources),
        outline=draw_outline(state().shapes, alpha2, middle),
        spot=world_map()["spots"].get(alpha2),
        world=world_map(),
        neighbours=neighbours,
        memberships=draw_spans(memberships, shown.moment.on),
        groups={group["code"]: group["name"] for group in groups},
        subdivisions=subdivisions,
        names=names,
    )


@door.route("GET", "/explore/list/<plural>/<key:key>", Access.READ, ASKED, gives=PAGE, foreign=True)
def show_record(plural: str, key: str) -> Response:
    """A record of any kind."""
    kind = find_kind(plural)
    with reading() as connection:
        shown = read_shown(connection, kind, key)
        members = (
            find_members(connection, shown.document["code"], shown.moment) if kind is GROUP else []
        )
        countries = find_countries(connection, members or [shown.document], shown.moment)
    return reply_page(
        "record.html",
        shown.mark,
        shown=shown,
        document=shown.document,
        members=sorted(
            members,
            key=lambda each: countries.get(each["country"], {}).get("name", each["country"]),
        ),
        countries=countries,
    )


def read_shown(connection: Connection, kind: Kind, key: str) -> RecordView:
    """A record as the parameters ask for it, named in the reader's language."""
    moment = read_moment(connection)
    version = find(connection, kind, key, moment)
    document = decode(version.document)
    localise(connection, kind, [document], read_language(), moment)
    stored = stored_document(connection, version.entry)
    return RecordView(
        kind,
        version.id,
        read_head(connection).mark,
        moment,
        document,
        stored.get("dated", {}),
        describe_sources(connection, kind, version, moment.on),
        list_days(stored),
        read_history(connection, kind.name, version.id),
        compare_with_now(connection, kind.name, version.id, stored)
        if moment.as_of is not None
        else None,
    )

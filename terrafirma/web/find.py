"""`/explore/search`: one search over every kind of records, as a page and as suggestions while someone types."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from flask import Response, redirect, request, url_for

from terrafirma.flags import list_flags
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import MOMENT, read_moment
from terrafirma.http.request.languages import LANGUAGE, localise_found, read_language
from terrafirma.http.request.list_query import names_records, rank_ids
from terrafirma.http.response.responses import reply_json
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.sort_keys import fold
from terrafirma.register.model.derived import flag_of
from terrafirma.register.model.kinds import COUNTRY, CURRENCY, GROUP, REGION, SUBDIVISION, Kind
from terrafirma.register.model.kinds import LANGUAGE as LANGUAGES
from terrafirma.register.resolve.ranking import BEGINS, EXACT, INSIDE, MISSPELT, WORDS
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.found import FoundRow, list_found
from terrafirma.storage.register.search import Condition, Search
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import label_of
from terrafirma.web.links import record_page
from terrafirma.web.related import find_by_codes
from terrafirma.web.rendering import HTML, name_of, reply_page

door = Door("find")

SEARCHED: tuple[Kind, ...] = (COUNTRY, GROUP, CURRENCY, LANGUAGES, REGION, SUBDIVISION)
"""Kinds in the order in which equally good hits stand."""
SUGGESTED = 10
MOST_HITS = 50
"""Hits of a single kind on the page."""
CANDIDATES = 300
"""Records of a kind that are ranked."""


@dataclass(frozen=True)
class Hit:
    """A record that was found."""

    kind: str
    """In the words of the page."""
    name: str
    code: str
    flag: str
    picture: str
    """The address of its flag; empty where the installation has none."""
    href: str
    note: str
    place: tuple[int, int, int]
    """The lower, the better: how it was found, its kind, the length of its name."""


@door.route(
    "GET",
    "/explore/search",
    Access.READ,
    (*MOMENT, "q", LANGUAGE),
    gives=((HTML, str),),
    foreign=True,
)
def find_anything() -> Response:
    """Every kind of records that has the words; a single hit is opened."""
    text = request.args.get("q", "").strip()
    with reading() as connection:
        hits = find_hits(connection, text, MOST_HITS) if text else []
        head = read_head(connection)
    if is_certain(hits):
        return Response(
            status=302,
            headers={"Location": redirect(hits[0].href).location, "Vary": "Accept-Language"},
        )
    return reply_page("find.html", head.mark, text=text, hits=hits)


@door.route(
    "GET", "/explore/suggest", Access.READ, (*MOMENT, "q", LANGUAGE), gives=dict, foreign=True
)
def suggest() -> Response:
    """The best hits as JSON, for the search box."""
    text = request.args.get("q", "").strip()
    with reading() as connection:
        hits = find_hits(connection, text, SUGGESTED)[:SUGGESTED] if text else []
        head = read_head(connection)
    shown = [
        {name: value for name, value in asdict(hit).items() if name != "place"} for hit in hits
    ]
    return reply_json({"hits": shown}, mark=head.mark)


def is_certain(hits: list[Hit]) -> bool:
    """Return True if there is one hit only, or the best one is a country by its own name or code."""
    return len(hits) == 1 or bool(hits and hits[0].place[:2] == (EXACT, SEARCHED.index(COUNTRY)))


def find_hits(connection: Connection, text: str, most: int) -> list[Hit]:
    """The records of every kind that have the words, the best first."""
    moment = read_moment(connection)
    hits = [
        hit for kind in SEARCHED for hit in find_kind_hits(connection, kind, text, moment, most)
    ]
    hits.sort(key=lambda hit: hit.place)
    spelt = [hit for hit in hits if hit.place[0] < MISSPELT]
    return spelt or hits


def find_kind_hits(
    connection: Connection, kind: Kind, text: str, moment: Moment, most: int
) -> Iterator[Hit]:
    """The best hits of a single kind."""
    by_name = names_records(kind, moment)
    find = find_named if by_name else find_worded
    search, places = find(connection, kind, text, moment, most)
    best = [row for row in list_found(connection, search, CANDIDATES) if row.id in places]
    localise_found(connection, kind, best, read_language(), search, state().locales)
    owners = find_by_codes(
        connection, [row.document["country"] for row in best if "country" in row.document], moment
    )
    for row in best:
        owner = owners.get(row.document.get("country", ""), {})
        yield make_hit(row, kind, places[row.id], str(owner.get("name", "")))


def find_named(
    connection: Connection, kind: Kind, text: str, moment: Moment, most: int
) -> tuple[Search, dict[int, int]]:
    """A search for the records that a text finds by their names in any language, and their places."""
    ranks = rank_ids(connection, kind, text, moment)
    places = {id: place for place, ids in enumerate(ranks) for id in ids}
    best = dict(islice(places.items(), most))
    return Search(kind.name, moment.on, None, among=(tuple(best),)), best


def find_worded(
    connection: Connection, kind: Kind, text: str, moment: Moment, most: int
) -> tuple[Search, dict[int, int]]:
    """A search of an earlier state, which the index of names does not know, for its words; the best
    places."""
    words = fold(text).split()
    conditions = tuple(Condition(kind.searched, "contains", ("s" + word,)) for word in words[:10])
    search = Search(kind.name, moment.on, moment.as_of, conditions)
    rows = list_found(connection, search, CANDIDATES)
    ranked = sorted(
        (measure(row, kind, fold(text)), len(str(row.document.get("name", ""))), row.id)
        for row in rows
    )
    return search, {id: place for place, _, id in ranked[:most]}


def measure(row: FoundRow, kind: Kind, text: str) -> int:
    """How well a record fits a text: one of its words is the text, begins with it, has a word that does, has it."""
    said = [fold(value) for field in kind.searched for value in read_field(row, field)]
    if text in said:
        return EXACT
    if any(value.startswith(text) for value in said):
        return BEGINS
    return WORDS if any(f" {text}" in value for value in said) else INSIDE


def read_field(row: FoundRow, field: str) -> list[str]:
    """The texts of a searched field, which may be a part of a list."""
    name, _dot, part = field.partition(".")
    value = row.document.get(name, [])
    values = value if isinstance(value, list) else [value]
    return [str(each.get(part, "")) if isinstance(each, dict) else str(each) for each in values]


def make_hit(row: FoundRow, kind: Kind, how: int, owner: str) -> Hit:
    """A hit as it is shown."""
    document = row.document
    code = str(document.get("alpha2") or document.get("code") or document.get("alpha4") or "")
    country = document.get("country", "") if kind is SUBDIVISION else document.get("alpha2", "")
    flag = flag_of(country) if len(str(country)) == ALPHA2 else ""
    name = name_of(kind, document)
    place = (how, SEARCHED.index(kind), len(name))
    return Hit(
        _(label_of(kind.name)),
        name,
        code,
        flag,
        url_for("assets.get_flag", alpha2=country) if flag and country in list_flags() else "",
        record_page(kind.name, code or row.id),
        owner,
        place,
    )


ALPHA2 = 2
"""Letters of a code that has a flag."""

"""`/explore`: the atlas: map and table of the countries that match, and the lists of every other kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from terrafirma.errors import Malformed
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import MOMENT, PAGING
from terrafirma.http.request.languages import LANGUAGE, localise_found, read_language
from terrafirma.http.request.list_query import QUERY, count_all, read_search, write_place
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.model.kinds import COUNTRY, Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.validation import nearest
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.search import Search, list_found
from terrafirma.web.choropleth import LACKING, NO_DATA, ColourClass, shade
from terrafirma.web.display import is_number, value_of
from terrafirma.web.filter_bar import add_filter, read_filters
from terrafirma.web.related import find_kind, find_roles
from terrafirma.web.rendering import HTML, reply_page
from terrafirma.web.scatter import draw_scatter
from terrafirma.web.table import fill_column, list_columns
from terrafirma.web.world import world_map

door = Door("explore")

PAGE = ((HTML, str),)
COLUMNS = ("capital", "region", "area", "population", "density", "currencies")
ROWS = 300
"""Rows of a page of the table: more than there are countries."""

UNPICKED = ("id", "name", "flag", "extra")
"""Fields that every row shows already, or that a column has no room for."""

TOLD_APART = (
    "region",
    "subregion",
    "currencies.code",
    "languages.code",
    "driving_side",
    "independent",
    "un_member",
)
"""What a map may be coloured by beside numbers, groups, and whatever field is asked for."""
ROLES = "member_of."
"""What stands before the code of a group that a map is coloured by."""

MOST_COMPARED = 5
Q = (*MOMENT, *QUERY, *PAGING, "fields", LANGUAGE)


@dataclass(frozen=True)
class ListView:
    """The records of a page, as of an entry, and where the next page begins."""

    documents: list[Document]
    mark: str
    total: int | None
    after: str | None
    search: Search
    language: str | None


@door.route(
    "GET", "/explore", Access.READ, Q, kind=COUNTRY, filtered=True, gives=PAGE, foreign=True
)
def explore() -> Response:
    """Map and table of the countries that match, with the counts of what else could be asked for."""
    if added := add_filter(COUNTRY):
        return added
    colour = read_colour("colour", "region")
    fields = read_columns(COUNTRY)
    with reading() as connection:
        found = find_page(connection, COUNTRY)
        add_roles(connection, found, colour)
        filters = read_filters(connection, COUNTRY, found.search, found.documents)
    lacking = "not a member" if colour.startswith(ROLES) else LACKING
    classes, legend = shade(found.documents, colour, lacking)
    columns = list_columns(fields, found.documents, request.args.get("sort", ""))
    return reply_page(
        "explore.html",
        found.mark,
        found=found,
        colour=colour,
        lacking=lacking,
        colours=[*TOLD_APART, *list_numbers(found.documents)],
        groups=filters.names["member_of"],
        classes=classes,
        legend=legend,
        why=describe_missing(colour, legend),
        world=world_map(),
        drawn=any(is_drawn(document) for document in found.documents),
        columns=columns,
        cells=[fill_column(column, found.documents) for column in columns],
        fields=fields,
        choices=list_pickable(COUNTRY, found.documents),
        filters=filters,
    )


@door.route("GET", "/explore/list/<plural>", Access.READ, Q, gives=PAGE, foreign=True)
def list_kind(plural: str) -> Response:
    """The records of any kind: subdivisions, groups, currencies."""
    kind = find_kind(plural)
    if added := add_filter(kind):
        return added
    fields = read_columns(kind)
    with reading() as connection:
        found = find_page(connection, kind)
        filters = read_filters(connection, kind, found.search, found.documents)
    columns = list_columns(fields, found.documents, request.args.get("sort", ""))
    return reply_page(
        "list.html",
        found.mark,
        kind=kind,
        found=found,
        columns=columns,
        cells=[fill_column(column, found.documents) for column in columns],
        fields=fields,
        choices=list_pickable(kind, found.documents),
        filters=filters,
    )


@door.route(
    "GET", "/explore/compare", Access.READ, Q, kind=COUNTRY, filtered=True, gives=PAGE, foreign=True
)
def compare() -> Response:
    """Two to five countries side by side: `alpha2` given as often."""
    if len(request.args.getlist("alpha2")) > MOST_COMPARED:
        raise Malformed(f"At most {MOST_COMPARED} countries are compared at once.")
    with reading() as connection:
        everyone = find_page(connection, COUNTRY, filtered=False)
    wanted = [code.upper() for code in request.args.getlist("alpha2")]
    found = {
        document["alpha2"]: document
        for document in everyone.documents
        if document.get("alpha2") in wanted
    }
    chosen = [found[code] for code in dict.fromkeys(wanted) if code in found]
    names = [
        name
        for name in COUNTRY.fields
        if any(name in each for each in chosen) and name not in UNPICKED
    ]
    rows = [(name, [value_of(document, name) for document in chosen]) for name in names]
    return reply_page(
        "compare.html", everyone.mark, everyone=everyone.documents, chosen=chosen, rows=rows
    )


@door.route(
    "GET", "/explore/scatter", Access.READ, Q, kind=COUNTRY, filtered=True, gives=PAGE, foreign=True
)
def scatter() -> Response:
    """Any two numeric fields of the countries that match against each other: `x` and `y`."""
    across, up = read_colour("x", "area"), read_colour("y", "population")
    with reading() as connection:
        found = find_page(connection, COUNTRY)
    picture, numbers = draw_scatter(found.documents, across, up), list_numbers(found.documents)
    classes, legend = shade(found.documents, "region")
    return reply_page(
        "scatter.html",
        found.mark,
        picture=picture,
        across=across,
        up=up,
        numbers=numbers,
        classes=classes,
        legend=legend,
        found=found,
    )


def find_page(connection: Connection, kind: Kind, *, filtered: bool = True) -> ListView:
    """A page of the records that the parameters ask for, named in the reader's language; by name if not sorted."""
    search = read_search(connection, kind)
    search = search if filtered else Search(kind.name, search.on, search.as_of)
    rows, head = list_found(connection, search, ROWS + 1), read_head(connection)
    documents = [row.document for row in rows[:ROWS]]
    total = count_all(connection, search, len(rows), ROWS)
    spoken = localise_found(connection, kind, rows[:ROWS], read_language(), search, state().locales)
    after = None
    if len(rows) > ROWS:
        last = rows[ROWS - 1]
        after = write_place(search.orders, last.keys, last.id)
    elif not search.orders and "name" in kind.fields:
        documents.sort(key=lambda document: str(document.get("name", "")))
    return ListView(documents, head.mark, total, after, search, spoken)


def add_roles(connection: Connection, found: ListView, colour: str) -> None:
    """Write into countries what they are in the group that the map is coloured by, if it is one."""
    if not colour.startswith(ROLES):
        return
    group = colour.removeprefix(ROLES).upper()
    roles = find_roles(connection, group, Moment(found.search.on, found.search.as_of))
    for document in found.documents:
        document["member_of"] = {colour.removeprefix(ROLES): roles.get(document.get("alpha2", ""))}


def read_colour(name: str, usual: str) -> str:
    """The field that a parameter names; people per km² and `member_of.EU` may be named too."""
    field = request.args.get(name) or usual
    if not field.startswith(ROLES) and field != "density" and COUNTRY.catalog.find(field) is None:
        raise Malformed(
            f'{name}: "{field[:80]}" is not a field{nearest(field, COUNTRY.catalog.names) or "."}'
        )
    return field


def read_columns(kind: Kind) -> list[str]:
    """The columns of a table: those asked for by `fields`, else the usual ones."""
    if not (
        asked := [
            name for part in request.args.getlist("fields") for name in part.split(",") if name
        ]
    ):
        usual = COLUMNS if kind is COUNTRY else kind.light
        return [name for name in usual if name not in ("id", "name")]
    for name in asked:
        if name != "density" and kind.catalog.find(name) is None and name not in kind.catalog.names:
            raise Malformed(
                f'fields: "{name[:80]}" is not a field{nearest(name, kind.catalog.names) or "."}'
            )
    return [name for name in asked if name not in ("id", "name")]


def list_pickable(kind: Kind, documents: Sequence[Document]) -> list[str]:
    """The fields that may be columns, also those of one's own that some record has."""
    own = {f"extra.{name}" for document in documents for name in document.get("extra", {})}
    made = ("density",) if kind is COUNTRY else ()
    return [name for name in (*kind.fields, *made, *sorted(own)) if name not in UNPICKED]


def is_drawn(document: Document) -> bool:
    """Whether the map has a country: a former one is not there."""
    return document.get("alpha2") in world_map()["spots"] and document.get("status") != "former"


def describe_missing(colour: str, legend: Sequence[ColourClass]) -> str:
    """Why countries are hatched; empty where none is."""
    if not any(step.name == NO_DATA for step in legend):
        return ""
    if colour.startswith(ROLES):
        return "Hatched: not in the group on this day."
    if colour.startswith("extra."):
        return "Hatched: nobody has given them this attribute of your own."
    return "Hatched: no source that may be used here says it, or it does not apply."


def list_numbers(documents: Sequence[Document]) -> list[str]:
    """The numeric fields there are, also those of one's own, that a map or an axis may show."""
    declared = [
        path.name
        for path in COUNTRY.catalog.paths.values()
        if path.type == "number" and not path.many
    ]
    own = {
        f"extra.{name}"
        for document in documents
        for name, value in extras(document)
        if is_number(value)
    }
    return [*(name for name in declared if name != "id"), "density", *sorted(own)]


def extras(document: Document) -> list[tuple[str, Any]]:
    """A record's attributes of one's own."""
    return list(document.get("extra", {}).items())

"""`/explore`: the atlas: map and table of the countries that match, and the lists of every other kind."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from terrafirma.errors import Malformed
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import MOMENT, PAGING, read_year, split_filter
from terrafirma.http.request.languages import LANGUAGE, localise_found, read_language
from terrafirma.http.request.list_query import QUERY, count_all, find_search, read_query
from terrafirma.register.log.figures import list_completed
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.sort_keys import fold
from terrafirma.register.model.kinds import COUNTRY, Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.series import YEAR, show_year
from terrafirma.register.model.validation import nearest
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.search import Search
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.catalogues import ngettext
from terrafirma.web.choropleth import NO_DATA, REST, ColourClass, shade
from terrafirma.web.display import (
    GROWTH,
    MADE,
    display_value,
    is_number,
    is_numeric,
    present_of,
    unit_of,
    value_of,
    write_field,
)
from terrafirma.web.filter_bar import FilterBar, add_filter, choose_columns, read_filters
from terrafirma.web.links import link, record_page
from terrafirma.web.related import find_kind, find_named, find_roles
from terrafirma.web.rendering import HTML, reply_page
from terrafirma.web.series import add_growth
from terrafirma.web.table import TableCell, TableColumn, fill_column, list_table_columns, rank
from terrafirma.web.world_map import world_map

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
"""Fields that can colour the map, beside numbers, groups and any requested field."""
ROLES = "member_of."
"""Prefix of a group's code in the colour parameter."""

MOST_COMPARED = 30
MOST_PAGED = 10_000
"""Records up to which pages have numbers; further pages begin after the last record of one."""
OWN = ("colour", "add", "how", "value", "columns", "page")
"""Parameters that the page has and the API does not."""
Q = (*MOMENT, *QUERY, *PAGING, "fields", "member_of", LANGUAGE)
LISTED = (*Q, YEAR)


@dataclass(frozen=True)
class ListView:
    """The records of a page of a table, as of an entry."""

    documents: list[Document]
    mark: str
    total: int | None
    search: Search
    page: int
    pages: int


@dataclass(frozen=True)
class RecordTable:
    """A table: its columns, and by column the cells."""

    columns: list[TableColumn]
    cells: list[list[TableCell]]


@dataclass(frozen=True)
class MapCountry:
    """A country on the map."""

    id: int
    href: str
    told: str
    shade: str
    path: str
    x: int
    y: int
    tiny: bool
    """True if it is drawn as a spot too."""


SMALL = 25_000
"""Square kilometres below which a country is drawn as a spot too."""


@door.route(
    "GET",
    "/explore",
    Access.READ,
    Q,
    kind=COUNTRY,
    filtered=True,
    gives=PAGE,
    foreign=True,
    own=OWN,
)
def explore() -> Response:
    """Map and table of the matching countries, with counts of further filters."""
    if moved := add_filter(COUNTRY) or choose_columns():
        return moved
    colour = read_colour("colour", "region")
    fields = read_columns(COUNTRY)
    with reading() as connection:
        found = find_page(connection, COUNTRY)
        write_roles(connection, found, colour)
        filters = read_filters(connection, COUNTRY, found.search, found.documents)
        table = make_table(connection, COUNTRY, found, fields)
    member = colour.startswith(ROLES)
    shading = shade(
        found.documents, colour, _("not a member") if member else "", REST if member else NO_DATA
    )
    places = place_countries(found.documents, colour, shading.classes)
    return reply_page(
        "explore.html",
        found.mark,
        kind=COUNTRY,
        found=found,
        heading=write_heading(found, filters),
        colour=colour,
        colours=[*TOLD_APART, *list_numbers(found.documents)],
        groups=filters.names["member_of"],
        legend=shading.legend,
        why=explain(colour, shading.legend, several=shading.several),
        world=world_map(),
        places=places,
        drawn=bool(places),
        columns=table.columns,
        cells=table.cells,
        fields=fields,
        choices=list_pickable(COUNTRY, found.documents),
        filters=filters,
        spreadsheet=here_as_spreadsheet(COUNTRY),
    )


@door.route("GET", "/explore/list/<plural>", Access.READ, LISTED, gives=PAGE, foreign=True)
def list_kind(plural: str) -> Response:
    """The records of any kind: subdivisions, groups, currencies."""
    kind = find_kind(plural)
    check_names(kind)
    if moved := add_filter(kind) or choose_columns():
        return moved
    fields = read_columns(kind)
    with reading() as connection:
        found = find_page(connection, kind)
        if "fields" not in request.args:
            fields = drop_empty(fields, found.documents)
        filters = read_filters(connection, kind, found.search, found.documents)
        table = make_table(connection, kind, found, fields)
    return reply_page(
        "list.html",
        found.mark,
        kind=kind,
        found=found,
        columns=table.columns,
        cells=table.cells,
        fields=fields,
        choices=list_pickable(kind, found.documents),
        filters=filters,
        spreadsheet=here_as_spreadsheet(kind),
    )


def check_names(kind: Kind) -> None:
    """Malformed for a parameter that neither the page nor a list of the kind has."""
    for name in request.args:
        if name not in (*LISTED, *OWN) and split_filter(kind.catalog, name) is None:
            close = nearest(name, (*LISTED, *OWN, *kind.catalog.paths)) or "."
            raise Malformed(f'"{name[:80]}" is not a parameter here{close}')


def make_table(
    connection: Connection, kind: Kind, found: ListView, fields: Sequence[str]
) -> RecordTable:
    """The table of a page, in which codes of other records are links with their names."""
    named = find_named(
        connection, kind, found.documents, Moment(found.search.on, found.search.as_of)
    )
    columns = list_table_columns(fields, found.documents, request.args.get("sort", ""))
    return RecordTable(
        columns, [fill_column(column, kind, found.documents, named) for column in columns]
    )


def here_as_spreadsheet(kind: Kind) -> str:
    """The address of this view as a spreadsheet."""
    return link(
        "spreadsheet.get_spreadsheet", plural=kind.plural, **request.args.to_dict(flat=False)
    )


def write_heading(found: ListView, filters: FilterBar) -> str:
    """How many countries there are, and by which filters."""
    count = len(found.documents)
    heading = ngettext("%(num)s country", "%(num)s countries", count) % {
        "num": display_value(count)
    }
    return ": ".join(
        [heading, *([" · ".join(each.told for each in filters.given)] if filters.given else [])]
    )


def place_countries(
    documents: Sequence[Document], colour: str, classes: dict[int, str]
) -> dict[str, MapCountry]:
    """The countries that are drawn, by alpha-2, each with the words of its card."""
    present = present_of(colour, documents)
    ranks = (
        rank(list(present.values())) if is_numeric(present) and not colour.endswith("year") else {}
    )
    drawn = world_map()
    places = {}
    for document in documents:
        code = document.get("alpha2", "")
        if not is_drawn(document):
            continue
        x, y = drawn["spots"][code]
        told = f"{document['name']}: {describe_value(document, colour, ranks)}"
        tiny = (document.get("area") or 0) < SMALL
        path = drawn["paths"].get(code, "")
        href = record_page(COUNTRY.name, code)
        places[code] = MapCountry(
            document["id"], href, told, classes[document["id"]], path, x, y, tiny
        )
    return places


def describe_value(document: Document, colour: str, ranks: dict[float, int]) -> str:
    """The value that a country is coloured by, with its unit and rank."""
    value = value_of(document, colour.removesuffix(".code"))
    if value in (None, []):
        return _("not a member") if colour.startswith(ROLES) else _("no data")
    words = _(write_field(value, colour.removesuffix(".code")))
    unit = f" {_(unit_of(colour))}" if unit_of(colour) else ""
    place = (
        _(", rank %(rank)s of %(all)s") % {"rank": ranks[value], "all": len(ranks)} if ranks else ""
    )
    return f"{words}{unit}{place}"


def find_page(connection: Connection, kind: Kind) -> ListView:
    """A page of the records that the parameters ask for, named in the reader's language; by name if not sorted."""
    query, number = read_query(kind, ROWS), read_page()
    search = find_search(connection, query)
    skipped = (number - 1) * ROWS
    rows, head = list_completed(connection, search, skipped + ROWS + 1), read_head(connection)
    total = count_all(connection, search, query, len(rows))
    shown = rows[skipped : skipped + ROWS]
    documents = [show_year(row.document, read_year(kind)) for row in shown]
    if kind is COUNTRY and asks_for(GROWTH):
        add_growth(connection, documents, Moment(search.on, search.as_of))
    localise_found(connection, kind, shown, read_language(), search, state().locales)
    if len(rows) <= ROWS and not search.orders and "name" in kind.fields:
        documents.sort(key=lambda document: fold(str(document.get("name", ""))))
    last = max(
        number, number + (len(rows) > skipped + ROWS), math.ceil(min(total or 0, MOST_PAGED) / ROWS)
    )
    return ListView(documents, head.mark, total, search, number, last)


def asks_for(field: str) -> bool:
    """Return True if a parameter names a field."""
    return any(field in text.split(",") for text in request.args.values())


def read_page() -> int:
    """The number of the page of a table that is asked for."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_PAGED // ROWS + 1):
        raise Malformed(
            f'page must be a number from 1 to {MOST_PAGED // ROWS + 1}, not "{text[:80]}".'
        )
    return int(text)


def write_roles(connection: Connection, found: ListView, colour: str) -> None:
    """Add to each country its role in the group that colours the map, if any."""
    if not colour.startswith(ROLES):
        return
    group = colour.removeprefix(ROLES).upper()
    roles = find_roles(connection, group, Moment(found.search.on, found.search.as_of))
    for document in found.documents:
        document["member_of"] = {colour.removeprefix(ROLES): roles.get(document.get("alpha2", ""))}


def read_colour(name: str, usual: str) -> str:
    """The field that a parameter names; people per km² and `member_of.EU` may be named too."""
    field = request.args.get(name) or usual
    own = field in ("", *MADE) or field.startswith(ROLES)
    if not own and COUNTRY.catalog.find(field) is None:
        raise Malformed(
            f'{name}: "{field[:80]}" is not a field{nearest(field, COUNTRY.catalog.names) or "."}'
        )
    return field


def read_columns(kind: Kind) -> list[str]:
    """The columns of a table: those in `fields`, or the default columns."""
    if not (
        asked := [
            name for part in request.args.getlist("fields") for name in part.split(",") if name
        ]
    ):
        usual = COLUMNS if kind is COUNTRY else kind.light
        return [name for name in usual if name not in ("id", "name")]
    for name in asked:
        if name not in (*MADE, *kind.catalog.names) and kind.catalog.find(name) is None:
            raise Malformed(
                f'fields: "{name[:80]}" is not a field{nearest(name, kind.catalog.names) or "."}'
            )
    return [name for name in asked if name not in ("id", "name")]


def drop_empty(fields: Sequence[str], documents: Sequence[Document]) -> list[str]:
    """The columns in which a record of the page has a value; all of them where there are no records."""
    return [name for name in fields if not documents or present_of(name, documents)]


def list_pickable(kind: Kind, documents: Sequence[Document]) -> list[str]:
    """Fields that can be columns, including custom fields."""
    own = {f"extra.{name}" for document in documents for name in document.get("extra", {})}
    made = MADE if kind is COUNTRY else ()
    return [name for name in (*kind.fields, *made, *sorted(own)) if name not in UNPICKED]


def is_drawn(document: Document) -> bool:
    """Return True if the map shows a country; former countries are not shown."""
    return document.get("alpha2") in world_map()["spots"] and document.get("status") != "former"


def explain(colour: str, legend: Sequence[ColourClass], *, several: bool) -> str:
    """Notes for readers of the map: why countries are hatched, and that a country has several
    values."""
    sentences = []
    if any(step.name == NO_DATA for step in legend):
        own = colour.startswith("extra.")
        sentences.append(
            _("Hatched: this attribute of your own is not set.")
            if own
            else _("Hatched: no source gives it, or it does not apply.")
        )
    if several:
        sentences.append(_("Where a country has several values, the first one gives the colour."))
    return " ".join(sentences)


def list_numbers(documents: Sequence[Document]) -> list[str]:
    """Numeric fields, including custom fields, for the map or an axis."""
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
    return [*(name for name in declared if name != "id"), *MADE, *sorted(own)]


def extras(document: Document) -> list[tuple[str, Any]]:
    """A record's custom fields."""
    return list(document.get("extra", {}).items())

"""`/explore/compare` and `/explore/scatter`: countries side by side, and two of their numbers against each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from terrafirma.errors import Malformed
from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.languages import localise, read_language
from terrafirma.register.log.figures import find_figures, list_completed
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.references import label_citation
from terrafirma.register.log.sort_keys import fold
from terrafirma.register.model.kinds import COUNTRY, MEMBER
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.search import Search
from terrafirma.web.choropleth import shade
from terrafirma.web.compared_series import compare_lines
from terrafirma.web.display import MADE, is_number, label_of, unit_of, value_of
from terrafirma.web.explore import (
    MOST_COMPARED,
    PAGE,
    UNPICKED,
    Q,
    find_page,
    list_numbers,
    read_colour,
)
from terrafirma.web.filter_bar import read_filters
from terrafirma.web.nouns import Text, write_texts
from terrafirma.web.related import find_named, list_groups
from terrafirma.web.rendering import reply_page
from terrafirma.web.scatter import SCALES, draw_scatter
from terrafirma.web.sections import SECTIONS
from terrafirma.web.table import BAR, is_ranked

door = Door("charts")

OWN = ("x", "y", "size", "tint", "scale", "add", "how", "value", "page")
"""Parameters that the chart has and the API does not."""

MOST_CHOSEN_FROM = 1000
"""Countries that a form offers."""


@dataclass(frozen=True)
class Row:
    """A field of the countries that are compared."""

    field: str
    label: str
    unit: str
    cells: list[list[Text]]
    alike: bool
    """True if all of them have the same."""
    numeric: bool
    least: int | None
    most: int | None
    """The columns of the least and the largest number; None where they are not numbers or all alike."""
    bars: list[float]
    """The length of each cell's bar, up to BAR; empty where more of the field means nothing."""


@door.route(
    "GET",
    "/explore/compare",
    Access.READ,
    Q,
    kind=COUNTRY,
    filtered=True,
    gives=PAGE,
    foreign=True,
    own=("page",),
)
def compare() -> Response:
    """Countries side by side: those of a list of codes, or those that filters leave."""
    with reading() as connection:
        found = find_page(connection, COUNTRY)
        moment = Moment(found.search.on, found.search.as_of)
        groups = list_groups(connection, moment)
        chosen = found.documents if is_narrowed() else []
        named = find_named(connection, COUNTRY, chosen, moment)
        codes = sorted({label_citation(MEMBER, each) for each in chosen[:MOST_COMPARED]})
        figures = find_figures(connection, codes, moment) if len(codes) > 1 else {}
        everyone = find_page_of_all(connection, moment)
    if len(chosen) > MOST_COMPARED:
        raise Malformed(
            f"At most {MOST_COMPARED} countries are compared at once; these filters leave {len(chosen)}."
        )
    wanted = [code.upper() for code in request.args.getlist("alpha2")]
    chosen = sorted(
        chosen, key=lambda each: wanted.index(each["alpha2"]) if each.get("alpha2") in wanted else 0
    )
    return reply_page(
        "compare.html",
        found.mark,
        everyone=everyone,
        groups=groups,
        chosen=chosen,
        sections=list_rows(chosen, named),
        pictures=compare_lines(chosen, figures),
        most=MOST_COMPARED,
    )


def is_narrowed() -> bool:
    """Return True if the address chooses countries."""
    shown = {"on", "as_of", "lang", "fields", "sort", "page", "count", "limit", "after"}
    return any(name not in shown for name in request.args)


def find_page_of_all(connection: Connection, moment: Moment) -> list[Document]:
    """Every country on a day, by name, to choose from."""
    rows = list_completed(
        connection, Search(COUNTRY.name, moment.on, moment.as_of), MOST_CHOSEN_FROM
    )
    documents = [row.document for row in rows if "alpha2" in row.document]
    localise(connection, COUNTRY, documents, read_language(), moment)
    return sorted(documents, key=lambda each: fold(str(each["name"])))


ORDER = ("People", "Land", "State", "Everyday", "Names and codes")
"""The sections of a comparison: figures first, codes last."""
LAND = ("latitude", "longitude", "borders")
"""Fields of the section Land that a country's page shows elsewhere."""


def list_rows(chosen: Sequence[Document], named: dict[str, Document]) -> dict[str, list[Row]]:
    """The fields that any of the countries has, by section."""
    repeated = ("capital",) if any("capitals" in each for each in chosen) else ()
    names = [
        name
        for name in (*COUNTRY.fields, *MADE)
        if name not in (*UNPICKED, *repeated)
        and any(value_of(each, name) is not None for each in chosen)
    ]
    titled = {title: SECTIONS[title] for title in ORDER}
    titled["Land"] += LAND
    placed = {name for fields in titled.values() for name in fields}
    titled["Other"] = tuple(name for name in names if name not in placed)
    found = {
        title: [make_row(name, chosen, named) for name in fields if name in names]
        for title, fields in titled.items()
    }
    return {title: rows for title, rows in found.items() if rows}


def make_row(name: str, chosen: Sequence[Document], named: dict[str, Document]) -> Row:
    """A single field of all countries."""
    values = [value_of(each, name) for each in chosen]
    alike = len(chosen) > 1 and all(value == values[0] for value in values)
    numeric = all(value is None or is_number(value) for value in values)
    numbers = {place: value for place, value in enumerate(values) if is_number(value)}
    marked = numeric and is_ranked(name) and len(set(numbers.values())) > 1
    return Row(
        name,
        label_of(name),
        unit_of(name),
        [write_texts(COUNTRY, name, value, named) for value in values],
        alike,
        numeric,
        min(numbers, key=numbers.__getitem__) if marked else None,
        max(numbers, key=numbers.__getitem__) if marked else None,
        draw_bars(values) if marked else [],
    )


def draw_bars(values: Sequence[float | None]) -> list[float]:
    """The lengths of bars for numbers; zero for a negative or missing number."""
    largest = max(0, *(value or 0 for value in values)) or 1
    return [round(BAR * max(value or 0, 0) / largest, 1) for value in values]


@door.route(
    "GET",
    "/explore/scatter",
    Access.READ,
    Q,
    kind=COUNTRY,
    filtered=True,
    gives=PAGE,
    foreign=True,
    own=OWN,
)
def scatter() -> Response:
    """Any two numeric fields of the countries that match against each other: `x` and `y`."""
    across, up = read_colour("x", "area"), read_colour("y", "population")
    size, tint = read_colour("size", ""), read_colour("tint", "region")
    scale = request.args.get("scale") or "auto"
    if scale not in SCALES:
        raise Malformed(f'scale must be one of {", ".join(SCALES)}, not "{scale[:80]}".')
    with reading() as connection:
        found = find_page(connection, COUNTRY)
        filters = read_filters(connection, COUNTRY, found.search, found.documents)
    shading = shade(found.documents, tint)
    return reply_page(
        "scatter.html",
        found.mark,
        picture=draw_scatter(found.documents, across, up, scale, size),
        across=across,
        up=up,
        size=size,
        tint=tint,
        scale=scale,
        scales=SCALES,
        numbers=list_numbers(found.documents),
        tints=("region", "subregion", "landlocked", "independent", "driving_side"),
        classes=shading.classes,
        legend=shading.legend,
        found=found,
        filters=filters,
    )

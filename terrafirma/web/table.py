"""A table's columns and cells: text with links, or a number with its rank."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document
from terrafirma.web.choropleth import is_filterable
from terrafirma.web.display import is_numeric, label_of, present_of, unit_of, value_of, write_field
from terrafirma.web.nouns import Countries, Text, write_texts

BAR = 100
"""Units of the longest bar."""
UNRANKED = ("id", "latitude", "longitude", "minor_units", "numeric", "geonames")
"""Numbers of which none is more than another; years are others."""


@dataclass(frozen=True)
class TableColumn:
    """A field as a column: its name, and how addresses sort by it."""

    field: str
    label: str
    unit: str
    numeric: bool
    sorted: str
    """`ascending` or `descending` where the table is sorted by it first; empty otherwise."""
    sort: str
    """The value of `sort` when its head is clicked; empty where nothing sorts by it."""


@dataclass(frozen=True)
class TableCell:
    """The content of a cell."""

    texts: list[Text] = field(default_factory=list)
    rank: int | None = None
    bar: float = 0


def list_table_columns(
    fields: Sequence[str], documents: Sequence[Document], order: str
) -> list[TableColumn]:
    """The columns of some fields, for a table in an order."""
    return [make_column(name, documents, order) for name in fields]


def make_column(name: str, documents: Sequence[Document], order: str) -> TableColumn:
    """A single column. Numbers are first sorted downwards, text upwards; a second click turns the
    order round."""
    numeric = is_numeric(present_of(name, documents)) and not isinstance(
        first_value(name, documents), list
    )
    directions = {name: "ascending", f"-{name}": "descending"}
    usual, other = (f"-{name}", name) if numeric else (name, f"-{name}")
    direction = directions.get(order.split(",", maxsplit=1)[0], "")
    sort = (other if order == usual else usual) if is_filterable(name) else ""
    return TableColumn(name, label_of(name), unit_of(name), numeric, direction, sort)


def first_value(name: str, documents: Sequence[Document]) -> Any:
    """The first value of a field that is there."""
    return next((value for each in documents if (value := value_of(each, name)) is not None), None)


def fill_column(
    column: TableColumn, kind: Kind, documents: Sequence[Document], countries: Countries
) -> list[TableCell]:
    """The cells of a column. Equal numbers have the same rank; bars stand only where the table is sorted by them."""
    values = [value_of(document, column.field) for document in documents]
    if not column.numeric:
        return [TableCell(write_texts(kind, column.field, value, countries)) for value in values]
    present = present_of(column.field, documents)
    ranked = is_ranked(column.field)
    ranks = rank(list(present.values())) if ranked else {}
    largest = max(map(abs, present.values()), default=0) or 1 if ranked and column.sorted else 0
    return [
        TableCell(
            [Text(write_field(value, column.field))],
            ranks.get(value),
            round(BAR * abs(value) / largest, 1) if largest else 0,
        )
        if value is not None
        else TableCell()
        for value in values
    ]


def is_ranked(name: str) -> bool:
    """Return True if more of a field means something: people and land do, years and latitudes do
    not."""
    return name not in UNRANKED and not name.endswith("year")


def rank(values: Sequence[float]) -> dict[float, int]:
    """The place of each value, the largest first; equal values share one."""
    places: dict[float, int] = {}
    for place, value in enumerate(sorted(values, reverse=True), start=1):
        places.setdefault(value, place)
    return places

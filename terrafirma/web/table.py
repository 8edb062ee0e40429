"""A table's columns and cells: text, or a number with its rank and a bar."""

from collections.abc import Sequence
from dataclasses import dataclass

from terrafirma.register.model.records import Document
from terrafirma.web.display import (
    is_numeric,
    label_of,
    present_of,
    unit_of,
    value_of,
    write_field,
    write_value,
)

BAR = 100
"""Units of the longest bar."""


@dataclass(frozen=True)
class TableColumn:
    """A field as a column: how it is named, and which addresses sort by it."""

    field: str
    label: str
    unit: str
    numeric: bool
    sorted: str
    """`ascending` or `descending` where the table is sorted by it first; empty otherwise."""
    sort: str
    """What `sort` is to be when its head is clicked."""


@dataclass(frozen=True)
class TableCell:
    """What stands in a cell."""

    text: str
    rank: int | None = None
    bar: float = 0


def list_columns(
    fields: Sequence[str], documents: Sequence[Document], order: str
) -> list[TableColumn]:
    """The columns of some fields, for a table in an order."""
    return [make_column(field, documents, order) for field in fields]


def make_column(field: str, documents: Sequence[Document], order: str) -> TableColumn:
    """One column. Numbers are first sorted downwards, text upwards; a second click turns them round."""
    numeric = is_numeric(present_of(field, documents))
    directions = {field: "ascending", f"-{field}": "descending"}
    usual, other = (f"-{field}", field) if numeric else (field, f"-{field}")
    return TableColumn(
        field,
        label_of(field),
        unit_of(field),
        numeric,
        directions.get(order.split(",", maxsplit=1)[0], ""),
        other if order == usual else usual,
    )


def fill_column(column: TableColumn, documents: Sequence[Document]) -> list[TableCell]:
    """The cells of a column. Equal numbers have the same rank; the largest has the longest bar."""
    if not column.numeric:
        return [TableCell(write_value(value_of(document, column.field))) for document in documents]
    present = present_of(column.field, documents)
    largest = max((abs(value) for value in present.values()), default=0) or 1
    ranks: dict[float, int] = {}
    for place, value in enumerate(sorted(present.values(), reverse=True), start=1):
        ranks.setdefault(value, place)
    return [
        TableCell(
            write_field(value, column.field), ranks[value], round(BAR * abs(value) / largest, 1)
        )
        if (value := present.get(document["id"])) is not None
        else TableCell("")
        for document in documents
    ]

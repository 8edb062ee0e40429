"""Figures by year: which one a year means, in a record of figures and in a country's."""

from collections.abc import Iterable, Mapping
from typing import Any

from terrafirma.register.model.members import UNDATED
from terrafirma.register.model.records import Document

VALUES, YEAR, VALUE = "values", "year", "value"

DATED_BY_YEAR = ("gdp", "gini", "population")
"""Fields of a country that are figures of a year, and indicators too; each has its year beside it."""


def name_year(field: str) -> str:
    """The field with the year of a figure."""
    return f"{field}_{YEAR}"


def name_in_year(field: str, year: str) -> str:
    """The path of a field when a year is asked for: the value is the one of that year."""
    return f"{VALUES}.{year}" if year and field == VALUE else field


def show_year(document: Document, year: str) -> Document:
    """A record of figures with the one of a year as its value; unchanged without a year."""
    figure = document.get(VALUES, {}).get(year) if year else None
    return document if figure is None else document | {YEAR: int(year), VALUE: figure}


def find_figure(values: Mapping[str, Any], year: str) -> tuple[str, Any] | None:
    """The newest figure up to a year, with its own year."""
    return max(((each, values[each]) for each in values if each <= year), default=None)


def lacks_figures(document: Document) -> bool:
    """Return True if a country leaves out figures of a day, as they are of a later year."""
    return not frozenset(DATED_BY_YEAR).isdisjoint(document.get(UNDATED, ()))


def add_figures(document: Document, figures: Iterable[Document], day: str) -> Document:
    """A country on a day with the figures that it leaves out, those of the year or the newest before it."""
    found: Document = {}
    for each in figures:
        field, figure = each["indicator"], find_figure(each[VALUES], day[:4])
        if figure and field in document.get(UNDATED, ()):
            found |= {field: figure[1], name_year(field): int(figure[0])}
    if not found:
        return document
    whole = document | found
    if undated := [name for name in document[UNDATED] if name not in found]:
        return whole | {UNDATED: undated}
    return {name: value for name, value in whole.items() if name != UNDATED}

"""Values as people read them: numbers with their thousands apart, lists with commas, parts by their names."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from terrafirma.register.log.provenance import SourceNote
from terrafirma.register.model.derived import name_codes
from terrafirma.register.model.records import Country, Document
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.catalogues import localise_number

WORDS = {
    "alpha2": "Alpha-2",
    "alpha3": "Alpha-3",
    "alpha4": "Alpha-4",
    "iso_name": "ISO name",
    "un_member": "UN member",
    "tlds": "Internet domains",
    "cioc": "IOC code",
    "fifa": "FIFA code",
    "geonames": "GeoNames",
    "enum": "Choices",
    "from": "Exists from",
    "to": "Existed until",
    "density": "Density",
    "gdp": "GDP",
    "gdp_year": "GDP year",
    "gdp_per_head": "GDP per head",
    "growth": "Population growth",
    "currencies.code": "Currency",
    "languages.code": "Language",
}
"""Labels of fields that differ from their names."""

UNITS = {
    "density": "people per km²",
    "population": "people",
    "gini": "of 100, more is less equal",
    "gdp_per_head": "US$",
    "growth": "% a year",
}
"""Units in words, where the declaration is shorter."""

GROWTH = "growth"
MADE = ("density", "gdp_per_head", GROWTH)
"""Fields of countries that pages work out."""
RATIOS = {"density": ("population", "area", 2), "gdp_per_head": ("gdp", "population", None)}
"""Fields that are a field by another, and their digits."""

CODED = ("currencies", "languages")
"""Fields of codes, and the lists with their names."""
DAY_LENGTH = 10
"""Letters of a whole day, `2020-01-31`."""
NAMED_BY = ("name", "code", "noun", "format", "value")
"""Members that represent an object where space is limited."""


def label_of(field: str) -> str:
    """The label of a field."""
    if field in WORDS:
        return WORDS[field]
    words = field.removeprefix("extra.").replace("_", " ").replace(".", ": ")
    return words[:1].upper() + words[1:]


def unit_of(field: str) -> str:
    """The unit of a field's numbers; empty without a unit."""
    if field in UNITS:
        return UNITS[field]
    declared = Country.model_fields.get(field)
    extra = declared.json_schema_extra if declared else None
    return str(extra.get("x-unit", "")) if isinstance(extra, dict) else ""


def display_value(value: Any) -> str:
    """A value as text."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return write_number(value)
    if isinstance(value, list):
        return ", ".join(display_value(item) for item in value)
    if isinstance(value, dict):
        return next((str(value[name]) for name in NAMED_BY if name in value), write_parts(value))
    return "" if value is None else str(value)


def write_field(value: Any, field: str) -> str:
    """The value of a field as text: years have no thousands apart, codes their names."""
    if field in CODED and isinstance(value, list):
        return display_value(name_codes(value, field, "name"))
    return str(value) if field.endswith("year") and isinstance(value, int) else display_value(value)


def label_source(told: SourceNote) -> str:
    """The source of a value in a line."""
    if here := told.get("register"):
        on_whose_word = f", who cites {here['source']}" if "source" in here else ""
        return f"Said here by {here['actor']} on {here['at'][:10]} (entry {here['entry']}){on_whose_word}"
    sources = told.get("dataset", {}).get("sources", [])
    dates = [told["date"]] if "date" in told else []
    return ", ".join(
        [" and ".join(source.get("name", source["source"]) for source in sources), *dates]
    )


def write_parts(value: Document) -> str:
    """A part without a name: its fields."""
    return ", ".join(
        f"{label_of(name).lower()} {display_value(inner)}" for name, inner in value.items()
    )


def write_number(value: float) -> str:
    """A number with its thousands apart; no more digits behind the point than it has."""
    if float(value).is_integer():
        return localise_number(f"{int(value):,}")
    return localise_number(f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}")


def last_day(text: str) -> str:
    """The last day on which something held, of the first on which it did not; years and months stay as they are."""
    try:
        return (
            (date.fromisoformat(text) - timedelta(days=1)).isoformat()
            if len(text) == DAY_LENGTH
            else text
        )
    except (ValueError, OverflowError):
        return text


def value_of(document: Document, field: str) -> Any:
    """The value of a field as a query names it: `currencies.code`, `extra.team`, or one that pages work out."""
    if field in RATIOS:
        above, below, digits = RATIOS[field]
        top, bottom = document.get(above), document.get(below)
        return round(top / bottom, digits) if top is not None and bottom else None
    value: Any = document
    for name in field.split("."):
        value = [item.get(name) for item in value] if isinstance(value, list) else step(value, name)
    return value


def step(value: Any, name: str) -> Any:
    """The value one step down a path."""
    return value.get(name) if isinstance(value, dict) else None


def present_of(field: str, documents: Sequence[Document]) -> dict[int, Any]:
    """A field's values by record id, without those that are absent."""
    values = {document["id"]: first_of(value_of(document, field)) for document in documents}
    return {id: value for id, value in values.items() if value is not None}


def first_of(value: Any) -> Any:
    """The first of several values; a part by its name."""
    if isinstance(value, list):
        return first_of(value[0]) if value else None
    return display_value(value) if isinstance(value, dict) else value


def is_numeric(values: dict[int, Any]) -> bool:
    """Return True if there are values and all are numbers."""
    return bool(values) and all(map(is_number, values.values()))


def is_number(value: Any) -> bool:
    """Return True if a value is a number; `true` is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)

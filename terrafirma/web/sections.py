"""Sections of a country's page: each fact with its unit, timeline and source."""

from dataclasses import dataclass
from typing import Any

from terrafirma.register.log.provenance import SourceNote
from terrafirma.register.model.kinds import COUNTRY, Kind
from terrafirma.register.model.records import Document
from terrafirma.web.display import MADE, label_of, unit_of, value_of
from terrafirma.web.nouns import Countries, Text, write_texts

SECTIONS: dict[str, tuple[str, ...]] = {
    "Names and codes": (
        "official_name",
        "iso_name",
        "native_names",
        "other_names",
        "alpha2",
        "alpha3",
        "numeric",
        "alpha4",
        "cioc",
        "fifa",
        "wikidata",
        "geonames",
        "status",
    ),
    "Land": (
        "capitals",
        "capital",
        "area",
        "region",
        "subregion",
        "intermediate_region",
        "continents",
        "landlocked",
    ),
    "People": (
        "population",
        "population_year",
        "density",
        "gdp",
        "gdp_year",
        "gdp_per_head",
        "gini",
        "gini_year",
        "literacy",
        "languages",
        "demonyms",
    ),
    "State": ("independent", "sovereign", "un_member", "from", "to", "predecessors", "successors"),
    "Everyday": (
        "currencies",
        "calling_codes",
        "international_prefix",
        "trunk_prefix",
        "emergency_numbers",
        "example_number",
        "tlds",
        "timezones",
        "driving_side",
        "car_sign",
        "first_day_of_week",
        "weekend",
        "hour_cycle",
        "measurement_system",
        "paper_size",
        "default_locale",
        "postal_code",
        "address_format",
    ),
}
"""Fields by section. Other fields come last, in a section of their own."""

ELSEWHERE = frozenset(
    {"id", "name", "flag", "latitude", "longitude", "borders", "extra", "capital", "undated"}
)
"""Fields that the page shows in other places."""


@dataclass(frozen=True)
class Fact:
    """A field of a record, to be read."""

    field: str
    label: str
    value: Any
    unit: str
    texts: list[Text]
    """The value as text, in which every noun is a link."""
    periods: list[Document]
    """Its timeline: `value`, and `from` and `to` where it has bounds."""
    source: SourceNote | None
    """Its source."""


def list_sections(
    document: Document,
    dated: dict[str, list[Document]],
    sources: dict[str, SourceNote],
    countries: Countries,
) -> dict[str, list[Fact]]:
    """The facts of a document by section; sections without any are left out."""
    named = {field for fields in SECTIONS.values() for field in fields}
    others = tuple(field for field in document if field not in named | ELSEWHERE)
    own = {f"extra.{name}": value for name, value in document.get("extra", {}).items()}
    made = {name: value_of(document, name) for name in MADE}
    values = document | own | {name: value for name, value in made.items() if value is not None}
    if "capitals" in document:
        values.pop("capital", None)
    sections = SECTIONS | {"Other": others, "Your own": tuple(own)}
    found = {
        title: [
            make_fact(COUNTRY, field, values[field], dated, sources, countries)
            for field in fields
            if field in values
        ]
        for title, fields in sections.items()
    }
    return {title: facts for title, facts in found.items() if facts}


def list_facts(
    kind: Kind,
    document: Document,
    dated: dict[str, list[Document]],
    sources: dict[str, SourceNote],
    named: Countries,
) -> list[Fact]:
    """The facts of a record of any kind, in the order of their declaration."""
    own = {f"extra.{name}": value for name, value in document.get("extra", {}).items()}
    values = {name: document[name] for name in kind.fields if name in document} | own
    shown = [name for name in values if name not in ("id", "name", "extra")]
    return [make_fact(kind, name, values[name], dated, sources, named) for name in shown]


def make_fact(
    kind: Kind,
    field: str,
    value: Any,
    dated: dict[str, list[Document]],
    sources: dict[str, SourceNote],
    countries: Countries,
) -> Fact:
    """A fact with the timeline behind it and its source."""
    texts = write_texts(kind, field, value, countries)
    unit = unit_of(field) if kind is COUNTRY else ""
    return Fact(
        field, label_of(field), value, unit, texts, dated.get(field, []), sources.get(field)
    )

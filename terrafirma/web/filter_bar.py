"""Filters of a list: the active filters, the available filters, and the form that adds a filter."""

from dataclasses import dataclass
from typing import ClassVar

from flask import Response, redirect, request

from terrafirma.errors import Malformed
from terrafirma.http.app.parameters import COMPARED
from terrafirma.http.request.arguments import split_filter
from terrafirma.register.log.custom_fields import customise
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.model.derived import load_reference
from terrafirma.register.model.kinds import (
    COUNTRY,
    CURRENCY,
    FIGURE,
    GROUP,
    LANGUAGE,
    MEMBERSHIP,
    SUBDIVISION,
    Kind,
)
from terrafirma.register.model.records import Document
from terrafirma.register.model.validation import nearest
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import count_values
from terrafirma.storage.register.search import Search
from terrafirma.web.display import label_of
from terrafirma.web.links import here
from terrafirma.web.related import find_countries_by_key, list_groups

FACETS: dict[str, tuple[str, ...]] = {
    COUNTRY.name: (
        "region",
        "currencies.code",
        "languages.code",
        "driving_side",
        "independent",
        "landlocked",
    ),
    SUBDIVISION.name: ("country", "type"),
    GROUP.name: ("type",),
    MEMBERSHIP.name: ("group", "role", "country"),
    FIGURE.name: ("indicator", "country"),
}
"""Fields by kind whose values are offered with counts."""
FACET_VALUES = 12

OPERATORS = {
    "eq": "is",
    "ne": "is not",
    "gte": "is at least",
    "gt": "is more than",
    "lte": "is at most",
    "lt": "is less than",
    "contains": "contains",
    "startswith": "starts with",
    "exists": "is there",
    "lacks": "is not there",
}
"""Operators in the form."""
YES = "yes"
ANSWERS = {"true": YES, "false": "no"}
COLUMNS = "columns"
ADDED, HOW, VALUE = "add", "how", "value"
"""The parameters of the form that adds a filter."""


@dataclass(frozen=True)
class Filter:
    """A filter that a list has: its words, and the address without it."""

    told: str
    away: str


@dataclass(frozen=True)
class Choice:
    """A field that can be filtered by: its operators, with spaces between them."""

    field: str
    label: str
    operators: str


@dataclass(frozen=True)
class FilterBar:
    """Active and available filters: by field, each value with its name and count."""

    given: list[Filter]
    facets: dict[str, list[tuple[str, str, int]]]
    choices: list[Choice]
    names: dict[str, dict[str, str]]
    """Names of values by field and value."""
    operators: ClassVar = OPERATORS


def read_filters(
    connection: Connection, kind: Kind, search: Search, documents: list[Document]
) -> FilterBar:
    """The active filters of a list, and those that could be added."""
    found = {
        field: count_values(connection, search, field, FACET_VALUES)
        for field in FACETS.get(kind.name, ())
    }
    names = name_values(connection, kind, found, Moment(search.on, search.as_of))
    facets = {
        field: [(value, label_value(names, field, value), count) for value, count in values]
        for field, values in found.items()
        if values
    }
    return FilterBar(
        list_given(kind, names), facets, list_choices(customise(connection, kind), documents), names
    )


def name_values(
    connection: Connection, kind: Kind, found: dict[str, list[tuple[str, int]]], moment: Moment
) -> dict[str, dict[str, str]]:
    """Names of the values of coded fields."""
    if kind is COUNTRY:
        codes = {"currencies.code": CURRENCY, "languages.code": LANGUAGE}
        groups = {group["code"]: group["name"] for group in list_groups(connection, moment)}
        return {field: name_codes(coded) for field, coded in codes.items()} | {"member_of": groups}
    counted = [value for value, _ in found.get("country", ())]
    said = [{"country": value} for value in (*counted, *request.args.getlist("country"))]
    names = {
        "country": {
            code: each["name"]
            for code, each in find_countries_by_key(connection, said, moment).items()
        }
    }
    if "group" in found:
        names["group"] = {group["code"]: group["name"] for group in list_groups(connection, moment)}
    return names


def name_codes(kind: Kind) -> dict[str, str]:
    """The names of all codes of a list that comes with the dataset."""
    return {
        code: entry["name"]
        for code, entry in load_reference(kind.plural).items()
        if "name" in entry
    }


def label_value(names: dict[str, dict[str, str]], field: str, value: str) -> str:
    """The label of a field's value."""
    return names.get(field, ANSWERS).get(value, value)


def list_given(kind: Kind, names: dict[str, dict[str, str]]) -> list[Filter]:
    """The filters that this address has, in words."""
    given = []
    for name, values in request.args.lists():
        parts = split_filter(kind.catalog, name)
        if parts is None and name != "member_of":
            continue
        field, operator = (parts[0].name, parts[1]) if parts else (name, "eq")
        for value in values:
            kept = [each for each in values if each != value]
            given.append(
                Filter(
                    describe_filter(field, operator, label_value(names, field, value)),
                    here(**{name: kept, "after": None, "page": None}),
                )
            )
    return given


def describe_filter(field: str, operator: str, value: str) -> str:
    """A filter in words: `Region: Asia`, `Area is at least 500000`, `Capital is not there`."""
    if operator == "eq":
        return f"{label_of(field)}: {value}"
    if operator == "exists":
        return f"{label_of(field)} {OPERATORS['exists' if value == YES else 'lacks']}"
    return f"{label_of(field)} {OPERATORS[operator]} {value}"


def list_choices(kind: Kind, documents: list[Document]) -> list[Choice]:
    """Fields that can be filtered, including custom fields."""
    own = {f"extra.{name}" for document in documents for name in document.get("extra", {})}
    own -= kind.catalog.own.keys()
    paths = [(path.name, COMPARED[path.type]) for path in kind.catalog.paths.values()]
    paths += [(name, COMPARED["any"]) for name in sorted(own)]
    return [
        Choice(name, label_of(name), " ".join([*operators, "exists", "lacks"]))
        for name, operators in paths
    ]


def add_filter(kind: Kind) -> Response | None:
    """Redirect to the list with the filter from the form's three parameters; None without them."""
    if not {ADDED, HOW, VALUE} & set(request.args):
        return None
    field, how, value = (request.args.get(name, "") for name in (ADDED, HOW, VALUE))
    if not field:
        return lead_to()
    if kind.catalog.find(field) is None:
        raise Malformed(f'"{field[:80]}" is not a field{nearest(field, kind.catalog.names) or "."}')
    if how not in OPERATORS:
        raise Malformed(f'how must be one of {", ".join(OPERATORS)}, not "{how[:80]}".')
    name = {"eq": field, "lacks": f"{field}[exists]"}.get(how, f"{field}[{how}]")
    said = {"exists": "true", "lacks": "false"}.get(how, value)
    values = (
        list(dict.fromkeys([*request.args.getlist(name), said])) if how in ("eq", "ne") else [said]
    )
    return lead_to(**{name: values})


def choose_columns() -> Response | None:
    """Lead to the table with the columns that a form ticked, as `fields` with commas; None where none is ticked."""
    chosen = request.args.getlist(COLUMNS)
    return lead_to(**{COLUMNS: [], "fields": [",".join(chosen)]}) if chosen else None


def lead_to(**changes: list[str]) -> Response:
    """Lead to this page with parameters changed, and without those of the form."""
    address = here(**{**dict.fromkeys((ADDED, HOW, VALUE, "after", "page")), **changes})
    return Response(status=302, headers={"Location": redirect(address).location})

"""Every query parameter, declared once: meaning, allowed values, repetition.

`arguments.py` checks requests against these declarations, and the OpenAPI description shows them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from terrafirma.formats.offered import name_formats
from terrafirma.register.log import datasets
from terrafirma.register.log.imports import MATCHES
from terrafirma.register.model.catalog import Catalog, Type
from terrafirma.register.model.kinds import INCLUDED, KINDS, OWNERS
from terrafirma.register.model.languages import LONGEST, TAG
from terrafirma.register.model.members import EXTRA
from terrafirma.register.model.values import Day
from terrafirma.register.resolve.resolver import ALIASES as KINDS_BY_WORD
from terrafirma.storage.auth.deliveries import STATES as DELIVERY_STATES
from terrafirma.storage.register.entries import EntryRow
from terrafirma.storage.work.jobs import STATES

Schema = dict[str, Any]
"""A JSON Schema (2020-12), as OpenAPI 3.1 has it."""

STRING: Schema = {"type": "string"}
ALPHA2: Schema = {"type": "string", "pattern": "^[A-Za-z]{2}$"}
SKIP: Schema = {"type": "string", "enum": ["refuse", "skip"]}

MOST_ORDERS = 5
MOST_FACETS = 10

RANGES = ("gt", "gte", "lt", "lte")
TEXTS = ("contains", "startswith")
EQUALS = ("eq", "ne")
OPERATORS = (*EQUALS, *RANGES, *TEXTS, "exists")

COMPARED: dict[Type, tuple[str, ...]] = {
    "text": (*EQUALS, *RANGES, *TEXTS),
    "number": (*EQUALS, *RANGES),
    "boolean": EQUALS,
    "any": (*EQUALS, *RANGES, *TEXTS),
}
"""Operators for the values of a type; every field also has `exists`."""


@dataclass(frozen=True)
class Parameter:
    """A query parameter. An array is sent with commas or repeated; if `repeated`, only repeated."""

    name: str
    meaning: str
    schema: Schema = field(hash=False)
    example: Any = field(default=None, hash=False)
    repeated: bool = False
    required: bool = False
    filters: bool = False
    """True if it compares a field."""
    declared: str = ""
    """The key for routes, if parameters of the same name differ between addresses."""

    @property
    def key(self) -> str:
        """The key for routes."""
        return self.declared or self.name


def index_parameters(parameters: Iterable[Parameter]) -> dict[str, Parameter]:
    """Parameters by key. ValueError for a key that two have."""
    known: dict[str, Parameter] = {}
    for parameter in parameters:
        if known.setdefault(parameter.key, parameter) is not parameter:
            raise ValueError(f"Two parameters are declared as {parameter.key}.")
    return known


def any_of(names: Iterable[str], pattern: str) -> Schema:
    """The schema of a choice of names, or of a pattern."""
    return {"type": "string", "pattern": f"^({'|'.join([*names, pattern])})$"}


def several(item: Schema, most: int | None = None) -> Schema:
    """A list with at least one item."""
    return {"type": "array", "items": item, "minItems": 1} | ({"maxItems": most} if most else {})


WHOLE = 10**18 - 1
DAY = TypeAdapter(Day).json_schema()
INSTANT = {"type": "string", "format": "date-time"}
NAME = {"type": "string"}
"""The name of a field; `fit` adds the list of names."""
LOGGED = [*OWNERS, datasets.KIND]
"""Kinds that entries are of."""
ENTRY_FIELDS = [*EntryRow._fields, "changes"]
STATE = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": WHOLE},
        INSTANT,
        {"type": "string", "format": "date"},
    ]
}
"""A state of the register: the number of the entry that made it, an instant or a day."""

PARAMETERS = index_parameters(
    (
        Parameter(
            "on",
            "The day (`2025` and `2025-12` mean their first): the facts of that day. Without it: today.",
            DAY,
            "2025-12-31",
        ),
        Parameter(
            "as_of",
            "An entry's number, an instant or a day: the state of this register then.",
            STATE,
        ),
        Parameter(
            "from",
            "The older state, as in `as_of`. Without it: the state before the record's last change.",
            STATE,
        ),
        Parameter("to", "The newer state, as in `as_of`. Without it: now.", STATE),
        Parameter("limit", "The most rows of an answer.", {"type": "integer", "minimum": 1}),
        Parameter(
            "after",
            "A cursor, from the `Link` header of the page before.",
            {"type": "string", "minLength": 1},
        ),
        Parameter(
            "q",
            "Words that must all be found in names, codes or capitals; names in any language and other "
            "spellings count too. Without `sort`, the best come first.",
            STRING,
            "thai",
        ),
        Parameter(
            "sort",
            "Fields to order by, each with a minus to go down; missing values come last.",
            several(NAME, MOST_ORDERS),
            ["-area", "name"],
        ),
        Parameter(
            "year",
            "The year that `value` is of, also in filters and `sort`; records without a figure of it are left out.",
            {"type": "string", "pattern": "^[0-9]{4}$"},
            "2020",
        ),
        Parameter(
            "count",
            "`exact`: send `X-Total-Count` above 10,000 rows too.",
            {"type": "string", "enum": ["exact"]},
        ),
        Parameter(
            "fields",
            "Fields to show, with commas; a dot goes into parts and lists; `*` is all.",
            several(NAME),
            ["name", "currencies.code"],
        ),
        Parameter(
            "field",
            "A field whose values are counted; may be repeated.",
            several(NAME, MOST_FACETS),
            ["region"],
            repeated=True,
            required=True,
        ),
        Parameter(
            "format",
            "The format of the answer; takes precedence over `Accept`.",
            {"type": "string", "enum": [*name_formats()]},
            "ndjson",
        ),
        Parameter(
            "bom",
            "`1`: begin CSV or TSV with a byte order mark, by which Excel knows UTF-8.",
            {"type": "string", "enum": ["1"]},
        ),
        Parameter(
            "shape",
            "How finely GeoJSON draws outlines, or only a `point`; without it, `medium` in lists and `high` for one.",
            {"type": "string", "enum": ["point", "low", "medium", "high"]},
        ),
        Parameter(
            "include",
            "`dated`: show the timelines behind the values too; `sources`: the sources of each field; `undated`: "
            "give the fields that `undated` names as well.",
            several({"type": "string", "enum": list(INCLUDED)}, len(INCLUDED))
            | {"uniqueItems": True},
            ["sources"],
        ),
        Parameter(
            "include",
            "`undated`: give the fields that `undated` names as well, though they may not have held on the day.",
            {"type": "string", "enum": ["undated"]},
            declared="list_include",
        ),
        Parameter(
            "lang",
            "The language (BCP 47) of names; without it, the best of `Accept-Language`. Unknown names fall back.",
            {"type": "string", "pattern": TAG, "maxLength": LONGEST},
            "de",
        ),
        Parameter(
            "q",
            "The name, code or flag to resolve, in any language.",
            STRING,
            "Cote d'Ivoire",
            required=True,
            declared="resolved_text",
        ),
        Parameter(
            "kind",
            "The kind of record that is meant; without it, a country.",
            {"type": "string", "enum": list(KINDS_BY_WORD)},
            "country",
            declared="resolved_kind",
        ),
        Parameter(
            "country", "A subdivision's country, alpha-2.", ALPHA2, declared="resolved_country"
        ),
        Parameter(
            "country", "Only those of this country, alpha-2.", ALPHA2, "NP", declared="of_country"
        ),
        Parameter(
            "subdivision",
            "Only those of this subdivision, by its code.",
            {"type": "string", "pattern": "^[A-Za-z]{2}-[A-Za-z0-9]{1,3}$"},
            "US-CA",
        ),
        Parameter(
            "year",
            "The year of the holidays; without it, this year.",
            {"type": "integer", "minimum": 1900, "maximum": 2100},
            2026,
            declared="holiday_year",
        ),
        Parameter(
            "latitude",
            "Degrees north, WGS 84.",
            {"type": "number", "minimum": -90, "maximum": 90},
            13.75,
            required=True,
        ),
        Parameter(
            "longitude",
            "Degrees east, WGS 84.",
            {"type": "number", "minimum": -180, "maximum": 180},
            100.5,
            required=True,
        ),
        Parameter(
            "limit",
            "The most candidates.",
            {"type": "integer", "minimum": 0, "maximum": 50},
            declared="candidates",
        ),
        Parameter(
            "next", "Where to go after signing in: an address of this server.", STRING, "/me"
        ),
        Parameter(
            "member_of",
            "The code or id of a group: its full members on the day. May be repeated: members of any of them.",
            {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
            ["EU"],
            repeated=True,
        ),
        Parameter(
            "dependents",
            "`remove`: also delete the records that refer to it; without it, they cause a 409.",
            {"type": "string", "enum": ["remove"]},
        ),
        Parameter(
            "dependents",
            "`restore`: also restore the dependents that were deleted with the record; all of them or none.",
            {"type": "string", "enum": ["restore"]},
            declared="gone_dependents",
        ),
        Parameter(
            "effective", "The day from which the new values hold; the old values end there.", DAY
        ),
        Parameter(
            "kind", "The kind of the file's records.", {"type": "string", "enum": list(KINDS)}
        ),
        Parameter(
            "match",
            "How the record of a row is found: by its codes, else its id, else its name (`auto`), or only by this.",
            {"type": "string", "enum": [*MATCHES]},
        ),
        Parameter(
            "blanks",
            "Meaning of an empty cell: leave the field (`keep`) or remove its value (`clear`). "
            "Texts that mean an empty cell may follow: `clear,-,n/a`.",
            {"type": "string", "minLength": 1},
            "clear",
        ),
        Parameter(
            "mode",
            "`upsert`: create and change records; `update-only`: only change; `create-only`: only create. "
            "Without it, records are changed, and made where a row has a code of its own.",
            {"type": "string", "enum": ["upsert", "update-only", "create-only"]},
        ),
        Parameter(
            "create",
            "`yes`: also create a record for an unknown name; `no`: do not.",
            {"type": "string", "enum": ["no", "yes"]},
        ),
        Parameter(
            "decimal",
            "The mark before decimals; with a comma, points stand between thousands.",
            {"type": "string", "enum": [".", ","]},
        ),
        Parameter(
            "booleans",
            "Words for true and false, in pairs.",
            {"type": "string", "pattern": "^[^/,]+/[^/,]+(,[^/,]+/[^/,]+)*$"},
            "ja/nein",
        ),
        Parameter("sheet", "The sheet of a spreadsheet, by name or number.", STRING, "2"),
        Parameter("encoding", "The encoding of a table, else it is found out.", STRING, "cp1252"),
        Parameter("filename", "The name of the file, for its report.", STRING, "countries.csv"),
        Parameter(
            "delimiter",
            "The separator of the cells of a table; without it, it is detected.",
            {"type": "string", "enum": ["comma", "semicolon", "tab", "bar"]},
        ),
        Parameter(
            "map",
            "A column and the field it holds; without a field, the column is left out. May be repeated.",
            {"type": "array", "items": {"type": "string", "pattern": "^.+:"}, "minItems": 1},
            ["Land:name"],
            repeated=True,
        ),
        Parameter("changed", "`skip`: leave records that changed since as they are.", SKIP),
        Parameter("bad", "`skip`: leave refused rows out.", SKIP),
        Parameter(
            "outcome",
            "The state of deliveries to show.",
            {"type": "string", "enum": list(DELIVERY_STATES)},
        ),
        Parameter("state", "The state of jobs to show.", {"type": "string", "enum": list(STATES)}),
        Parameter(
            "since",
            "The number of the last entry already known.",
            {"type": "integer", "minimum": 0, "maximum": WHOLE, "default": 0},
        ),
        Parameter(
            "kind",
            "Entries of this kind of records only.",
            {"type": "string", "enum": LOGGED},
            "country",
            declared="entry_kind",
        ),
        Parameter(
            "fields",
            "Parts of entries to show, with commas; `changes` has the differences between `before` and `after`.",
            several({"type": "string", "enum": ENTRY_FIELDS}, len(ENTRY_FIELDS))
            | {"uniqueItems": True},
            ["number", "at", "actor", "changes"],
            declared="entry_fields",
        ),
        Parameter(
            "record",
            "Only entries of a record of that `kind`: its id or, as in addresses, another key.",
            {"type": "string", "minLength": 1},
            "TH",
        ),
    )
)
"""All parameters by key. A route lists the keys it supports."""


def fit(parameter: Parameter, catalog: Catalog) -> Parameter:
    """A parameter with the names that may be in it: those of a kind's fields."""
    members = "|".join(
        rf"{name}\.{'[^,]+' if name == EXTRA else each.member}"
        for name, each in catalog.open.items()
    )
    members = f"({members})"
    names: dict[str, Schema] = {
        "sort": any_of((f"-?{re.escape(name)}" for name in catalog.paths), f"-?{members}"),
        "fields": any_of((r"\*", *map(re.escape, catalog.names)), members),
        "field": any_of(map(re.escape, catalog.paths), members),
    }
    if parameter.key not in names:
        return parameter
    schema = parameter.schema | {"items": names[parameter.key]}
    return replace(parameter, schema=schema, example=example_of(parameter, catalog))


def example_of(parameter: Parameter, catalog: Catalog) -> Any:
    """The example of a parameter, where every field that it names is there; one that is required has another."""
    names = (name.strip("-").partition("[")[0] for name in parameter.example)
    if all(map(catalog.find, names)):
        return parameter.example
    texts = (name for name, path in catalog.paths.items() if path.type == "text")
    return [next(texts)] if parameter.required else None

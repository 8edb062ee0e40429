"""Convert the cells of a table to a merge patch, the reverse of writing CSV.

A column names a path into a record. List items are separated by semicolons, a list inside an item
by bars; a backslash escapes them. A leading apostrophe that guards against formulas is removed;
unguarded formulas are refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from terrafirma.errors import Detail
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import Kind

GUARDED = re.compile(r"'('*[=+\-@\t\r\n])")
FORMULA = re.compile(r"[=@]|[+\-](?![0-9.])")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
JSON_FIELDS = frozenset({"extra", "dated", "sources"})
"""Columns whose cells contain JSON."""
OPEN = "extra."
LIKENESSES = {
    "iso2": "alpha2", "iso_2": "alpha2", "alpha_2": "alpha2",
    "iso_a2": "alpha2", "cca2": "alpha2", "country_code": "alpha2",
    "iso3": "alpha3", "iso_3": "alpha3", "alpha_3": "alpha3", "iso_a3": "alpha3", "cca3": "alpha3",
    "ccn3": "numeric", "iso_numeric": "numeric", "country": "name", "country_name": "name", "common_name": "name",
    "pop": "population", "lat": "latitude", "lon": "longitude", "lng": "longitude", "long": "longitude",
    "sub_region": "subregion", "currency": "currencies.code", "language": "languages.code", "tld": "tlds",
}  # fmt: skip
"""Common names of fields in other data sets."""


class CellFault(Exception):
    """The fault of one cell."""

    def __init__(self, field: str, message: str, code: str) -> None:
        super().__init__(message)
        self.detail = Detail(field, message, code)


@dataclass(frozen=True)
class CellColumn:
    """The meaning of a column: a path, its type, and where it has lists."""

    path: str
    type: str
    many: bool = False
    """True if the field is a list."""
    inner: bool = False
    """True if an item's value is itself a list."""


def find_field(kind: Kind, header: str) -> str | None:
    """The path that a column's header names: exactly, in another spelling, or as it is called elsewhere."""
    if is_path(kind, header):
        return header
    plain = re.sub(r"[\s\-]+", "_", header.strip()).lower()
    for name in (plain, LIKENESSES.get(plain, "")):
        if name and is_path(kind, name):
            return name
    return None


def is_path(kind: Kind, name: str) -> bool:
    """Return True if a column may have this name."""
    return name in JSON_FIELDS & {*kind.fields, "dated"} or kind.catalog.find(name) is not None


@cache
def column_of(kind: Kind, path: str) -> CellColumn:
    """The column for a path."""
    if path in JSON_FIELDS:
        return CellColumn(path, "json")
    found = kind.catalog.find(path)
    if path.startswith(OPEN) or found is None:
        return CellColumn(path, "any")
    model: Any = kind.model
    lists = []
    for name in path.split("."):
        fields = {field.alias or key: field for key, field in model.model_fields.items()}
        bare, listed = strip_list(fields[name].annotation)
        lists.append(listed)
        model = bare if isinstance(bare, type) and issubclass(bare, BaseModel) else model
    return CellColumn(path, found.type, lists[0], len(lists) > 1 and lists[-1])


def strip_list(annotation: Any) -> tuple[Any, bool]:
    """The type of a value or of a list's items, with a flag for lists."""
    if get_origin(annotation) is Annotated:
        return strip_list(get_args(annotation)[0])
    if get_origin(annotation) is list:
        return strip_list(get_args(annotation)[0])[0], True
    return annotation, False


def make_patch(
    kind: Kind, cells: Iterable[tuple[str, str]], *, clear: bool
) -> tuple[dict[str, Any], list[Detail]]:
    """The merge patch of cells `(path, text)`, and their faults.

    An empty cell is ignored or, in clear mode, removes the value.
    """
    patch: dict[str, Any] = {}
    lists: dict[str, dict[str, list[Any]]] = {}
    faults: list[Detail] = []
    for path, text in cells:
        column = column_of(kind, path)
        field, _, rest = path.partition(".")
        try:
            value = read_cell(column, text)
            if column.many and rest:
                lists.setdefault(field, {})[rest] = value or []
            elif value is not None or clear:
                place(patch, path, value)
        except CellFault as fault:
            faults.append(fault.detail)
    for field, columns in lists.items():
        try:
            if (parts := join_parts(field, columns)) or clear:
                patch[field] = parts or None
        except CellFault as fault:
            faults.append(fault.detail)
    return patch, faults


def place(patch: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path."""
    *above, last = path.split(".", 1) if path.startswith(OPEN) else path.split(".")
    for name in above:
        patch = patch.setdefault(name, {})
    patch[last] = value


def join_parts(field: str, columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """A list of parts from the columns of its fields, which must have the same number of items."""
    counts = {len(items) for items in columns.values() if items}
    if len(counts) > 1:
        told = ", ".join(
            f"{field}.{name} has {len(items)}" for name, items in columns.items() if items
        )
        raise CellFault(field, f"must have as many items in each of its columns; {told}", "length")
    filled = {name: items for name, items in columns.items() if items}
    return [
        {name: items[index] for name, items in filled.items() if items[index] not in (None, [])}
        for index in range(max(counts, default=0))
    ]


def read_cell(column: CellColumn, text: str) -> Any:
    """The value of a cell; None if empty."""
    if text == "":
        return None
    if column.type == "json":
        return read_json(column.path, text)
    text = unguard(column.path, text)
    if not column.many:
        return read_value(column, text)
    if column.inner:
        return [
            [read_value(column, each) for each in split(item, "|")] if item else []
            for item in split(text, ";")
        ]
    parts = "." in column.path
    items = ((item, unescape(item)) for item in split(text, ";"))
    return [None if parts and raw == "" else read_value(column, item) for raw, item in items]


def unguard(path: str, text: str) -> str:
    """Text without its formula guard. Raise CellFault for an unguarded formula."""
    if GUARDED.match(text):
        return text[1:]
    if FORMULA.match(text):
        raise CellFault(
            path,
            "is a formula; write its value, or an apostrophe before what is meant as text",
            "format",
        )
    return text


def split(text: str, mark: str) -> list[str]:
    """The items of a cell; a backslash before a mark keeps it."""
    items = [""]
    for piece in re.findall(r"\\.|.", text, re.DOTALL):
        if piece == mark:
            items.append("")
        else:
            items[-1] += piece
    return items


def unescape(item: str) -> str:
    """An item without its backslashes."""
    return re.sub(r"\\([;|\\])", r"\1", item)


def read_value(column: CellColumn, text: str) -> Any:
    """One value of the column's type. Raise CellFault if it does not parse."""
    text = unescape(text) if column.inner else text
    if column.type == "number":
        return read_number(column.path, text)
    if column.type == "boolean":
        if text.lower() not in ("true", "false"):
            raise CellFault(column.path, "must be true or false", "type")
        return text.lower() == "true"
    if column.type == "any":
        return guess(text)
    return text


def read_number(path: str, text: str) -> int | float:
    """A number: whole as it is written."""
    if not NUMBER.fullmatch(text):
        raise CellFault(
            path,
            "must be a number, with a point before decimals and nothing between thousands",
            "type",
        )
    return int(text) if re.fullmatch("[+-]?[0-9]{1,18}", text) else float(text)


def read_json(path: str, text: str) -> Any:
    """A JSON value."""
    try:
        return decode(text)
    except ValueError:
        raise CellFault(path, "must be JSON", "format") from None


def guess(text: str) -> Any:
    """The value of an `extra` cell: JSON if it parses, else text."""
    try:
        return decode(text)
    except ValueError:
        return text

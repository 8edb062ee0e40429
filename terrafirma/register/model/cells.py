"""From the cells of a table to a merge patch of a record: the way back from the CSV that lists answer.

A column names a path into a record; `csv_cells.py` has the grammar of a cell.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from terrafirma.errors import Detail, Hint
from terrafirma.register.model.csv_cells import (
    INNER,
    ITEMS,
    CellError,
    Formula,
    TextCell,
    read_own,
    split,
    unescape,
    unguard,
    unguard_item,
)
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.strict_json import DOCUMENT, Limits, Unfit, parse
from terrafirma.register.model.timelines import EXTRA_PREFIX

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
WITH_COMMA = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?", re.ASCII)
PLACEHOLDERS = frozenset("-–—")
JSON_FIELDS = frozenset({"dated", "sources"})
"""Columns whose cells contain JSON, beside those of open fields."""
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
    """The fault of a single cell."""

    def __init__(self, field: str, rule: str, code: str, *hints: Hint) -> None:
        super().__init__(rule)
        self.detail = Detail.advised(field, rule, code, *hints)


@dataclass(frozen=True)
class CellColumn:
    """The meaning of a column: a path, its type, and where it has lists."""

    path: str
    type: str
    many: bool = False
    """True if the field is a list."""
    inner: bool = False
    """True if the value of a part, or of an item, is itself a list."""
    own: bool = False
    """True for a custom field that the register declares."""


def find_field(kind: Kind, header: str) -> str | None:
    """The path that a column's header names: exactly, in another spelling, or as it is called elsewhere."""
    if is_path(kind, header):
        return header
    plain = re.sub(r"[\s\-]+", "_", header.strip()).lower()
    for name in (
        plain,
        LIKENESSES.get(plain, ""),
        EXTRA_PREFIX + header.strip(),
        EXTRA_PREFIX + plain,
    ):
        if (
            name
            and is_path(kind, name)
            and (not name.startswith(EXTRA_PREFIX) or name in kind.catalog.own)
        ):
            return name
    return None


def is_path(kind: Kind, name: str) -> bool:
    """Return True if a column may have this name."""
    written = holds_json(kind, name) and name in (*kind.fields, "dated")
    return written or kind.catalog.find(name) is not None


def holds_json(kind: Kind, path: str) -> bool:
    """Return True for a column whose cells contain JSON."""
    return path in JSON_FIELDS or path in kind.catalog.open


@cache
def column_of(kind: Kind, path: str) -> CellColumn:
    """The column for a path."""
    if holds_json(kind, path):
        return CellColumn(path, "json")
    found = kind.catalog.find(path)
    if found is None:
        return CellColumn(path, "any")
    if path.partition(".")[0] in kind.catalog.open:
        return CellColumn(path, found.type, own=path in kind.catalog.own)
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


@dataclass(frozen=True)
class CellOptions:
    """How the cells of a file are read."""

    clear: bool = False
    """An empty cell removes the value."""
    blanks: frozenset[str] = frozenset()
    """Texts that mean an empty cell, such as "-"."""
    booleans: tuple[str, ...] = ("true", "false")
    """The words for true and false, true first, in pairs."""
    comma: bool = False
    """Numbers have a comma before their decimals, and points between thousands."""
    limits: Limits = DOCUMENT


Cell = str | int | float | bool | None
"""A cell as its file has it: text, or a value of a spreadsheet."""


def make_patch(
    kind: Kind, cells: Iterable[tuple[str, Cell]], options: CellOptions
) -> tuple[dict[str, Any], list[Detail]]:
    """Return the merge patch of cells, each with its path, and their faults."""
    patch: dict[str, Any] = {}
    lists: dict[str, dict[str, list[Any]]] = {}
    faults: list[Detail] = []
    for path, cell in cells:
        column = column_of(kind, path)
        field, _, rest = path.partition(".")
        try:
            value = read_cell(column, cell, options)
            if column.many and rest:
                lists.setdefault(field, {})[rest] = value or []
            elif value is not None or options.clear:
                place(patch, path, value)
        except CellFault as fault:
            faults.append(fault.detail)
        except Unfit as fault:
            hint = "; in quotes it is text" if column.type == "any" else ""
            faults.append(Detail(path, fault.rule + hint, fault.code))
    for field, columns in lists.items():
        try:
            if (parts := join_parts(field, columns)) or options.clear:
                patch[field] = parts or None
        except CellFault as fault:
            faults.append(fault.detail)
    return patch, faults


def place(patch: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path."""
    *above, last = path.split(".", 1) if path.startswith(EXTRA_PREFIX) else path.split(".")
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


def read_cell(column: CellColumn, cell: Cell, options: CellOptions) -> Any:
    """Return the value of a cell; None if empty. Raise CellFault or Unfit for a cell that cannot be read."""
    if isinstance(cell, CellError):
        raise CellFault(column.path, f"{cell}; nothing is read from it", "format")
    if cell is None or cell == "" or (isinstance(cell, str) and cell.strip() in options.blanks):
        return None
    if column.type == "any" and not isinstance(cell, str):
        return cell
    text = cell if isinstance(cell, str) else write_plain(cell)
    if column.type == "json":
        return parse(text, options.limits.below(1))
    bare = unguard_cell(column.path, text)
    if column.type == "any":
        return read_own(bare, options.limits.below(2), typed=isinstance(cell, TextCell))
    if column.own and column.type == "text":
        # What reads like JSON is exported as a JSON string.
        value = read_own(bare) if bare[:1] == '"' else bare
        return value if isinstance(value, str) else bare
    if not column.many and not column.inner:
        return read_value(column, bare, options)
    if column.many and column.inner:
        return [
            [read_item(column, each, options) for each in split(item, INNER)] if item else []
            for item in split(text, ITEMS)
        ]
    parts = column.many and "." in column.path
    return [
        None if parts and item == "" else read_item(column, item, options)
        for item in split(text, ITEMS)
    ]


def read_item(column: CellColumn, item: str, options: CellOptions) -> Any:
    """Return the value of an item, which is still escaped."""
    return read_value(column, unguard_item(unescape(item)), options)


def write_plain(cell: bool | float) -> str:
    """Return a spreadsheet's number or boolean as a table would have it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def unguard_cell(path: str, text: str) -> str:
    """Return text without its formula guard. Raise CellFault for an unguarded formula."""
    try:
        return unguard(text)
    except Formula:
        if text.strip() in PLACEHOLDERS:
            hint = Hint("blanks", text.strip(), "reads it as an empty cell")
            raise CellFault(path, f'is "{text}"', "format", hint) from None
        rule = "is a formula; write its value, or an apostrophe before what is meant as text"
        raise CellFault(path, rule, "format") from None


def read_value(column: CellColumn, text: str, options: CellOptions) -> Any:
    """Return one value of the column's type. Raise CellFault if it does not parse."""
    if column.type == "number":
        return read_number(column.path, text, options)
    if column.type == "boolean":
        return read_boolean(column.path, text, options)
    return text


def read_boolean(path: str, text: str, options: CellOptions) -> bool:
    """Return true or false by the words of the options."""
    words = [word.lower() for word in options.booleans]
    known = dict(zip(words, itertools.cycle((True, False))))
    if text.lower() not in known:
        hints = () if len(words) > 2 else (Hint("booleans", "ja/nein", "reads other words"),)
        raise CellFault(path, f"must be {' or '.join(words)}", "type", *hints)
    return known[text.lower()]


def read_number(path: str, text: str, options: CellOptions) -> int | float:
    """Return a number: whole as it is written."""
    if options.comma:
        if not WITH_COMMA.fullmatch(text):
            raise CellFault(path, "must be a number with a comma before its decimals", "type")
        text = text.replace(".", "").replace(",", ".")
    if not NUMBER.fullmatch(text):
        rule = "must be a number, with a point before decimals and nothing between thousands"
        hint = Hint("decimal", ",", "reads a decimal comma")
        raise CellFault(path, rule, "type", *([hint] if WITH_COMMA.fullmatch(text) else []))
    return int(text) if re.fullmatch("[+-]?[0-9]{1,18}", text) else float(text)

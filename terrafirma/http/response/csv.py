"""Records as CSV (RFC 4180), safe to open in a spreadsheet, and possible to read back.

A single part has a column for each of its fields, `postal_code.regex`; so has a list of parts,
`currencies.code`. The items of a list are joined by semicolons, a list inside an item by bars; a backslash
stands before a semicolon, bar or backslash of an item itself. Attributes of one's own that are not one
value are JSON text. What is absent is empty.
"""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from terrafirma.http.request.fields import Tree
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.catalog import EXTRA, Catalog
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document

LINE_END = "\r\n"
ITEMS, INNER = ";", "|"
SPECIAL = re.compile(r"([;|\\])")

FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
"""What a spreadsheet may run, and text that would be taken for such text with our apostrophe before it."""
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


def write_table(documents: Iterable[Document], columns: list[str], *, header: bool = True) -> bytes:
    """Lines of CSV in UTF-8, the names of the columns before them if asked for."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=LINE_END)
    if header:
        writer.writerow(columns)
    paths = [column.split(".") for column in columns]
    writer.writerows([write_cell(document, path) for path in paths] for document in documents)
    return text.getvalue().encode()


def list_columns(kind: Kind, tree: Tree | None) -> list[str]:
    """The columns of a tree of asked fields, in its order; all fields without one. They do not depend on the rows."""
    names = list_leaves(tree) if tree is not None else kind.fields
    return list(dict.fromkeys(column for name in names for column in expand(kind.catalog, name)))


def list_leaves(tree: Tree) -> list[str]:
    """The dotted names at the ends of a tree, which may be deeper than Python calls."""
    found, waiting = [], list(reversed(tree.items()))
    while waiting:
        path, branch = waiting.pop()
        if not branch:
            found.append(path)
        waiting += [(f"{path}.{name}", inner) for name, inner in reversed(branch.items())]
    return found


def expand(catalog: Catalog, name: str) -> list[str]:
    """A name, or the names of the values under it if it is of parts."""
    return [path for path in catalog.paths if path.startswith(f"{name}.")] or [name]


def write_cell(document: Document, path: list[str]) -> str:
    """The text of one value, without what a spreadsheet would run."""
    value = follow(document, path)
    if isinstance(value, list) and path[0] != EXTRA:
        return guard(ITEMS.join(write_item(item) for item in value))
    return guard(write_value(value)) if isinstance(value, str) else write_value(value)


def follow(value: Any, path: list[str]) -> Any:
    """The value at a path, None where there is none; a list has what its items have there."""
    if not path:
        return value
    if isinstance(value, list):
        return [follow(item, path) for item in value]
    return follow(value.get(path[0]), path[1:]) if isinstance(value, dict) else None


def write_item(item: Any) -> str:
    """An item of a list; its place stays empty where it has no value."""
    if isinstance(item, list):
        return INNER.join(write_item(inner) for inner in item)
    return SPECIAL.sub(r"\\\1", write_value(item))


def write_value(value: Any) -> str:
    """Text as it is, nothing for null, anything else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else encode(value).decode()


def guard(text: str) -> str:
    """Text with an apostrophe before what a spreadsheet would run; plain numbers stay."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text

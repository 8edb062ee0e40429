"""Records as CSV (RFC 4180), safe to open in a spreadsheet, and possible to read back.

A single part has a column for each of its fields, `postal_code.regex`; so has a list of parts,
`currencies.code`. `csv_cells.py` has the grammar of the cells.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

from terrafirma.http.request.fields import Tree
from terrafirma.register.model.catalog import EXTRA, Catalog
from terrafirma.register.model.csv_cells import guard, write_items, write_own, write_value
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document

LINE_END = "\r\n"


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
    """The columns for the requested fields, in order; all fields without a tree. They do not depend
    on the rows."""
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
    """Return the text of a single value, without what a spreadsheet would run."""
    value = follow(document, path)
    if path[0] == EXTRA and len(path) > 1:
        text = write_own(value)
    elif isinstance(value, list) and path[0] != EXTRA:
        return write_items(value)
    else:
        text = write_value(value)
    return guard(text) if isinstance(value, str | list) else text


def follow(value: Any, path: list[str]) -> Any:
    """The value at a path, or None; a list has the values of its items."""
    if not path:
        return value
    if isinstance(value, list):
        return [follow(item, path) for item in value]
    return follow(value.get(path[0]), path[1:]) if isinstance(value, dict) else None

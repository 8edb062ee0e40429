"""The rows of an answer or a file: their model, and the fields of each that were asked for."""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.members import UNDATED

if TYPE_CHECKING:
    # The models of records would take the process that reads a file half a second.
    from terrafirma.register.model.catalog import Catalog

Row = dict[str, Any]
"""A record as a format writes it."""
Tree = dict[str, Any]
"""Names, each with a tree of names below it; empty: everything below. None instead of a tree: every
field."""

Outline = Callable[[Row], bytes | None]
"""Finds the coordinates of a record's outline, as JSON text."""


class Selection:
    """The model of rows, and the fields that are written of each."""

    def __init__(
        self,
        name: str,
        model: Any,
        catalog: "Catalog",
        tree: Tree | None,
        fields: Sequence[str] = (),
        included: Sequence[str] = (),
    ) -> None:
        """Of all `fields` without a tree; `included` ones come last."""
        self.name = name
        """The plural of the rows: the name of a sheet or a table."""
        self.model = model
        self.tree = tree
        self.detail = ""
        """How finely outlines are drawn."""
        self.outline: Outline = find_no_outline
        self.byte_order_mark = False
        self.year = ""
        """The year whose figures are shown, in four digits; empty: the newest."""
        self._catalog = catalog
        self._fields = fields
        self._included = included

    @cached_property
    def key(self) -> Hashable:
        """Names it among all selections whose rows are written differently."""
        return (
            self.name,
            encode(self.tree),
            self.detail,
            self.year,
            tuple(self._catalog.own.values()),
        )

    @cached_property
    def columns(self) -> list[str]:
        """The columns of a table, in order. They do not depend on the rows."""
        names = list_leaves(self.tree) if self.tree is not None else self._fields
        columns = (column for name in names for column in expand(self._catalog, name))
        return list(dict.fromkeys([*columns, *self._included]))

    @cached_property
    def paths(self) -> list[list[str]]:
        """The columns as names from a record to a value."""
        return [column.split(".") for column in self.columns]

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The columns with at most one number per cell."""
        found = {column: self._catalog.find(column) for column in self.columns}
        return frozenset(
            column
            for column, path in found.items()
            if path and path.type == "number" and not path.many
        )


def find_no_outline(_: Row) -> None:
    """No record has an outline."""


def list_leaves(tree: Tree) -> list[str]:
    """The dotted names at the ends of a tree, which may be deeper than Python calls."""
    found, waiting = [], list(reversed(tree.items()))
    while waiting:
        path, branch = waiting.pop()
        if not branch:
            found.append(path)
        waiting += [(f"{path}.{name}", inner) for name, inner in reversed(branch.items())]
    return found


def expand(catalog: "Catalog", name: str) -> list[str]:
    """A name, or the names of the values under it if it is of parts."""
    return [path for path in catalog.paths if path.startswith(f"{name}.")] or [name]


def project(document: Row, tree: Tree | None) -> Row:
    """The part of a document that a tree of names asks for; lists are followed into their items."""
    if tree is None:
        return document
    shown = choose(document, tree)
    if UNDATED in document:
        shown.pop(UNDATED, None)
        # Of the fields that were asked for, those that are left out are named.
        if undated := [name for name in document[UNDATED] if name.partition(".")[0] in tree]:
            shown[UNDATED] = undated
    return shown


def choose(document: Row, tree: Tree) -> Row:
    """The members of an object that a tree of names asks for."""
    return {
        name: pick(document[name], branch) if branch else document[name]
        for name, branch in tree.items()
        if name in document
    }


def pick(value: Any, tree: Tree) -> Any:
    """A value, or the named parts of it."""
    if not tree:
        return value
    if isinstance(value, list):
        return [pick(item, tree) for item in value]
    return choose(value, tree) if isinstance(value, dict) else value

"""The `fields` parameter as a tree of names, and the projection of records."""

from typing import Any

from terrafirma.errors import Malformed
from terrafirma.http.request.arguments import read_list
from terrafirma.register.model.catalog import Catalog
from terrafirma.register.model.known import UNDATED
from terrafirma.register.model.records import Document
from terrafirma.register.model.validation import nearest

Tree = dict[str, Any]
"""Names, each with a tree of names below it; empty: everything below. None instead of a tree: every
field."""


def read_fields(catalog: Catalog, default: tuple[str, ...] | None) -> Tree | None:
    """`fields` as a tree of names (`currencies.code` under `currencies`); None for all fields."""
    names = read_list("fields")
    if names is None:
        return {name: {} for name in default} if default else None
    tree: Tree = {}
    for path in names:
        if path == "*":
            return None
        first, *rest = path.split(".")
        if path not in catalog.names and not catalog.find(path):
            raise Malformed(f'"{path[:80]}" is not a field{nearest(path, catalog.names) or "."}')
        branch = tree.setdefault(first, {})
        for name in rest:
            branch = branch.setdefault(name, {})
    return tree


def project(document: Document, tree: Tree | None) -> Document:
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


def choose(document: Document, tree: Tree) -> Document:
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

"""The `fields` parameter as a tree of names."""

from terrafirma.errors import Malformed
from terrafirma.formats.selection import Tree
from terrafirma.http.request.arguments import read_list
from terrafirma.register.model.catalog import Catalog
from terrafirma.register.model.validation import nearest


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

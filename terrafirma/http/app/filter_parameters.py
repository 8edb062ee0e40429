"""Filters as the API's description lists them: a parameter for each field and operator."""

from terrafirma.http.app.parameters import RANGES, TEXTS, Parameter, Schema
from terrafirma.register.model.catalog import Catalog, Path, Type

LISTED: dict[Type, tuple[str, ...]] = {
    "text": TEXTS,
    "number": RANGES,
    "boolean": (),
    "any": (),
}
"""Operators that the description lists beside equality; the API takes all of COMPARED."""
MEANINGS = {
    "gt": "is above this",
    "gte": "is at least this",
    "lt": "is below this",
    "lte": "is at most this",
    "contains": "contains this",
    "startswith": "starts with this",
}


def list_filters(catalog: Catalog) -> list[Parameter]:
    """Return the filters that the description lists: a parameter a field, and those operators that its type is for."""
    found = []
    for path in catalog.paths.values():
        found.append(describe_filter(path, "eq"))
        found += [
            describe_filter(path, operator) for operator in LISTED[path.type] if not path.choices
        ]
    return found


def describe_filter(path: Path, operator: str) -> Parameter:
    """Return a filter as a parameter: `region`, `area[gte]`."""
    kind = path.type if path.type in ("number", "boolean") else "string"
    value: Schema = {"type": kind} | ({"enum": list(path.choices)} if path.choices else {})
    if operator == "eq":
        many = {"type": "array", "items": value, "minItems": 1}
        meaning = f"Records whose `{path.name}` is this, or one of these."
        return Parameter(path.name, meaning, many, repeated=True, filters=True)
    meaning = f"Records whose `{path.name}` {MEANINGS[operator]}."
    return Parameter(f"{path.name}[{operator}]", meaning, value, filters=True)

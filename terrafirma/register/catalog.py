"""Every path into a country that a query may name, derived from the declarations in `records.py`."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from terrafirma.register.records import Country

Type = Literal["text", "number", "boolean", "any"]

EXTRA = "extra"
OUTSIDE = frozenset({"extra", "dated"})
"""Declared fields without a fixed shape."""


@dataclass(frozen=True)
class Path:
    """A value inside a record: `currencies.code`, its type, and whether a record may have several."""

    name: str
    type: Type
    many: bool


def walk(model: type[BaseModel], prefix: str = "", many: bool = False) -> list[Path]:
    """The paths of a model's values; lists and parts are followed down."""
    paths: list[Path] = []
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        if prefix or name not in OUTSIDE:
            paths += follow(prefix + name, field.annotation, many)
    return paths


def follow(name: str, annotation: Any, many: bool) -> list[Path]:
    """The paths at and under one annotated name."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return follow(name, get_args(annotation)[0], many)
    if origin is list:
        return follow(name, get_args(annotation)[0], True)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return walk(annotation, f"{name}.", many)
    return [Path(name, type_of(name, annotation), many)]


def type_of(name: str, annotation: Any) -> Type:
    """How a value compares. What the server makes is declared without a type: the id is a number, the rest text."""
    if annotation is bool:
        return "boolean"
    if annotation is int or int in get_args(annotation) or name == "id":
        return "number"
    return "text"


CATALOG: dict[str, Path] = {path.name: path for path in walk(Country)}
"""Paths by name."""

PARTS: tuple[str, ...] = tuple(sorted({path.rpartition(".")[0] for path in CATALOG if "." in path}))
"""Names that have paths under them: `currencies`."""

NAMES: tuple[str, ...] = (*CATALOG, *PARTS, EXTRA)
"""Every name that `fields` may ask for, beside those under `extra`."""

SEARCHED = (
    "name",
    "iso_name",
    "official_name",
    "native_names.name",
    "native_names.official_name",
    "capital",
    "capitals.name",
    "alpha2",
    "alpha3",
    "demonyms.noun",
)
"""Where `q` looks."""


def find_path(name: str) -> Path | None:
    """The path of a name; anything under `extra` has one."""
    if name.startswith(f"{EXTRA}.") and len(name) > len(EXTRA) + 1:
        return Path(name, "any", True)
    return CATALOG.get(name)

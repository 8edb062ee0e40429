"""Every path into a record that a query may name, derived from the declarations in `records.py`."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

Type = Literal["text", "number", "boolean", "any"]

EXTRA = "extra"
OUTSIDE = frozenset({"extra", "dated", "sources"})
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


class Catalog:
    """The paths into the records of a model."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.paths = {path.name: path for path in walk(model)}
        """By name."""
        self.parts = tuple(sorted({name.rpartition(".")[0] for name in self.paths if "." in name}))
        """Names that have paths under them: `currencies`."""
        self.names = (*self.paths, *self.parts, EXTRA)
        """Every name that `fields` may ask for, beside those under `extra`."""

    def find(self, name: str) -> Path | None:
        """The path of a name; anything under `extra` has one."""
        if name.startswith(f"{EXTRA}.") and len(name) > len(EXTRA) + 1:
            return Path(name, "any", True)
        return self.paths.get(name)

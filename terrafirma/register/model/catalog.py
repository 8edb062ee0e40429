"""Every path into a record that a query may name, derived from the declarations in `records.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Type = Literal["text", "number", "boolean", "any"]

EXTRA = "extra"
OUTSIDE = frozenset({"extra", "dated", "known_from", "sources", "undated"})
"""Declared fields without a fixed shape."""


@dataclass(frozen=True)
class Path:
    """A value inside a record, such as `currencies.code`: its type, and if a record may have
    several."""

    name: str
    type: Type
    many: bool
    choices: tuple[str, ...] = ()
    """The only texts there are, where they are listed."""
    pattern: str = ""
    """Pattern of a code."""


def walk(model: type[BaseModel], prefix: str = "", many: bool = False) -> list[Path]:
    """The paths of a model's values; lists and parts are followed down."""
    paths: list[Path] = []
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        if prefix or name not in OUTSIDE:
            paths += follow(prefix + name, field.annotation, many, pattern_of(field.metadata))
    return paths


def follow(name: str, annotation: Any, many: bool, pattern: str = "") -> list[Path]:
    """The paths at and below an annotated name."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        return follow(name, inner, many, pattern_of(marks))
    if origin is list:
        return follow(name, get_args(annotation)[0], True)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return walk(annotation, f"{name}.", many)
    choices = get_args(annotation) if origin is Literal else ()
    return [Path(name, type_of(name, annotation), many, choices, pattern)]


def pattern_of(marks: Sequence[Any]) -> str:
    """The pattern in an annotation's metadata; empty if absent."""
    inner = (
        each
        for mark in marks
        for each in (mark.metadata if isinstance(mark, FieldInfo) else (mark,))
    )
    return next((each.pattern for each in inner if getattr(each, "pattern", None)), "")


def type_of(name: str, annotation: Any) -> Type:
    """The comparison type of a value. Server-made fields have no declared type: the id is a number,
    the rest text."""
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
        """The path for a name; any name below `extra` has one."""
        if name.startswith(f"{EXTRA}.") and len(name) > len(EXTRA) + 1:
            return Path(name, "any", True)
        return self.paths.get(name)

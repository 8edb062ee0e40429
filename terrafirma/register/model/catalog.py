"""Every path into a record that a query may name, derived from the declarations in `records.py`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from terrafirma.register.model.members import EXTRA
from terrafirma.register.model.values import FLAG_PATTERN, RULES

Type = Literal["text", "number", "boolean", "any"]

OUTSIDE = frozenset({"extra", "dated", "known_from", "sources", "undated"})
"""Declared fields without a fixed shape."""
MADE = {"flag": FLAG_PATTERN}
"""Patterns of values that the server makes."""
NUMBERS = ("integer", "number")
"""JSON types of numbers."""


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


class OpenField(NamedTuple):
    """A field whose members have names of their own: `extra.team`, `values.2020`."""

    type: Type
    many: bool
    member: str
    """Pattern of the names."""


ANY_NAME = r"[\s\S]+"


def walk(model: type[BaseModel], prefix: str = "", many: bool = False) -> list[Path]:
    """The paths of a model's values; lists and parts are followed down."""
    paths: list[Path] = []
    for attribute, field in model.model_fields.items():
        name = field.alias or attribute
        if prefix or (name not in OUTSIDE and get_origin(field.annotation) is not dict):
            below = follow(prefix + name, field.annotation, many, pattern_of(field.metadata))
            paths += [finish(path, field) for path in below]
    return paths


def finish(path: Path, field: FieldInfo) -> Path:
    """A path with what the annotation of a value that the server makes does not tell."""
    path = replace(path, type="number") if makes_number(field) else path
    return replace(path, pattern=MADE[path.name]) if path.name in MADE else path


def makes_number(field: FieldInfo) -> bool:
    """Return True for a number that the server makes, whose annotation does not tell."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("type") in NUMBERS


def list_open(model: type[BaseModel]) -> dict[str, OpenField]:
    """The open fields of a model, by name."""
    found = {EXTRA: OpenField("any", True, ANY_NAME)}
    for name, field in model.model_fields.items():
        if name not in OUTSIDE and get_origin(field.annotation) is dict:
            names, values = get_args(field.annotation)
            pattern = pattern_of(get_args(names)[1:]).strip("^$")
            found[name] = OpenField(follow(name, values, False)[0].type, False, pattern)
    return found


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
    return [Path(name, type_of(annotation), many, choices, pattern)]


def pattern_of(marks: Sequence[Any]) -> str:
    """The pattern in an annotation's metadata; empty if absent."""
    inner = (
        each
        for mark in marks
        for each in (mark.metadata if isinstance(mark, FieldInfo) else (mark,))
    )
    return next(filter(None, map(read_pattern, inner)), "")


def read_pattern(mark: Any) -> str:
    """The pattern of a mark of an annotation, if messages can tell its rule; empty otherwise."""
    schema = getattr(mark, "json_schema", None) or {}
    pattern = getattr(mark, "pattern", None) or schema.get("pattern", "")
    return pattern if pattern in RULES else ""


def type_of(annotation: Any) -> Type:
    """The comparison type of a value. Server-made fields have no declared type: they are text, if
    not said to be numbers."""
    if annotation is bool:
        return "boolean"
    if annotation is int or int in get_args(annotation):
        return "number"
    return "text"


class Catalog:
    """The paths into the records of a model."""

    def __init__(self, model: type[BaseModel], own: Sequence[Path] = ()) -> None:
        """Of a model's fields, and of `own` ones that a register declares."""
        self.paths = {path.name: path for path in walk(model)}
        """By name."""
        self.parts = tuple(sorted({name.rpartition(".")[0] for name in self.paths if "." in name}))
        """Names that have paths under them: `currencies`."""
        self.open = list_open(model)
        """Fields whose members have names of their own."""
        self.own = {path.name: path for path in own}
        """The fields that a register declares, by name."""
        self.paths |= self.own
        self.names = (*self.paths, *self.parts, *self.open)
        """Every name that `fields` may ask for, beside those of members of open fields."""

    def find(self, name: str) -> Path | None:
        """The path for a name; a member of an open field has one if its name fits."""
        if name in self.own:
            return self.own[name]
        field, _, member = name.partition(".")
        if declared := self.open.get(field):
            fits = re.fullmatch(declared.member, member)
            return Path(name, declared.type, declared.many) if fits else None
        return self.paths.get(name)

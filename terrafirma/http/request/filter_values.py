"""Values of filters: parsed by the type of their field, and refused where no record can have them.

A value that could never match would be answered with an empty list, which looks like a fact.
"""

import re
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, NamedTuple

from flask import request

from terrafirma.errors import Hint, Malformed
from terrafirma.http.app.parameters import PARAMETERS, RANGES, TEXTS
from terrafirma.http.request.arguments import refuse_choice
from terrafirma.http.request.near_values import (
    PLUS,
    ZONES,
    find_by_name,
    find_near,
    is_known,
    refuse_value,
)
from terrafirma.register.log.sort_keys import fold, sort_key
from terrafirma.register.model.catalog import Path
from terrafirma.register.model.kinds import KINDS, VOCABULARIES, Kind, Reference
from terrafirma.register.model.values import DATE_PATTERN, RULES
from terrafirma.register.model.zones import resolve_zone
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.search import Condition

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
BOOLEANS = {"true": True, "false": False}


class Asked(NamedTuple):
    """A value that a filter compares a field with."""

    name: str
    """The filter, `borders[ne]`."""
    path: Path
    value: str


def read_boolean(text: str) -> bool | None:
    """True or false in any case, as `True` of Python's programs; None for anything else."""
    return BOOLEANS.get(text.lower())


def read_filter(name: str, path: Path, operator: str, values: list[str]) -> Condition:
    """Parse a filter."""
    if operator == "exists":
        wanted = read_boolean(values[0]) if len(values) == 1 else None
        if wanted is None:
            raise Malformed(f'{name} must be true or false, not "{values[0][:80]}".')
        return Condition((path.name,), "eq", negated=not wanted)
    if operator in TEXTS and path.type not in ("text", "any"):
        raise Malformed(
            f"{name}: {path.name} is a {path.type}; only text can be compared by {operator}."
        )
    if operator in RANGES and path.type == "boolean":
        raise Malformed(f"{name}: {path.name} is true or false and has no order.")
    if operator in (*RANGES, *TEXTS) and len(values) > 1:
        raise Malformed(f'"{name}" is given {len(values)} times; once is enough.')
    plain = [restore_plus(path, value) for value in values]
    keys = tuple(key for value in plain for key in sort_keys_for(name, path, operator, value))
    return Condition((path.name,), "eq" if operator == "ne" else operator, keys, operator == "ne")


def restore_plus(path: Path, value: str) -> str:
    """A value whose plus sign was sent unescaped, and so arrived as a space."""
    return "+" + value[1:] if path.pattern.startswith(PLUS) and value[:1] == " " else value


def sort_keys_for(name: str, path: Path, operator: str, value: str) -> list[str]:
    """The sort keys of a filter's value: a single key if the field's type is known."""
    if operator in TEXTS:
        return ["s" + fold(value)]
    number = float(value) if NUMBER.fullmatch(value) and isfinite(float(value)) else None
    boolean = read_boolean(value)
    if path.type == "number":
        if number is None:
            raise Malformed(f'{name}: {path.name} is a number, and "{value[:80]}" is not.')
        return [sort_key(number)]
    if path.type == "boolean":
        if boolean is None:
            raise Malformed(f'{name} must be true or false, not "{value[:80]}".')
        return [sort_key(boolean)]
    if operator in RANGES and path.pattern == DATE_PATTERN and not fits(path, value):
        raise Malformed(f'{name} {RULES[DATE_PATTERN]}, not "{value[:80]}".')
    if path.type == "any" and operator in RANGES:
        return [sort_key(value if number is None else number)]
    if operator not in RANGES and path.choices and fold(value) not in map(fold, path.choices):
        raise refuse_choice(name, path.choices, value)
    guesses: list[Any] = [value]
    if path.type == "any":
        guesses += [each for each in (number, boolean) if each is not None]
    return [sort_key(guess) for guess in guesses]


def list_checked(name: str, path: Path, operator: str, values: Sequence[str]) -> Iterator[Asked]:
    """The values of a filter that must be such as a record may have: codes, and words of a list."""
    closed = path.pattern or path.name in VOCABULARIES or path.name == ZONES
    if operator in ("eq", "ne") and closed:
        yield from (Asked(name, path, restore_plus(path, value)) for value in values)


def check_value(connection: Connection, kind: Kind, asked: Asked) -> None:
    """Raise Malformed, with the nearest value, for a value that no record can have."""
    name, path, text = asked
    if is_known(connection, kind, path.name, text):
        return
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and all(is_sound(connection, kind, path, part) for part in parts):
        either = "&".join(f"{name}={part}" for part in parts[:2])
        raise Malformed(
            f'{name} takes one value, not "{text[:80]}"; repeat it for any of several: {either}.',
            hints=[Hint(name, part) for part in parts],
        )
    near = [each for each in find_near(connection, kind, path, text) if fold(each) != fold(text)]
    if near:
        raise refuse_value(f'{name}: no {kind.name} has "{text[:80]}"', name, near)
    if rule := find_rule(connection, kind, path, text):
        raise Malformed(f'{name} {rule}, not "{text[:80]}".')


def is_sound(connection: Connection, kind: Kind, path: Path, part: str) -> bool:
    """Return True for a part of a text with commas that would be a value by itself."""
    return fits(path, part) if path.pattern else is_known(connection, kind, path.name, part)


def fits(path: Path, text: str) -> bool:
    """Return True if a text has the form of a field's codes, in any case."""
    return re.search(path.pattern, text.strip(), re.IGNORECASE) is not None


def find_rule(connection: Connection, kind: Kind, path: Path, text: str) -> str:
    """The rule that a value breaks, so that no record can ever have it; empty if one might."""
    if path.pattern and not fits(path, text):
        return RULES[path.pattern]
    if path.name == ZONES:
        return "" if resolve_zone(text) else "must be a time zone of IANA, such as Asia/Bangkok"
    if (reference := kind.reference_of(path.name)) and not names_any(connection, reference, text):
        other = KINDS[reference.kind]
        return f"must be the {other.keys_told} of a {other.name}"
    if path.name in VOCABULARIES and not path.pattern:
        other, field = KINDS[VOCABULARIES[path.name][0]], VOCABULARIES[path.name][1]
        if not is_known(connection, other, field, text):
            return f"must be the {field} of a {other.name}, as /{other.plural} lists them"
    return ""


def read_reference(connection: Connection, key: str, kind: Kind) -> str:
    """A parameter that names a record of a kind by its code; empty without it.

    Malformed for another text, with the code that it means.
    """
    name = PARAMETERS[key].name
    text = request.args.get(name)
    if text is None:
        return ""
    reference = Reference(name, kind.name, (kind.keys[0],))
    if names_any(connection, reference, text) and not text.isdigit():
        return text.upper()
    if meant := find_by_name(connection, (kind, kind.keys[0]), text):
        raise refuse_value(f'{name}: no {kind.name} has "{text[:80]}"', name, [meant])
    example = PARAMETERS[key].example
    raise Malformed(
        f'{name} must be the code of a {kind.name}, such as {example}, not "{text[:80]}".'
    )


def names_any(connection: Connection, reference: Reference, text: str) -> bool:
    """Return True if a text names a record that is there or was: by its code or its id."""
    other = KINDS[reference.kind]
    if text.isdigit() and not other.keys_like(text):
        return True
    return any(is_known(connection, other, field, text) for field in reference.by)

"""Values of filters: parsed by the type of their field, and refused where no record can have them.

A value that could never match would be answered with an empty list, which looks like a fact.
"""

import re
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any, NamedTuple

from terrafirma.deferred import Deferred
from terrafirma.errors import Malformed
from terrafirma.http.app.context import state
from terrafirma.http.app.parameters import RANGES, TEXTS
from terrafirma.http.request.arguments import refuse_choice
from terrafirma.register.log.sort_keys import fold, sort_key
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.catalog import Path
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import KINDS, VOCABULARIES, Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.validation import closest
from terrafirma.register.model.values import RULES
from terrafirma.register.resolve.answers import MATCHED
from terrafirma.register.resolve.resolver import RESOLVED
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import has_term, list_texts
from terrafirma.storage.register.records import find_version
from terrafirma.storage.register.search import Condition

zones = Deferred("babel.core")

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
PLUS = r"^\+"
"""How the pattern of values with a plus sign begins."""
ZONES = "timezones"
MOST_KNOWN = 10_000
"""Values of filters that a process remembers."""
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
    if is_known(connection, kind, path, text):
        return
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and all(is_sound(connection, kind, path, part) for part in parts):
        either = "&".join(f"{name}={part}" for part in parts[:2])
        raise Malformed(
            f'{name} takes one value, not "{text[:80]}"; repeat it for any of several: {either}.'
        )
    near = find_near(connection, kind, path, text)
    if near and fold(near) != fold(text):
        raise Malformed(f'{name}: no {kind.name} has "{text[:80]}"; use "{near}".')
    if path.pattern and not fits(path, text):
        raise Malformed(f'{name} {RULES[path.pattern]}, not "{text[:80]}".')


def is_known(connection: Connection, kind: Kind, path: Path, text: str) -> bool:
    """Return True if a record has a value, or ever had it. That stays so, and the database is asked once."""
    known, place = state().known_values, (kind.name, path.name, text)
    if place in known:
        return True
    found = has_term(connection, kind.name, path.name, sort_key(text))
    if found and len(known) < MOST_KNOWN:
        known.add(place)
    return found


def is_sound(connection: Connection, kind: Kind, path: Path, part: str) -> bool:
    """Return True for a part of a text with commas that would be a value by itself."""
    return fits(path, part) if path.pattern else is_known(connection, kind, path, part)


def fits(path: Path, text: str) -> bool:
    """Return True if a text has the form of a field's codes, in any case."""
    return re.search(path.pattern, text.strip(), re.IGNORECASE) is not None


def find_near(connection: Connection, kind: Kind, path: Path, text: str) -> str:
    """The value of the field that a text probably means; empty without one."""
    for value in reshape(path, text):
        if is_known(connection, kind, path, value):
            return value
    if path.name == ZONES:
        return find_zone(text, list_texts(connection, kind.name, path.name))
    named = name_vocabulary(kind, path)
    if named is None:
        return ""
    other, field = named
    match = state().resolver.match(connection, text, other.name)
    if match.outcome == MATCHED and match.record is not None:
        return read_text(connection, other, match.record, field)
    if path.pattern:
        return ""
    known = list_texts(connection, kind.name, path.name)
    # A part is nearer than a similar word: America is in North America, and not Africa mistyped.
    part = next((each for each in known if fold(text) in fold(each).split()), "")
    return part or closest(text, known)


def read_text(connection: Connection, kind: Kind, record: Document, field: str) -> str:
    """The text of a field of a resolved record, which itself has only its names and main codes."""
    if field not in record and (
        found := find_version(connection, kind.name, record["id"], today(), None)
    ):
        record = decode(found.document)
    return str(record.get(field, ""))


def name_vocabulary(kind: Kind, path: Path) -> tuple[Kind, str] | None:
    """The kind and the field that the values of a path are taken from; None without one."""
    if path.name in VOCABULARIES:
        other, field = VOCABULARIES[path.name]
        return KINDS[other], field
    for reference in kind.references:
        if reference.field == path.name:
            return KINDS[reference.kind], reference.by[-1]
    own = kind.name in RESOLVED and path.pattern and "." not in path.name
    return (kind, path.name) if own else None


def reshape(path: Path, text: str) -> Iterator[str]:
    """A text in the forms that codes of the field have: with a dot, a plus sign or leading zeros."""
    plain = text.strip()
    if path.pattern.startswith(PLUS):
        yield "+" + re.sub(r"[^0-9]", "", plain).removeprefix("00")
    elif path.name == "tlds":
        yield "." + plain.lstrip("*.")
    elif plain.isdigit():
        yield plain.lstrip("0").zfill(3)


def find_zone(text: str, known: Sequence[str]) -> str:
    """The time zone of a record that another name of it means: `Asia/Calcutta`, or the city alone."""
    aliases = zones.get_global("zone_aliases")
    plain = "_".join(text.split())
    same = {alias.lower(): canonical for alias, canonical in aliases.items()}
    wanted = same.get(plain.lower(), plain).lower()
    for zone in known:
        if wanted in (zone.lower(), same.get(zone.lower(), zone).lower()):
            return zone
    cities = {zone.rpartition("/")[2].lower(): zone for zone in known}
    return cities.get(plain.lower(), "") or closest(plain, known)

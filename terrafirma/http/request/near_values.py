"""The values of a field that a text probably means: the right form of a code, another name, the nearest word."""

from collections.abc import Iterable, Iterator, Sequence

from terrafirma.deferred import Deferred
from terrafirma.errors import Hint, Malformed
from terrafirma.http.app.context import state
from terrafirma.register.log.sort_keys import fold, sort_key
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.catalog import Path
from terrafirma.register.model.clock import today
from terrafirma.register.model.derived import derive
from terrafirma.register.model.kinds import KINDS, VOCABULARIES, Kind
from terrafirma.register.model.languages import canonical
from terrafirma.register.model.records import Document
from terrafirma.register.model.validation import closest
from terrafirma.register.model.values import DATE_PATTERN
from terrafirma.register.model.zones import list_zones_at, resolve_zone
from terrafirma.register.resolve.answers import MATCHED
from terrafirma.register.resolve.resolver import RESOLVED
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import find_term, list_texts
from terrafirma.storage.register.records import find_version

languages = Deferred("babel.core")

PLUS = r"^\+"
"""How the pattern of values with a plus sign begins."""
TAGS = (r"^[a-z]{3}$", r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
"""Patterns of codes of languages."""
ZONES = "timezones"
MOST_KNOWN = 10_000
"""Values of filters that a process remembers."""
SHOWN = 5
"""Values that a sentence proposes; all are hints."""
SHORTEST = 2
"""Letters of an abbreviation."""
SMALL_WORDS = frozenset({"and", "of", "the"})


def is_known(connection: Connection, kind: Kind, field: str, text: str) -> bool:
    """Return True if a record has a value, or ever had it. That stays so, and the database is asked once."""
    known, place = state().known_values, (kind.name, field, text)
    if place in known:
        return True
    found = find_term(connection, kind.name, field, sort_key(text)) is not None
    if found and len(known) < MOST_KNOWN:
        known.add(place)
    return found


def refuse_value(sentence: str, name: str, values: Iterable[str]) -> Malformed:
    """The error for a value that no record has, with those that it may mean."""
    hints = [Hint(name, value) for value in values]
    shown = " or ".join(f'"{each.value}"' for each in hints[:SHOWN])
    more = f" or {len(hints) - SHOWN} more" if len(hints) > SHOWN else ""
    return Malformed(f"{sentence}; use {shown}{more}.", hints=hints)


def find_near(connection: Connection, kind: Kind, path: Path, text: str) -> list[str]:
    """The values of a field that a text probably means; several only where it is the offset of zones."""
    for value in reshape(path, text):
        if is_known(connection, kind, path.name, value):
            return [value]
    if path.name == ZONES:
        return find_zones(text, list_texts(connection, kind.name, path.name))
    if path.pattern == DATE_PATTERN:
        return []
    found = find_by_name(connection, name_vocabulary(kind, path), text)
    if not found and not is_code(path):
        found = find_word(text, list_texts(connection, kind.name, path.name))
    return [found] if found else []


def is_code(path: Path) -> bool:
    """Return True for codes: a code that is nearly the same stands for something else."""
    return bool(path.pattern) and path.name != "indicator"


def find_by_name(connection: Connection, named: tuple[Kind, str] | None, text: str) -> str:
    """The field of the record that a text names or has as a code of another kind, or an empty text."""
    if named is None:
        return ""
    other, field = named
    match = state().resolver.match(connection, text, other.name)
    if match.outcome == MATCHED and match.record is not None:
        return read_text(connection, other, match.record, field)
    return ""


def read_text(connection: Connection, kind: Kind, record: Document, field: str) -> str:
    """The text of a field of a resolved record, which itself has only its names and main codes."""
    if field not in record and (
        found := find_version(connection, kind.name, record["id"], today(), None)
    ):
        record = derive(decode(found.document))
    return str(record.get(field, ""))


def name_vocabulary(kind: Kind, path: Path) -> tuple[Kind, str] | None:
    """The kind and the field that the values of a path are taken from; None without one."""
    if path.name in VOCABULARIES:
        other, field = VOCABULARIES[path.name]
        return KINDS[other], field
    if reference := kind.reference_of(path.name):
        return KINDS[reference.kind], reference.by[-1]
    own = kind.name in RESOLVED and path.pattern and "." not in path.name
    return (kind, path.name) if own else None


def reshape(path: Path, text: str) -> Iterator[str]:
    """A text in the forms that codes of the field have: with a dot, a plus sign or leading zeros."""
    plain = text.strip()
    if path.pattern.startswith(PLUS):
        yield "+" + "".join(filter(str.isdigit, plain)).removeprefix("00")
    elif path.name == "tlds":
        yield "." + plain.lstrip("*.")
    elif plain.isdigit():
        yield plain.lstrip("0").zfill(3)
    elif path.pattern in TAGS:
        yield from list_tags(plain)


def list_tags(text: str) -> Iterator[str]:
    """Other codes of a language: `th_TH` as th-TH, and ISO 639-2's `ger` as de and deu."""
    aliases = languages.get_global("language_aliases")
    yield canonical(text) or ""
    modern = aliases.get(text.lower(), "")
    yield modern
    yield from (code for code, tag in aliases.items() if tag == modern and len(code) == 3)


def find_word(text: str, known: Sequence[str]) -> str:
    """The word that a text is short for, a part of, or mistyped for, or an empty text."""
    wanted = fold(text)
    if len(wanted) >= SHORTEST:
        for each in known:
            if wanted in list_initials(each):
                return each
        # A part is nearer than a similar word: America is in North America, and not Africa mistyped.
        for each in known:
            if wanted in fold(each).split() or fold(each).startswith(wanted):
                return each
    return closest(text, known)


def list_initials(name: str) -> tuple[str, str]:
    """The first letters of the words of a name, with and without small ones: SEA is South-Eastern Asia."""
    words = fold(name).replace("-", " ").split()
    return (
        "".join(word[0] for word in words),
        "".join(word[0] for word in words if word not in SMALL_WORDS),
    )


def find_zones(text: str, known: Sequence[str]) -> list[str]:
    """The time zones of records that a text means: by another name, a city alone, or their offset."""
    plain = "_".join(text.split())
    if zone := resolve_zone(plain):
        same = [each for each in known if resolve_zone(each) == zone]
        return same[:1]
    cities = {zone.rpartition("/")[2].lower(): zone for zone in known}
    found = cities.get(plain.lower(), "")
    if not found and (there := list_zones_at(text, today())):
        return sorted(there.intersection(known))
    found = found or closest(plain, known)
    return [found] if found else []

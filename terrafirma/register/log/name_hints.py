"""Hints at the record that an unknown name may mean: by its other names, else by its spelling."""

from difflib import get_close_matches
from typing import Any

from terrafirma.register.log.sort_keys import fold
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.timelines import fields_on
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.records import list_stored

NAMES = ("name", "official_name", "iso_name")
MOST_ALIKE = 50
"""Names for which similar ones are looked for."""
LEAST = 0.75
"""How alike two names must be for one to be a hint at the other."""


class NameHints:
    """The names of a kind's records, read when the first hint is needed."""

    def __init__(self, connection: Connection, kind: Kind) -> None:
        self._connection = connection
        self._kind = kind
        self._known: dict[str, str] | None = None
        self._left = MOST_ALIKE

    def suggest(self, name: str) -> str:
        """Return a hint at the record that a name may mean, to be put behind a sentence; empty without one."""
        known = self._read()
        plain = normalise(name)
        near = plain if plain in known else self._find_alike(plain, known)
        return f'; did you mean "{known[near]}"?' if near else ""

    def _find_alike(self, plain: str, known: dict[str, str]) -> str:
        # A comparison with every name takes a millisecond, and nobody reads thousands of hints.
        self._left -= 1
        return next(iter(get_close_matches(plain, known, 1, LEAST)), "") if self._left > 0 else ""

    def _read(self) -> dict[str, str]:
        if self._known is None:
            self._known = {}
            for _, text in list_stored(self._connection, self._kind.name):
                document = decode(text)
                hint = label(self._kind, document | fields_on(document, today()))
                for each in list_names(document):
                    self._known.setdefault(normalise(each), hint)
        return self._known


def normalise(name: str) -> str:
    """Return a name without case, accents and apostrophes."""
    return fold(name).replace("'", "")


def label(kind: Kind, document: dict[str, object]) -> str:
    """Return a record's name and code."""
    code = next((f" ({document[key]})" for key in kind.keys if key in document), "")
    return f"{document.get('name', document.get('id'))}{code}"


def list_names(document: dict[str, object]) -> list[str]:
    """Return every English name that a document has."""
    others = document.get("other_names", [])
    found = [document.get(name) for name in NAMES] + (others if isinstance(others, list) else [])
    dated: Any = document.get("dated", {})
    found += [period["value"] for name in NAMES for period in dated.get(name, ())]
    return [each for each in found if isinstance(each, str)]

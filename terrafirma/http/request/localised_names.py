"""Lists by the names of a language: with `lang`, filters of `name` and `sort=name` mean the names
that the answer shows."""

from collections.abc import Callable
from typing import NamedTuple

from terrafirma.http.app.context import state
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.log.translations import list_translated
from terrafirma.register.model.kinds import Kind
from terrafirma.register.resolve.collation import open_collation
from terrafirma.register.resolve.names import summarise
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.search import Condition

NAME = "name"
MOST_NAMED = 500
"""Records whose names are put into a language's order; a larger register goes by their own names."""

TESTS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda key, asked: key == asked,
    "contains": lambda key, asked: asked[1:] in key[1:],
    "startswith": lambda key, asked: key[1:].startswith(asked[1:]),
    "lt": lambda key, asked: key < asked,
    "lte": lambda key, asked: key <= asked,
    "gt": lambda key, asked: key > asked,
    "gte": lambda key, asked: key >= asked,
}
"""Comparisons of two sort keys, by operator."""


class LocalisedNames(NamedTuple):
    """The names of all records of a kind in a language."""

    keys: dict[int, str]
    """Sort keys as filters compare them, by id."""
    order: tuple[int, ...]
    """Ids in the order of the language."""

    def list_meeting(self, condition: Condition) -> tuple[int, ...]:
        """Return the ids of the records whose name meets a condition."""
        test = TESTS[condition.operator]
        return tuple(
            sorted(
                id
                for id, key in self.keys.items()
                if any(test(key, asked) for asked in condition.keys) is not condition.negated
            )
        )


def is_of_names(condition: Condition) -> bool:
    """Return True if a condition compares the name."""
    return condition.fields == (NAME,) and bool(condition.keys)


def find_localised_names(
    connection: Connection, kind: Kind, language: str, moment: Moment
) -> LocalisedNames | None:
    """Return the names of a kind's records on a day; None where the kind has no translations, the
    register is large, or an earlier state is asked for."""
    if not kind.translations or moment.as_of is not None:
        return None
    index = state().resolver.find_index(connection, kind.name)
    if len(index.records) > MOST_NAMED:
        return None
    key = (find_localised_names, kind.name, language, moment.on, read_head(connection))

    def read() -> LocalisedNames:
        chain = state().locales.chain(language)
        shown = {
            known.id: str(summarise(known, moment.on).get(NAME, ""))
            for known in index.records.values()
        }
        shown |= list_translated(connection, kind, sorted(shown), chain, moment)
        place = open_collation(language)
        order = sorted(shown, key=lambda id: (place(shown[id]), id))
        return LocalisedNames({id: sort_key(name) for id, name in shown.items()}, tuple(order))

    names: LocalisedNames = state().queries.get(key, read)
    return names

"""Finds records by name, in a register that changes.

Keeps an index per kind. Before an answer the head of the log is read; if it moved, the changed
records are indexed again, so a name that was just written is found by the next question.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from threading import Lock
from typing import NamedTuple

from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, KINDS
from terrafirma.register.model.records import Document
from terrafirma.register.resolve.answers import Match, Others, Question
from terrafirma.register.resolve.index import Index, KnownPlace, build_index
from terrafirma.register.resolve.matching import Finder
from terrafirma.register.resolve.names import OTHER, Aliases, Known, know
from terrafirma.register.resolve.normalise import key_of
from terrafirma.register.resolve.ranking import rank_records
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import Head, find_head, list_written, read_head
from terrafirma.storage.register.records import list_stored, list_stored_among

RESOLVED = tuple(kind.name for kind in KINDS.values() if "name" in kind.model.model_fields)
"""The kinds whose records have names."""

ALIASES = {name: name for name in RESOLVED} | {KINDS[name].plural: name for name in RESOLVED}
"""The kinds by the words that ask for them: `country` and `countries`."""

MOST_CHANGED = 2000
"""Number of changed records from which the index is rebuilt."""


Lookalikes = Mapping[str, Sequence[str]]
"""{alpha-2: names of its cities}, as the dataset ships them."""


class Kept(NamedTuple):
    """An index, and the head of the log that it was made at."""

    head: Head
    names: Index


class Resolver:
    """The indexes of a register, shared by all threads of a process."""

    def __init__(
        self, read_aliases: Callable[[], Aliases], read_lookalikes: Callable[[], Lookalikes]
    ) -> None:
        self._read_aliases = read_aliases
        self._read_lookalikes = read_lookalikes
        self._kept: dict[str, Kept] = {}
        self._locks = {name: Lock() for name in RESOLVED}

    @cached_property
    def _aliases(self) -> Aliases:
        return self._read_aliases()

    def match(
        self, connection: Connection, text: str, kind: str = COUNTRY.name, **question: object
    ) -> Match:
        """Return the meaning of a text; `question` has the fields of Question."""
        return next(self.match_all(connection, [text], kind, **question))

    def match_all(
        self,
        connection: Connection,
        texts: Iterable[str],
        kind: str = COUNTRY.name,
        **question: object,
    ) -> Iterator[Match]:
        """Return the meanings of many texts in order."""
        asked = Question(today=today(), **question)  # type: ignore[arg-type]
        finder = self.open_finder(connection, kind, asked)
        return map(finder.match, texts)

    def rank(
        self, connection: Connection, kind: str, text: str, question: Question
    ) -> list[list[int]]:
        """The ids of the records that a search text finds, a list per rank, best first."""
        finder = self.open_finder(connection, kind, question)
        return rank_records(finder.index, finder, text, question)

    def open_finder(self, connection: Connection, kind: str, question: Question) -> Finder:
        """Return a finder over the register as it is now."""
        return Finder(
            self.find_index(connection, kind), question, self._look_elsewhere(connection, kind)
        )

    def find_index(self, connection: Connection, kind: str) -> Index:
        """Return the index of a kind, brought up to the head of the log."""
        with self._locks[kind]:
            head, kept = read_head(connection), self._kept.get(kind)
            if kept is None or kept.head != head:
                index = self._update(connection, kind, kept)
                self._kept[kind] = kept = Kept(head, index)
            return kept.names

    def _update(self, connection: Connection, kind: str, kept: Kept | None) -> Index:
        """The current index: the kept index with the changes since, or a new index."""
        kinds = (kind, KINDS[kind].translations)
        if kept is None or find_head(connection, kept.head.number) != kept.head:
            return self._build(connection, kind)
        written = list_written(connection, kinds, kept.head.number)
        if len(written) > MOST_CHANGED:
            return self._build(connection, kind)
        changed = list(
            self._know(kind, *(list_stored_among(connection, each, written) for each in kinds))
        )
        return kept.names.replace(changed, {*written} - {known.id for known in changed})

    def _build(self, connection: Connection, kind: str) -> Index:
        translations = KINDS[kind].translations
        named = list_stored(connection, translations) if translations else []
        records = list(self._know(kind, list_stored(connection, kind), named))
        places = list_places(records, self._aliases)
        if kind == COUNTRY.name:
            places = list_cities(self._read_lookalikes()) | places
        return build_index(kind, records, places)

    def _know(
        self, kind: str, records: list[tuple[int, str]], named: list[tuple[int, str]]
    ) -> Iterator[Known]:
        names = {id: decode(document)["names"] for id, document in named}
        for id, text in records:
            document: Document = decode(text)
            yield know(kind, document | {"id": id}, names.get(id, {}), self._aliases)

    def _look_elsewhere(self, connection: Connection, kind: str) -> Others:
        """Say of a key that it names a record of another kind."""

        @cache
        def find_others() -> list[Index]:
            return [self.find_index(connection, other) for other in RESOLVED if other != kind]

        def find(key: str) -> str | None:
            about = (describe(index, key) for index in find_others())
            return next(filter(None, about), None)

        return Others(find)


def list_places(records: Iterable[Known], aliases: Aliases) -> dict[str, KnownPlace]:
    """The places that are no record, by the keys of their names and by their codes."""
    own = {code.text for known in records for code in known.codes}
    places: dict[str, KnownPlace] = {}
    for code, names in aliases.items():
        if code in own:
            continue
        if code.isalpha():
            places[code] = KnownPlace(code, names[0][0])
        for text, _, _ in names:
            places.setdefault(key_of(text), KnownPlace(code, text))
    return places


def list_cities(lookalikes: Lookalikes) -> dict[str, KnownPlace]:
    """The cities that are no misspelling of a country, by the keys of their names."""
    return {
        key_of(name): KnownPlace(code, name, city=True)
        for code, names in lookalikes.items()
        for name in names
    }


def describe(index: Index, key: str) -> str | None:
    """A sentence about the record with this own name; None if it is missing."""
    for name in index.names.get(key, ()):
        if name.weight >= OTHER:
            known = index.records[name.record]
            code = f" ({known.codes[0].text})" if known.codes else ""
            return f"{name.text} is a {index.kind}{code}."
    return None


def canonical_kind(word: str) -> str:
    """The kind for a word of ALIASES."""
    return ALIASES[word]

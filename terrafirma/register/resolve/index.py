"""The index of all names and codes of a register's records of a kind.

An index is immutable: `replace` makes the next index in time proportional to the changed records.
Many threads may read it at once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from rapidfuzz.distance import OSA

from terrafirma.register.resolve.fuzzy import Nearness, list_deletions
from terrafirma.register.resolve.names import BY_HAND, MOST_LOCALES, OTHER, Code, Known, Name
from terrafirma.register.resolve.normalise import bare_key_of, words_of

LAST_CHARACTER = "\U0010ffff"


class KnownPlace(NamedTuple):
    """A place that is no record of the kind: a region, an organisation, a part of a country, a city."""

    code: str
    """Its own, or the country's that a city lies in."""
    text: str
    city: bool = False

    def describe(self, kind: str) -> str:
        """A sentence about the place, which is no record of a kind."""
        if self.city:
            return f"{self.text} is a city ({self.code})."
        return f"{self.text} is {self.code}, not a {kind}."


class JoinedTexts:
    """The texts of records as a single one: a word is found in all of them in one go."""

    def __init__(self, records: Iterable[Known]) -> None:
        self._records = list(records)
        texts = [known.all_text for known in self._records]
        self._joined = "\n".join(texts)
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))

    def find(self, word: str) -> Iterator[Known]:
        """Yield the records in whose names or codes a word is."""
        place = self._joined.find(word)
        while place >= 0:
            after = bisect_right(self._starts, place)
            yield self._records[after - 1]
            place = self._joined.find(word, self._starts[after])


class Index:
    """Records by their names and codes."""

    def __init__(
        self,
        kind: str,
        records: Mapping[int, Known],
        names: Mapping[str, tuple[Name, ...]],
        codes: Mapping[str, tuple[Code, ...]],
        places: Mapping[str, KnownPlace],
    ) -> None:
        self.kind = kind
        self.records = records
        self.names = names
        """By key; several names if several records share the key."""
        self.codes = codes
        self.places = places

    def replace(self, changed: Iterable[Known], removed: Collection[int] = ()) -> "Index":
        """Return the index after some records were written and others removed."""
        changed = list(changed)
        gone = {each.id for each in changed if each.id in self.records} | {
            *removed
        } & self.records.keys()
        records, names, codes = dict(self.records), dict(self.names), dict(self.codes)
        for id in gone:
            take_out(names, records[id].names.keys(), id)
            take_out(codes, {code.text for code in records[id].codes}, id)
            del records[id]
        for known in changed:
            put_in(records, names, codes, known)
        return Index(self.kind, records, names, codes, self.places)

    @cached_property
    def texts(self) -> JoinedTexts:
        """The names and codes of all records, to look for a word; joined on first use."""
        return JoinedTexts(self.records.values())

    @cached_property
    def near(self) -> Nearness:
        """The names by their similarity to misspellings; built on first use."""
        keys = [key for key, names in self.names.items() if any(name.weight for name in names)]
        return Nearness([*keys, *self.keys_in_full])

    @cached_property
    def keys_in_full(self) -> Mapping[str, str]:
        """The keys of own names by all their letters, where keys leave out "of", "the" and "and":
        these words are misspelt too."""
        found = {
            bare_key_of(name.text): key
            for key, names in self.names.items()
            for name in names
            if name.weight >= OTHER
        }
        return {bare: key for bare, key in found.items() if bare not in self.names}

    def find_near(self, key: str, errors: int) -> Mapping[str, int]:
        """Return {key: errors} for the names near a text with this key."""
        found: dict[str, int] = {}
        for near, count in self.near.find(key, errors).items():
            name = self.keys_in_full.get(near, near)
            found[name] = min(count, found.get(name, count))
        return found

    @cached_property
    def ids_by_word(self) -> Mapping[str, frozenset[int]]:
        """The records by the words in their own names."""
        found: dict[str, set[int]] = {}
        for id, known in self.records.items():
            for name in known.names.values():
                if name.weight >= BY_HAND or name.field == "name":
                    for word in words_of(name.text):
                        found.setdefault(word, set()).add(id)
        return {word: frozenset(ids) for word, ids in found.items()}

    @cached_property
    def widespread(self) -> Mapping[str, Sequence[str]]:
        """The keys of names in very many languages, by themselves without a letter."""
        found: dict[str, list[str]] = {}
        for key, names in self.names.items():
            if any(name.weight >= MOST_LOCALES for name in names):
                for part in list_deletions(key):
                    found.setdefault(part, []).append(key)
        return found

    def find_widespread(self, key: str) -> list[Name]:
        """Return the names in very many languages that are a letter away from a key."""
        near = {other for part in list_deletions(key) for other in self.widespread.get(part, ())}
        return [
            name
            for other in sorted(near)
            if OSA.distance(key, other, score_cutoff=1) == 1
            for name in self.names[other]
            if name.weight >= MOST_LOCALES
        ]

    @cached_property
    def sorted_keys(self) -> list[str]:
        """All keys in order."""
        return sorted(self.names)

    def list_keys(self, beginning: str, longest: int) -> list[str]:
        """Return the keys with a beginning that are no longer than this."""
        start = bisect_left(self.sorted_keys, beginning)
        end = bisect_left(self.sorted_keys, beginning + LAST_CHARACTER, start)
        return [key for key in self.sorted_keys[start:end] if len(key) <= longest]

    def own_name(self, id: int) -> Name:
        """The strongest name of a record."""
        return max(self.records[id].names.values(), key=lambda name: name.weight)


def build_index(kind: str, records: Iterable[Known], places: Mapping[str, KnownPlace]) -> Index:
    """Return the index of some records of a kind."""
    found: dict[int, Known] = {}
    names: dict[str, tuple[Name, ...]] = {}
    codes: dict[str, tuple[Code, ...]] = {}
    for known in records:
        put_in(found, names, codes, known)
    return Index(kind, found, names, codes, places)


def put_in(
    records: dict[int, Known],
    names: dict[str, tuple[Name, ...]],
    codes: dict[str, tuple[Code, ...]],
    known: Known,
) -> None:
    """Add a record."""
    records[known.id] = known
    for key, name in known.names.items():
        names[key] = (*names[key], name) if key in names else (name,)
    for code in known.codes:
        codes[code.text] = (*codes.get(code.text, ()), code)


def take_out(
    table: dict[str, tuple[Name, ...]] | dict[str, tuple[Code, ...]], keys: Iterable[str], id: int
) -> None:
    """Leave a record out under some keys."""
    for key in keys:
        rest = tuple(each for each in table[key] if each.record != id)
        if rest:
            table[key] = rest  # type: ignore[assignment]
        else:
            del table[key]

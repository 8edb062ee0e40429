"""Every way a record is written: its names in all languages and times, and its codes.

Pure: from stored documents, with their translations and aliases, to `Known` records that `index.py` joins.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from terrafirma.register.model.kinds import OTHER_CODES
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import BEGINNING, FOREVER, at, ends, starts
from terrafirma.register.resolve.normalise import fold_words, key_of, words_of
from terrafirma.register.resolve.words import split_words

Aliases = Mapping[str, Sequence[Sequence[str]]]
"""{code of a record or place: [[text, language, source]]}, as the dataset ships them."""

NAME, OFFICIAL, OTHER, BY_HAND, LISTED, BASE, PAST, POINTER = 100, 40, 30, 25, 3, 30, 10, 0
"""How strongly a name stands for its record where another record has it too; a pointer never does."""

MOST_LOCALES = 20
"""The weight of a name that very many locales use: less than the record's own name."""

WIDESPREAD = split_words(
    """
    ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk
    sl sr sv th tr uk ur vi zh zh-Hant
    """
)
"""Languages that people write names in far from where they are spoken, or that many write in."""

CODES = {
    "country": ("alpha2", "alpha3", "alpha4", "numeric", "cioc", "fifa"),
    "language": ("code", "alpha3"),
    "currency": ("code", "numeric"),
    "membership": (),
}
"""Fields that hold codes, by kind; the first stands above the others. Other kinds have `code` alone."""

CODE_RANKS = {"cioc": 2, "fifa": 3, "reserved": 1}

TEXTS = {
    "country": (("name", NAME), ("iso_name", OFFICIAL), ("official_name", OFFICIAL)),
    "subdivision": (("name", NAME), ("iso_name", OTHER), ("local_name", OTHER)),
    "language": (("name", NAME), ("native_name", OTHER)),
    "membership": (),
}
"""Fields that hold names, by kind. Other kinds have `name` alone."""

SUMMARY = ("alpha2", "alpha3", "alpha4", "code", "name", "country", "sovereign", "region", "status")
"""The fields of a record that answers show and that narrow candidates."""


ISLAND_WORDS = split_words(
    "islands island isles isle ile iles illes illa islas isla ilhas ilha isole isola szigetek sziget"
)
"""An addition that leaves a man's name: "Cook, illes"."""

QUALIFIER = re.compile(r"[(,（]| [-–—] ")
"""Separates a name from its distinguishing addition."""


class Name(NamedTuple):
    """A name of a record: where it stands, in which languages, how strongly, on which days."""

    record: int
    text: str
    field: str
    languages: str
    """Tags, separated by spaces."""
    weight: int
    start: str = BEGINNING
    end: str = FOREVER


class Code(NamedTuple):
    """A code of a record, with the days it is held; the lower rank stands above the higher."""

    record: int
    text: str
    field: str
    rank: int
    start: str
    end: str


@dataclass(frozen=True)
class Known:
    """A record as the index knows it."""

    id: int
    summary: Document
    """Some of its fields, stored as in its document: plain or dated."""
    start: str
    end: str
    names: Mapping[str, Name]
    """By key; the strongest of several names with the same key."""
    codes: Sequence[Code] = ()

    @cached_property
    def all_text(self) -> str:
        """All names and codes as a single folded text, to exclude a record at once."""
        return "\n".join([self.text, *(folded for _, folded in self.folded)])

    @cached_property
    def folded(self) -> Sequence[tuple[Name, str]]:
        """Each name with its folded text, to search in."""
        return [(name, fold_words(name.text)) for name in self.names.values()]

    @cached_property
    def text(self) -> str:
        """The record's own names and codes as a single folded text, a line each."""
        own = [folded for name, folded in self.folded if name.weight >= OTHER or not name.weight]
        return "\n".join([*own, *(fold_words(code.text) for code in self.codes)])


def know(kind: str, document: Document, translations: Mapping[str, str], aliases: Aliases) -> Known:
    """Return a record with all its names and codes; the document is as stored, dated fields in `dated`."""
    id = document["id"]
    found: dict[str, Name] = {}
    named = list_names(kind, id, document, translations, list_aliases(document, aliases))
    for name in named:
        key = key_of(name.text)
        found[key] = merge(found[key], name) if key in found else name
        if name.weight and (base := base_of(name.text)):
            key = key_of(base)
            name = name._replace(weight=BASE if name.weight >= OFFICIAL else 1)
            found[key] = merge(found[key], name) if key in found else name
    life: Document = {bound: document[bound] for bound in ("from", "to") if bound in document}
    start, end = starts(life), ends(life)
    codes = [
        code._replace(start=max(start, code.start), end=min(end, code.end))
        for code in list_codes(kind, id, document)
    ]
    summary: Document = {"id": id} | {each: document[each] for each in SUMMARY if each in document}
    if dated := {each: line for each, line in document.get("dated", {}).items() if each in SUMMARY}:
        summary["dated"] = dated
    return Known(id, summary, start, end, found, codes)


def merge(first: Name, second: Name) -> Name:
    """The stronger of two names with the same key; two translations become one with the locales of
    both."""
    if first.field == second.field == "names":
        weight = min(first.weight + second.weight, MOST_LOCALES)
        return first._replace(weight=weight, languages=f"{first.languages} {second.languages}")
    return second if second.weight > first.weight else first


def base_of(text: str) -> str:
    """A name without its distinguishing addition: "Congo - Kinshasa", "Korea (North)", "Korea,
    Republic of"."""
    mark = QUALIFIER.search(text)
    if not mark or mark.start() <= 1 or not ISLAND_WORDS.isdisjoint(words_of(text[mark.end() :])):
        return ""
    return text[: mark.start()]


def list_names(
    kind: str,
    id: int,
    document: Document,
    translations: Mapping[str, str],
    aliases: Iterable[Sequence[str]],
) -> Iterator[Name]:
    """Every name of a record, the strongest of each text first."""
    for each, weight in TEXTS.get(kind, (("name", NAME),)):
        for value, start, end in list_values(document, each):
            lasting = end == FOREVER
            yield Name(id, value, each, "en", weight if lasting else PAST, start, end)
    for value, start, end in list_values(document, "other_names"):
        yield from (Name(id, text, "other_names", "en", OTHER, start, end) for text in value)
    for field in ("native_names", "local_names"):
        for value, start, end in list_values(document, field):
            for native in value:
                for each in ("name", "official_name"):
                    if each in native:
                        yield Name(id, native[each], field, native["language"], OTHER, start, end)
    yield from list_translations(id, translations)
    for text, language, source in aliases:
        yield Name(id, text, "aliases", language, BY_HAND if source.startswith("facts") else LISTED)
    yield from list_pointers(id, document)


def list_pointers(id: int, document: Document) -> Iterator[Name]:
    """Names that point at a record without being its own: capitals and demonyms."""
    for value, start, end in list_values(document, "capitals"):
        yield from (Name(id, each["name"], "capitals", "en", POINTER, start, end) for each in value)
    for value, start, end in list_values(document, "demonyms"):
        for each in value:
            texts = {each[form] for form in ("noun", "adjective") if form in each}
            yield from (
                Name(id, text, "demonyms", each["language"], POINTER, start, end) for text in texts
            )


def list_translations(id: int, translations: Mapping[str, str]) -> Iterator[Name]:
    """A name for each text among the translations, heavier the more locales use it."""
    locales: dict[str, list[str]] = {}
    for locale, text in translations.items():
        locales.setdefault(text, []).append(locale)
    for text, tags in locales.items():
        weight = len(tags) + (0 if WIDESPREAD.isdisjoint(tags) else LISTED)
        yield Name(id, text, "names", " ".join(tags), min(weight, MOST_LOCALES))


def list_aliases(document: Document, aliases: Aliases) -> Iterator[Sequence[str]]:
    """The aliases that are known for any of a record's codes."""
    codes = {
        value for each in ("alpha2", "alpha4", "code") for value, _, end in list_values(document, each)
        if end == FOREVER
    }  # fmt: skip
    # ISO gives an alpha-2 code of a former country to another one later.
    if "alpha4" in document:
        codes.discard(document.get("alpha2"))
    for code in codes:
        yield from aliases.get(code, ())


def list_values(document: Document, name: str) -> Iterator[tuple[Any, str, str]]:
    """The values of a field, plain or dated, with the days each holds."""
    if name in document:
        yield document[name], BEGINNING, FOREVER
    for period in document.get("dated", {}).get(name, ()):
        yield period["value"], starts(period), ends(period)


def list_codes(kind: str, id: int, document: Document) -> Iterator[Code]:
    """Every code of a record on the days it holds it."""
    for each in CODES.get(kind, ("code",)):
        for value, start, end in list_values(document, each):
            yield Code(id, value.upper(), each, CODE_RANKS.get(each, 0), start, end)
            for other, meant in OTHER_CODES.get(kind, {}).items():
                if meant == value:
                    yield Code(id, other, "reserved", CODE_RANKS["reserved"], start, end)


def summarise(known: Known, day: str) -> Document:
    """A record's summary on a day, or on the last day that it existed."""
    if "dated" not in known.summary:
        return known.summary
    return at(known.summary, day)

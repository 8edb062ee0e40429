"""Find the records that an address asks for, among v3.1 records of any origin.

The rules are those of the old service, with two additions. The best match comes first, because many programs take
`[0]`. And spellings that differ only in accents, or that are in wide use (`old_spellings.toml`), find their
country too.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from rapidfuzz.distance import OSA

from terrafirma.restcountries.old_spellings import (
    find_language_codes,
    old_currencies,
    old_values,
    spoken_codes,
)
from terrafirma.restcountries.spelling import (
    fold_known,
    fold_spelling,
    name_key,
    name_key_known,
    significant_words,
    thing_key,
    thing_key_known,
)
from terrafirma.restcountries.translate import BESIDES, KOSOVO, Record

Search = Callable[[Sequence[Record], str], list[Record]]
"""Takes records in the order of a list, and a text; returns the records that match."""

Texts = Callable[[Record], Iterable[str]]
"""The values of a record that a search looks at."""

CODES = ("cioc", "ccn3", "cca3", "cca2")
"""Fields with codes. A later field wins if a code is ambiguous: BRN is Brunei's, and Bahrain's at
the IOC."""

ISLANDER = re.compile(r"\s+islanders?$", re.IGNORECASE)
PEOPLE = re.compile(r"(?:ian|an|n|ish|er)s?$", re.IGNORECASE)
"""Endings of English names of peoples."""
PARTS = re.compile(r",\s*|\s+(?:or|and)\s+")
SHORTEST_MISSPELT = 6
"""Letters of the shortest text that is compared with misspellings."""

EXACT, OTHER, START, WORD, INSIDE = range(5)
"""Ranks of a match, best first: the first value, another value, a start, a whole word, anywhere."""


def rank_text(wanted: str, folded: str) -> int:
    """The rank of a text that contains the wanted text, from OTHER to INSIDE."""
    place = folded.find(wanted)
    if place == 0:
        return OTHER if folded == wanted else START
    while place >= 0:
        end = place + len(wanted)
        if not folded[place - 1].isalnum() and not folded[end : end + 1].isalnum():
            return WORD
        place = folded.find(wanted, place + 1)
    return INSIDE


def fold_texts(record: Record, texts: Texts) -> tuple[str, list[tuple[str, str]]]:
    """Return all values of a record, folded, as one text; and each of them beside its folded form.

    They are kept in the record: folding takes longer than all else.
    """
    kept: dict[Any, tuple[str, list[tuple[str, str]]]] = record.get(BESIDES, {})
    if texts not in kept:
        pairs = [(text, fold_spelling(text)) for text in texts(record)]
        kept[texts] = ("\n".join(folded for _, folded in pairs), pairs)
    return kept[texts]


def rank_record(pairs: list[tuple[str, str]], wanted: str, plain: str | None) -> int | None:
    """Return the best rank among the values of a record.

    `plain` is the text with its accents. If given, a match inside a word must have the same
    accents: `eunio` does not find Réunion, while `unio` and the whole word `reunion` do.
    """
    best: int | None = None
    for position, (text, folded) in enumerate(pairs):
        if wanted not in folded:
            continue
        found = rank_text(wanted, folded)
        if found == INSIDE and plain is not None and plain not in text.lower():
            continue
        if found == OTHER and position == 0:
            return EXACT
        best = found if best is None else min(best, found)
    return best


def containing(texts: Texts, *, accents: bool = False, table: str = "") -> Search:
    """A search for records with the text in one of their values, best match first.

    With `accents`, accents count inside words if there is such a match. `table` has old spellings
    that find a record if the text equals them.
    """

    def rank_all(
        records: Sequence[Record], wanted: str, plain: str | None
    ) -> Iterator[tuple[int, Record]]:
        for record in records:
            blob, pairs = fold_texts(record, texts)
            rank = rank_record(pairs, wanted, plain) if wanted in blob else None
            if rank is not None:
                yield rank, record
            elif table and wanted in old_values(table, record):
                yield OTHER, record

    def search(records: Sequence[Record], text: str) -> list[Record]:
        wanted = fold_spelling(text)
        for plain in (text.lower(), None) if accents else (None,):
            # Sorting is stable: equal ranks keep the order of the list.
            found = sorted(rank_all(records, wanted, plain), key=lambda pair: pair[0])
            if found:
                return [record for _, record in found]
        return []

    return search


def equalling(texts: Texts, form: Callable[[str], str] = str.lower, table: str = "") -> Search:
    """A search for records with a value equal to the text."""

    def search(records: Sequence[Record], text: str) -> list[Record]:
        wanted, folded = form(text), fold_spelling(text)
        found = [
            record for record in records if any(wanted == form(each) for each in texts(record))
        ]
        seen = {id(record) for record in found}
        old = (record for record in records if table and folded in old_values(table, record))
        return found + [record for record in old if id(record) not in seen]

    return search


def either(*searches: Search) -> Search:
    """A search that returns the matches of the first successful search."""

    def search(records: Sequence[Record], text: str) -> list[Record]:
        return next(filter(None, (each(records, text) for each in searches)), [])

    return search


def full_names(record: Record) -> list[str]:
    """Return the common and the official name."""
    return [record["name"]["common"], record["name"]["official"]]


def all_names(record: Record) -> list[str]:
    """Return the names and every other spelling, but none of other languages."""
    return [*full_names(record), *record["altSpellings"]]


def capitals(record: Record) -> list[str]:
    """Return the names of the capitals."""
    names: list[str] = record["capital"]
    return names


def demonyms(record: Record) -> list[str]:
    """Return the names of the people, in any language."""
    shown = [form for forms in record["demonyms"].values() for form in forms.values()]
    besides: list[str] = record.get(BESIDES, {}).get("demonyms", [])
    return shown + besides


def translations(record: Record) -> Iterator[str]:
    """Yield the names in other languages."""
    return (name for names in record["translations"].values() for name in names.values())


def spoken(record: Record) -> list[str]:
    """Return languages by code and English name."""
    return [*record["languages"], *record["languages"].values()]


def respelled(texts: Texts) -> Search:
    """Return a search for names with the same words in any order: `Korea, Republic of`, `St Barthélemy`."""

    def search(records: Sequence[Record], text: str) -> list[Record]:
        wanted = name_key(text)
        if not wanted:
            return []
        return [
            record
            for record in records
            if any(wanted == name_key_known(each) for each in texts(record))
        ]

    return search


def find_by_significant_words(records: Sequence[Record], text: str) -> list[Record]:
    """Find the only country whose name remains without words like "Republic of"; empty if there are
    several."""
    wanted = significant_words(name_key(text))
    if not wanted or wanted == name_key(text):
        return []
    found = [
        record
        for record in records
        if any(wanted == significant_words(name_key_known(each)) for each in all_names(record))
    ]
    return found if len(found) == 1 else []


def find_islanders(records: Sequence[Record], text: str) -> list[Record]:
    """Find by "Islander" after a name: Saint Barthélemy Islander, Heard and McDonald Islander."""
    name = ISLANDER.sub("", text)
    if name == text:
        return []
    land = " ".join(word.removesuffix("n") for word in name.split())
    return (
        find_full_name(records, name)
        or find_full_name(records, f"{name} Islands")
        or find_spelt(records, f"{land} Islands")
    )


def find_by_ending(records: Sequence[Record], text: str) -> list[Record]:
    """Find by a country's name with the ending of a people: Guinea-Bissauan, Ålandish, Guianan."""
    stem = PEOPLE.sub("", text)
    if stem == text:
        return []
    return (
        find_spelt(records, stem)
        or find_spelt(records, f"{stem}e")
        or find_by_last_word(records, fold_spelling(text).removesuffix("n"))
    )


def find_by_last_word(records: Sequence[Record], word: str) -> list[Record]:
    """Find the only country whose name ends in a word after others: Guiana."""
    if len(word) < SHORTEST_MISSPELT:
        return []
    found = [
        record for record in records if fold_known(record["name"]["common"]).endswith(f" {word}")
    ]
    return found if len(found) == 1 else []


def find_peoples(records: Sequence[Record], text: str) -> list[Record]:
    """Find by several names of the people together: Kittitian or Nevisian; Saint-Pierrais, Miquelonnais."""
    whole = equalling(demonyms, fold_spelling, table="demonyms")
    parts = PARTS.split(text)
    known = [whole(records, part) for part in parts]
    if len(parts) < 2:
        return []
    return [
        each
        for each in next(filter(None, known), [])
        if all(
            each in found or begins_as_part(each, part)
            for part, found in zip(parts, known, strict=True)
        )
    ]


def begins_as_part(record: Record, people: str) -> bool:
    """Return True if the name of a people begins as a word of the country's name does: Miquelonnais."""
    folded = fold_spelling(people)
    words = name_key_known(record["name"]["common"])
    return any(len(word) >= SHORTEST_MISSPELT and folded.startswith(word) for word in words)


def misspelt(texts: Texts) -> Search:
    """Return a search for the only value that is a typing error away: Anguillian, Guadeloupian."""

    def search(records: Sequence[Record], text: str) -> list[Record]:
        wanted = fold_spelling(text)
        if len(wanted) < SHORTEST_MISSPELT:
            return []
        near = {
            folded: record
            for record in records
            for _, folded in fold_texts(record, texts)[1]
            if OSA.distance(wanted, folded, score_cutoff=1) == 1
        }
        return [*near.values()] if len(near) == 1 else []

    return search


find_spelt = respelled(all_names)
find_name = either(containing(all_names, accents=True), find_spelt, find_by_significant_words)
find_full_name = either(equalling(full_names, fold_spelling), respelled(full_names))
find_capital = either(containing(capitals, table="capitals"), respelled(capitals))
find_subregion = containing(lambda record: [record["subregion"]])
find_people = containing(demonyms, accents=True, table="demonyms")
find_demonym = either(find_people, find_islanders, find_by_ending, find_peoples, misspelt(demonyms))
find_translation = containing(translations, accents=True)


def find_codes(records: Sequence[Record], codes: Iterable[str]) -> list[Record]:
    """Find records by code. Codes are not trimmed, and unknown ones are skipped."""
    known = {
        record[field].lower(): id(record) for field in CODES for record in records if record[field]
    }
    found = {known.get(KOSOVO.get(code.upper(), code).lower()) for code in codes}
    return [record for record in records if id(record) in found]


def find_language(records: Sequence[Record], text: str) -> list[Record]:
    """Find by code or English name, of today or of the old service."""
    wanted, codes = text.lower(), find_language_codes(text)
    found = [
        record
        for record in records
        if any(wanted == each.lower() for each in spoken(record))
        or not codes.isdisjoint(record["languages"])
        or not codes.isdisjoint(spoken_codes(record))
    ]
    return found or find_language_of_people(records, text)


def find_language_of_people(records: Sequence[Record], text: str) -> list[Record]:
    """Find by a language's name with the people in place of their country: Zimbabwean Sign Language."""
    people, _, rest = text.partition(" ")
    lands = find_people(records, people) if rest else []
    codes = {
        code for land in lands for code in find_language_codes(f"{land['name']['common']} {rest}")
    }
    return [
        land
        for land in lands
        if not codes.isdisjoint(land["languages"]) or not codes.isdisjoint(spoken_codes(land))
    ]


def find_currency(records: Sequence[Record], text: str) -> list[Record]:
    """Find by code in any case, or by part of a name, which is compared in small letters with the text as typed.

    Accents do not count. The words of a name in any order find it too, and its unit with the
    country or people that it is named after, or that uses it: United States dollar, Cook Islands dollar.
    """
    code, words = text.upper(), thing_key(text)
    part = fold_spelling(text) if text == text.lower() else text
    issuers = {record["cca2"]: record for record in records if record["cca2"]}

    @cache
    def means(key: str, name: str) -> bool:
        if code == key.upper() or part in fold_known(name) or words == thing_key_known(name):
            return True
        return words in names_of_issue(issuers.get(key[:2]), name)

    return [
        record
        for record in records
        if any(
            means(key, each["name"]) or words in names_of_issue(record, each["name"])
            for key, each in record["currencies"].items()
        )
        or any(code == key or part in fold_known(name) for key, name in old_currencies(record))
    ]


def names_of_issue(issuer: Record | None, name: str) -> list[frozenset[str]]:
    """Return the words of a currency's other names: its unit with the issuer's name or people."""
    if issuer is None:
        return []
    unit = name.rpartition(" ")[2]
    owners = [issuer["name"]["common"], *demonyms(issuer)]
    return [thing_key_known(f"{owner} {unit}") for owner in owners if owner]


def find_region(records: Sequence[Record], text: str) -> list[Record]:
    """Find by part of the region's name, or by the sub-region's whole name."""
    wanted = text.lower()
    return [
        record
        for record in records
        if wanted in record["region"].lower() or wanted == record["subregion"].lower()
    ]

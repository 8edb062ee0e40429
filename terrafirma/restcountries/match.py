"""Which records a word of an address finds, as the old service decided it: on v3.1 records, whatever they came from.

A search takes records in the order they are shown and gives those it finds. Most are a test of one record.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from terrafirma.restcountries.translate import KOSOVO, Record

Search = Callable[[Sequence[Record], str], list[Record]]
"""Records, and the text to find."""

Texts = Callable[[Record], Iterable[str]]
"""Those values of a record that a search looks at."""

CODES = ("cioc", "ccn3", "cca3", "cca2")
"""What names a country. A later one counts where a code names two: BRN is Brunei's, and Bahrain's with the IOC."""


def fold(text: str) -> str:
    """Text without case and accents, as Java's NFD and the marks taken off it."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f")


def containing(texts: Texts, form: Callable[[str], str] = str.lower) -> Search:
    """A search for records with the text anywhere in one of their values."""

    def search(records: Sequence[Record], text: str) -> list[Record]:
        wanted = form(text)
        return [record for record in records if any(wanted in form(each) for each in texts(record))]

    return search


def equalling(texts: Texts, form: Callable[[str], str] = str.lower) -> Search:
    """A search for records of which one value is the text."""

    def search(records: Sequence[Record], text: str) -> list[Record]:
        wanted = form(text)
        return [record for record in records if any(wanted == form(each) for each in texts(record))]

    return search


def full_names(record: Record) -> list[str]:
    """The common and the official name."""
    return [record["name"]["common"], record["name"]["official"]]


def all_names(record: Record) -> list[str]:
    """The names and every other spelling, but none of other languages."""
    return [*full_names(record), *record["altSpellings"]]


def demonyms(record: Record) -> Iterator[str]:
    """What the people are called, in any language."""
    return (form for forms in record["demonyms"].values() for form in forms.values())


def translations(record: Record) -> Iterator[str]:
    """The names in other languages."""
    return (name for names in record["translations"].values() for name in names.values())


def spoken(record: Record) -> list[str]:
    """Languages by code and English name."""
    return [*record["languages"], *record["languages"].values()]


find_name = containing(all_names)
find_full_name = equalling(full_names)
find_language = equalling(spoken)
find_capital = containing(lambda record: record["capital"], fold)
find_subregion = containing(lambda record: [record["subregion"]])
find_demonym = containing(demonyms)
find_translation = containing(translations)


def find_codes(records: Sequence[Record], codes: Iterable[str]) -> list[Record]:
    """Records that any of these codes names. Codes are not trimmed, and those that name nothing are passed over."""
    known = {
        record[field].lower(): id(record) for field in CODES for record in records if record[field]
    }
    found = {known.get(KOSOVO.get(code.upper(), code).lower()) for code in codes}
    return [record for record in records if id(record) in found]


def find_currency(records: Sequence[Record], text: str) -> list[Record]:
    """By code in any case; or by part of a name, which is compared in small letters with the text as it was typed."""
    code = text.upper()
    return [
        record
        for record in records
        if any(
            code == key.upper() or text in each["name"].lower()
            for key, each in record["currencies"].items()
        )
    ]


def find_region(records: Sequence[Record], text: str) -> list[Record]:
    """By part of the region's name, or by the whole sub-region's."""
    wanted = text.lower()
    return [
        record
        for record in records
        if wanted in record["region"].lower() or wanted == record["subregion"].lower()
    ]

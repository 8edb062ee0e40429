"""Further names by which countries and other places are found, beside those their records show.

They come from lists of names in many languages and from facts/names/. A list's name is left out where
another country is known by it, where two countries of the lists share it, or where it is none: a code,
the people's name, or a part of the country.
"""

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import BuildError
from terrafirma.dataset.names import LocaleNames
from terrafirma.dataset.reference import Documents, code_of
from terrafirma.dataset.sources.cldr_names import CldrNames
from terrafirma.dataset.sources.factbook import read_local_names
from terrafirma.dataset.sources.name_lists import (
    COUNTRYNAMES,
    UNKNOWN,
    ListedName,
    read_babel,
    read_cldr_variants,
    read_countrynames,
    read_django_translations,
    read_i18n_iso_countries,
)
from terrafirma.dataset.writings import is_written_from
from terrafirma.register.resolve.normalise import fold_words, key_of

FACTS = Path(__file__).with_name("facts") / "names" / "aliases.toml"
FACTS_SOURCE = "facts/names/aliases"

Keys = dict[str, set[str]]
"""{key of a name: the codes it names}"""

CODE = re.compile(r"[A-Z]{1,4}|.?")
"""Texts that are codes, or too short to be looked up as names."""

PEOPLE = re.compile(
    r"\b\w+(?:ians?|eans?|(?<!st)(?<!l)ans?|ese|ish|wom[ae]n|ites?|(?<!l)(?<!w)anders?|ois|oise|nics?)$"
)
"""English names of peoples, as countrynames has them among the names."""

ALIKE = 75
"""The least similarity, of 100, between a country's name and a name of countrynames, which also
lists parts and cities."""

OTHER_PLACES = {"EZ": "EUROZONE", "UN": "UN", "EU": "EU"}
"""CLDR's codes of groups, and those of the register's groups."""

MIXED_SCRIPTS = ("LATIN", "CYRILLIC", "ARABIC", "HEBREW", "GREEK", "CJK")
"""Scripts in which countrynames has peoples, cities and parts among the names."""

COMMON = 20
"""In how many locales a region has a name that no list may give to a country."""

IGNORED = {"XA", "XB"}
"""CLDR's pseudo-locales."""


def build_aliases(
    inputs: Inputs, names: CldrNames, documents: Documents, locale_names: LocaleNames
) -> dict[str, list[list[str]]]:
    """Return {code: [[text, language, source]]}: names beside those of the records.

    A code is a country's alpha-2, or alpha-4 where it is gone, or that of another place: a region's M49
    code, `EU`, or one of the territories that CLDR knows beside ISO's countries.
    """
    known = list_known(documents, locale_names)
    own = {code for codes in known.values() for code in codes}
    facts = read_facts()
    variants = list(read_cldr_variants(names))
    records = list(read_countrynames(inputs))
    listed = [
        *variants,
        *read_babel(inputs),
        *read_i18n_iso_countries(inputs),
        *read_django_translations(inputs),
        *read_local_names(),
    ]
    check_sources(facts, [*listed, *records], documents)
    listed += keep_alike(records, known, list_people(documents))
    listed = [each for each in listed if each.text not in facts["rejected"]]
    places = [name_place(each) for each in variants if each.code not in own]
    countries = [each for each in [*read_by_hand(facts), *listed] if each.code in own]
    kept = leave_out_shared(countries, known, list_common(places))
    return collect(kept, known) | collect((each for each in places if each.code), {})


def name_place(name: ListedName) -> ListedName:
    """A name of a place that is not a country, with the register's code if it has any."""
    code = OTHER_PLACES.get(name.code, name.code)
    return name._replace(code="" if code in IGNORED else code)


def read_facts(path: Path = FACTS) -> dict[str, Any]:
    """The names kept by hand, with those of the lists that are rejected."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_by_hand(facts: dict[str, Any]) -> list[ListedName]:
    """The names kept by hand, of every table."""
    return [
        ListedName(code, text, "en" if text.isascii() else UNKNOWN, FACTS_SOURCE)
        for table in (facts["carried"], facts["written"], *list_quoted(facts))
        for code, texts in table.items()
        for text in texts
    ]


def list_quoted(facts: dict[str, Any]) -> list[dict[str, list[str]]]:
    """The tables of names that have a source of their own."""
    return [each["names"] for each in facts["quoted"]]


def check_sources(facts: dict[str, Any], listed: list[ListedName], documents: Documents) -> None:
    """Raise BuildError naming the names without a source: none of the lists and records has them,
    and they are not written from such a name or from a quoted one."""
    names: Keys = defaultdict(set)
    capitals: Keys = defaultdict(set)
    for each in listed:
        names[each.code].add(each.text)
    for document in documents:
        names[code_of(document)].update(list_names(document))
        capitals[code_of(document)].update(list_capitals(document))
    keys = {code: {key_of(text) for text in texts} for code, texts in names.items()}
    for table in list_quoted(facts):
        for code, texts in table.items():
            names[code].update(texts)
    faults = [
        f"{code} {text}"
        for code, texts in facts["carried"].items()
        for text in texts
        if key_of(text) not in keys.get(code, ())
    ] + [
        f"{code} {text}"
        for code, texts in facts["written"].items()
        for text in texts
        if not is_written_from(text, names[code], capitals[code])
    ]
    if faults:
        raise BuildError(f"{FACTS.name}: no source has these names: " + ", ".join(faults))


def list_common(places: Iterable[ListedName]) -> set[str]:
    """The keys by which most languages know a region, such as "Polinesia"."""
    locales: Keys = defaultdict(set)
    for place in places:
        locales[key_of(place.text)].add(place.language)
    return {key for key, found in locales.items() if len(found) >= COMMON}


def list_known(documents: Documents, locale_names: LocaleNames) -> Keys:
    """The keys of the names that records have, of any day, with the codes they name."""
    known: Keys = defaultdict(set)
    for document in documents:
        for text in list_names(document):
            known[key_of(text)].add(code_of(document))
    for code, names in locale_names.items():
        for text in names.values():
            known[key_of(text)].add(code)
    return known


def list_states(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The record as it is, and every value of a past as a record of its own."""
    return [
        document,
        *(
            {name: period["value"]}
            for name, line in document.get("dated", {}).items()
            for period in line
        ),
    ]


def list_names(document: dict[str, Any]) -> Iterator[str]:
    """The names in a record of a country, dated ones too."""
    for state in list_states(document):
        yield from (state[name] for name in ("name", "iso_name", "official_name") if name in state)
        yield from state.get("other_names", [])
        for native in state.get("native_names", []):
            yield from (native[name] for name in ("name", "official_name") if name in native)


def list_capitals(document: dict[str, Any]) -> Iterator[str]:
    """The names of a country's capitals of any day."""
    for state in list_states(document):
        yield from (each["name"] for each in state.get("capitals", []))


def list_people(documents: Documents) -> set[str]:
    """The keys of all demonyms."""
    demonyms = [each for document in documents for each in document.get("demonyms", [])]
    return {
        key_of(each[form]) for each in demonyms for form in ("noun", "adjective") if form in each
    }


def keep_alike(names: Iterable[ListedName], known: Keys, people: set[str]) -> Iterator[ListedName]:
    """Those names of countrynames that are like a known name of their country."""
    own: dict[str, list[str]] = defaultdict(list)
    for key, codes in known.items():
        for code in codes:
            own[code].append(key)
    for name in names:
        key = key_of(name.text)
        if (
            "," in name.text
            or ":" in name.text
            or key in people
            or PEOPLE.search(fold_words(name.text))
        ):
            continue
        if is_foreign(name.text) or any(
            fuzz.ratio(key, other) >= ALIKE for other in own.get(name.code, ())
        ):
            yield name


def is_foreign(text: str) -> bool:
    """Return true for scripts in which the package has names of countries alone, no peoples and parts."""
    letters = [letter for letter in text if letter.isalpha()]
    return not any(unicodedata.name(letter, "").startswith(MIXED_SCRIPTS) for letter in letters)


def leave_out_shared(names: list[ListedName], known: Keys, common: set[str]) -> list[ListedName]:
    """The names that no other country or region has; those kept by hand stand above the lists."""
    by_hand = {key_of(each.text): each.code for each in names if each.source == FACTS_SOURCE}
    codes: Keys = defaultdict(set)
    for name in names:
        codes[key_of(name.text)].add(name.code)

    def is_own(name: ListedName) -> bool:
        key = key_of(name.text)
        if name.source == FACTS_SOURCE or key in by_hand:
            return by_hand[key] == name.code
        if key in common or (CODE.fullmatch(name.text) and name.source == COUNTRYNAMES):
            return False
        return not known.get(key, set()) - {name.code} and len(codes[key]) == 1

    return [each for each in names if is_own(each)]


def collect(names: Iterable[ListedName], known: Keys) -> dict[str, list[list[str]]]:
    """Names whose key is not known yet, by code; the first of several with the same key.

    Hand-kept names stay even if a record has them, since its `other_names` may be replaced.
    """
    found: dict[str, list[list[str]]] = defaultdict(list)
    for name in names:
        key = key_of(name.text)
        if not key:
            continue
        if name.source == FACTS_SOURCE or name.code not in known.setdefault(key, set()):
            known.setdefault(key, set()).add(name.code)
            found[name.code].append([name.text, name.language, name.source])
    return {code: sorted(texts) for code, texts in sorted(found.items())}

"""The last CIA World Factbook's figures, kept beside the hand-kept facts: its publisher closed it in 2026."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from terrafirma.dataset.model import Claims, whole_number
from terrafirma.dataset.sources.name_lists import UNKNOWN, ListedName

FIGURES = Path(__file__).parents[1] / "facts" / "factbook-figures.json"

FACTBOOK = "factbook"
SEVERAL, NOTE = re.compile(r"[;/]| or "), re.compile(r"\([^)]*\)")
"""The separators of names of a country, and notes behind a name such as its language."""

# The entry named PS is the West Bank alone: its figures leave out Gaza.
NOT_WHOLE = {"PS"}


def read_factbook() -> Claims:
    """Area in km², population and gini with their years, the long form of the name, English demonyms."""
    countries = json.loads(FIGURES.read_text(encoding="utf-8"))["countries"]
    return {code: read_entry(code, entry) for code, entry in countries.items()}


def read_local_names() -> Iterator[ListedName]:
    """Names in the languages of the countries, in Latin letters: Hayastan, Prathet Thai."""
    countries = json.loads(FIGURES.read_text(encoding="utf-8"))["countries"]
    for code, entry in countries.items():
        for field in ("local_short_form", "local_long_form"):
            for text in SEVERAL.split(NOTE.sub("", entry.get(field, ""))):
                if text.strip():
                    yield ListedName(code, text.strip(), UNKNOWN, FACTBOOK)


def read_entry(code: str, entry: dict[str, Any]) -> dict[str, Any]:
    """A country's facts."""
    facts: dict[str, Any] = {}
    if code not in NOT_WHOLE:
        if entry.get("area_km2"):
            facts["area"] = whole_number(entry["area_km2"])
        if "population" in entry and "population_year" in entry:
            facts |= {
                "population": entry["population"],
                "population_year": entry["population_year"],
            }
    if entry.get("gini"):
        newest = max(entry["gini"], key=lambda figure: figure["year"])
        facts |= {"gini": whole_number(newest["value"]), "gini_year": newest["year"]}
    if entry.get("official_name_en"):
        facts["official_name"] = trim_name(entry["official_name_en"])
    if demonyms := pair_demonyms(entry.get("demonym_noun_en"), entry.get("demonym_adjective_en")):
        facts["demonyms"] = demonyms
    return facts


def trim_name(name: str) -> str:
    """The name without the notes that follow it; brackets inside a name stay."""
    return re.sub(r"\s*\([^)]*\)$", "", name.partition(";")[0].strip())


def pair_demonyms(noun: str | None, adjective: str | None) -> list[dict[str, str]]:
    """[{language, noun, adjective?}]: one per people if nouns and adjectives match in number,
    otherwise the first."""
    nouns, adjectives = split_demonyms(noun), split_demonyms(adjective)
    if not nouns:
        return []
    if len(nouns) != len(adjectives):
        nouns, adjectives = nouns[:1], adjectives[:1]
    if not adjectives:
        return [{"language": "en", "noun": nouns[0]}]
    pairs = zip(nouns, adjectives, strict=True)
    return [{"language": "en", "noun": noun, "adjective": adjective} for noun, adjective in pairs]


def split_demonyms(text: str | None) -> list[str]:
    """The single words of an entry such as "Antiguan(s), Barbudan(s)", in the singular."""
    if not text or text.startswith("NA "):
        return []
    words = []
    for part in re.split(r", (?:or )?| or |/", text.partition(";")[0].replace("(or ", "(")):
        if "plural)" in part and "singular and plural" not in part:
            continue
        words.append(re.sub(r"\s*\([^)]*\)", "", part).strip())
    return words

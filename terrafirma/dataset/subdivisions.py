"""The subdivisions of every country by ISO 3166-2.

subdivisions.json holds a record a line, sorted by code: {code, country, name, local_name?, type, parent?}. `country`
is an alpha-2 code, `parent` a subdivision of the same country, `type` ISO's English word for what it is. The name is
English; `local_name`, where it differs, is written as the country writes, else as ISO does.
"""

import unicodedata
from typing import Any

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import BuildError, Merged
from terrafirma.dataset.reference import Documents, list_values
from terrafirma.dataset.sources.cldr_names import spell_out
from terrafirma.dataset.sources.subdivisions import (
    Subdivision,
    list_iso_3166_codes,
    read_containment,
    read_english_names,
    read_iso3166_2,
    write_cldr_code,
)

PACKAGE = "iso3166-2"
NAMES = "subdivision_names"
LOCAL_NAMES = "subdivision_local_names"
COUNT = 5046


def build_subdivisions(
    inputs: Inputs,
    documents: Documents,
    languages: dict[str, dict[str, str]],
    kept: dict[str, dict[str, str]],
) -> Merged:
    """{code: {field: (value, source)}} of every subdivision; ``kept`` are the tables of hand-kept
    names.

    Raises BuildError for unsound data, and for a hand-kept name that changes nothing.
    """
    found = read_iso3166_2(inputs)
    english = read_english_names(inputs)
    spoken = {document["alpha2"]: list_spoken(document, languages) for document in documents}
    merged: Merged = {}
    for code in sorted(found):
        entry, country = found[code], code.partition("-")[0]
        name = choose_name(code, entry, english, kept[NAMES])
        local = choose_local_name(code, entry, spoken.get(country, set()), kept[LOCAL_NAMES])
        fields = {
            "country": (country, PACKAGE),
            "name": name,
            "local_name": local if local[0] != name[0] else ("", ""),
            "type": (entry.type, PACKAGE),
            "parent": (entry.parent, PACKAGE),
        }
        merged[code] = {field: sourced for field, sourced in fields.items() if sourced[0]}
    check_subdivisions(merged, set(spoken), list_iso_3166_codes(inputs))
    return merged


def list_spoken(document: dict[str, Any], languages: dict[str, dict[str, str]]) -> set[str]:
    """ISO 639-3 codes of the languages of a country."""
    codes = {item["code"] for item in list_values(document, "languages")}
    return {languages[code]["alpha3"] for code in codes if "alpha3" in languages[code]}


def choose_name(
    code: str, entry: Subdivision, english: dict[str, str], kept: dict[str, str]
) -> tuple[str, str]:
    """The English name and its source: hand-kept, CLDR's, or ISO's own."""
    named = english.get(write_cldr_code(code))
    name = (spell_out(named), "cldr") if named else (entry.name, PACKAGE)
    if code not in kept:
        return name
    if kept[code] == name[0]:
        raise BuildError(f"facts/{NAMES}: the sources name {code} so already; take it out")
    return kept[code], f"facts/{NAMES}.toml"


def choose_local_name(
    code: str, entry: Subdivision, spoken: set[str], kept: dict[str, str]
) -> tuple[str, str]:
    """The first name in a language of the country that is not in Latin letters, else ISO's own.

    Other names in Latin letters are left out: the package mixes nicknames among them.
    """
    written = [name for language, name in entry.names if language in spoken and not is_latin(name)]
    name = written[0] if written else entry.name
    if code not in kept:
        return name, PACKAGE
    if kept[code] == name:
        raise BuildError(f"facts/{LOCAL_NAMES}: the sources name {code} so already; take it out")
    return kept[code], f"facts/{LOCAL_NAMES}.toml"


def is_latin(name: str) -> bool:
    """Return True if all letters of a name are Latin."""
    return all(
        unicodedata.name(letter, "").startswith(("LATIN", "MODIFIER"))
        for letter in name
        if letter.isalpha()
    )


def check_subdivisions(merged: Merged, countries: set[str], listed: set[str]) -> None:
    """Raise BuildError naming every fault: a wrong count, unknown countries or parents, codes another list lacks."""
    faults = [] if len(merged) == COUNT else [f"{len(merged)} subdivisions instead of {COUNT}"]
    for code, record in merged.items():
        country, parent = record["country"][0], record.get("parent", (None, ""))[0]
        if country not in countries:
            faults.append(f"{code}: unknown country {country}")
        if parent and (parent not in merged or merged[parent]["country"][0] != country):
            faults.append(f"{code}: parent {parent} is no subdivision of {country}")
    faults += [f"{code} is not in iso-3166" for code in sorted(merged.keys() - listed)]
    if faults:
        raise BuildError("the subdivisions are not sound:\n  " + "\n  ".join(faults))


def render_subdivisions(merged: Merged) -> Documents:
    """The records, sorted by code."""
    return [
        {"code": code} | {field: value for field, (value, _) in merged[code].items()}
        for code in sorted(merged)
    ]


def report_subdivisions(inputs: Inputs, merged: Merged) -> list[str]:
    """Lines for the build report: sources and disagreements."""
    containment = read_containment(inputs)
    names = {code: record["name"] for code, record in merged.items()}
    others = [code for code, (_, source) in names.items() if source == PACKAGE]
    kept = [
        f"{code} {name}" for code, (name, source) in names.items() if source.startswith("facts/")
    ]
    elsewhere = [
        f"{code} {placed.upper()}"
        for code, record in merged.items()
        if (placed := containment[write_cldr_code(code)]).upper()
        != record.get("parent", record["country"])[0].replace("-", "")
    ]
    local = sum("local_name" in record for record in merged.values())
    parents = sum("parent" in record for record in merged.values())
    return [
        f"{len(merged)} in {len({code[:2] for code in merged})} countries, {parents} in another, {local} with a "
        "local name. Coordinates have no source that may be used.",
        "",
        f"- In iso-3166 only, withdrawn: {', '.join(sorted(list_iso_3166_codes(inputs) - merged.keys()))}.",
        f"- CLDR has no English name, ISO's is taken: {', '.join(others)}.",
        f"- Named by hand: {', '.join(kept)}.",
        f"- CLDR places elsewhere: {', '.join(elsewhere)}.",
    ]

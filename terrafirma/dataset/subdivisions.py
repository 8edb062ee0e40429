"""The subdivisions of every country by ISO 3166-2.

subdivisions.json holds a record a line, sorted by code: {code, country, name, iso_name, local_name?, local_names?,
type, parent?, from?, to?, replaced_by?, superseded_in_fact?}. `country` is an alpha-2 code, `parent` a subdivision
of the same country, `type` ISO's English word for what it is. The name is English; `local_name`, where it differs,
is written as the country writes, else as ISO does. `local_names` has names by language in other scripts than the
Latin. Withdrawn codes are records with a `to`.
"""

from typing import Any

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import BuildError, Merged
from terrafirma.dataset.reference import Documents, list_values
from terrafirma.dataset.sources.cldr_names import spell_out
from terrafirma.dataset.sources.subdivisions import (
    SourceSubdivision,
    list_iso_3166_codes,
    read_containment,
    read_english_subdivisions,
    read_iso3166_2,
    write_cldr_code,
)
from terrafirma.dataset.subdivision_names import CEDILLAS, is_latin, tidy_local_name, tidy_type

PACKAGE = "iso3166-2"
NAMES = "subdivision_names"
LOCAL_NAMES = "subdivision_local_names"
FORMER = "subdivisions_former"
BEGAN = "subdivisions_from"
SUPERSEDED = "subdivisions_superseded"
COUNT = 5046

Languages = dict[str, str]
"""Tags of the languages of a country, by ISO 639-3 code."""


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
    english = read_english_subdivisions(inputs)
    spoken = {document["alpha2"]: list_spoken(document, languages) for document in documents}
    merged: Merged = {}
    for code in sorted(found):
        entry, country = found[code], code.partition("-")[0]
        tags = spoken.get(country, {})
        name = choose_name(code, entry, english, kept[NAMES])
        local = choose_local_name(code, entry, set(tags), kept[LOCAL_NAMES])
        fields = {
            "country": (country, PACKAGE),
            "name": name,
            "iso_name": (entry.name, PACKAGE),
            "local_name": local if local[0] != name[0] else ("", ""),
            "local_names": (list_local_names(entry, tags, local), local[1]),
            "type": (tidy_type(entry.type), PACKAGE),
            "parent": (entry.parent, PACKAGE),
        }
        merged[code] = {field: sourced for field, sourced in fields.items() if sourced[0]}
    check_subdivisions(merged, set(spoken), list_iso_3166_codes(inputs))
    return date_subdivisions(merged, kept)


def list_spoken(document: dict[str, Any], languages: dict[str, dict[str, str]]) -> Languages:
    """The languages of a country."""
    codes = {item["code"] for item in list_values(document, "languages")}
    return {
        languages[code]["alpha3"]: code for code in sorted(codes) if "alpha3" in languages[code]
    }


def list_local_names(
    entry: SourceSubdivision, tags: Languages, local: tuple[str, str]
) -> list[dict[str, str]]:
    """[{language, name}]: the first name in each language of the country, in letters of its own.

    The package mixes nicknames among the names in Latin letters. Where the local name is kept by
    hand, the package's names belong to another subdivision.
    """
    if local[1] != PACKAGE:
        return []
    names: dict[str, str] = {}
    for language, name in entry.names:
        if language in tags and not is_latin(name):
            names.setdefault(tags[language], tidy_local_name(name))
    return [{"language": tag, "name": name} for tag, name in names.items()]


def date_subdivisions(merged: Merged, kept: dict[str, dict[str, Any]]) -> Merged:
    """All subdivisions with their days: those of today, and those whose codes were withdrawn.

    Raises BuildError for a code that is there or is not there against what facts say of it.
    """
    former = {code: make_former(code, fact, merged) for code, fact in kept[FORMER].items()}
    faults = [f"{FORMER}: {code} is current" for code in former.keys() & merged.keys()]
    everything = merged | former
    for code, day in kept[BEGAN].items():
        merged[code]["from"] = (day, f"facts/{BEGAN}.toml")
    for code, fact in kept[SUPERSEDED].items():
        merged[code]["superseded_in_fact"] = (fact["on"], f"facts/{SUPERSEDED}.toml")
        if "replaced_by" in fact:
            merged[code]["replaced_by"] = (fact["replaced_by"], f"facts/{SUPERSEDED}.toml")
    faults += [
        f"{code}: unknown {other}"
        for code, record in everything.items()
        for other in record.get("replaced_by", ([], ""))[0]
        if other not in everything
    ]
    if faults:
        raise BuildError("the subdivisions are not sound:\n  " + "\n  ".join(faults))
    return {code: everything[code] for code in sorted(everything)}


def make_former(code: str, fact: dict[str, Any], merged: Merged) -> dict[str, tuple[Any, str]]:
    """A subdivision whose code was withdrawn. Without a name of its own only the code was exchanged."""
    source = f"facts/{FORMER}.toml"
    successor = merged.get(fact["replaced_by"][0], {})
    taken = ("type",) if "name" in fact else ("name", "local_name", "local_names", "type")
    fields = {name: successor[name] for name in taken if name in successor}
    fields |= {name: (value, source) for name, value in fact.items()}
    return fields | {"country": (code.partition("-")[0], source)}


def choose_name(
    code: str, entry: SourceSubdivision, english: dict[str, str], kept: dict[str, str]
) -> tuple[str, str]:
    """The English name and its source: hand-kept, CLDR's, or ISO's own."""
    named = english.get(write_cldr_code(code))
    name = (spell_out(named), "cldr") if named else (entry.name, PACKAGE)
    if code[:2] in ("MD", "RO"):
        name = (name[0].translate(CEDILLAS), name[1])
    if code not in kept:
        return name
    if kept[code] == name[0]:
        raise BuildError(f"facts/{NAMES}: the sources name {code} so already; take it out")
    return kept[code], f"facts/{NAMES}.toml"


def choose_local_name(
    code: str, entry: SourceSubdivision, spoken: set[str], kept: dict[str, str]
) -> tuple[str, str]:
    """The first name in a language of the country that is not in Latin letters, else ISO's own.

    Other names in Latin letters are left out: the package mixes nicknames among them.
    """
    written = [name for language, name in entry.names if language in spoken and not is_latin(name)]
    name = tidy_local_name(written[0] if written else entry.name)
    if code not in kept:
        return name, PACKAGE
    if kept[code] == name:
        raise BuildError(f"facts/{LOCAL_NAMES}: the sources name {code} so already; take it out")
    return kept[code], f"facts/{LOCAL_NAMES}.toml"


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
    """The records, sorted by code; those that were withdrawn come last, so that ids stay."""
    return [
        {"code": code} | {field: value for field, (value, _) in merged[code].items()}
        for code in sorted(merged, key=lambda code: ("to" in merged[code], code))
    ]


def report_subdivisions(inputs: Inputs, merged: Merged) -> list[str]:
    """Lines for the build report: sources and disagreements."""
    containment = read_containment(inputs)
    withdrawn = sorted(code for code, record in merged.items() if "to" in record)
    merged = {code: record for code, record in merged.items() if "to" not in record}
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
        f"- Withdrawn, and kept with their days: {', '.join(withdrawn)}.",
        f"- Named by hand: {', '.join(kept)}.",
        f"- CLDR places elsewhere: {', '.join(elsewhere)}.",
    ]

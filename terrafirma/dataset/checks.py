"""Checks of the whole dataset, whatever the sources claim."""

import itertools
import re
from typing import Any

from terrafirma.dataset.former import is_former
from terrafirma.dataset.model import BuildError
from terrafirma.dataset.reference import Documents, code_of, list_values
from terrafirma.dataset.sources.country_coder import Part, find_country
from terrafirma.register.log.identifiers import spans_of
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.timelines import at, ends, faults_of, render, starts
from terrafirma.register.model.validation import check_whole

COUNTRIES = 250
"""The 249 of ISO 3166-1, and Kosovo."""

WITHDRAWN = 31
"""The entries of ISO 3166-3."""

REQUIRED = (
    "id",
    "name",
    "alpha2",
    "alpha3",
    "status",
    "continents",
    "un_member",
    "first_day_of_week",
)


def check_documents(
    documents: Documents, tables: dict[str, dict[str, Any]], postal: dict[str, list[str]]
) -> None:
    """Raise BuildError naming every fault: of a country, between countries, of those that are gone."""
    by_code = {code_of(document): document for document in documents}
    former = {code: document for code, document in by_code.items() if is_former(code)}
    countries = {code: document for code, document in by_code.items() if code not in former}
    faults = (
        []
        if len(countries) == COUNTRIES
        else [f"{len(countries)} countries instead of {COUNTRIES}"]
    )
    for code, document in sorted(by_code.items()):
        faults += [
            f"{code} has an empty {field}"
            for field, value in document.items()
            if value in (None, "", [], {})
        ]
        for field in ("currencies", "languages"):
            unknown = {item["code"] for item in list_values(document, field)} - set(tables[field])
            faults += [f"{code}: unknown code {name} in {field}" for name in sorted(unknown)]
        faults += [f"{code}: {fault}" for fault in check_timelines(document)]
    for code, document in sorted(countries.items()):
        present = document.keys() | document.get("dated", {}).keys()
        faults += [f"{code} has no {field}" for field in REQUIRED if field not in present]
        if document.get("sovereign", code) not in by_code:
            faults.append(f"{code}: unknown sovereign {document['sovereign']}")
        faults += check_postal(code, document, postal.get(code, []))
    faults += (
        check_borders(documents)
        + check_former(former, countries)
        + check_successions(by_code)
        + check_codes(documents)
    )
    if faults:
        raise BuildError("the dataset is not sound:\n  " + "\n  ".join(faults))


def check_timelines(document: dict[str, Any]) -> list[str]:
    """Faults of the days of a document, by the register's own rules."""
    dated = document.get("dated", {})
    faults = [f"{path}: {rule}" for field in dated for path, rule in faults_of(field, dated[field])]
    faults += [
        f"dated.{field} has no day in it"
        for field in dated
        if not dated[field][0].keys() & {"from", "to"}
    ]
    return faults + [
        f"{detail.field}: {detail.message}" for detail in check_whole(COUNTRY, document)
    ]


def check_borders(documents: Documents) -> list[str]:
    """Borders that only a single side has, or with a country that does not exist on their days."""
    faults = []
    days = {
        starts(period)
        for document in documents
        for period in document.get("dated", {}).get("borders", [])
    }
    for day in sorted(days):
        states = [
            at(document, day) for document in documents if starts(document) <= day < ends(document)
        ]
        borders = {
            state["alpha2"]: state.get("borders", []) for state in states if "alpha2" in state
        }
        faults += [
            f"{code} borders {other} on {day}, but not the other way round"
            for code, others in borders.items()
            for other in others
            if code not in borders.get(other, [])
        ]
    return faults


def check_former(
    former: dict[str, dict[str, Any]], countries: dict[str, dict[str, Any]]
) -> list[str]:
    """Faults of the former countries of ISO 3166-3: missing or surplus records, missing end days."""
    renamed = [
        period for each in countries.values() for period in each.get("dated", {}).get("alpha4", [])
    ]
    found = len(former) + len(renamed)
    faults = [] if found == WITHDRAWN else [f"{found} entries of ISO 3166-3 instead of {WITHDRAWN}"]
    return faults + [
        f"{code} has no {field}"
        for code, each in former.items()
        for field in ("to", "withdrawn")
        if field not in each
    ]


def check_successions(by_code: dict[str, dict[str, Any]]) -> list[str]:
    """Successors that are unknown, or do not know it."""
    told = [(code, other) for code, each in by_code.items() for other in each.get("successors", [])]
    back = [
        (other, code) for code, each in by_code.items() for other in each.get("predecessors", [])
    ]
    return [
        f"{one} and {other}: only one of them names the other"
        for one, other in sorted({*told} ^ {*back})
    ]


def check_codes(documents: Documents) -> list[str]:
    """Codes and names that two records hold on the same day."""
    spans = [
        span
        for document in documents
        for span in spans_of(COUNTRY, document["id"], render(document))
    ]
    spans.sort(key=lambda span: (span.field, span.key, span.valid_from))
    return [
        f"{one.field} {one.key} belongs to {one.id} and {other.id} on {other.valid_from}"
        for one, other in itertools.pairwise(spans)
        if (one.field, one.key) == (other.field, other.key) and other.valid_from < one.valid_to
    ]


def check_postal(code: str, document: dict[str, Any], examples: list[str]) -> list[str]:
    """Examples that the country's own expression refuses."""
    regex = document.get("postal_code", {}).get("regex")
    if not regex:
        return []
    return [
        f"{code}: {example} does not match {regex}"
        for example in examples
        if not re.match(regex, example)
    ]


def find_misplaced_capitals(documents: Documents, parts: list[Part]) -> tuple[int, list[str]]:
    """The number of capitals (the first of each country) with coordinates, and those that lie
    elsewhere: "EH: MA"."""
    misplaced, placed = [], 0
    for document in documents:
        capital = document.get("capitals", [{}])[0]
        if "latitude" not in capital:
            continue
        placed += 1
        found = find_country(parts, (capital["longitude"], capital["latitude"]))
        if found != document["alpha2"]:
            misplaced.append(
                f"{document['alpha2']}: {capital['name']} lies in {found or 'no country'}"
            )
    return placed, misplaced

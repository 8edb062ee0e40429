"""Merge sources by precedence into a value for each field of each country."""

import re
from typing import Any

from terrafirma.dataset.model import FOLLOWERS, Claims, Merged

# Field -> sources, the most trusted first. A source that is not named for a field is only compared with.
PRECEDENCE: dict[str, list[str]] = {
    "alpha2": ["iso3166", "iso-3166"],
    "alpha3": ["iso3166", "django-countries", "iso-3166"],
    "numeric": ["iso3166", "django-countries", "iso-3166"],
    "status": ["iso-3166", "country-coder"],
    "alpha4": ["iso-3166"],
    "renamed": ["iso-3166"],
    "successors": ["iso-3166"],
    "name": ["cldr", "iso-3166"],
    "iso_name": ["django-countries", "iso3166", "iso-3166"],
    "official_name": ["factbook"],
    "other_names": ["cldr"],
    "cioc": ["django-countries"],
    "capitals": ["geonames"],
    "area": ["factbook", "geonames"],
    "population": ["world-bank", "factbook", "cldr"],
    "gdp": ["world-bank"],
    "gini": ["world-bank", "factbook"],
    "region": ["un-m49"],
    "continents": ["geonames"],
    "latitude": ["natural-earth", "country-coder"],
    "borders": ["geonames"],
    "timezones": ["tzdata"],
    "currencies": ["cldr"],
    "dated.currencies": ["cldr"],
    "languages": ["cldr"],
    "calling_codes": ["phonenumbers"],
    "international_prefix": ["phonenumbers"],
    "trunk_prefix": ["phonenumbers"],
    "emergency_numbers": ["phonenumbers"],
    "example_number": ["phonenumbers"],
    "tlds": ["geonames"],
    "driving_side": ["country-coder"],
    "first_day_of_week": ["cldr"],
    "weekend": ["cldr"],
    "hour_cycle": ["cldr"],
    "measurement_system": ["cldr"],
    "paper_size": ["cldr"],
    "default_locale": ["cldr"],
    "literacy": ["cldr"],
    "postal_code": ["libaddressinput"],
    "address_format": ["libaddressinput"],
    "un_member": ["cldr"],
    "sovereign": ["country-coder"],
    "demonyms": ["factbook"],
    "wikidata": ["country-coder"],
    "geonames": ["geonames"],
}


# Figures that are never quite the same: by how much, of the larger, they must differ to be told.
TOLERANCES = {"area": 0.03, "population": 0.15}

# The middles of two drawings are never the same, and neither is wrong.
NOT_COMPARED = {"latitude", "dated.currencies", "postal_examples", *FOLLOWERS}


def merge_claims(codes: list[str], claims: dict[str, Claims]) -> Merged:
    """The first source in PRECEDENCE that has the field wins; followers come from the same source."""
    merged: Merged = {}
    for code in codes:
        record: dict[str, tuple[Any, str]] = {}
        for field, sources in PRECEDENCE.items():
            source = next(
                (source for source in sources if field in claims[source].get(code, {})), None
            )
            if source is None:
                continue
            facts = claims[source][code]
            for name in [
                field,
                *(follower for follower, leader in FOLLOWERS.items() if leader == field),
            ]:
                if name in facts:
                    record[name] = (facts[name], source)
        merged[code] = record
    return merged


def find_disagreements(
    merged: Merged, claims: dict[str, Claims]
) -> list[tuple[str, str, str, str]]:
    """Disagreements of sources: (field, alpha-2, value taken and its source, the other values)."""
    found = []
    for code, record in merged.items():
        for field in sorted(
            {name for facts in claims.values() for name in facts.get(code, {})} - NOT_COMPARED
        ):
            value, source = find_value(record, field)
            examples = claims["libaddressinput"].get(code, {}).get("postal_examples", [])
            others = [
                f"{show_value(facts[code][field])} ({other})"
                for other, facts in sorted(claims.items())
                if other != source
                and field in facts.get(code, {})
                and differ(field, value, facts[code][field], examples)
            ]
            if others:
                taken = f"{show_value(value)} ({source})" if source else "nothing"
                found.append((field, code, taken, "; ".join(others)))
    return sorted(found)


def find_value(record: dict[str, tuple[Any, str]], field: str) -> tuple[Any, str]:
    """The value taken and its source; for a timeline, its last value. (None, "") if absent."""
    if periods := record.get(f"dated.{field}"):
        return periods[0][-1]["value"], periods[1]
    return record.get(field, (None, ""))


def differ(field: str, one: Any, other: Any, examples: list[str]) -> bool:
    """Return True if two values differ enough to report: figures by ratio, lists by content.

    ``examples`` are valid postal codes: expressions differ if either refuses a code known to be
    valid.
    """
    if field in TOLERANCES and one:
        return bool(abs(one - other) > TOLERANCES[field] * max(abs(one), abs(other)))
    if field == "capitals" and one:
        return {capital["name"] for capital in one} != {capital["name"] for capital in other}
    if field == "postal_code" and one:
        return not all(re.search(other["regex"], example) for example in examples)
    return bool(one != other)


def show_value(value: Any) -> str:
    """A value on a line of the report."""
    if isinstance(value, list):
        return ", ".join(show_value(each) for each in value) or "none"
    if isinstance(value, dict):
        return str(
            value.get("name")
            or value.get("code")
            or value.get("noun")
            or value.get("regex")
            or value
        )
    return str(value)

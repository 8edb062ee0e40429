"""Cities whose names the resolver would take for a country: misspelt, or in a language of few.

lookalikes.json has them by the country that they lie in: {alpha-2: [names]}.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from terrafirma.dataset.reference import Documents
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.resolve.answers import Others, Question
from terrafirma.register.resolve.index import build_index
from terrafirma.register.resolve.matching import Finder
from terrafirma.register.resolve.names import LISTED, WIDESPREAD, Aliases, know
from terrafirma.register.resolve.normalise import clean, key_of
from terrafirma.register.resolve.resolver import list_places
from terrafirma.register.resolve.weighing import FUZZY

LARGE = 100_000
"""The population from which a city is meant rather than a country that few call so."""


def build_lookalikes(
    cities: dict[str, list[list[Any]]],
    documents: Documents,
    named: Documents,
    aliases: Aliases,
    day: str,
) -> dict[str, list[str]]:
    """Return the names of cities that would match another country than the one they lie in."""
    finder = open_finder(documents, named, aliases, day)
    found: dict[str, set[str]] = defaultdict(set)
    for code, text, population in list_city_names(cities):
        match = finder.match(text)
        if match.record is None or match.matched is None or match.record.get("alpha2") == code:
            continue
        if match.matched.how == FUZZY or (population >= LARGE and is_rare(finder, text)):
            found[code].add(text)
    return {code: sorted(names) for code, names in found.items()}


def open_finder(documents: Documents, named: Documents, aliases: Aliases, day: str) -> Finder:
    """A finder of countries that knows no cities."""
    translations = {each["id"]: each["names"] for each in named}
    records = [
        know(COUNTRY.name, each, translations.get(each["id"], {}), aliases) for each in documents
    ]
    index = build_index(COUNTRY.name, records, list_places(records, aliases))
    return Finder(index, Question(day), Others(dict[str, str]().get))


def list_city_names(cities: dict[str, list[list[Any]]]) -> Iterator[tuple[str, str, int]]:
    """Yield every name of a city with its country and population."""
    for code, rows in cities.items():
        for _, name, _, _, population, _, _, _, others in rows:
            yield from ((code, text, population) for text in (name, *others))


def is_rare(finder: Finder, text: str) -> bool:
    """Return true if few call a country by a text."""
    names: Iterable[Any] = finder.index.names.get(key_of(clean(text)), ())
    return all(
        name.weight <= LISTED and WIDESPREAD.isdisjoint(name.languages.split()) for name in names
    )

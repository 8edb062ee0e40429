"""The cities of the dataset: read only, looked up by country, id and name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.records import Document
from terrafirma.register.resolve.normalise import fold_words, words_of


class City(NamedTuple):
    """A city; the members after the country are those of the dataset's file, in its order."""

    country: str
    id: int
    name: str
    latitude: float
    longitude: float
    population: int
    timezone: str
    subdivision: str
    capital: bool
    names: list[str]

    def show(self) -> Document:
        """The city as it is answered, without what is not known of it."""
        optional = ("population", "subdivision", "names")
        shown = self._asdict()
        return {name: shown[name] for name in shown if name not in optional or shown[name]}


@dataclass(frozen=True)
class Cities:
    """All cities, as lines of JSON by country. Those of a country are parsed when they are asked for."""

    lines: Mapping[str, bytes]

    def of_country(self, code: str) -> list[City]:
        """The cities of a country, from the largest."""
        return [City(code, *row) for row in decode(self.lines.get(code, b"[]"))]

    @cached_property
    def all(self) -> list[City]:
        """The cities of all countries, from the largest."""
        found = (city for code in self.lines for city in self.of_country(code))
        return sorted(found, key=lambda each: (-each.population, each.id))

    @cached_property
    def by_id(self) -> dict[int, City]:
        """All cities by their GeoNames ids."""
        return {city.id: city for city in self.all}

    @cached_property
    def folded(self) -> dict[int, str]:
        """The names of every city in folded form, each behind a space and on a line, its own first."""
        return {
            city.id: "\n".join(f" {fold_words(name)}" for name in (city.name, *city.names))
            for city in self.all
        }

    def search(self, text: str, country: str, subdivision: str) -> list[City]:
        """The cities of a country or subdivision, or of the world, in which every word is found.

        Those of that name come first, then those that begin with it; among equals, the largest.
        """
        found: Iterable[City] = self.of_country(country) if country else self.all
        if subdivision:
            found = [city for city in found if city.subdivision == subdivision]
        if not text.strip():
            return list(found)
        words = [f" {word}" for word in words_of(text)]
        ranked = [(rank, city) for city in found for rank in self.rank(city.id, words)]
        return [city for _, city in sorted(ranked, key=lambda each: each[0])]

    def rank(self, id: int, words: list[str]) -> Iterator[int]:
        """How well a city's names fit the words, 0 best; nothing where they do not."""
        names = self.folded[id]
        # Most cities have none of the words in any of their names.
        if not words or not all(word in names for word in words):
            return
        whole = "".join(words)
        fits = [name for name in names.split("\n") if all(word in name for word in words)]
        if fits:
            begins = any(name.startswith(whole) for name in fits)
            yield 0 if whole in fits else 1 if begins else 2

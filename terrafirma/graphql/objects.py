"""The register of a day as GraphQL's objects: countries that know their continent, languages and states."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from typing import Any

from terrafirma.register.model.derived import flag_of, load_reference
from terrafirma.register.model.records import Document

CONTINENTS = {
    "Africa": "AF", "Antarctica": "AN", "Asia": "AS", "Europe": "EU", "North America": "NA",
    "Oceania": "OC", "South America": "SA",
}  # fmt: skip

RIGHT_TO_LEFT = frozenset(("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"))
"""Languages whose script runs from right to left."""

AWS_REGIONS = {
    "af-south-1": (-33.9, 18.4), "ap-east-1": (22.3, 114.2), "ap-northeast-1": (35.7, 139.7),
    "ap-northeast-2": (37.6, 127.0), "ap-south-1": (19.1, 72.9), "ap-southeast-1": (1.3, 103.8),
    "ap-southeast-2": (-33.9, 151.2), "ca-central-1": (45.5, -73.6), "eu-central-1": (50.1, 8.7),
    "eu-north-1": (59.3, 18.1), "eu-south-1": (45.5, 9.2), "eu-west-1": (53.3, -6.3),
    "eu-west-2": (51.5, -0.1), "eu-west-3": (48.9, 2.4), "me-south-1": (26.1, 50.6),
    "sa-east-1": (-23.5, -46.6), "us-east-1": (38.9, -77.5), "us-east-2": (40.0, -83.0),
    "us-west-1": (37.8, -122.4), "us-west-2": (45.8, -119.7),
}  # fmt: skip
"""Regions with the places they are named after; which is nearest is worked out."""

FIRST_LEVEL_TYPES = ("Country", "Province")
FORMER = "former"
TAG_BLACK_FLAG, TAG_LETTERS, TAG_END = 0x1F3F4, 0xE0000, 0xE007F
FLAGGED_SUBDIVISIONS = ("GB-ENG", "GB-SCT", "GB-WLS")
"""Subdivisions for which Unicode recommends a flag (RGI emoji tag sequences)."""


class World:
    """All records of a day. Names in other languages and subdivisions are read when they are asked for."""

    def __init__(
        self,
        countries: Iterable[Document],
        read_subdivisions: Callable[[], Iterable[Document]],
        read_groups: Callable[[], tuple[Iterable[Document], Iterable[Document]]],
        read_names: Callable[[], Mapping[int, Mapping[str, str]]],
    ) -> None:
        known = [each for each in countries if "alpha2" in each and each.get("status") != FORMER]
        self.countries = {
            each["alpha2"]: CountryNode(self, each)
            for each in sorted(known, key=lambda document: str(document["alpha2"]))
        }
        self.continents = {
            code: ContinentNode(self, code, name) for name, code in CONTINENTS.items()
        }
        self._read_subdivisions = read_subdivisions
        self._read_groups = read_groups
        self._read_names = read_names

    @cached_property
    def languages(self) -> dict[str, "LanguageNode"]:
        """Languages that any country has, by their codes."""
        spoken: dict[str, list[CountryNode]] = {}
        for country in self.countries.values():
            for code in country.language_codes:
                spoken.setdefault(code, []).append(country)
        return {code: LanguageNode(code, spoken[code]) for code in sorted(spoken)}

    @cached_property
    def subdivisions(self) -> dict[str, list[Document]]:
        """First-level subdivisions by their country's alpha-2 code."""
        found: dict[str, list[Document]] = {}
        for each in self._read_subdivisions():
            if "parent" not in each:
                found.setdefault(each["country"], []).append(each)
        return {
            code: sorted(documents, key=lambda document: str(document["code"]))
            for code, documents in found.items()
        }

    @cached_property
    def groups(self) -> dict[str, "GroupNode"]:
        """Groups with their full members, by code."""
        groups, memberships = self._read_groups()
        members: dict[str, list[str]] = {}
        for each in memberships:
            if "role" not in each:
                members.setdefault(each["group"], []).append(each["country"])
        return {
            each["code"]: GroupNode(self, each, members.get(each["code"], ()))
            for each in sorted(groups, key=lambda document: str(document["code"]))
        }

    @cached_property
    def names(self) -> Mapping[int, Mapping[str, str]]:
        """Names by locale, by the country's id."""
        return self._read_names()


class ContinentNode:
    """A continent and its countries."""

    def __init__(self, world: World, code: str, name: str) -> None:
        self.code, self.name, self._world = code, name, world

    @property
    def countries(self) -> list["CountryNode"]:
        """The countries that are on it first."""
        every = self._world.countries.values()
        return [country for country in every if country.continent_code == self.code]


class CountryNode:
    """A country of a day."""

    def __init__(self, world: World, document: Document) -> None:
        self._world, self._document = world, document
        self.code: str = document["alpha2"]
        self.common_name: str = document["name"]
        self.id: int = document["id"]
        self.emoji = flag_of(self.code)
        self.emojiU = " ".join(f"U+{ord(letter):X}" for letter in self.emoji)
        self.phones = [code.removeprefix("+") for code in document.get("calling_codes", [])]
        self.phone = ",".join(self.phones)
        self.currencies = [each["code"] for each in document.get("currencies", [])]
        self.currency = ",".join(self.currencies) or None
        self.capital = document.get("capital") or first_capital(document)
        self.alpha3 = document.get("alpha3")
        self.numeric = document.get("numeric")
        self.officialName = document.get("official_name")
        self.population = document.get("population")
        self.area = document.get("area")
        self.region = document.get("region")
        spoken = document.get("languages", [])
        official = [each for each in spoken if each["official"]] or spoken
        codes = (each["code"].partition("-")[0] for each in official)
        self.language_codes = list(dict.fromkeys(codes))
        continents = document.get("continents", [])
        self.continent_code = CONTINENTS.get(continents[0] if continents else "", "")

    def name_in(self, chain: Sequence[str]) -> str:
        """Return its name in the first of these locales with a name."""
        names = self._world.names.get(self.id, {})
        return next(filter(None, map(names.get, chain)), self.common_name)

    @property
    def native(self) -> str:
        """Its name in its first language."""
        natives = {
            each["language"].partition("-")[0]: each["name"]
            for each in reversed(self._document.get("native_names", []))
        }
        found = (natives[code] for code in self.language_codes if code in natives)
        return str(next(found, next(iter(natives.values()), self.common_name)))

    @property
    def continent(self) -> ContinentNode | None:
        """Its first continent."""
        return self._world.continents.get(self.continent_code)

    @property
    def languages(self) -> list["LanguageNode"]:
        """Its official languages; all of them where none is official."""
        return [self._world.languages[code] for code in self.language_codes]

    @property
    def states(self) -> list[dict[str, Any]]:
        """Its first-level subdivisions."""
        return [
            {"code": each["code"].partition("-")[2], "name": each["name"], "country": self}
            for each in self._world.subdivisions.get(self.code, [])
        ]

    @property
    def subdivisions(self) -> list[dict[str, Any]]:
        """Those first-level subdivisions that are countries or provinces."""
        return [
            {"code": each["code"], "name": each["name"], "emoji": flag_of_subdivision(each["code"])}
            for each in self._world.subdivisions.get(self.code, [])
            if each.get("type") in FIRST_LEVEL_TYPES
        ]

    @property
    def awsRegion(self) -> str:
        """The nearest region of Amazon's cloud."""
        point = self._document.get("latitude", 0.0), self._document.get("longitude", 0.0)
        return min(AWS_REGIONS, key=lambda name: distance(point, AWS_REGIONS[name]))

    @property
    def borders(self) -> list["CountryNode"]:
        """Its neighbours."""
        every = self._world.countries
        return [every[code] for code in self._document.get("borders", []) if code in every]

    @property
    def groups(self) -> list["GroupNode"]:
        """The groups that it is a full member of."""
        return [group for group in self._world.groups.values() if self.code in group.codes]


class LanguageNode:
    """A language and the countries where it is official."""

    def __init__(self, code: str, countries: Sequence[CountryNode]) -> None:
        known = load_reference("languages").get(code, {})
        self.code, self.countries = code, countries
        self.name: str = known.get("name", code)
        self.native: str = known.get("native_name", self.name)
        self.rtl = code in RIGHT_TO_LEFT


class GroupNode:
    """A group of countries."""

    def __init__(self, world: World, document: Document, codes: Sequence[str]) -> None:
        self._world = world
        self.code: str = document["code"]
        self.name: str = document["name"]
        self.codes = frozenset(codes)

    @property
    def members(self) -> list[CountryNode]:
        """Its full members."""
        every = self._world.countries
        return [every[code] for code in sorted(self.codes) if code in every]


def first_capital(document: Document) -> str | None:
    """Return the name of the first capital; None without one."""
    capitals = document.get("capitals", [])
    return capitals[0]["name"] if capitals else None


def flag_of_subdivision(code: str) -> str | None:
    """Return the flag emoji of a subdivision that has one."""
    if code not in FLAGGED_SUBDIVISIONS:
        return None
    letters = "".join(chr(TAG_LETTERS + ord(letter)) for letter in code.replace("-", "").lower())
    return chr(TAG_BLACK_FLAG) + letters + chr(TAG_END)


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two points on the globe, in radians."""
    (north, east), (south, west) = (map(radians, point) for point in (one, other))
    chord = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin((west - east) / 2) ** 2
    return 2 * asin(min(1.0, sqrt(chord)))

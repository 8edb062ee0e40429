"""How fast texts become records and points countries, beside packages that do a part of it.

All run in this process on one thread, in interleaved rounds, and the thread's processor time is counted: a text takes
microseconds, and a moment's wait for a busy machine would be hundreds of them. Packages that are not installed are
left out: `pip install countrynames pycountry timezonefinder` brings them. country_converter 1.3 does
not start with pandas 3, which the tests have.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from rapidfuzz import process

from bench.load import Client, post
from bench.report import Row, Table
from bench.rounds import Plan
from bench.servers import Yard
from terrafirma.dataset.load import open_resolver, read_borders, read_dataset
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.resolve.answers import Question
from terrafirma.storage.engine.database import open_database

EXACT, FUZZY = 50, 15
"""Texts of a round."""
CELLS, PART = 10_000, 1000
"""Distinct cells of a list, and those of a body."""

Ask = Callable[[Any], object]


def measure_names(plan: Plan, yard: Yard) -> list[Table]:
    """Names by the resolver, its index, a list over HTTP, and points."""
    server = yard.start_ours("names", yard.folder / "names")
    server.wait("/countries/TH")
    world = read_dataset("world").records
    names = list_names(world[COUNTRY.translations].values())
    over_http = time_cells(server.port, names)
    server.stop()
    typos = [
        name[:3] + name[4:]
        for each in world[COUNTRY.name].values()
        if len(name := str(each.get("name", ""))) > 6
    ]
    with open_finder(yard.folder / "names" / "register.sqlite") as (match, built):
        exact = run_each(plan, {"Terrafirma": match, **exact_rivals()}, names[::97][:EXACT])
        fuzzy = run_each(plan, {"Terrafirma": match, **fuzzy_rivals(names)}, typos[:FUZZY])
    rows = [
        *compare("exact", exact, 60),
        *compare("misspelt", fuzzy, 1000),
        hold("the index of all countries", built, 0.5, "s"),
        hold(f"{CELLS:,} distinct cells over HTTP", over_http, 3, "s"),
    ]
    places = [each for each in world[COUNTRY.name].values() if "longitude" in each]
    points = [(each["longitude"], each["latitude"]) for each in places]
    located = run_each(plan, point_finders(), points)
    return [Table("Names to records", rows), Table("Points to countries", compare("", located, 5))]


@contextmanager
def open_finder(path: Path) -> Iterator[tuple[Ask, float]]:
    """A register's resolver, and the seconds that its index took."""
    database = open_database(f"sqlite:///{path.as_posix()}")
    try:
        with database.reading() as connection:
            begun = time.thread_time()
            finder = open_resolver().open_finder(connection, COUNTRY.name, Question(today()))
            built = time.thread_time() - begun
            # Other kinds and lengths of misspellings are indexed when they are first needed.
            for length in range(4, 30):
                finder.match("x" * length)
            yield finder.match, built
    finally:
        database.close()


def list_names(records: Any) -> list[str]:
    """Distinct translated names of countries."""
    return sorted({name for record in records for name in record["names"].values()})


def exact_rivals() -> dict[str, Ask]:
    """Packages that know names of countries."""
    found: dict[str, Ask] = {}
    if find_spec("countrynames"):
        found["countrynames"] = import_module("countrynames").to_code
    return found


def fuzzy_rivals(names: Sequence[str]) -> dict[str, Ask]:
    """Packages that correct misspellings, and rapidfuzz over the names of CLDR."""
    found: dict[str, Ask] = {"rapidfuzz over CLDR": lambda text: process.extractOne(text, names)}
    if find_spec("countrynames"):
        to_code = import_module("countrynames").to_code
        found["countrynames, fuzzy"] = lambda text: to_code(text, fuzzy=True)
    if find_spec("pycountry"):
        countries = import_module("pycountry").countries

        def search(text: str) -> None:
            with suppress(LookupError):
                countries.search_fuzzy(text)

        found["pycountry.search_fuzzy"] = search
    return found


def point_finders() -> dict[str, Ask]:
    """What finds the country of a point."""
    borders = read_borders()
    found: dict[str, Ask] = {"Terrafirma": lambda point: borders.locate(*point)}
    if find_spec("timezonefinder"):
        zones = import_module("timezonefinder").TimezoneFinder(in_memory=True)
        found["timezonefinder"] = lambda point: zones.timezone_at(lng=point[0], lat=point[1])
    return found


def run_each(plan: Plan, asks: dict[str, Ask], items: Sequence[Any]) -> dict[str, float]:
    """The median of the rounds' microseconds of processor time an item, each package in turn, after a round that is
    not counted."""
    seen: dict[str, list[float]] = {name: [] for name in asks}
    for ask in asks.values():
        for item in items:
            ask(item)
    for _ in range(plan.rounds):
        for name, ask in asks.items():
            begun = time.thread_time()
            for item in items:
                ask(item)
            seen[name].append((time.thread_time() - begun) / len(items) * 1e6)
    return {name: median(found) for name, found in seen.items()}


def compare(what: str, found: dict[str, float], most: float) -> list[Row]:
    """A row for each package: ours with its mark, the others with their ratio to ours."""
    (first, own), *others = found.items()
    rows = [hold(f"{what} {first}".strip(), own, most, "µs")]
    return rows + [
        Row(f"{what} {name}".strip(), value, "µs", value / own, first) for name, value in others
    ]


def hold(name: str, value: float, most: float, unit: str) -> Row:
    """A row that is held to a mark."""
    return Row(name, value, unit, mark=f"≤ {most:g} {unit}", met=value <= most)


def time_cells(port: int, names: Sequence[str]) -> float:
    """Seconds that a list of distinct cells takes over HTTP."""
    client = Client(port)
    client.ask(post("/resolve?limit=0", encode(["Peru"])))
    begun = time.perf_counter()
    for start in range(0, CELLS, PART):
        client.ask(post("/resolve?limit=0", encode(list(names[start : start + PART]))))
    taken = time.perf_counter() - begun
    client.close()
    return taken

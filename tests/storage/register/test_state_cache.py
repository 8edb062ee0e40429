"""What is made of a state is kept for as long as its log only grows, within its bounds."""

from collections.abc import Sequence

import pytest

from terrafirma.dataset.load import prepare
from terrafirma.register.log.history import Draft, append
from terrafirma.storage.engine.database import Database, open_database
from terrafirma.storage.register.backup import clear_contents
from terrafirma.storage.register.found import list_found
from terrafirma.storage.register.search import Search
from terrafirma.storage.register.state_cache import CachedStates, Item, StateCache, keep_states

TODAY = "2026-11-28"


def make_items(made: list[int], size: int = 1):
    """Make items that are their places, and note which were made."""

    def make(places: Sequence[int]) -> list[Item]:
        made.extend(places)
        return [Item(str(place), size) for place in places]

    return make


def test_values_are_made_once():
    made: list[int] = []
    states = CachedStates(10_000)
    assert states.get_all(["a", "b"], make_items(made)) == ["0", "1"]
    assert states.get_all(["b", "c", "a"], make_items(made)) == ["1", "1", "0"]
    assert made == [0, 1, 1]


def test_unused_values_go_first():
    states, made = CachedStates(10_000), []
    for number in range(50):
        states.get_all(["used", number], make_items([], 300))
    states.get_all(["used", 49, 0], make_items(made))
    assert made == [2]


def test_without_capacity_nothing_is_kept():
    states, made = CachedStates(0), []
    for _ in range(2):
        states.get_all(["a"], make_items(made))
    assert made == [0, 0]


@pytest.fixture
def database(database_url):
    opened = open_database(database_url)
    prepare(opened, "starter")
    keep_states(opened, 1_000_000, lambda _found, _made: None)
    yield opened
    opened.close()


def list_names(database: Database) -> list[str]:
    with database.reading() as connection:
        found = list_found(connection, Search("country", TODAY, None), 10)
    return [row.document["name"] for row in found]


def write(database: Database, id: int, name: str) -> None:
    with database.writing() as connection:
        append(connection, "test", [Draft("create", "country", id, None, {"id": id, "name": name})])


def test_it_survives_writes(database):
    counted: list[tuple[int, int]] = []
    keep_states(database, 1_000_000, lambda *counts: counted.append(counts))
    before = list_names(database)
    write(database, 9, "Atlantis")
    assert list_names(database) == [*before, "Atlantis"]
    assert counted == [(0, len(before)), (len(before), 1)]


def test_a_register_that_is_started_over_shows_nothing_of_the_old_one(database):
    write(database, 9, "Atlantis")
    assert "Atlantis" in list_names(database)
    with database.writing() as connection:
        clear_contents(connection)
    assert list_names(database) == []
    for number in range(1, 5):
        write(database, number, f"Country {number}")
    assert list_names(database) == [f"Country {number}" for number in range(1, 5)]


def test_writers_have_no_cache(database):
    with database.writing() as connection:
        append(connection, "test", [Draft("create", "country", 9, None, {"id": 9, "name": "Mu"})])
        assert (
            list_found(connection, Search("country", TODAY, None), 10)[-1].document["name"] == "Mu"
        )
        connection.rollback()
    write(database, 9, "Atlantis")
    assert list_names(database)[-1] == "Atlantis"


def test_an_older_snapshot_reads_what_it_saw(database):
    cache = StateCache(1_000_000)
    with database.reading() as old:
        cache.open(old)
        write(database, 9, "Atlantis")
        with database.reading() as new:
            assert cache.open(new) is cache.open(old)

"""An edition that is made from the one before says, byte for byte, what one made anew does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from time import sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terrafirma.http.app.context import EXTENSION
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.model import clock
from terrafirma.register.model.clock import today
from terrafirma.restcountries.editions import Edition, EditionCache, make_edition
from terrafirma.restcountries.routes import SHELF
from terrafirma.restcountries.v2 import V2
from terrafirma.restcountries.v31 import V31
from terrafirma.storage.register.backup import (
    clear_contents,
    copy_contents,
    reading_backup,
    write_backup,
)
from terrafirma.storage.register.entries import Head

PATHS = (
    "/v3.1/all",
    "/v3/all",
    "/v2/all",
    "/v3.1/all?on=2025-12-31",
    "/v2/all?on=1985-01-01",
    "/v3.1/all?as_of=7000",
)
CODES = ("TH", "DE", "BG", "FR", "XK", "QS", "QT", "SU")


@pytest.fixture(params=["sqlite", "postgresql"])
def cold(request, open_app):
    """A client of an app that keeps editions, but no answers."""
    return open_app(
        request.getfixturevalue(f"{request.param}_world_url"), hot_cache=0
    ).test_client()


@contextmanager
def forgetting(client) -> Iterator[None]:
    """An app without any edition."""
    kept, client.application.extensions[SHELF] = (
        client.application.extensions[SHELF],
        EditionCache(),
    )
    yield
    client.application.extensions[SHELF] = kept


def check_editions(client, paths=PATHS):
    told = [client.get(path).data for path in paths]
    with forgetting(client):
        assert [client.get(path).data for path in paths] == told


def edition_of(client, last=None, on=None, as_of=None):
    """An edition of an app's register, made from another."""
    state = client.application.extensions[EXTENSION]
    with state.database.reading() as connection:
        return make_edition(
            connection, Moment(on or today(), as_of), state.settings, state.locales, last
        )


def kept_of(edition, last):
    """The ids of the countries that an edition has from another, as they were."""
    return {id for id, country in edition.countries.items() if last.countries.get(id) is country}


def id_of(client, code):
    return client.get(f"/countries/{code}").json["id"]


FIELDS = {
    "name": st.sampled_from(["Siam", "Allemagne", "A", "Zz", "Sealand"]),
    "alpha2": st.sampled_from(["QS", "QT", "DE", "TH", None]),
    "alpha3": st.sampled_from(["QSL", "QTT", "DEU", None]),
    "status": st.sampled_from(["assigned", "user-assigned", "former"]),
    "capital": st.sampled_from(["Bangkok", "Bonn", None]),
    "borders": st.lists(st.sampled_from(CODES), max_size=3, unique=True),
    "currencies": st.lists(
        st.sampled_from([{"code": "EUR"}, {"code": "THB"}, {"code": "XXX"}]), max_size=2
    ),
    "languages": st.sampled_from(
        [[{"code": "de", "official": True}], [{"code": "th", "official": False}], None]
    ),
    "region": st.sampled_from(["Europe", "Asia", None]),
    "subregion": st.sampled_from(["Eastern Asia", "Northern America", None]),
    "native_names": st.sampled_from([[{"language": "de", "name": "Siam"}], None]),
    "population": st.integers(0, 10**9),
    "from": st.sampled_from(["1985-06-01", "2026-01-01", "2030-01-01", None]),
    "to": st.sampled_from(["2025-12-31", "2026-06-01", None]),
}
BODIES = st.sampled_from(list(FIELDS)).flatmap(
    lambda name: FIELDS[name].map(lambda value: {name: value})
)
KEYS = st.sampled_from(CODES)
GROUPS = st.sampled_from(["EU", "ASEAN", "NATO"])
WRITES = st.one_of(
    st.tuples(st.just("PATCH"), st.builds("/countries/{}".format, KEYS), BODIES),
    st.tuples(
        st.just("PATCH"), st.builds("/countries/{}?effective=2026-01-01".format, KEYS), BODIES
    ),
    st.tuples(
        st.just("POST"), st.just("/countries"), BODIES.map(lambda body: {"name": "Sealand"} | body)
    ),
    st.tuples(
        st.just("DELETE"),
        st.builds("/countries/{}?dependents=remove".format, st.sampled_from(["QS", "BG", "SU"])),
        st.none(),
    ),
    st.tuples(
        st.just("POST"), st.builds("/countries/{}/revert".format, KEYS), st.just({"entry": 1})
    ),
    st.tuples(
        st.just("POST"),
        st.just("/memberships"),
        st.fixed_dictionaries(
            {"group": GROUPS, "country": KEYS}, optional={"role": st.just("observer")}
        ),
    ),
    st.tuples(
        st.just("PATCH"),
        st.builds("/memberships/{}".format, st.integers(1, 40)),
        st.just({"role": "guest"}),
    ),
    st.tuples(
        st.just("DELETE"), st.builds("/memberships/{}".format, st.integers(1, 40)), st.none()
    ),
    st.tuples(
        st.just("PATCH"), st.builds("/groups/{}".format, GROUPS), st.just({"name": "A group"})
    ),
    st.tuples(
        st.just("DELETE"), st.builds("/groups/{}?dependents=remove".format, GROUPS), st.none()
    ),
)


def test_whatever_is_written_an_edition_says_what_one_made_anew_does(cold):
    made = []

    @settings(max_examples=5)
    @given(st.lists(WRITES, min_size=4, max_size=12))
    def check(writes):
        for method, path, body in writes:
            made.append(cold.open(path, method=method, json=body).status_code)
            assert made[-1] < 500
            cold.get("/v3.1/alpha/de")
        check_editions(cold)

    check()
    assert {200, 201, 204} <= set(made)


def test_only_what_was_written_is_translated_again(sqlite_client):
    first = edition_of(sqlite_client)
    everyone, germany = set(first.countries), id_of(sqlite_client, "DE")
    assert kept_of(edition_of(sqlite_client, first), first) == everyone
    sqlite_client.patch("/countries/DE", json={"population": 83})
    second = edition_of(sqlite_client, first)
    assert kept_of(second, first) == everyone - {germany}
    assert second.countries[germany].record["population"] == 83


def test_what_a_territory_takes_from_its_sovereign_follows_it(sqlite_client):
    first = edition_of(sqlite_client)
    france, island = id_of(sqlite_client, "FR"), id_of(sqlite_client, "BL")
    assert first.countries[island].record["tld"] == [".fr"]
    sqlite_client.patch("/countries/FR", json={"tlds": [".fx"]})
    second = edition_of(sqlite_client, first)
    assert second.countries[island].record["tld"] == [".fx"]
    lent = {
        id for id, country in first.countries.items() if country.lasting.get("sovereign") == "FR"
    }
    assert set(first.countries) - kept_of(second, first) == lent | {france}


def test_what_is_not_a_country_changes_none(sqlite_client):
    first = edition_of(sqlite_client)
    assert sqlite_client.patch("/currencies/EUR", json={"symbol": "E"}).status_code == 200
    assert kept_of(edition_of(sqlite_client, first), first) == set(first.countries)


def test_neighbours_of_a_new_code_and_members_of_a_renamed_group_follow(sqlite_client):
    first = edition_of(sqlite_client)
    assert sqlite_client.patch("/countries/TH", json={"alpha3": "SIA"}).status_code == 200
    assert sqlite_client.patch("/groups/EFTA", json={"name": "Trade"}).status_code == 200
    second = edition_of(sqlite_client, first)
    changed = {
        id_of(sqlite_client, code)
        for code in ("TH", "KH", "LA", "MM", "MY", "CH", "IS", "LI", "NO")
    }
    assert kept_of(second, first) == set(first.countries) - changed
    assert "SIA" in second.countries[id_of(sqlite_client, "LA")].record["borders"]
    shown = {record["alpha2Code"]: record["regionalBlocs"] for record in second.records(V2)}
    assert [bloc["name"] for bloc in shown["NO"]] == ["Trade"]


def test_names_that_change_are_translated_again(sqlite_client):
    germany = id_of(sqlite_client, "DE")
    entry = sqlite_client.get("/entries?kind=names&limit=1").json[0]["number"]
    then, now = (edition_of(sqlite_client, as_of=as_of) for as_of in (entry - 1, None))
    again = edition_of(sqlite_client, then)
    assert not kept_of(again, then)
    assert again.countries[germany].record == now.countries[germany].record
    assert again.records(V31) == now.records(V31)


def test_a_new_day_brings_what_it_brings(cold, monkeypatch):
    day = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return day.astimezone(tz)

    monkeypatch.setattr(clock, "datetime", Clock)
    assert list(cold.get("/v3.1/alpha/bg?fields=currencies").json["currencies"]) == ["BGN"]
    day = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)
    assert list(cold.get("/v3.1/alpha/bg?fields=currencies").json["currencies"]) == ["EUR"]
    check_editions(cold, ("/v3.1/all", "/v2/all"))
    first, second = (edition_of(cold, on=on) for on in ("2025-12-31", "2026-01-01"))
    kept = kept_of(edition_of(cold, first, "2026-01-01"), first)
    assert id_of(cold, "BG") not in kept
    assert len(kept) > len(second.countries) - 5


def test_who_asks_at_once_gets_the_same_edition_made_once():
    shelf, head = EditionCache(), Head(1, "", "")
    made = []

    def make(last):
        made.append(last)
        sleep(0.2)
        return Edition(head, {})

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(shelf.find, ("today",), make) for _ in range(4)]
        assert len({id(each.result(10)) for each in asked}) == 1
    assert made == [None]
    assert shelf.find(("tomorrow",), make) is not asked[0].result()
    assert made[1:] == [asked[0].result()]


@pytest.mark.parametrize("shorter", [True, False])
def test_nothing_is_kept_of_a_log_that_was_replaced(small_client, tmp_path, shorter):
    cold = small_client
    database = cold.application.extensions[EXTENSION].database
    with database.reading() as connection:
        write_backup(connection, tmp_path / "backup.sqlite")
    cold.patch("/countries/DE", json={"population": 83})
    first = edition_of(cold)
    with reading_backup(tmp_path / "backup.sqlite") as source, database.writing() as connection:
        copy_contents(source, connection)
    if not shorter:
        cold.patch("/countries/DE", json={"population": 84})
    second = edition_of(cold, first)
    assert not kept_of(second, first)
    assert (second.countries[id_of(cold, "DE")].record["population"] == 84) is not shorter
    with database.writing() as connection:
        clear_contents(connection)
    assert not edition_of(cold, second).countries

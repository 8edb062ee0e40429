"""A list is the same whether it is gathered and sorted, or read along an index."""

from dataclasses import replace

import pytest

from terrafirma.storage.register import found
from terrafirma.storage.register.search import Condition, Order, Search

COUNTRIES = [
    {"name": f"Country {number:02}", "region": region, **({"area": area} if area else {})}
    for number, (region, area) in enumerate(
        (region, area)
        for area in (None, 5, 10, 10, 20, None, 30, 5)
        for region in ("Asia", "Europe", "Africa")
    )
]
QUERIES = [
    "sort=area",
    "sort=-area",
    "sort=-area,name",
    "sort=region,-area",
    "sort=name&area[gte]=10",
    "sort=-area&area[lt]=20",
    "sort=area&region=Asia&region=Africa",
    "sort=area&region[ne]=Asia",
    "sort=area&area[exists]=false",
    "sort=name&q=1",
    "sort=population",
]


@pytest.fixture
def client(open_app, database_url):
    client = open_app(database_url, dataset="starter", hot_cache=0).test_client()
    assert client.post("/countries", json=COUNTRIES).status_code == 201
    return client


def list_pages(client, query: str, limit: int) -> list[list[str]]:
    """The names on every page of a list."""
    pages, address = [], f"/countries?{query}&limit={limit}&fields=name"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.json
        pages.append([record["name"] for record in answer.json])
        address = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    return pages


def test_walking_finds_what_gathering_finds(client, monkeypatch):
    for query in QUERIES:
        for limit in (1, 5, 100):
            monkeypatch.setattr(found, "FEW", 10**9)
            gathered = list_pages(client, query, limit)
            monkeypatch.setattr(found, "FEW", -1)
            assert list_pages(client, query, limit) == gathered, (query, limit)
            assert len(gathered[0]) == min(limit, sum(map(len, gathered)))


SORTED = Search("country", "2026-11-28", None, orders=(Order("area"),))
LARGE = Condition(("area",), "gte", ("n1",))
LIST, FACETS = {"limit": 10}, {"limit": 10, "name": "region"}


def explain(app, statement, search: Search, given: dict[str, str | int]) -> list[str]:
    """The steps of SQLite's plan for a statement."""
    with app.extensions["terrafirma"].database.reading() as connection:
        compiled = statement._form(connection)
        values = compiled.fill(found.values_of(search, **given))
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled.text}", tuple(values))
        # The rows of a list are gathered into one around its plan.
        return [row[-1] for row in rows if not row[-1].endswith(" found")]


def test_walking_reads_no_more_than_a_page(open_app, sqlite_url):
    """SQLite reads along the index, without sorting, and looks up what each version has."""
    app = open_app(sqlite_url, dataset="starter")
    for search in (SORTED, replace(SORTED, conditions=(LARGE,))):
        statement = found.walking(found.query_key_of(search, paged=True))
        plan = explain(app, statement, search, LIST)
        assert "USING COVERING INDEX terms_by_key" in plan[0]
        assert not [step for step in plan if "TEMP B-TREE" in step]
        own = [step for step in plan if "own0" in step]
        assert len(own) == len(search.conditions)
        assert all("USING PRIMARY KEY" in step for step in own), plan


def test_facets_look_up_texts_of_versions_they_count_only(open_app, sqlite_url):
    app, search = open_app(sqlite_url, dataset="starter"), replace(SORTED, orders=())
    statement = found.valuing(found.query_key_of(search, paged=False))
    first, second, third, *_ = explain(app, statement, search, FACETS)
    assert "USING COVERING INDEX terms_by_key" in first
    assert "versions" in second
    assert "shown" in third

"""Totals of lists: counted once for all pages, and again after every write."""

from sqlalchemy import delete

from terrafirma.http.app import list_caches
from terrafirma.http.app.context import EXTENSION
from terrafirma.http.app.list_caches import KEPT, CountCache
from terrafirma.storage.engine.tables import versions
from terrafirma.storage.register.backup import copy_contents, reading_backup, write_backup
from terrafirma.storage.register.found import count_found
from terrafirma.storage.register.search import Search

EVERYONE = Search("country", "2026-11-22", None)


def total(client, query=""):
    response = client.get(f"/countries?limit=2{query}")
    return int(response.headers["X-Total-Count"])


def database_of(client):
    return client.application.extensions[EXTENSION].database


def test_a_total_follows_every_write(client):
    loaded = client.get("/checkpoint").json["entries"]
    asian = total(client, "&region=Asia")
    assert (total(client), 40 < asian < 60) == (250, True)
    made = client.post("/countries", json={"name": "Sealand", "region": "Asia"}).json["id"]
    assert (total(client), total(client, "&region=Asia"), total(client, f"&as_of={loaded}")) == (
        251,
        asian + 1,
        250,
    )
    client.patch(f"/countries/{made}", json={"region": "Europe"})
    assert (total(client), total(client, "&region=Asia")) == (251, asian)
    assert total(client, f"&as_of={loaded + 1}&region=Asia") == asian + 1
    client.delete(f"/countries/{made}")
    assert (
        total(client),
        total(client, f"&as_of={loaded + 1}"),
        total(client, f"&as_of={loaded + 1}"),
    ) == (
        250,
        251,
        251,
    )
    assert total(client, "&on=1985-01-01") != total(client)


def test_a_total_of_a_log_that_was_replaced_is_counted_again(small_client, tmp_path):
    client = small_client
    loaded = client.get("/checkpoint").json["entries"]
    with database_of(client).reading() as connection:
        write_backup(connection, tmp_path / "backup.sqlite")
    client.post("/countries", json={"name": "Sealand"})
    assert (total(client), total(client, f"&as_of={loaded + 1}")) == (251, 251)
    with (
        reading_backup(tmp_path / "backup.sqlite") as source,
        database_of(client).writing() as connection,
    ):
        copy_contents(source, connection)
    client.patch("/countries/TH", json={"area": 1})
    assert (total(client), total(client, f"&as_of={loaded + 1}")) == (250, 250)


def test_what_was_counted_is_not_counted_again_for_another_page_or_order(sqlite_client):
    totals = CountCache()
    later = Search("country", "2026-11-22", None, after_id=9)
    with database_of(sqlite_client).writing() as connection:
        assert totals.count(connection, EVERYONE, None) == 250
        # Behind the log's back, so that only counting again would tell.
        connection.execute(
            delete(versions).where(versions.c.kind == "country", versions.c.id < 100)
        )
        assert (
            totals.count(connection, EVERYONE, None) == totals.count(connection, later, None) == 250
        )
        assert totals.count(connection, EVERYONE, 10) > 10
        assert totals.count(connection, Search("country", "2026-11-21", None), None) < 250
        for number in range(KEPT):
            totals.count(connection, Search("nothing", "2026-11-22", None, after_id=0), number)
        assert totals.count(connection, EVERYONE, None) < 250


def test_a_count_far_above_its_bound_is_not_repeated_after_each_write(sqlite_client, monkeypatch):
    counted = []
    monkeypatch.setattr(
        list_caches, "count_found", lambda *given: counted.append(given) or count_found(*given)
    )
    monkeypatch.setattr(list_caches, "SLACK", 3)
    totals = CountCache()

    def is_above() -> bool:
        with database_of(sqlite_client).reading() as connection:
            return totals.count(connection, EVERYONE, 248) > 248

    assert (is_above(), len(counted)) == (True, 1)
    sqlite_client.patch("/countries/TH", json={"area": 1})
    assert (is_above(), len(counted)) == (True, 1)
    for code in ("TH", "SE", "FR"):
        sqlite_client.delete(f"/countries/{code}?dependents=remove")
    assert (is_above(), len(counted)) == (False, 2)

"""Exports: what a list answers in a file of each form, downloaded whole or in ranges; snapshots."""

import csv
import hashlib
import importlib
import importlib.util
import json
import os
import sqlite3
from contextlib import closing

import pytest

from terrafirma import deferred
from terrafirma.config import Settings
from terrafirma.formats import parquet
from terrafirma.formats.offered import FORMATS, find_format
from terrafirma.register.log.verification import verify
from terrafirma.register.model.kinds import KINDS
from terrafirma.storage.register.backup import reading_backup
from terrafirma.work.task import Task
from tests.operations.processes import run_here
from tests.work.test_imports import Desk


@pytest.fixture
def desk(client):
    return Desk(client)


def download(desk, **asked):
    """The bytes of an export, and its result."""
    job = desk.do(desk.client.post("/exports", json=asked))
    assert job["state"] == "done", job["errors"]
    with desk.client.get(job["result"]["file"]) as answer:
        answer.get_data()
    return answer, job["result"]


def test_a_database_that_cannot_be_used_now_is_no_fault_of_the_query(sqlite_client, tmp_path):
    with closing(sqlite3.connect(tmp_path / "register.sqlite")) as database:
        database.execute("ALTER TABLE versions RENAME TO hidden")
    assert sqlite_client.post("/exports", json={"format": "csv"}).status_code == 503


@pytest.mark.parametrize("form", ["csv", "tsv", "xlsx", "json", "ndjson", "geojson"])
def test_every_form_comes_back_unchanged(desk, form):
    answer, result = download(
        desk, format=form, query="fields=*&shape=point" if form == "geojson" else "fields=*"
    )
    assert (result["rows"], result["bytes"]) == (250, len(answer.data))
    assert answer.mimetype == find_format(form).media
    assert result["sha256"] == hashlib.sha256(answer.data).hexdigest()
    assert desk.report(answer.data)["counts"]["unchanged"] == 250


def test_an_export_is_what_the_list_answers(desk):
    query = "region=Oceania&sort=-area&fields=id,name,area"
    listed = desk.client.get(f"/countries?{query}").json
    assert download(desk, format="json", query=query)[0].json == listed
    table = desk.client.get(f"/countries?{query}&format=csv").data
    assert download(desk, format="csv", query=query)[0].data == table


@pytest.mark.parametrize("form", [form.name for form in FORMATS if form.name != "parquet"])
def test_an_export_is_the_list_in_every_form(desk, form):
    query = "region=Oceania&sort=-area&fields=id,name,area"
    listed = desk.client.get(f"/countries?{query}&format={form}").data
    assert download(desk, format=form, query=query)[0].data == listed


def test_pages_are_put_together(open_app, world_url):
    desk = Desk(open_app(world_url, max_page=7).test_client())
    for form in ("json", "geojson"):
        found = download(
            desk, format=form, query="fields=id&shape=point" if form == "geojson" else "fields=id"
        )[0].json
        ids = [each["id"] for each in (found["features"] if form == "geojson" else found)]
        assert (len(ids), ids) == (250, sorted(ids))


@pytest.mark.parametrize(("query", "total"), [("region=Asia&fields=name", 51), ("limit=3", None)])
def test_an_export_says_how_many_rows_it_will_have(
    open_app, sqlite_world_url, monkeypatch, query, total
):
    desk = Desk(open_app(sqlite_world_url, max_page=50).test_client())
    told = []
    tell = Task.tell
    monkeypatch.setattr(
        Task,
        "tell",
        lambda task, done, total: (told.append((done, total)), tell(task, done, total)),
    )
    job = desk.do(desk.client.post("/exports", json={"format": "csv", "query": query}))
    rows = total or 3
    assert told == [(min(rows, 50), total), *([(51, 51)] if rows > 50 else []), (rows, rows)]
    assert (job["done"], job["total"]) == (rows, rows)


def test_a_sqlite_file_has_a_table_of_numbers_and_text(desk, tmp_path):
    file = tmp_path / "x.sqlite"
    file.write_bytes(
        download(desk, format="sqlite", query="fields=name,area,currencies.code&sort=name")[0].data
    )
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(
            'SELECT name, typeof(area) FROM countries WHERE name = "Thailand"'
        ).fetchall()
    assert rows == [("Thailand", "integer")]


def test_a_file_can_be_downloaded_in_ranges(desk):
    whole, result = download(desk, format="ndjson", query="fields=name")
    address = result["file"]
    part = desk.client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data, part.headers["Accept-Ranges"]) == (
        206,
        whole.data[10:20],
        "bytes",
    )
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.data)}"
    assert desk.client.get(address, headers={"Range": "bytes=99999999-"}).status_code == 416


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_browser_that_takes_compressed_answers_gets_the_file_as_long_as_it_says(desk, encoding):
    whole, result = download(desk, format="csv", query="fields=*")
    answer = desk.client.get(result["file"], headers={"Accept-Encoding": encoding})
    assert (answer.data, int(answer.headers["Content-Length"])) == (whole.data, result["bytes"])
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"format": "doc"}, 422, "not valid"),
        ({}, 422, "not valid"),
        ({"format": "csv", "query": "populaton=5"}, 400, 'did you mean "population"'),
        ({"format": "csv", "query": "format=json"}, 400, '"format" is given 2 times'),
        ({"format": "csv", "kind": "planet"}, 422, "not valid"),
        ({"format": "csv", "extra": 1}, 422, "not valid"),
    ],
)
def test_what_cannot_be_exported_is_refused_at_once(desk, body, status, told):
    answer = desk.client.post("/exports", json=body)
    assert (answer.status_code, told in answer.json["error"]) == (status, True), answer.json


def test_there_is_no_file_before_it_is_made(desk):
    id = desk.client.post("/exports", json={"format": "csv"}).json["id"]
    assert desk.client.get(f"/exports/{id}/file").status_code == 404
    assert desk.client.get("/exports/none/file").status_code == 404


def test_a_snapshot_is_a_sound_backup_and_the_oldest_go(small_client):
    desk = Desk(small_client)
    folder = desk.place.settings.files_path / "snapshots"
    folder.mkdir(parents=True)
    old = [folder / f"register-2020-01-0{day}.sqlite" for day in range(1, 9)]
    for file in old:
        file.touch()
    id = desk.place.enqueue("snapshot")
    desk.worker.perform(id)
    assert desk.place.find(id).state == "done", desk.place.find(id)
    kept = sorted(folder.iterdir())
    assert len(kept) == Settings(folder).snapshot_keep
    assert kept[-1].name == f"register-{desk.place.find(id).at[:10]}.sqlite"
    with reading_backup(kept[-1]) as connection:
        head, faults = verify(connection)[:2]
    assert (head.number, faults) == (desk.entries(), [])


def test_the_command_writes_the_form_that_the_name_ends_in(world_url, tmp_path):
    file = tmp_path / "asia.csv"
    arguments = ("export", file, "--query", "region=Asia&fields=name,alpha2", "--data", tmp_path)
    told = run_here(*arguments, DATABASE_URL=world_url)
    assert told.exit_code == 0, told.output
    rows = list(csv.reader(file.open(newline="")))
    assert rows[0] == ["name", "alpha2"]
    assert f"Wrote {len(rows) - 1} countries" in told.output
    assert "exists already" in run_here(*arguments, DATABASE_URL=world_url).output
    for name, query, refusal in (
        ("x.doc", "", "must end in"),
        ("y.csv", "regoin=Asia", "did you mean"),
    ):
        told = run_here(
            "export", tmp_path / name, "--query", query, "--data", tmp_path, DATABASE_URL=world_url
        )
        assert (told.exit_code, refusal in told.output) == (1, True), told.output


def read_parquet(data, tmp_path):
    """The table in the bytes of a Parquet file."""
    if importlib.util.find_spec("pyarrow") is None:
        reason = "pyarrow has no wheel for this system"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    file = tmp_path / "x.parquet"
    file.write_bytes(data)
    return importlib.import_module("pyarrow.parquet").read_table(file)


def strip(value):
    """A value of a table without what is absent in it."""
    if isinstance(value, list):
        return [strip(each) for each in value]
    if isinstance(value, dict):
        return {name: strip(each) for name, each in value.items() if each is not None}
    return value


def test_parquet_holds_what_the_list_answers(desk, tmp_path):
    desk.client.patch("/countries/TH", json={"extra": {"sales": {"region": "APAC", "rank": 1}}})
    listed = desk.client.get("/countries?fields=*").json
    answer, result = download(desk, format="parquet", query="fields=*")
    rows = read_parquet(answer.data, tmp_path).to_pylist()
    for row in rows:
        row["extra"] = row["extra"] and json.loads(row["extra"])
    assert (strip(rows), result["rows"], result["name"]) == (listed, 250, "countries.parquet")


def test_columns_of_parquet_have_types(desk, tmp_path):
    query = "region=Asia&sort=name&fields=name,id,area,landlocked,borders,currencies.code,capitals,from,extra,flag"
    table = read_parquet(download(desk, format="parquet", query=query)[0].data, tmp_path)
    texts = "list<element: string>"
    assert {field.name: str(field.type) for field in table.schema} == {
        "name": "string",
        "id": "int64",
        "area": "double",
        "landlocked": "bool",
        "borders": texts,
        "currencies": "list<element: struct<code: string>>",
        "capitals": f"list<element: struct<name: string, roles: {texts}, latitude: double, longitude: double>>",
        "from": "string",
        "extra": "string",
        "flag": "string",
    }
    assert table.column("name").to_pylist() == [
        each["name"]
        for each in desk.client.get("/countries?region=Asia&sort=name&fields=name").json
    ]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "country"])
def test_every_kind_fits_into_parquet(desk, tmp_path, kind):
    answer, result = download(desk, format="parquet", kind=kind)
    assert len(read_parquet(answer.data, tmp_path)) == result["rows"] > 0


def test_rows_of_parquet_come_in_groups(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ROWS", 100)
    table = download(desk, format="parquet", query="fields=name&sort=-name")[0].data
    names = read_parquet(table, tmp_path).column("name")
    assert ([len(chunk) for chunk in names.chunks], names[0].as_py()) == (
        [100, 100, 50],
        "Zimbabwe",
    )


def test_without_pyarrow_it_is_said_how_to_get_it(desk, tmp_path, monkeypatch):
    id = desk.client.post("/exports", json={"format": "parquet"}).json["id"]
    monkeypatch.setattr(deferred, "find_spec", lambda _name: None)
    answer = desk.client.post("/exports", json={"format": "parquet"})
    assert (answer.status_code, "pip install 'terrafirma[parquet]'" in answer.json["error"]) == (
        422,
        True,
    )
    desk.worker.perform(id)
    job = desk.client.get(f"/jobs/{id}").json
    assert (job["state"], "pip install" in job["errors"][0]["message"]) == ("failed", True)
    url = desk.place.settings.database_url
    told = run_here("export", tmp_path / "x.parquet", "--data", tmp_path, DATABASE_URL=url)
    assert (told.exit_code, "pip install 'terrafirma[parquet]'" in told.output) == (1, True)
    assert not list(tmp_path.glob("x.parquet*"))

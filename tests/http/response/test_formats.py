"""Formats: which form a request gets, what stands in it, and lists that are streamed whole."""

import csv
import gc
import importlib.util
import io
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import python_calamine

from terrafirma.formats.csv import CSV as CSV_FORMAT
from terrafirma.formats.offered import FORMATS
from terrafirma.formats.selection import Selection
from terrafirma.http.app.context import EXTENSION
from terrafirma.http.app.formats import rank_formats
from terrafirma.register.model.csv_cells import guard
from terrafirma.register.model.kinds import COUNTRY

JSON, NDJSON, CSV, GEOJSON = (
    "application/json",
    "application/x-ndjson",
    "text/csv",
    "application/geo+json",
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def read_table(answer):
    """The rows of a CSV answer, by column."""
    return list(csv.DictReader(io.StringIO(answer.data.decode(), newline="")))


def count_connections(app):
    """How many connections to the register stay in use; a thread of the app takes one now and then for a moment."""
    gc.collect()
    counts = []
    for _ in range(5):
        counts.append(app.extensions[EXTENSION].database.engine.pool.checkedout())
        if not counts[-1]:
            break
        time.sleep(0.05)
    return min(counts)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        (BROWSER, JSON),
        ("text/html", JSON),
        ("application/problem+json", JSON),
        ("application/json; charset=utf-8", JSON),
        ("application/*", JSON),
        ("rubbish", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV", CSV),
        ("text/*", CSV),
        ("application/x-ndjson", NDJSON),
        ("application/geo+json", GEOJSON),
        ("text/csv, */*", CSV),
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("application/json;q=0, */*", NDJSON),
        ("application/xml, text/csv;q=0.1", CSV),
        ("text/csv;header=present;q=0.9, application/json;q=0.2", CSV),
    ],
)
@pytest.mark.parametrize("path", ["/countries?limit=2", "/countries/TH"])
def test_accept_chooses_the_form(shared_client, path, accept, media):
    answer = shared_client.get(path, headers={} if accept is None else {"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, media)
    assert "Accept" in answer.vary
    assert shared_client.get(path, headers={"If-None-Match": answer.headers["ETag"]} | (
        {} if accept is None else {"Accept": accept})).status_code == 304  # fmt: skip


@pytest.mark.parametrize(
    "accept", ["application/xml", "image/png", "application/json;q=0", "*/*;q=0", "text/csv;q=0"]
)
@pytest.mark.parametrize("path", ["/countries", "/countries/TH", "/entries"])
def test_an_accept_that_admits_nothing_is_told_what_there_is(shared_client, path, accept):
    shared_client.get(path)
    answer = shared_client.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (406, JSON)
    assert "application/json, application/x-ndjson" in answer.json["error"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert shared_client.get(f"{path}?format=json", headers={"Accept": accept}).status_code == 200


def test_the_parameter_stands_above_accept(shared_client):
    for name, media in (("json", JSON), ("ndjson", NDJSON), ("csv", CSV), ("geojson", GEOJSON)):
        for path in ("/countries?", "/countries/TH?"):
            answer = shared_client.get(
                f"{path}format={name}", headers={"Accept": "application/json"}
            )
            assert (answer.status_code, answer.mimetype) == (200, media)
    for path, known in (
        ("/countries", "geojson"),
        ("/entries", "ndjson"),
        ("/countries/TH/entries", "ndjson"),
    ):
        answer = shared_client.get(f"{path}?format=xml", headers={"Accept": "text/csv"})
        assert (answer.status_code, answer.mimetype) == (400, JSON)
        assert known in answer.json["error"]
    assert shared_client.get("/entries?format=geojson").status_code == 400


def test_problems_stay_json(shared_client):
    for accept in (CSV, NDJSON, GEOJSON):
        answer = shared_client.get("/countries?populaton=1", headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (400, JSON)
    assert shared_client.get("/countries/QX?format=csv").json["error"]


def test_odd_headers_are_few_rankings():
    assert (
        rank_formats("text/csv;q=0.31") == rank_formats("text/csv;q=0.7;x=y, image/png") == ("csv",)
    )
    assert rank_formats("") == tuple(form.name for form in FORMATS)


def test_ndjson_is_the_list_line_by_line(shared_client):
    for path in (
        "/countries?",
        "/countries?sort=-area&fields=name,area&region=Asia&",
        "/entries?limit=20&",
    ):
        lines = shared_client.get(f"{path}format=ndjson").data
        assert lines.endswith(b"\n")
        assert [json.loads(line) for line in lines.splitlines()] == shared_client.get(
            path.rstrip("&?")
        ).json
    assert (
        json.loads(shared_client.get("/countries/TH?format=ndjson").data)
        == shared_client.get("/countries/TH").json
    )


def test_csv_has_a_header_the_asked_columns_and_crlf(shared_client):
    answer = shared_client.get(
        "/countries?format=csv&fields=name,currencies.code,postal_code,id&alpha2=TH&alpha2=PA"
    )
    lines = answer.data.decode().split("\r\n")
    assert lines[0] == "name,currencies.code,postal_code.format,postal_code.regex,id"
    assert lines[-1] == ""
    assert "\n" not in lines[1]
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="countries.csv"'
    assert {row["name"]: row["currencies.code"] for row in read_table(answer)} == {
        "Thailand": "THB",
        "Panama": "PAB;USD",
    }


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize(
    "path",
    [
        "/countries?fields=name,area&",
        "/countries/TH?",
        "/entries?limit=99&",
        "/countries/TH/entries?",
    ],
)
def test_every_address_of_rows_has_every_format(sqlite_client, path, form):
    if form.placed and "entries" in path:
        return
    if form.name == "parquet" and importlib.util.find_spec("pyarrow") is None:
        pytest.skip("pyarrow has no wheel for this system")
    answer = sqlite_client.get(f"{path}format={form.name}")
    assert (answer.status_code, answer.mimetype) == (200, form.media), answer.text
    assert answer.data == sqlite_client.get(path, headers={"Accept": form.media}).data
    name = answer.headers.get("Content-Disposition", "")
    assert name.endswith(f'.{form.name}"') == form.saved


def test_a_spreadsheet_and_tabs_hold_the_table(sqlite_client, tmp_path):
    query = "/countries?region=Oceania&sort=name&fields=name,area,calling_codes"
    rows = list(csv.reader(io.StringIO(sqlite_client.get(f"{query}&format=csv").text, newline="")))
    tabs = io.StringIO(sqlite_client.get(f"{query}&format=tsv").text, newline="")
    assert list(csv.reader(tabs, delimiter="\t")) == rows
    file = tmp_path / "x.xlsx"
    file.write_bytes(sqlite_client.get(f"{query}&format=xlsx").data)
    sheet = python_calamine.CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert [[str(cell).removesuffix(".0") for cell in row] for row in sheet] == rows
    assert isinstance(sheet[1][1], float)


def test_a_byte_order_mark_is_for_tables(sqlite_client):
    for path in ("/countries?fields=name&", "/countries/TH?", "/entries?limit=1&"):
        plain = sqlite_client.get(f"{path}format=csv").data
        assert sqlite_client.get(f"{path}format=csv&bom=1").data == b"\xef\xbb\xbf" + plain
        assert sqlite_client.get(f"{path}bom=1").data == sqlite_client.get(path).data


def test_a_format_that_is_added_is_everywhere(tmp_path):
    script = Path(__file__).with_name("added_format.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_csv_columns_do_not_depend_on_rows(shared_client):
    light = (
        shared_client.get("/countries?format=csv&limit=1")
        .data.split(b"\r\n")[0]
        .decode()
        .split(",")
    )
    assert light[:5] == ["id", "name", "alpha2", "alpha3", "capital"]
    whole = [
        shared_client.get(f"/countries/{key}?format=csv").data.split(b"\r\n")[0]
        for key in ("TH", "AQ")
    ]
    assert whole[0] == whole[1]
    assert whole[0] == shared_client.get("/countries?format=csv&fields=*&name=x").data.strip()
    named = shared_client.get("/countries/TH?format=csv").headers["Content-Disposition"]
    assert named == 'attachment; filename="country-TH.csv"'
    assert "dated" in read_table(shared_client.get("/countries/TH?format=csv&include=dated"))[0]


def test_csv_can_be_read_back():
    record = {
        "name": 'A "b", c\r\nd',
        "continents": ["x;y", "back\\slash", "bar|"],
        "capitals": [
            {"name": "N", "roles": ["one", "two"]},
            {"name": "M;", "roles": ["three"], "latitude": 1.5},
        ],
        "landlocked": False,
        "area": 12.50,
        "extra": {"list": [1, None], "text": "ü", "deep": {"n": 7}},
    }
    tree = {name: {} for name in ("name", "continents", "capitals", "landlocked", "area", "gini")}
    extra = ("extra.list", "extra.text", "extra.deep.n", "extra.none")
    selection = Selection("countries", COUNTRY.model, COUNTRY.catalog, tree, included=extra)
    text = CSV_FORMAT.write_one(record, selection).decode()
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert row["name"] == record["name"]
    assert row["continents"] == r"x\;y;back\\slash;bar\|"
    assert (row["capitals.name"], row["capitals.roles"], row["capitals.latitude"]) == (
        r"N;M\;",
        "one|two;three",
        ";1.5",
    )
    assert (row["landlocked"], row["area"], row["gini"]) == ("false", "12.5", "")
    assert [row[f"extra.{name}"] for name in ("list", "text", "deep.n", "none")] == [
        "[1,null]",
        "ü",
        "7",
        "",
    ]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+a", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''@x", "=", "-", "+1;+2"],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-3.5", "+66", "-1e5", "7", "", "a=b", "'quoted'", " =1", "{}"])
def test_plain_numbers_and_text_stay(text):
    assert guard(text) == text


def test_formulas_in_records_are_disarmed(client):
    formula = '=HYPERLINK("http://example.org","x")'
    record = {"name": formula, "extra": {"=x": "@y", "n": -3.5}, "timezones": ["=1", "b"]}
    assert client.post("/countries", json=record).status_code == 201
    answer = client.get("/countries?format=csv&id[gt]=250&fields=name,timezones,extra.=x,extra.n")
    cells = list(read_table(answer)[0].values())
    assert cells == [f"'{formula}", "'=1;b", "'@y", "-3.5"]
    whole = read_table(client.get("/countries?format=csv&id[gt]=250&fields=extra"))[0]
    assert json.loads(whole["extra"]) == record["extra"]


def test_geojson_draws_every_country_as_finely_as_asked(shared_client):
    sizes = []
    for detail in ("point", "low", "medium", "high"):
        answer = shared_client.get(f"/countries?format=geojson&fields=alpha2&shape={detail}")
        sizes.append(len(answer.data))
        shapes = {
            feature["properties"]["alpha2"]: feature["geometry"]["type"]
            for feature in answer.json["features"]
        }
        drawn = {code for code, type in shapes.items() if type == "MultiPolygon"}
        assert len(shapes) == 250
        assert drawn == (set() if detail == "point" else shapes.keys())
    assert sizes == sorted(sizes)
    assert len(shared_client.get("/countries?format=geojson&fields=alpha2").data) == sizes[2]
    coordinates = shared_client.get("/countries/TH?format=geojson").json["geometry"]["coordinates"]
    outline = coordinates[0][0]
    assert outline[0] == outline[-1]
    assert any(97 < longitude < 106 and 5 < latitude < 21 for longitude, latitude in outline)
    refused = shared_client.get("/countries/TH?format=geojson&shape=round")
    assert refused.status_code == 400
    assert "point or low or medium or high" in refused.json["error"]


def test_geojson_has_points_and_the_rest_as_properties(shared_client):
    answer = shared_client.get(
        "/countries?format=geojson&fields=name,latitude&alpha2=TH&shape=point"
    ).json
    (feature,) = answer["features"]
    assert (answer["type"], feature["type"], feature["id"]) == ("FeatureCollection", "Feature", 1)
    assert feature["properties"] == {"name": "Thailand"}
    longitude, latitude = feature["geometry"]["coordinates"]
    assert (feature["geometry"]["type"], round(longitude), round(latitude)) == ("Point", 101, 15)
    one = shared_client.get("/countries/TH?format=geojson").json
    assert {"id", "latitude", "longitude"}.isdisjoint(one["properties"])
    assert one["properties"]["alpha2"] == "TH"


def test_geojson_without_a_place_has_no_geometry(client):
    where = client.post("/countries", json={"name": "Nowhere", "latitude": 5}).headers["Location"]
    assert client.get(f"{where}?format=geojson").json["geometry"] is None


def test_names_are_localised_in_every_form(shared_client):
    for name in ("ndjson", "csv", "geojson"):
        answer = shared_client.get(f"/countries/DE?format={name}&lang=fr&fields=name")
        assert "Allemagne" in answer.text
        assert answer.headers["Content-Language"] == "fr"
        assert "Accept-Language" in answer.vary


@pytest.mark.parametrize("name", ["ndjson", "csv"])
def test_without_a_limit_every_row_is_streamed(open_app, world_url, name):
    app = open_app(world_url, max_page=60)
    client = app.test_client()
    whole = open_app(world_url).test_client()
    path = f"/countries?format={name}&sort=-population,name&lang=de&fields=id,name"
    answer = client.get(path)
    assert answer.data == whole.get(path).data
    assert "Allemagne" not in answer.text
    assert answer.headers["X-Total-Count"] == "250"
    assert not {"ETag", "Link", "Content-Length"} & set(answer.headers.keys())
    assert client.get(path).data == answer.data
    page = client.get(path + "&limit=60")
    assert "ETag" in page.headers
    behind = page.headers["Link"].partition(">")[0].removeprefix("<").replace("&limit=60", "")
    assert len(client.get(behind).data.splitlines()) == 190 + (name == "csv")
    assert count_connections(app) == 0


def test_the_whole_log_is_streamed(open_app, world_url):
    client = open_app(world_url, max_page=60).test_client()
    lines = client.get("/entries?format=ndjson").data.splitlines()
    last = client.get("/").json["entries"]
    assert [json.loads(line)["number"] for line in lines] == list(range(1, last + 1))
    assert len(client.get("/entries?format=ndjson&since=100").data.splitlines()) == last - 100
    assert len(client.get("/entries").json) == 60


def test_a_stream_is_one_state_of_the_register(open_app, world_url):
    app = open_app(world_url, max_page=10)
    answer = app.test_client().get("/countries?format=ndjson&fields=id,area", buffered=False)
    pieces = iter(answer.iter_encoded())
    received = next(pieces)
    assert app.test_client().patch("/countries/240", json={"area": 1}).status_code == 200
    assert app.test_client().post("/countries", json={"name": "Late"}).status_code == 201
    rows = [json.loads(line) for line in (received + b"".join(pieces)).splitlines()]
    assert len(rows) == 250
    assert next(row for row in rows if row["id"] == 240).get("area") != 1


@pytest.mark.parametrize("encoding", ["identity", "br"])
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("pieces", [0, 3])
def test_a_reader_who_leaves_keeps_nothing(open_app, world_url, encoding, closed, pieces):
    app = open_app(world_url, max_page=10)
    client = app.test_client()
    for _ in range(3):
        answer = client.get(
            "/countries?region=Oceania&format=csv&fields=*",
            headers={"Accept-Encoding": encoding},
            buffered=False,
        )
        body = answer.iter_encoded()
        for _ in range(pieces):
            next(body, b"")
        if closed:
            answer.close()
        del answer, body
        assert count_connections(app) == 0
    assert client.get("/countries?format=csv").status_code == 200


def test_only_so_many_lists_are_streamed_at_once(open_app, sqlite_world_url):
    app = open_app(sqlite_world_url, max_page=10, threads=4)
    client = app.test_client()
    held = [client.get("/countries?format=csv", buffered=False) for _ in range(2)]
    refused = client.get("/countries?format=csv")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert "limit" in refused.json["error"]
    assert client.head("/countries?format=csv").status_code == 200
    assert client.get("/countries?format=csv&limit=10").status_code == 200
    del refused
    held.pop().close()
    assert client.get("/countries?format=csv").status_code == 200


@pytest.mark.parametrize(
    "path", ["/countries", "/countries/TH", "/countries?format=csv", "/entries?format=ndjson"]
)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_says_what_get_says_without_a_body(open_app, sqlite_world_url, path, encoding):
    for settings in ({}, {"max_page": 10}):
        app = open_app(sqlite_world_url, **settings)
        answers = [
            app.test_client().open(path, method=each, headers={"Accept-Encoding": encoding})
            for each in ("HEAD", "GET")
        ]
        head, get = (
            {k: v for k, v in answer.headers if k not in ("X-Request-Id", "Date")}
            for answer in answers
        )
        assert head == get
        assert answers[0].data == b""
        assert answers[1].data
        assert count_connections(app) == 0


def test_every_address_says_what_it_takes(shared_client):
    app = shared_client.application
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<any\('([^']+)'.*?>", r"\1", str(rule))
        path = path.replace("<key:key>", "TH").replace("<number:id>", "1")
        path = re.sub(r"<[^>]+>", "x", re.sub("<number:[a-z]+>", "1", path))
        answer = shared_client.options(path)
        assert answer.status_code == 200, path
        assert {"OPTIONS"} < set(answer.allow), path
        assert ("HEAD" in answer.allow) == ("GET" in answer.allow), path
        assert answer.data == b""


def test_a_page_is_as_long_as_the_setting_says(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, max_page=7).test_client()
    assert len(client.get("/countries").json) == 7
    assert len(client.get("/entries?limit=7").json) == 7
    for path in ("/countries", "/entries"):
        answer = client.get(f"{path}?limit=8")
        assert (answer.status_code, answer.json["error"]) == (
            400,
            'limit must be a whole number from 1 to 7, not "8".',
        )
    declared = client.get("/openapi.json").json["paths"]["/countries"]["get"]["parameters"]
    assert next(each for each in declared if each.get("name") == "limit")["schema"]["maximum"] == 7

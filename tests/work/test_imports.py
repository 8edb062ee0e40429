"""Imports: every export comes back in unchanged, errors are told by row and column, a commit is whole."""

import csv
import gc
import gzip
import io
import itertools
import math
import random
import zipfile

import pytest
import xlsxwriter

from terrafirma.formats.source_file import SAMPLE
from terrafirma.http.app.context import EXTENSION
from terrafirma.register.model.cells import CellOptions, find_field, make_patch
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.storage.work.jobs import QUEUED, change_job
from terrafirma.work import imports
from terrafirma.work.handlers import HANDLERS
from terrafirma.work.import_commit import STEP
from terrafirma.work.imports import BATCH
from terrafirma.work.task import Task
from terrafirma.worker import Worker
from tests.work.conftest import Place

WORLD = "/countries?fields=*&shape=point&format="


class Desk:
    """A client of an app, and a worker that does what it asks when told to."""

    def __init__(self, client):
        self.client = client
        state = client.application.extensions[EXTENSION]
        self.place = Place(state.settings, state.database, state.queue)
        self.worker = Worker(state.settings, state.database, state.queue, HANDLERS)

    def do(self, answer):
        """The job of an answer, once it is done."""
        assert answer.status_code == 202, answer.json
        id = answer.headers["Location"].removeprefix("/jobs/")
        self.worker.perform(id)
        return self.client.get(f"/jobs/{id}").json

    def try_out(self, data, query=""):
        """The dry run's job of a file."""
        return self.do(
            self.client.post(f"/imports{query}", data=data, content_type="application/octet-stream")
        )

    def report(self, data, query=""):
        """What a dry run that is done found."""
        job = self.try_out(data, query)
        assert job["state"] == "done", job["errors"]
        return self.client.get(job["result"]["report"]).json

    def commit(self, data, query="", bad="refuse"):
        """The commit's job of a file."""
        job = self.try_out(data, query)
        return self.do(self.client.post(f"/imports/{job['id']}/commit?bad={bad}"))

    def entries(self):
        return self.client.get("/").json["entries"]


@pytest.fixture
def desk(client):
    return Desk(client)


@pytest.fixture
def local(sqlite_client):
    return Desk(sqlite_client)


def as_workbook(rows):
    """A spreadsheet of rows."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def refusal(desk, data, query=""):
    """The sentence with which a file as a whole is refused."""
    before = desk.entries()
    job = desk.try_out(data, query)
    assert (job["state"], desk.entries()) == ("failed", before)
    return job["errors"][0]["message"]


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "geojson"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_was_exported_comes_back_unchanged(desk, form, pack):
    report = desk.report(pack(desk.client.get(WORLD + form).data))
    assert report["counts"] == {"created": 0, "changed": 0, "unchanged": 250, "refused": 0}
    assert (report["file"]["format"], report["file"]["packed"]) == (form, pack is gzip.compress)


@pytest.mark.parametrize(
    ("form", "fields"), [("csv", "extra.v"), ("xlsx", "extra"), ("ndjson", "extra.v")]
)
def test_nulls_within_an_attribute_come_back(local, form, fields):
    """To a merge patch they are removals."""
    values = [{"a": None}, {"b": {"c": None}}, [None, {"d": None}]]
    bodies = [
        {"name": f"Land {place}", "extra": {"v": value}} for place, value in enumerate(values)
    ]
    made = local.client.post("/countries", json=bodies).json
    data = local.client.get(
        f"/countries?format={form}&fields=id,name,{fields}&sort=-id&limit=3"
    ).data
    assert local.report(data)["counts"]["unchanged"] == 3
    for each in made:
        local.client.delete(f"/countries/{each['id']}")
    fresh = local.client.get(
        f"/countries?format={form}&fields=name,{fields}&as_of={local.entries() - 3}&sort=-id&limit=3"
    )
    assert local.commit(fresh.data, "?create=yes")["result"]["written"] == 3
    found = local.client.get("/countries?fields=extra&sort=id,name&q=Land&limit=1000").json
    assert [each["extra"]["v"] for each in found if each.get("extra")] == values[::-1]


def test_a_spreadsheet_comes_back_unchanged(desk):
    rows = list(csv.reader(io.StringIO(desk.client.get(WORLD + "csv").get_data(as_text=True))))
    assert desk.report(as_workbook(rows))["counts"]["unchanged"] == 250


def test_a_commit_writes_what_the_dry_run_told_once(desk):
    data = (
        "Code;Country name;Population;Notes\r\nTH;Thailand;7;x\nXS;Sealand;27;y\rDE;Germany;;\r\n"
    )
    query = "?map=Code:alpha2&map=Notes:"
    report, before = desk.report(data, query), desk.entries()
    assert report["counts"] == {"created": 1, "changed": 1, "unchanged": 1, "refused": 0}
    assert report["columns"] == {
        "Code": "alpha2",
        "Country name": "name",
        "Population": "population",
        "Notes": None,
    }
    assert report["changes"][0]["fields"]["population"][1] == 7
    job = desk.commit(data, query)
    assert (job["state"], job["result"]["written"], desk.entries()) == ("done", 2, before + 2)
    assert job["result"]["since"] == before
    assert desk.client.get("/countries/TH?fields=population,capital").json == {
        "population": 7,
        "capital": "Bangkok",
    }
    assert desk.client.get("/countries/XS").json["population"] == 27
    assert desk.report(data, query)["counts"]["unchanged"] == 3


def test_a_commit_asked_for_twice_is_one(desk):
    id = desk.try_out("alpha2,population\nTH,7\n")["id"]
    first, second = (desk.client.post(f"/imports/{id}/commit") for _ in range(2))
    assert first.json["id"] == second.json["id"]
    assert desk.do(second)["result"]["written"] == 1


PLANTED = (
    ("area", "-1", "range"),
    ("population", "many", "type"),
    ("landlocked", "maybe", "type"),
    ("alpha3", "xx", "format"),
    ("capital", "=1+1", "format"),
    ("driving_side", "middle", "choice"),
    ("from", "2021-13-01", "date"),
    ("extra", "{", "format"),
)
"""Errors in one cell: its column, what is written there, the code that it is told by."""


def plant(rows, columns, rng):
    """Errors of each class in 1 % of the rows, or as many more: what a report should say, as (row, column, code)."""
    at = {name: columns.index(name) for name in columns}
    each = math.ceil(len(rows) / 100)
    spots = iter(rng.sample(range(len(rows)), each * (len(PLANTED) + 2)))
    expected = set()
    for column, text, code in PLANTED:
        for spot in itertools.islice(spots, each):
            rows[spot][at[column]] = text
            expected.add((spot + 2, column, code))
    for spot in itertools.islice(spots, each):
        rows.append(
            [
                cell if name in ("alpha2", "name") else ""
                for name, cell in zip(columns, rows[spot], strict=True)
            ]
        )
        expected.add((len(rows) + 1, "", "mismatch"))
    for number, spot in enumerate(spots):
        given = {
            "name": f"Twin {number}",
            "alpha2": f"X{'BCDEF'[number]}",
            "numeric": rows[spot][at["numeric"]],
        }
        rows.append([given.get(name, "") for name in columns])
        expected.add((len(rows) + 1, "numeric", "taken"))
    return expected


def test_planted_errors_are_told_and_no_others(desk):
    rows = list(csv.reader(io.StringIO(desk.client.get(WORLD + "csv").get_data(as_text=True))))
    columns, rows = rows[0], rows[1:]
    expected = plant(rows, columns, random.Random(7))
    assert len(expected) == 30
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    before = desk.entries()
    job = desk.try_out(text.getvalue())
    report = desk.client.get(job["result"]["report"]).json
    assert {
        (error["row"], error["column"], error["code"]) for error in report["errors"]
    } == expected
    assert report["counts"] == {"created": 0, "changed": 0, "unchanged": 226, "refused": 30}
    table = list(
        csv.reader(
            io.StringIO(desk.client.get(f"/imports/{job['id']}/errors").get_data(as_text=True))
        )
    )
    assert [int(row[0]) for row in table[1:]] == sorted(row for row, _, _ in expected)
    assert desk.client.post(f"/imports/{job['id']}/commit").status_code == 409
    assert desk.entries() == before


def test_bad_rows_can_be_skipped(desk):
    data = "alpha2,population\n" + "".join(
        f"{code},{number}\n" for code, number in [("TH", 7), ("DE", -1), ("FR", 9)]
    )
    job = desk.commit(data, bad="skip")
    assert (job["result"]["written"], job["result"]["skipped"]) == (2, 1)
    assert desk.client.get("/countries/FR?fields=population").json == {"population": 9}


def test_codes_may_move_between_rows(desk):
    """Also further apart than one batch, which is written before the other gave its code up."""
    numeric = {
        each["id"]: each["numeric"]
        for each in desk.client.get("/countries?fields=id,numeric").json[:2]
    }
    first, second = numeric
    filler = "".join(f"{id},Filler {id},\n" for id in range(1000, 1000 + BATCH * 2))
    data = f"id,name,numeric\n{first},,{numeric[second]}\n{filler}{second},,{numeric[first]}\n"
    job = desk.commit(data, "?create=yes")
    assert job["state"] == "done", job
    assert desk.client.get(f"/countries/{first}?fields=numeric").json["numeric"] == numeric[second]


@pytest.mark.parametrize(
    ("bad", "state", "written"), [("refuse", "failed", None), ("skip", "done", 1)]
)
def test_a_record_that_changed_since_the_dry_run_is_not_overwritten(desk, bad, state, written):
    id = desk.try_out("alpha2,population\nTH,7\nDE,8\n")["id"]
    desk.client.patch("/countries/TH", json={"population": 99})
    before = desk.entries()
    job = desk.do(desk.client.post(f"/imports/{id}/commit?bad={bad}"))
    assert (job["state"], (job["result"] or {}).get("written")) == (state, written)
    assert desk.client.get("/countries/TH?fields=population").json == {"population": 99}
    assert desk.entries() == before + (written or 0)


def test_a_commit_that_was_interrupted_goes_on_where_it_was(desk, monkeypatch):
    """As after kill -9: each piece is written with a note of how far it came."""
    data = "alpha2,population\n" + "".join(
        f"{each['alpha2']},5\n" for each in desk.client.get("/countries").json
    )
    before, id = desk.entries(), desk.try_out(data)["id"]
    calls = []

    def stumble(seconds):
        calls.append(seconds)
        if len(calls) == 2:
            raise MemoryError

    monkeypatch.setattr("terrafirma.work.import_commit.sleep", stumble)
    monkeypatch.setattr("terrafirma.worker.pause_after", lambda _: 0.0)
    answer = desk.client.post(f"/imports/{id}/commit?bad=skip")
    assert desk.do(answer)["state"] == "queued"
    assert before < desk.entries() < before + 250
    assert desk.do(answer)["result"]["written"] == desk.entries() - before == 250


def test_a_commit_writes_all_that_was_staged_while_the_dry_run_is_done_again(desk, monkeypatch):
    """A database that died may have forgotten that the dry run was done."""
    id = desk.try_out("alpha2,population\nTH,7\nDE,8\n")["id"]
    answer = desk.client.post(f"/imports/{id}/commit")
    with desk.place.database.writing_local() as connection:
        assert change_job(connection, desk.place.find(id), state=QUEUED, ended_at=None)
    monkeypatch.setattr("terrafirma.work.imports.store_decisions", lambda *_: 1 / 0)
    desk.worker.perform(id)
    assert "ZeroDivisionError" in desk.place.find(id).errors
    assert desk.do(answer)["result"]["written"] == 2


def test_a_commit_of_all_rows_tells_how_long_it_locks_before_and_after(local, monkeypatch):
    """By a clock that goes on by a second whenever it is looked at; two of three rows are to be written."""
    clock = itertools.count().__next__
    monkeypatch.setattr("terrafirma.work.imports.monotonic", clock)
    monkeypatch.setattr("terrafirma.work.import_commit.monotonic", clock)
    report = local.report("alpha2,population\nTH,7\nDE,8\nFR,\n")
    assert report["lock_seconds"] == 0.7
    assert local.commit("alpha2,population\nTH,7\n")["result"]["locked_seconds"] == 1


def test_others_write_between_the_pieces_of_a_commit(desk, monkeypatch):
    """A piece ends with the step in which its time is over, and then the writer's turn is free."""
    monkeypatch.setattr("terrafirma.work.import_commit.HOLD_SECONDS", 0)
    others = []

    def write_meanwhile(_):
        others.append(
            desk.client.post("/countries", json={"name": f"Other {len(others)}"}).status_code
        )

    monkeypatch.setattr("terrafirma.work.import_commit.sleep", write_meanwhile)
    rows, before = 5 * STEP - 1, desk.entries()
    data = "name\n" + "".join(f"Land {number}\n" for number in range(rows))
    job = desk.commit(data, "?create=yes", bad="skip")
    assert (job["result"]["written"], others, desk.entries()) == (
        rows,
        [201] * 5,
        before + rows + 5,
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", None),
        (b"  \n", "The file is empty"),
        (b"name,populaton\nX,1\n", 'did you mean "population"'),
        (b"name,name\nX,Y\n", "is given by several columns"),
        (b'name\n"X', "Line 2 cannot be read"),
        (b"name\n", "The file has no rows"),
        (b'[{"name": "X"}, {]', "The file is not JSON"),
        (b'{"name": "X"}\n{"name"', "Line 2 is not JSON"),
        (b"\x1f\x8b\x08garbage", "damaged"),
        (b"PK\x03\x04garbage", "damaged"),
        (gzip.compress(b"name\n" + b"X" * 3_000_000), "holds more than"),
    ],
)
def test_files_that_are_none_are_refused_in_a_sentence(open_app, sqlite_world_url, data, told):
    desk = Desk(open_app(sqlite_world_url, max_import=1_000_000).test_client())
    if told is None:
        answer = desk.client.post("/imports", data=data)
        assert (answer.status_code, answer.json["error"]) == (400, "The file is empty.")
    else:
        assert told in refusal(desk, data)


@pytest.mark.parametrize("kind", ["names", "dataset"])
def test_kinds_that_only_the_log_has_are_refused_before_a_job_is_made(local, kind):
    answer = local.client.post(
        f"/imports?kind={kind}", data=b"name\nX\n", content_type="application/octet-stream"
    )
    assert answer.status_code == 400
    assert answer.json["error"].startswith("kind must be country or subdivision")
    assert local.client.get("/jobs").json == []


def test_columns_that_cannot_be_told_are_reported_with_those_that_can(local):
    job = local.try_out("ISO 2,Einwohner\nFR,1\n")
    report = local.client.get(f"/imports/{job['id']}").json
    assert (job["state"], report["columns"]) == ("failed", {"ISO 2": "alpha2", "Einwohner": None})
    assert [(each["row"], each["column"]) for each in report["errors"]] == [(None, "Einwohner")]
    assert local.client.post(f"/imports/{job['id']}/commit").status_code == 409


@pytest.mark.parametrize("form", ["csv", "ndjson", "xlsx", "json"])
def test_a_dry_run_says_how_many_rows_there_are_while_it_goes_on(local, form, monkeypatch):
    told = []
    rows = list(csv.reader(io.StringIO(local.client.get(WORLD + "csv").get_data(as_text=True))))
    data = as_workbook(rows) if form == "xlsx" else local.client.get(WORLD + form).data
    monkeypatch.setattr(Task, "tell", lambda _task, done, total=None: told.append((done, total)))
    monkeypatch.setattr(imports, "BATCH", 100)
    local.report(data)
    total = None if form == "json" else 250
    # Before the first rows, the process that reads the file is looked after.
    counted = [each for each in told if each[0]]
    assert counted[:4] == [(100, total), (200, total), (250, total), (250, 250)]


def test_a_claim_of_a_gigabyte_is_refused_at_once_and_nothing_stays(local):
    folder = local.place.settings.imports_path
    for claim, status in ((1_000_000_000, 413), (9, 400)):
        answer = local.client.post(
            "/imports", data=b"name\n", environ_overrides={"CONTENT_LENGTH": str(claim)}
        )
        told = "over 200,000,000 bytes; TERRAFIRMA_MAX_IMPORT allows more" in answer.json["error"]
        assert (answer.status_code, told) == (status, status == 413), answer.json
    assert local.client.post("/imports", data=b"").status_code == 400
    assert list(folder.iterdir()) == []


def test_an_upload_over_the_limit_is_refused(open_app, sqlite_world_url):
    desk = Desk(open_app(sqlite_world_url, max_import=1000).test_client())
    assert desk.client.post("/imports", data=b"x" * 1001).status_code == 413
    claim = {"CONTENT_LENGTH": str(10**9)}
    assert desk.client.post("/imports", data=b"x", environ_overrides=claim).status_code in (
        400,
        413,
    )


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused_whatever_it_claims(
    open_app, sqlite_world_url
):
    desk = Desk(open_app(sqlite_world_url, max_import=1_000_000).test_client())
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    honest = bomb.getvalue()
    lying = honest.replace((5_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    for data in (honest, lying):
        assert "unpacks to more than 1,000,000 bytes" in refusal(desk, data)


def test_formulas_are_refused_by_cell(local):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["alpha2", "population"])
        sheet.write_row(1, 0, ["TH"])
        sheet.write_formula(1, 1, "=1+1", None, 2)
    for data in (file.getvalue(), "alpha2,population\nTH,=1+1\n"):
        [error] = local.report(data)["errors"]
        assert (error["row"], error["column"]) == (2, "population")
        assert "a formula" in error["message"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "utf-8"])
def test_encodings_are_found_out(local, encoding):
    data = "alpha2;capital\nTH;Füßen, große Straße über Österreich\n".encode(encoding)
    report = local.report(data)
    assert (
        report["changes"][0]["fields"]["capital" if encoding else ""][1]
        == "Füßen, große Straße über Österreich"
    )
    assert local.report(data, f"?encoding={encoding}&delimiter=semicolon")["counts"]["changed"] == 1


@pytest.mark.parametrize(
    ("row", "outcome", "told"),
    [
        ("id,name\n1,Siam", "changed", None),
        ("id,alpha2,population\n1,DE,5", "refused", "but the codes or name are of country"),
        ("name,population\nTHAILAND,5", "changed", None),
        ("id,name\n9999,Sealand", "refused", "create=yes"),
        ("alpha2,name\nXS,Sealand", "created", None),
        ("alpha2,population\nxs,5", "refused", "must be two capital letters"),
    ],
)
def test_rows_mean_records_by_codes_id_or_name(desk, row, outcome, told):
    report = desk.report(row)
    assert report["counts"][outcome] == 1
    assert told is None or any(told in error["message"] for error in report["errors"])


def test_blanks_say_nothing_or_that_nothing_is_known(desk):
    data = "alpha2,population,languages.code\nTH,,\n"
    assert desk.report(data)["counts"]["unchanged"] == 1
    [change] = desk.report(data, "?blanks=clear")["changes"]
    assert {name: after for name, (_, after) in change["fields"].items()} == {
        "population": None,
        "languages": None,
    }


def test_columns_are_known_by_what_they_are_called_elsewhere():
    found = {
        header: find_field(COUNTRY, header)
        for header in ("ISO 2", "cca3", "Country Name", "lng", "populaton")
    }
    assert found == {
        "ISO 2": "alpha2",
        "cca3": "alpha3",
        "Country Name": "name",
        "lng": "longitude",
        "populaton": None,
    }


def test_cells_of_one_list_must_agree():
    cells = [("capitals.name", "A;B"), ("capitals.roles", r"x|y;z\;w"), ("extra.note", "'=1")]
    assert make_patch(COUNTRY, cells, CellOptions())[0] == {
        "capitals": [{"name": "A", "roles": ["x", "y"]}, {"name": "B", "roles": ["z;w"]}],
        "extra": {"note": "=1"},
    }
    _, [fault] = make_patch(
        COUNTRY, [("capitals.name", "A;B"), ("capitals.roles", "x")], CellOptions()
    )
    assert (fault.field, fault.code) == ("capitals", "length")


RENAMED = "Country,Population\nTurkey,1\nSwaziland,2\nCzech Republic,3\n"


def test_a_name_that_found_a_record_does_not_rename_it(local):
    report = local.report(RENAMED)
    assert report["counts"]["changed"] == 3
    assert all(change["fields"].keys() == {"population"} for change in report["changes"])
    renamed = local.report("alpha2,name\nNZ,Aotearoa\n")["changes"][0]["fields"]
    assert renamed["name"][1] == "Aotearoa"
    guessed = local.report("alpha2,Country,Population\nTR,Turkey,1\n")
    assert guessed["changes"][0]["fields"].keys() == {"population"}
    assert any("do not change it" in note for note in guessed["notes"])


@pytest.mark.parametrize(
    ("query", "counts"),
    [
        ("", (0, 1, 1)),
        ("?create=no", (0, 1, 1)),
        ("?create=yes", (1, 1, 0)),
        ("?mode=upsert", (1, 1, 0)),
        ("?mode=update-only", (0, 1, 1)),
        ("?mode=create-only", (1, 0, 1)),
    ],
)
def test_unknown_names_make_records_only_where_that_is_asked_for(local, query, counts):
    report = local.report("name,population\nIvori Coast,1\nThailand,2\n", query)
    found = report["counts"]
    assert (found["created"], found["changed"], found["refused"]) == counts
    if not query:
        assert "Ivoire (CI)" in report["errors"][0]["message"]
        assert report["errors"][0]["value"] == "Ivori Coast"


def test_create_and_mode_must_agree(local):
    answer = local.client.post("/imports?create=yes&mode=update-only", data=b"name\nX\n")
    assert (answer.status_code, "do not agree" in answer.json["error"]) == (400, True)


def test_the_words_of_a_file_can_be_named(local):
    data = "sep=;\nalpha2;landlocked;area;capital\nTH;nein;513.120,5;-\n"
    report = local.report(data, "?booleans=ja/nein&decimal=,&blanks=keep,-")
    assert report["changes"][0]["fields"]["area"][1] == 513120.5
    messages = [error["message"] for error in local.report(data)["errors"]]
    assert ["booleans=" in messages[0], "decimal=," in messages[1], "blanks=-" in messages[2]] == [
        True
    ] * 3
    assert local.client.post("/imports?blanks=claer", data=b"x").status_code == 400


def test_values_beyond_ascii_are_shown_and_strange_encodings_are_asked_for(local):
    data = "alpha2,extra.x\nTH,Łódź\nDE,Kraków i Gdańsk\nFR,Wrocław\n"
    assert local.report(data)["file"]["sample"] == "Łódź"
    told = refusal(local, data.encode("cp1250"))
    assert all(word in told for word in ("encoding=cp1250", "encoding=cp1252", "Gdańsk"))
    assert local.report(data.encode("cp1250"), "?encoding=cp1250")["counts"]["changed"] == 3
    plain = "plain " * 50
    late = "alpha2,extra.x\n" + f"TH,{plain}\n" * 300 + "DE,schön\n"
    assert len(late) > SAMPLE
    assert local.report(late.encode("cp1252"))["file"]["encoding"] == "cp1252"


def test_what_a_process_froze_stays_frozen():
    """Else a server, or a run of these tests, would visit its whole heap ever after."""
    before = gc.get_freeze_count()
    with imports.settled():
        assert gc.get_freeze_count() >= before
    assert gc.get_freeze_count() >= before > 0


def test_reference_columns_take_names(desk):
    data = (
        "group,country,from\nASEAN,Cote d'Ivoire,2030-01-01\nASEAN,Ruritania,2030-01-01\n"
        "ASEAN,Congo,2030-01-01\nAssociation of Southeast Asian Nations,FR,2030-01-01\n"
    )
    report = desk.report(data, "?kind=membership")
    assert report["counts"]["created"] == 2, report["errors"]
    assert [f"{each['text']} → {each['code']}" for each in report["names"]] == [
        "Association of Southeast Asian Nations → ASEAN",
        "Cote d'Ivoire → CI",
    ]
    unknown, unclear = (each["message"] for each in report["errors"])
    assert unknown.startswith('"Ruritania" names no country')
    assert unclear == '"Congo" may mean Congo (CG) or DR Congo (CD); give the code'
    assert {each["column"] for each in report["errors"]} == {"country"}
    job = desk.commit(data, "?kind=membership", bad="skip")
    assert (job["state"], job["result"]["written"]) == ("done", 2)
    assert (
        desk.client.get("/memberships?group=ASEAN&country=CI&on=2030-01-02").json[0]["from"]
        == "2030-01-01"
    )


@pytest.mark.parametrize(
    ("encoding", "text", "word"),
    [("utf-16", "Süd", "Süd"), ("utf-8-sig", "South", None), ("utf-8-sig", "Łódź", "Łódź")],
)
def test_a_dry_run_shows_a_word_whatever_the_marks(local, encoding, text, word):
    data = f"alpha2,extra.note\r\nTH,{text}\r\n".encode(encoding)
    assert local.report(data)["file"].get("sample") == word


def test_unclear_columns_of_a_sheet_name_the_others(local):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("Notes").write_row(0, 0, ["Notes"])
        book.add_worksheet("Data").write_row(0, 0, ["alpha2"])
    told = refusal(local, file.getvalue())
    assert told.startswith("Sheet Notes of Notes, Data was read. The columns are not clear")
    assert told.endswith("; sheet=Data reads it.")


def test_a_failed_import_names_its_file_and_the_ways_out(local):
    """For programs, each way out is a parameter and its value."""
    job = local.try_out("alpha2,Notes\nTH,x\n", "?filename=lands.csv")
    [error] = job["errors"]
    assert error["rule"].startswith('lands.csv: The columns are not clear: "Notes" is not a field')
    assert error["hints"] == [{"parameter": "map", "value": "Notes:", "effect": "leaves it out"}]
    assert error["message"] == f"{error['rule']}; map=Notes: leaves it out."
    report = local.client.get(f"/imports/{job['id']}").json
    assert report["file"]["name"] == "lands.csv"
    assert report["errors"][0]["hints"] == error["hints"]


def test_a_refused_row_is_told_by_file_row_column_value_and_rule(local):
    form = {"file": (io.BytesIO(b'alpha2,area\nTH,"1,5"\n'), "Flächen.csv")}
    job = local.do(local.client.post("/imports", data=form))
    report = local.client.get(job["result"]["report"]).json
    assert report["file"]["name"] == "Flächen.csv"
    [error] = report["errors"]
    assert (error["row"], error["column"], error["value"]) == (2, "area", "1,5")
    hint = {"parameter": "decimal", "value": ",", "effect": "reads a decimal comma"}
    assert error["hints"] == [hint]
    assert error["message"] == f"{error['rule']}; decimal=, reads a decimal comma"


def test_a_refused_row_has_its_record_and_cells_and_is_put_right(desk):
    """The whole file is checked again with new cells; rows may be left out; the file is needed no more."""
    data = "alpha2,population,Notes\nTH,many,x\nNR,7,\nTV,8,\nTV,9,\nQQQ,1,\n"
    job = desk.try_out(data, "?map=Notes:")
    report = desk.client.get(job["result"]["report"]).json
    assert [(each["row"], each["name"]) for each in report["refused"]] == [
        (2, "Thailand"),
        (5, "Tuvalu"),
        (6, None),
    ]
    assert report["refused"][0]["cells"] == {"alpha2": "TH", "population": "many", "Notes": "x"}
    assert [each["name"] for each in report["changes"]] == ["Naoero", "Tuvalu"]
    before, rows = desk.entries(), {"2": {"population": "70"}, "5": None}
    address = f"/imports/{job['id']}/corrections"
    again = desk.do(desk.client.post(address, json={"rows": rows}))
    assert again["result"]["counts"] == {"created": 0, "changed": 3, "unchanged": 0, "refused": 1}
    address = f"/imports/{again['id']}/corrections"
    last = desk.do(desk.client.post(address, json={"rows": {"6": {"alpha2": "FR"}}}))
    assert (last["result"]["counts"]["refused"], desk.entries()) == (0, before)
    done = desk.do(desk.client.post(f"/imports/{last['id']}/commit"))
    assert done["result"]["written"] == 4
    assert desk.client.get("/countries/TH").json["population"] == 70


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"rows": {}},
        {"rows": {"x": {}}},
        {"rows": {"2": []}},
        {"rows": {"2": {"a": [1]}}},
    ],
)
def test_corrections_are_cells_by_row_and_column(desk, body):
    id = desk.try_out("alpha2,population\nTH,many\n")["id"]
    answer = desk.client.post(f"/imports/{id}/corrections", json=body)
    assert (answer.status_code, "rows" in answer.json["error"]) == (400, True)
    assert desk.client.post(f"/imports/{'0' * 20}/corrections", json=body).status_code in (400, 404)


@pytest.mark.parametrize(
    "data",
    [
        "alpha2,population\nTH,many\nTV,5\n",
        '[{"alpha2": "TH", "population": "many"}, {"alpha2": "TV", "population": 5}]',
    ],
)
def test_the_table_of_refused_rows_is_taken_as_it_is(desk, data):
    job = desk.try_out(data)
    errors = desk.client.get(f"/imports/{job['id']}/errors").text
    report = desk.report(errors)
    assert report["counts"]["refused"] == 1
    assert report["refused"][0]["name"] == "Thailand"
    report = desk.report(
        errors.replace("many", "70") if "[" not in data else errors.replace('""many""', "70")
    )
    assert report["counts"] == {"created": 0, "changed": 1, "unchanged": 0, "refused": 0}


@pytest.mark.parametrize("bad", ["refuse", "skip"])
def test_a_commit_is_undone_as_one_action(desk, bad):
    desk.client.put("/countries/TV", json=desk.client.get("/countries/TV").json | {"area": 27})
    before = desk.client.get("/countries?format=csv&fields=*").data
    data = "alpha2,name,population\nTH,,70\nTV,,8\nXS,Sealand,9\n"
    job = desk.try_out(data)
    assert desk.client.post(f"/imports/{job['id']}/undo").status_code == 409
    desk.do(desk.client.post(f"/imports/{job['id']}/commit?bad={bad}"))
    assert desk.client.get("/countries/XS").json["population"] == 9
    undone = desk.do(desk.client.post(f"/imports/{job['id']}/undo"))
    assert undone["result"]["undone"] == 3
    assert desk.client.get("/countries?format=csv&fields=*").data == before
    assert desk.client.post(f"/imports/{job['id']}/undo").json["id"] == undone["id"]


def test_a_record_that_changed_after_the_commit_is_not_undone(desk):
    job = desk.try_out("alpha2,population\nTH,70\nTV,8\n")
    desk.do(desk.client.post(f"/imports/{job['id']}/commit"))
    desk.client.patch("/countries/TV", json={"area": 27})
    refused = desk.do(desk.client.post(f"/imports/{job['id']}/undo"))
    assert refused["state"] == "failed"
    assert "Tuvalu" in refused["errors"][0]["message"]
    assert desk.client.get("/countries/TH").json["population"] == 70
    undone = desk.do(desk.client.post(f"/imports/{job['id']}/undo?changed=skip"))
    assert [each["name"] for each in undone["result"]["kept"]] == ["Tuvalu"]
    assert desk.client.get("/countries/TH").json["population"] > 70
    assert desk.client.get("/countries/TV").json["population"] == 8

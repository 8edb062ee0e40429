"""Files that fell what reads them: each ends its own import, once, with a sentence, and nothing else."""

import csv
import io
import json
import subprocess
import time
import zipfile
from urllib.parse import quote

import pytest

from terrafirma.work import parsing
from tests.work.test_imports import Desk, as_workbook

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def alter(name, old, new):
    """A sound spreadsheet, altered in one place."""
    made = io.BytesIO()
    sound = zipfile.ZipFile(io.BytesIO(as_workbook([["alpha2", "population"], ["TH", 1]])))
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for each in sound.namelist():
            text = sound.read(each)
            assert each != name or old in text, text
            book.writestr(each, text.replace(old, new) if each == name else text)
    return made.getvalue()


FILES = {
    "digits": b'[{"name":"b3","population":%s}]' % (b"9" * 5_000),
    "nested": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "columns": b"name," * 200_000 + b"\nX\n",
    "strings": alter(STRINGS, b'uniqueCount="3"', b'uniqueCount="99999999999"'),
    "far": alter(SHEET, b'r="B2"', b'r="ZZZZZZ99999999"'),
    "wide": alter(SHEET, b'r="B2"', b'r="XFD900000"'),
    "far formula": alter(SHEET, b'r="B2"><v>1</v>', b'r="A9999999"><f>1</f>'),
    "half a book": as_workbook([["alpha2"], ["TH"]])[:-200],
    "noise": bytes(range(256)) * 100,
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_once_and_spares_the_worker(sqlite_client, name):
    desk = Desk(sqlite_client)
    job = desk.try_out(FILES[name])
    assert job["attempt"] == 1
    if job["state"] == "done":
        # The reader gets to the end of it, and refuses its one row.
        assert job["result"]["counts"]["refused"] == 1
        return
    assert job["state"] == "failed"
    (error,) = job["errors"]
    assert error["message"].endswith(".")
    assert not error["message"].startswith(("RecursionError", "TypeError", "MemoryError"))


@pytest.mark.parametrize(
    "encoding", ["bz2", "base64", "rot13", "IDNA", "unicode_escape", "undefined"]
)
def test_only_encodings_of_text_are_encodings(sqlite_client, encoding):
    answer = sqlite_client.post(f"/imports?encoding={encoding}", data=b"name\nX\n")
    assert answer.status_code == 422
    assert answer.json["error"].startswith(f'encoding: "{encoding}" is not the name')


MAIN = b'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.mark.parametrize(
    "cell",
    [
        b'<c s="0" r="B2"><f>1+1</f><v>2</v></c>',
        b"<c r='B2'><f>1+1</f><v>2</v></c>",
        b"<c><f>1+1</f><v>2</v></c>",
        b'<c r="b2"><f>1+1</f><v>2</v></c>',
        b'<c r="B2"><f t="shared" si="0"/><v>2</v></c>',
        b'<c r="B2"><x:f %s>1+1</x:f><v>2</v></c>' % MAIN,
    ],
)
def test_a_formula_is_found_however_it_is_written(sqlite_client, cell):
    file = alter(SHEET, b'<c r="B2"><v>1</v></c>', cell)
    report = Desk(sqlite_client).report(file)
    assert report["counts"]["refused"] == 1
    assert "is cell B2, which is a formula" in report["errors"][0]["message"]


RUN = ("=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\uff1d1+1", "\uff0bA1", "\uff0dA1", "\uff20A1")
"""Texts that a spreadsheet somewhere runs."""


@pytest.mark.parametrize("text", RUN)
def test_a_table_of_refused_rows_runs_nothing(sqlite_client, text):
    table = io.StringIO()
    name = text.strip()
    csv.writer(table).writerows([["alpha2", "area", name], ["TH", "-", text]])
    desk = Desk(sqlite_client)
    job = desk.try_out(table.getvalue().encode(), f"?map={quote(name)}:")
    answer = desk.client.get(f"/imports/{job['id']}/errors").get_data(as_text=True)
    headers, row = csv.reader(io.StringIO(answer, newline=""))
    assert (headers[-1], row[-1]) == (f"'{name}", f"'{text}")
    assert row[-2] == "-"


def test_an_import_beside_them_is_done(sqlite_client):
    desk = Desk(sqlite_client)
    desk.try_out(FILES["digits"])
    desk.try_out(FILES["far"])
    assert desk.report(b"alpha2,population\nTH,7\n")["counts"]["changed"] == 1


def test_a_file_that_takes_for_ever_is_given_up_when_the_job_is_cancelled():
    begun = time.monotonic()

    def look():
        if time.monotonic() > begun + 1:
            raise InterruptedError

    # A child that never says anything.
    child = subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        with pytest.raises(InterruptedError):
            list(parsing.read_messages(child, json.dumps({}).encode(), look))
    finally:
        child.kill()
        child.wait()

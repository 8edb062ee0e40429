"""Files that fell what reads them: each ends its own import, once, with a sentence, and nothing else."""

import io
import json
import subprocess
import time
import zipfile

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

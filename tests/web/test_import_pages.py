"""An import without JavaScript: each form is passed on to the API, with the rights of its sender."""

import io
import re

import pytest

from tests.conftest import make_key
from tests.work.test_imports import Desk

FILE = b"alpha2,population,area\nTH,71668012,513120\nFR,abc,551500\n"
PLACE = "/explore/imports"


class Forms(Desk):
    """A browser without JavaScript, and a worker."""

    def send(self, path, **fields):
        """The page that a form leads to, once its job is done."""
        answer = self.client.post(path, data=fields, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.text
        address = answer.headers["Location"]
        waiting = self.client.get(address).text
        assert '<meta http-equiv="refresh" content="1">' in waiting
        self.worker.perform(re.search(r"(\w+)$", address)[1])
        return self.client.get(address).text


@pytest.fixture
def forms(sqlite_client):
    return Forms(sqlite_client)


def find_form(page, deed):
    """The address of a form."""
    return re.search(f'action="({PLACE}/[^"]+/{deed})"', page)[1]


def test_a_file_is_tried_out_corrected_committed_and_undone_by_forms(forms):
    page = forms.send(f"{PLACE}?kind=country", file=(io.BytesIO(FILE), "countries.csv"))
    assert "<b>1</b> refused" in page
    assert 'name="cell:3:population" value="abc"' in page
    corrections = {"cell:3:population": "66000000", "cell:2:area": "1", "other": "x"}
    page = forms.send(find_form(page, "corrections"), **corrections)
    assert "<b>0</b> refused" in page
    page = forms.send(find_form(page, "commit"))
    assert "Wrote 2 rows, left out 0." in page
    assert forms.client.get("/countries/FR").json["population"] == 66_000_000
    assert forms.client.get("/countries/TH").json["area"] == 513_120
    page = forms.send(find_form(page, "undo"))
    assert "Undone: 2 records" in page
    assert forms.client.get("/countries/FR").json["population"] != 66_000_000


def test_reports_and_forms_are_for_those_who_may_write(forms):
    client = forms.client
    report = f"{PLACE}/{forms.try_out(FILE, '?kind=country')['id']}"
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{report}/commit", headers=foreign).status_code == 403
    assert client.get(report).status_code == 200
    reader = make_key(client.application, "reader")
    assert client.get(report).status_code == 401
    assert client.get(report, headers=reader).status_code == 403
    assert client.post(f"{report}/corrections", headers=reader).status_code == 403


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("?kind=planet", {}, 400),
        ("?kind=country", {}, 400),
        ("/..%2f..%2fetc", {}, 404),
        ("/nothing/commit", {}, 404),
        (f"/{'0' * 20}/undo", {}, 404),
        (f"/{'0' * 20}/corrections", {"cell:2:area": "1"}, 404),
    ],
)
def test_what_is_no_import_is_refused(forms, path, fields, status):
    answer = forms.client.post(PLACE + path, data=fields, content_type="multipart/form-data")
    assert answer.status_code == status


def test_corrections_without_a_change_are_refused(forms):
    id = forms.try_out(FILE, "?kind=country")["id"]
    answer = forms.client.post(f"{PLACE}/{id}/corrections", data={"cell:3:population": "abc"})
    assert (answer.status_code, "No cell is changed" in answer.text) == (400, True)

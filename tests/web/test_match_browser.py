"""The page that matches a column of names: paste, choose once, remember, download."""

import csv
import io
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import expect

from tests.web.conftest import find_barriers

pytestmark = pytest.mark.slow

PASTED = "Country\nCote d'Ivoire\n德国\nCongo\nCongo\nScotland\nKorea, Republic of\nFreedonnia\n"


@pytest.fixture
def pasted(visit):
    page = visit("/explore/match")
    page.fill("#names", PASTED)
    page.check("[name=heading]")
    page.click("#match button.main")
    expect(page.locator("#counts")).to_have_text("3 matched · 2 ambiguous · 2 not matched")
    return page


def row(page, text):
    return page.locator("#rows tbody tr").filter(has=page.locator("th", has_text=text))


def download(page):
    with page.expect_download() as told:
        page.click("#download")
    return list(csv.reader(io.StringIO(Path(told.value.path()).read_text(encoding="utf-8-sig"))))


def test_a_column_is_matched_and_a_choice_counts_for_equal_cells(pasted):
    expect(row(pasted, "Cote d'Ivoire").locator("td").last).to_have_text("CI")
    expect(row(pasted, "Scotland")).to_contain_text("Scotland is a subdivision (GB-SCT).")
    choice = row(pasted, "Congo").locator("select")
    choice.focus()
    pasted.keyboard.press("ArrowDown")
    pasted.keyboard.press("ArrowDown")
    expect(row(pasted, "Congo").locator("td").last).to_have_text("CD")
    expect(row(pasted, "Congo").locator("select")).to_be_focused()
    pasted.check("#open-only")
    expect(pasted.locator("#rows tbody tr")).to_have_count(2)
    assert download(pasted) == [
        ["Country", "alpha2", "matched_name", "score", "outcome"],
        ["Cote d'Ivoire", "CI", "Côte d'Ivoire", "0.98", "matched"],
        ["德国", "DE", "Germany", "1", "matched"],
        *[["Congo", "CD", "DR Congo", "", "chosen"]] * 2,
        ["Scotland", "", "", "", "none"],
        ["Korea, Republic of", "KR", "South Korea", "0.98", "matched"],
        ["Freedonnia", "", "", "", "none"],
    ]


def test_what_was_chosen_can_be_remembered(pasted):
    row(pasted, "Congo").locator("select").select_option(label="DR Congo (CD)")
    row(pasted, "Congo").get_by_role("button", name="Remember as another name").click()
    expect(row(pasted, "Congo")).to_contain_text("Remembered")
    names = pasted.evaluate("fetch('/countries/CD').then(each => each.json())")["other_names"]
    assert "Congo" in names
    assert len(names) > 1


def test_a_file_has_columns_and_the_address_keeps_the_kind(visit):
    page = visit("/explore/match?kind=subdivision")
    page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv",
                                   "buffer": b'n;Land\n1;California\n2;"Bayern"\n'})  # fmt: skip
    expect(page.locator("#counts")).to_have_text("2 matched")
    assert page.locator("[name=column]").input_value() == "1"
    assert page.url.endswith("/explore/match?kind=subdivision")
    assert download(page)[1][:3] == ["1", "California", "US-CA"]


def test_the_first_sheet_of_a_spreadsheet_is_a_table(visit):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1, ["Year", "Country"])
        sheet.write_row(1, 1, [2020, "Cote d'Ivoire"])
        sheet.write_rich_string("C3", "South ", book.add_format({"bold": True}), "Sudan")
        book.add_worksheet().write(0, 0, "Not shown")
    page = visit("/explore/match")
    workbook = {"name": "list.xlsx", "mimeType": "application/octet-stream"}
    page.set_input_files("#file", workbook | {"buffer": file.getvalue()})
    expect(page.locator("#counts")).to_have_text("2 matched")
    assert [line[1:4] for line in download(page)] == [
        ["Year", "Country", "alpha2"],
        ["2020", "Cote d'Ivoire", "CI"],
        ["", "South Sudan", "SS"],
    ]
    page.set_input_files("#file", workbook | {"buffer": b"PK broken"})
    expect(page.locator(".refusal")).to_have_text(
        "This spreadsheet cannot be read. Save it as CSV."
    )


@pytest.mark.parametrize("language", ["de", "ar"])
def test_nobody_is_barred_from_the_page(visit, language):
    page = visit(f"/explore/match?lang={language}", viewport={"width": 360, "height": 740})
    page.fill("#names", "Congo\nX\nGermany")
    page.click("#match button.main")
    expect(page.locator("#rows tbody tr")).to_have_count(3)
    assert not find_barriers(page)

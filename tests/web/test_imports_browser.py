"""Imports in a real browser: files are dropped, tried out, put right and committed, and nothing becomes markup."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.web.admin_pages import give_file, serve_desk
from tests.web.conftest import DESK, PHONE, find_barriers

pytestmark = pytest.mark.slow

DROP = """([text, name]) => {
    const carried = new DataTransfer()
    carried.items.add(new File([text], name))
    document.querySelector('.drop').dispatchEvent(new DragEvent('drop', {dataTransfer: carried, bubbles: true}))
}"""
HERE = "/explore/admin/imports"


@pytest.fixture(scope="module")
def address(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that takes what this machine writes."""
    with serve_desk(tmp_path_factory.mktemp("imports"), world_file, max_import=12_000_000) as (
        address,
        _,
    ):
        yield address


def test_a_file_is_dropped_tried_out_and_committed(visit, address):
    page = visit(HERE)
    page.evaluate(DROP, ["alpha2;population\nNR;11000\nTV;11000\nTV;1\n", "two.csv"])
    page.get_by_role("button", name="Try it out").click()
    expect(page.locator(".counts")).to_have_text("0 created2 changed0 unchanged1 refused")
    expect(page.locator("#report")).to_contain_text("As csv, utf-8, cells divided by semicolons.")
    expect(page.get_by_role("row", name="4 Tuvalu is the same country as row 3")).to_be_visible()
    change = page.get_by_role("region", name="Planned changes").get_by_role("row").nth(1)
    expect(change.locator("ins")).to_have_text("11000")
    with page.expect_download() as saved:
        page.get_by_role("link", name="All refused rows as CSV").click()
    assert "TV,1" in Path(saved.value.path()).read_text()
    head = httpx.get(f"{address}/").json()["entries"]
    page.get_by_role("button", name="Commit 2 rows").click()
    expect(page.locator(".commit")).to_contain_text("Wrote 2 rows, left out 1.")
    assert httpx.get(f"{address}/countries/TV").json()["population"] == 11000
    page.get_by_role("link", name="See the changes").click()
    expect(page.locator(".log li").first).to_contain_text(f"entry {head + 2}")


def test_a_column_that_cannot_be_told_is_told_and_the_file_sent_again(visit, address):
    page = visit(HERE)
    give_file(page, "ISO 2,Einwohner,Notiz\nFR,67000001,x\n")
    expect(page.locator(".refusal")).to_contain_text('"Einwohner" is not a field')
    page.get_by_label("Field of the column Einwohner").fill("population")
    assert page.get_by_label("Field of the column ISO 2").input_value() == "alpha2"
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".refusal")).not_to_contain_text("Einwohner")
    page.get_by_label("Field of the column Einwohner").fill("population")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".counts")).to_contain_text("1 changed")
    expect(page.locator(".refusal")).to_be_empty()
    # The page can be left and come back to.
    page.reload()
    expect(page.locator(".counts")).to_contain_text("1 changed")
    expect(page.locator("#report")).to_contain_text("choose the file again")
    page.get_by_role("button", name="Commit 1 row", exact=True).click()
    expect(page.locator(".commit")).to_contain_text("Wrote 1 row, left out 0.")
    assert httpx.get(f"{address}/countries/FR").json()["population"] == 67000001


def test_bad_rows_come_first_are_put_right_at_the_cell_and_the_whole_is_undone(visit, address):
    before = [httpx.get(f"{address}/countries/{code}").json()["area"] for code in ("KI", "WS")]
    page = visit(HERE)
    give_file(page, "alpha2,area\nKI,many\nWS,7\n")
    expect(page.locator("#report h2").first).to_have_text("Refused rows 1")
    row = page.get_by_role("row", name="2 Kiribati")
    expect(row.locator("[aria-invalid]")).to_have_value("many")
    row.get_by_label("area of row 2").fill("8")
    page.get_by_role("button", name="Check the corrected rows").click()
    expect(page.locator(".counts")).to_have_text("0 created2 changed0 unchanged0 refused")
    page.get_by_role("button", name="Commit 2 rows").click()
    expect(page.locator(".commit")).to_contain_text("Wrote 2 rows")
    page.reload()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.locator(".commit")).to_have_text("Undone: 2 records are as they were before.")
    now = [httpx.get(f"{address}/countries/{code}").json()["area"] for code in ("KI", "WS")]
    assert now == before


def test_the_columns_of_an_earlier_file_are_remembered_by_their_headings(visit):
    page = visit(HERE)
    give_file(page, "alpha2,Einwohner\nNU,1700\n")
    page.get_by_label("Field of the column Einwohner").fill("population")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".counts")).to_contain_text("1 changed")
    page.goto(page.url.rpartition("/")[0])
    give_file(page, "Einwohner,alpha2\n1701,NU\n")
    expect(page.locator("#report")).to_contain_text("as you chose for an earlier file")
    expect(page.locator("ins", has_text="1701")).to_be_visible()


def test_how_a_file_is_read_can_be_said(visit):
    page = visit(HERE)
    page.get_by_text("How it is read").click()
    page.get_by_label("Encoding").fill("cp1252")
    page.get_by_label("Cells are divided by").select_option("bar")
    give_file(page, "alpha2|name\nXC|Côte\n".encode("cp1252"))
    expect(page.locator("#report")).to_contain_text("As csv, cp1252, cells divided by bars.")
    expect(page.locator("ins", has_text="Côte")).to_be_visible()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "The file is empty."),
        (b"alpha2,name\n", "The file has no rows."),
        (b'{"name": ', "JSON"),
        (b"PK\x03\x04garbage", "damaged"),
        (b"x" * 12_000_001, "The file is over 12,000,000 bytes"),
    ],
)
def test_what_is_refused_is_said_on_the_page(visit, body, told):
    page = visit(HERE)
    give_file(page, body)
    expect(page.locator(".refusal")).to_contain_text(told)
    expect(page.get_by_role("button", name="Try it out")).to_be_enabled()


def test_nothing_of_a_file_becomes_markup(visit):
    evil = "<script>document.title='evil'</script><img src=x onerror=alert(1)>"
    page = visit(HERE)
    page.get_by_text("How it is read").click()
    page.get_by_label("A name that is not known").select_option("yes")
    give_file(page, f"name,{evil}\n{evil},{evil}\n", f"{evil[:20]}.csv")
    page.get_by_label("Field of the column <script>").fill("extra.evil")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("ins", has_text=evil).first).to_be_visible()
    assert page.title() != "evil"
    assert page.locator("#admin script, #admin img").count() == 0


def test_ten_megabytes_are_sent_and_told(visit):
    page = visit(HERE)
    row = "TH,{}," + "x" * 900_000 + "\n"
    give_file(
        page, "alpha2,population,Notes\n" + "".join(row.format(number) for number in range(11))
    )
    expect(page.locator(".refusal")).to_contain_text('"Notes" is not a field', timeout=20_000)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".counts")).to_contain_text("10 refused", timeout=20_000)


def test_keys_alone_are_enough(visit):
    page = visit(HERE)
    page.locator("#file").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"alpha2,gini\nTO,30\n"}
    )
    page.locator("#file").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Try it out"
    page.keyboard.press("Enter")
    expect(page.locator("#report")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".commit")).to_contain_text("Wrote 1 row")


def test_without_javascript_the_way_is_told(visit):
    page = visit(HERE, java_script_enabled=False)
    expect(page.locator("noscript .empty")).to_contain_text("terrafirma import FILE")
    expect(page.locator("#import")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_a_report_fits_a_phone_and_bars_nobody(visit, scheme, size):
    page = visit(HERE, color_scheme=scheme, viewport=size)
    give_file(page, "alpha2,population,extra.a_name_as_long_as_a_name_may_be\nDE,5,6\nXX,many,\n")
    expect(page.locator(".counts")).to_contain_text("1 refused")
    page.get_by_text("How it is read").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert not find_barriers(page)

"""The twelve jobs of docs/atlas.md as a reader does them, each in no more clicks than the table there says.

Run with `-s` to see the seconds that each takes.
"""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import make_key
from tests.web.admin_pages import serve_desk

pytestmark = pytest.mark.slow

TABLE = (Path(__file__).parents[2] / "docs" / "atlas.md").read_text("utf-8")
MIDDLE = """link => {
    const at = new DOMPoint(...link.dataset.at.split(",").map(Number))
    const { x, y } = at.matrixTransform(link.ownerSVGElement.getScreenCTM())
    return [x, y]
}"""
PHONE = {"width": 390, "height": 844}


class Hand:
    """A reader's hand on a page, and how often it clicked. Typing, days and scrolling are no clicks."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, place: Locator) -> None:
        """Click or tap something."""
        self.clicks += 1
        place.click()

    def choose(self, place: Locator, value: str) -> None:
        """Choose an option of a list."""
        self.clicks += 1
        place.select_option(value)

    def press(self, key: str) -> None:
        """Press a key that does something, such as Enter."""
        self.clicks += 1
        self.page.keyboard.press(key)

    def find(self, text: str) -> None:
        """Search for something and open the first hit."""
        # Suggestions begin once the script is there.
        self.click(self.page.locator("#find[role=combobox]"))
        self.page.keyboard.type(text)
        first = self.page.locator("#hits [role=option]").first
        expect(first).to_contain_text(re.compile(text, re.IGNORECASE))
        self.press("Enter")

    def link(self, name: str | re.Pattern[str], within: str = "main") -> None:
        """Click a link."""
        self.click(self.page.locator(within).get_by_role("link", name=name).first)

    def button(self, name: str | re.Pattern[str]) -> None:
        """Click a button."""
        self.click(self.page.get_by_role("button", name=name).first)


def find_tuvalu(hand: Hand) -> None:
    hand.find("tuvalu")
    expect(hand.page.locator("h1")).to_contain_text("Tuvalu")
    expect(hand.page.locator(".locator")).to_be_in_viewport()


def cite_an_area(hand: Hand) -> None:
    expect(hand.page.locator(".zoom")).to_be_visible()
    thailand = hand.page.locator('#lands a[href="/explore/TH"]')
    hand.page.mouse.click(*thailand.evaluate(MIDDLE))
    hand.clicks += 1
    hand.page.wait_for_url("**/explore/TH")
    hand.click(hand.page.get_by_label("Show sources"))
    area = hand.page.locator("dl div", has=hand.page.get_by_text("Area", exact=True)).last
    expect(area.locator(".source")).to_contain_text("Factbook")


def list_changes_since(hand: Hand) -> None:
    hand.find("bulgaria")
    hand.link("What changed since")
    hand.page.get_by_label("Since").fill("2020-01-01")
    expect(hand.page.locator("h1")).to_contain_text("since 1 January 2020")
    expect(hand.page.locator(".log")).to_contain_text("Euro")


def rank_landlocked(hand: Hand) -> None:
    hand.click(hand.page.locator("thead").get_by_role("link", name="Population"))
    hand.page.wait_for_url("**sort=-population*")
    hand.click(hand.page.locator(".legend a", has_text="Africa"))
    hand.page.wait_for_url("**region=Africa*")
    hand.click(hand.page.locator("summary", has_text="Filters"))
    landlocked = hand.page.locator(".facets section").filter(has_text="Landlocked")
    hand.click(landlocked.get_by_role("link", name="yes"))
    expect(hand.page.locator("h1")).to_contain_text("Landlocked")
    names = hand.page.locator("tbody th a").all_inner_texts()
    assert names[:5] == ["Ethiopia", "Uganda", "Niger", "Mali", "Burkina Faso"]


def compare_a_group(hand: Hand) -> None:
    hand.find("nordic council")
    hand.link("Compare them")
    expect(hand.page.locator("table.compare thead th")).to_have_count(6)


def correct_a_capital(hand: Hand) -> None:
    hand.page.goto(hand.page.url.rpartition("/")[0] + "/explore/NR")
    hand.link("Edit")
    capitals = hand.page.get_by_role("group", name="Capitals")
    capitals.get_by_label("Name").first.fill("Aiwo")
    hand.button("Review and save")
    hand.click(hand.page.get_by_label("a day: until then"))
    hand.page.get_by_role("dialog").get_by_label("First day").fill("2026-06-01")
    hand.click(hand.page.get_by_role("button", name="Save", exact=True))
    expect(hand.page.locator(".notice")).to_contain_text("Saved")


def repair_a_file(hand: Hand) -> None:
    rows = [f"{code},{number}" for number, code in enumerate(("KI", "WS", "TO", "FJ", "VU"), 1000)]
    bad = ["TV,many", "PW,few", "MH,some"]
    hand.click(hand.page.locator("header summary", has_text="Data"))
    hand.link("Import", "header")
    hand.clicks += 1  # The file is chosen in a dialog of the browser.
    body = "\n".join(["alpha2,population", *rows, *bad]).encode()
    file = {"name": "islands.csv", "mimeType": "text/csv", "buffer": body}
    hand.page.locator("#file").set_input_files(file)
    hand.button("Try it out")
    cells = hand.page.locator(".repair [aria-invalid]")
    expect(cells).to_have_count(3)
    for cell in cells.all():
        cell.fill("9000")
    hand.button("Check the corrected rows")
    hand.button("Commit 8 rows")
    expect(hand.page.locator(".commit")).to_contain_text("Wrote 8 rows")


def save_a_view(hand: Hand) -> None:
    hand.page.goto(f"{hand.page.url}?region=Europe&fields=capital,area")
    hand.click(hand.page.locator("summary", has_text="Download"))
    with hand.page.expect_download() as saved:
        hand.link("Excel")
    assert saved.value.suggested_filename.endswith(".xlsx")


def make_a_key(hand: Hand) -> None:
    hand.click(hand.page.locator("header summary", has_text="Data"))
    hand.link("Keys", "header")
    hand.page.get_by_label("Purpose").fill("Ann's script")
    hand.button("Make a key")
    expect(hand.page.locator("#made code").first).to_contain_text("tf")
    hand.button("Copy")


def undo_a_deletion(hand: Hand) -> None:
    httpx.delete(f"{hand.page.url.removesuffix('/explore')}/countries/SM?dependents=remove")
    hand.link("Changes", "header")
    hand.link("Deleted records")
    hand.link(re.compile("Bring it back"))
    hand.button(re.compile("Bring it back with"))
    expect(hand.page.locator("h1")).to_contain_text("San Marino")
    expect(hand.page.locator("#subdivisions small")).to_have_text("9")


def look_up_a_code(hand: Hand) -> None:
    hand.find("CH-VD")
    expect(hand.page.locator("h1")).to_contain_text("Vaud")


def map_a_group_then(hand: Hand) -> None:
    hand.choose(hand.page.get_by_label("Colour by"), "member_of.EU")
    hand.page.get_by_label("On the day").fill("2003-12-31")
    expect(hand.page.locator("h1")).to_contain_text("31 December 2003")
    expect(hand.page.locator(".legend")).to_contain_text("member 15")


JOBS: dict[str, Callable[[Hand], None]] = {
    "Find Tuvalu, on a phone": find_tuvalu,
    "See the source of Thailand's area": cite_an_area,
    "What changed in Bulgaria since 2020": list_changes_since,
    "The five most populous landlocked countries of Africa": rank_landlocked,
    "Compare the members of the Nordic Council": compare_a_group,
    "Correct a capital from a day on": correct_a_capital,
    "Import a CSV file with three bad rows": repair_a_file,
    "Save the view as an Excel file": save_a_view,
    "Make a key for a colleague": make_a_key,
    "Undo a deletion of yesterday": undo_a_deletion,
    "Look up CH-VD": look_up_a_code,
    "The EU on 2003-12-31, on the map": map_a_group_then,
}


@pytest.fixture(scope="module")
def served(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with a worker, at whose machine you may write."""
    with serve_desk(tmp_path_factory.mktemp("jobs"), world_file) as served:
        yield served


def read_clicks() -> dict[str, int]:
    """The clicks of each job, as the table says."""
    return {
        job: int(clicks)
        for job, clicks in re.findall(r"^\| ([^|]+?) \|.*\| (\d+) \| [\d.]+ \|$", TABLE, re.M)
    }


def test_the_table_has_the_jobs():
    assert list(read_clicks()) == list(JOBS)


# The key of an admin ends writing without one, so its job is the last.
@pytest.mark.parametrize("job", sorted(JOBS, key=lambda job: JOBS[job] is make_a_key))
def test_a_job_takes_no_more_clicks_than_the_table_says(browser: Browser, served: Any, job: str):
    size: dict[str, Any] = {"viewport": PHONE, "has_touch": True} if "phone" in job else {}
    # The page of a deleted record is a 404, which `visit` would take for a complaint.
    page = browser.new_context(**size, permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto(f"{served[0]}/explore")
    if JOBS[job] is make_a_key:
        key = make_key(served[1], "admin")["Authorization"].removeprefix("Bearer ")
        page.evaluate("key => sessionStorage.setItem('terrafirma-key', key)", key)
        page.reload()
    hand, begun = Hand(page), time.monotonic()
    JOBS[job](hand)
    print(f"{job}: {hand.clicks} clicks, {time.monotonic() - begun:.1f} s")
    page.context.close()
    assert hand.clicks <= read_clicks()[job]

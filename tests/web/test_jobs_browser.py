"""Jobs and exports in a real browser: watched while they are done, stopped, tried again, and their files taken."""

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from terrafirma.http.app.context import EXTENSION
from terrafirma.register import jobs as rules
from tests.web.admin_pages import STEPS, serve_desk
from tests.web.conftest import DESK, PHONE, find_barriers

pytestmark = pytest.mark.slow

JOBS, EXPORTS = "/explore/admin/jobs", "/explore/admin/exports"


@pytest.fixture(scope="module")
def desk(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Flask]]:
    """A server that takes what this machine writes, and its app."""
    with serve_desk(tmp_path_factory.mktemp("jobs"), world_file) as served:
        yield served


@pytest.fixture
def address(desk: tuple[str, Flask]) -> str:
    return desk[0]


@pytest.fixture
def begin(desk: tuple[str, Flask]) -> Any:
    """Has a job done; its id."""

    def enqueue(kind: str) -> str:
        state = desk[1].extensions[EXTENSION]
        with state.database.writing_local() as connection:
            job = rules.enqueue(connection, kind, {}, "local")
        state.queue.push(job.id)
        return job.id

    return enqueue


def row_of(page: Page, id: str) -> Any:
    return page.get_by_role("row").filter(has=page.locator(f"a[href$='{id}']"))


def test_a_list_without_jobs_says_what_to_do(visit):
    page = visit(JOBS + "?state=failed")
    expect(page.locator(".empty", has_text="There are no such jobs.")).to_be_visible()
    expect(page.get_by_role("link", name="Failed")).to_have_attribute("aria-current", "true")


def test_a_job_is_watched_cancelled_and_tried_again(visit, begin):
    page = visit(JOBS)
    row = row_of(page, begin("slow"))
    expect(row).to_contain_text("a second", timeout=30_000)
    bar = row.locator("progress")
    expect(bar).to_have_attribute("max", str(STEPS))
    first = bar.evaluate("bar => bar.value")
    page.wait_for_timeout(1500)
    assert bar.evaluate("bar => bar.value") > first
    cancel = row.get_by_role("button", name="Cancel")
    cancel.focus()
    page.wait_for_timeout(1500)
    expect(cancel).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("cancelled", timeout=30_000)
    row.get_by_role("button", name="again").click()
    expect(row).to_contain_text("left", timeout=30_000)
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("cancelled", timeout=30_000)


def test_nothing_is_asked_while_nobody_looks(visit, begin):
    asked: list[str] = []
    page = visit(f"{JOBS}/{begin('slow')}")
    expect(page.locator(".progress")).to_contain_text("running", timeout=30_000)
    hide = "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true}); "
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange')) }", True)
    page.wait_for_timeout(1500)
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert not asked
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange')) }", False)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".progress")).to_contain_text("cancelled", timeout=30_000)
    assert asked


def test_a_job_that_failed_says_why(visit, begin):
    id = begin("nothing")
    page = visit(f"{JOBS}/{id}")
    expect(page.locator("#jobs")).to_contain_text(
        'does not know how to do a job of the kind "nothing"'
    )
    page.goto(page.url.replace(id, "0" * 20))
    expect(page.locator(".refusal")).to_contain_text("There is no job")


def test_older_jobs_are_on_the_next_page(visit, begin):
    first, second = begin("tidy"), begin("tidy")
    page = visit(JOBS + "?limit=1")
    expect(row_of(page, second)).to_be_visible()
    page.get_by_role("link", name="Older jobs").click()
    expect(row_of(page, first)).to_be_visible()


def test_a_view_becomes_a_file(visit):
    page = visit("/explore?region=Asia&sort=-population&colour=area&on=2025-06-01")
    page.get_by_text("Download", exact=True).first.click()
    page.get_by_role("link", name="Export in another format").click()
    expect(page.get_by_label("Records")).to_have_value("region=Asia&sort=-population")
    expect(page.get_by_label("Valid on the day")).to_have_value("2025-06-01")
    page.get_by_role("button", name="Export").click()
    link = page.get_by_role("link", name="Download")
    with page.expect_download(timeout=30_000) as saved:
        link.first.click()
    body = Path(saved.value.path()).read_bytes()
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    assert (rows[0]["alpha2"], {row["region"] for row in rows}) == ("IN", {"Asia"})
    row = page.get_by_role("row").nth(1)
    expect(row).to_contain_text(f"{len(rows)} rows")
    row.locator("summary").click()
    expect(row).to_contain_text(hashlib.sha256(body).hexdigest())


def test_an_address_is_pasted_and_its_kind_told(visit, address):
    page = visit(EXPORTS)
    page.get_by_label("Records").fill(f"{address}/explore/list/groups?q=europe&limit=3")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Records")).to_have_value("q=europe")
    expect(page.get_by_label("Kind")).to_have_value("group")
    page.get_by_label("Records").fill("nmae=Asia")
    page.get_by_role("button", name="Export").click()
    expect(page.locator(".refusal")).to_contain_text('did you mean "name"')


def test_every_form_can_be_chosen(visit, desk):
    page = visit(EXPORTS)
    schemas = desk[1].test_client().get("/openapi.json").json["components"]["schemas"]
    expect(page.locator("[name=format]")).to_be_visible()
    offered = (
        page.locator("[name=format]")
        .locator("option")
        .evaluate_all("all => all.map(one => one.value)")
    )
    assert offered == schemas["ExportBody"]["properties"]["format"]["enum"]


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_pages_of_work_fit_a_phone_and_bar_nobody(visit, begin, scheme, size):
    id = begin("nothing")
    for path in (JOBS, f"{JOBS}/{id}", EXPORTS):
        page = visit(path, color_scheme=scheme, viewport=size)
        expect(page.locator("#admin")).to_be_visible()
        expect(page.locator("#jobs > *, #files > *").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert not find_barriers(page)

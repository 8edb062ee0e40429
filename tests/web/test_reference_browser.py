"""The reference page in a real browser: its examples run, what writes asks first, and it is read without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.conftest import DESK, PHONE, find_barriers

pytestmark = pytest.mark.slow


def test_an_example_runs_and_tells_what_came(visit, address):
    page = visit("/docs")
    expect(page.locator("#queries code").last).to_contain_text(f"curl '{address}/countries/facets")
    example = page.locator("#time .try").first
    example.get_by_role("button", name="Run").click()
    answer = example.locator(".answer")
    expect(answer.locator("b")).to_have_text(re.compile(r"^200 OK, \d+ ms, \d+ bytes$"))
    expect(answer).to_contain_text("etag")
    expect(answer.locator("pre")).to_contain_text('"BGN"')


def test_an_address_is_changed_before_it_runs(visit):
    page = visit("/docs")
    example = page.locator("#get_country .try")
    example.get_by_role("button", name="Edit").click()
    example.locator("input").fill("/countries/FR?fields=capital")
    page.keyboard.press("Enter")
    expect(example.locator(".answer pre")).to_contain_text('"Paris"')
    expect(example.locator("pre").first).to_contain_text("/countries/FR?fields=capital'")
    job = page.locator("#get_job .try")
    job.get_by_role("button", name="Run").click()
    expect(job.locator(".answer")).to_have_text("Write what stands in place of {id}.")
    assert page.evaluate("getSelection().toString()") == "{id}"


def test_a_parameters_example_runs_in_the_line_of_its_operation(visit):
    page = visit("/docs")
    operation = page.locator("#list_countries")
    operation.locator("summary").first.click()
    operation.get_by_role("link", name="member_of=EU").click()
    expect(operation.locator(".answer b")).to_contain_text("200")
    expect(operation.locator("pre").first).to_contain_text("member_of=EU")


def test_what_writes_is_shown_first_and_may_be_left(visit, address):
    page = visit("/docs")
    sent = []
    page.on(
        "request", lambda request: sent.append(request.method) if request.method != "GET" else None
    )
    example = page.locator("#add_country .try")
    run = example.get_by_role("button", name="Run")
    run.click()
    dialog = page.get_by_role("dialog", name="Send this?")
    expect(dialog).to_contain_text("POST /countries")
    expect(dialog).to_contain_text("HM Fort Roughs")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert sent == []
    run.click()
    dialog.get_by_role("button", name="Send").click()
    expect(example.locator(".answer b")).to_contain_text("201")
    assert sent == ["POST"]
    where = example.locator(".answer div", has_text="location").locator("dd").inner_text()
    assert page.request.delete(address + where).status == 204


def test_a_slash_begins_a_search_within_the_page(visit):
    page = visit("/docs")
    page.keyboard.press("/")
    page.keyboard.type("webhook rotate KEY")
    expect(page.locator("#nothing")).to_be_visible()
    page.locator("#q").fill("rotate")
    expect(page.locator("#rotate_key")).to_be_visible()
    expect(page.locator("#list_countries")).to_be_hidden()
    expect(page.locator(".contents").get_by_role("link", name="/keys/{id}/rotate")).to_be_visible()
    expect(page.locator(".contents").get_by_role("link", name="REST Countries")).to_be_hidden()
    page.locator("#q").fill("")
    expect(page.locator("#list_countries")).to_be_visible()


def test_it_is_read_without_scripts(visit):
    page = visit("/docs", java_script_enabled=False)
    assert page.get_by_role("button", name="Run").count() == 0
    assert page.locator("#q").is_hidden()
    page.locator(".contents").get_by_role("link", name="/countries/{key}/revert").click()
    assert page.url.endswith("#revert_country")
    page.locator("#time").get_by_role("link", name="Open").first.click()
    assert "BGN" in page.content()


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", DESK), ("dark", DESK), ("light", PHONE), ("dark", PHONE)]
)
def test_it_fits_a_phone_and_bars_nobody(visit, scheme, size):
    page = visit("/docs", color_scheme=scheme, viewport=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert not find_barriers(page)

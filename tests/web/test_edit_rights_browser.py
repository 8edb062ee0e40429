"""Editing in the atlas where writing takes a key: who has none is told how to get one, who has one writes with it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.conftest import make_key
from tests.web.admin_pages import serve_desk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(
    world_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Flask]]:
    """A server that takes what is written with a key, and its app."""
    with serve_desk(tmp_path_factory.mktemp("rights"), world_file) as (address, app):
        httpx.patch(
            f"{address}/countries/TH", json={"area": 1}, headers=make_key(app)
        ).raise_for_status()
        yield address, app


@pytest.fixture
def address(served) -> str:
    return served[0]


@pytest.fixture
def show_key(served):
    """Gives a page a new key, as the sign-in page does."""

    def show(page, role="editor", **scope):
        token = make_key(served[1], role, **scope)["Authorization"].partition(" ")[2]
        page.evaluate("token => sessionStorage.setItem('terrafirma-key', token)", token)
        page.reload()

    return show


@pytest.mark.parametrize("path", ["/explore/TH/edit", "/explore/new", "/explore/TH/revert?entry=1"])
def test_who_may_not_write_is_told_how_to_be_let_in(visit, path):
    page = visit(path)
    expect(page.locator("#rights")).to_contain_text(
        "This takes the role editor, and you are not signed in."
    )
    expect(page.locator("#rights")).to_contain_text("terrafirma keys create --role editor")
    assert not page.locator("main").get_by_role("button").count()
    page.get_by_role("link", name="Sign in or use a key").click()
    page.wait_for_url("**/explore/admin/sign-in?next=**")
    assert not page.get_by_text("There is no").count()


def test_a_key_writes_within_its_scope(visit, address, show_key):
    page = visit("/explore/TH/edit")
    show_key(page, kinds=["country"], countries=["TH"])
    expect(page.locator("#edit")).to_be_visible()
    page.get_by_label("Area").fill("5")
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/explore/TH")
    assert httpx.get(f"{address}/countries/TH").json()["area"] == 5
    page.goto(f"{address}/explore/FR/edit")
    page.get_by_label("Area").fill("5")
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This key writes only what belongs to TH")
    assert page.get_by_label("Area").input_value() == "5"


def test_a_reader_and_another_scope_are_told_so(visit, show_key):
    page = visit("/explore/list/groups/EU/edit")
    show_key(page, role="reader")
    expect(page.locator("#rights")).to_contain_text("has the role reader")
    show_key(page, kinds=["country"])
    expect(page.locator("#rights")).to_contain_text("Your key writes only these kinds: country.")

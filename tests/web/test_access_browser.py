"""Signing in, keys and people in a real browser: by account and by key, and for those who may not."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.conftest import make_key
from tests.http.middleware.providers import run_provider
from tests.web.admin_pages import give_file, serve_desk
from tests.web.conftest import LOOKS, find_barriers

SIGN_IN, KEYS = "/explore/admin/sign-in", "/explore/admin/keys"
EVIL = "<script>document.title='evil'</script>"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_provider() as address:
        yield address


@pytest.fixture(scope="module")
def desk(
    world_file: Path, tmp_path_factory: pytest.TempPathFactory, issuer: str
) -> Iterator[tuple[str, Flask]]:
    """A server where Ann is an admin, and its app."""
    settings = {
        "oidc_issuer": issuer,
        "oidc_client_id": "terrafirma",
        "oidc_client_secret": "hush-hush",
    }
    settings |= {"oidc_roles": "ann@example.org=admin"}
    with serve_desk(tmp_path_factory.mktemp("access"), world_file, **settings) as served:
        make_key(served[1], "reader")
        yield served


@pytest.fixture
def address(desk: tuple[str, Flask]) -> str:
    return desk[0]


@pytest.fixture
def enter(visit: Any, desk: tuple[str, Flask]) -> Any:
    """Opens a page for a new key of a role, which is given on the page of signing in."""

    def make(path: str, role: str, context: dict[str, Any] | None = None, **scope: Any) -> Page:
        page = visit(f"{SIGN_IN}?next={path}", **(context or {}))
        key = make_key(desk[1], role, **scope)["Authorization"].removeprefix("Bearer ")
        page.get_by_label("Key", exact=True).fill(key)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"**{path}")
        return page

    return make


def test_nobody_is_told_how_to_be_let_in(visit):
    page = visit("/explore/admin/imports")
    expect(page.locator("#barred")).to_contain_text(
        "This takes the role editor, and you are not signed in."
    )
    expect(page.locator("#barred")).to_contain_text("terrafirma keys create --role editor")
    expect(page.locator("#import")).to_be_hidden()
    page.locator("#barred").get_by_role("link", name="Sign in").click()
    page.wait_for_url(lambda url: unquote(url).endswith(f"{SIGN_IN}?next=/explore/admin/imports"))


def test_a_key_is_used_kept_and_forgotten(enter):
    page = enter("/explore/TH", "reader")
    expect(page.locator("#who")).to_contain_text("reader")
    page.goto(page.url.replace("TH", "admin/jobs"))
    expect(page.locator("#reason")).to_contain_text("has the role reader")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#who")).to_have_text("Sign in")
    assert page.evaluate("sessionStorage.length") == 0


def test_what_is_no_key_is_said_and_not_kept(visit):
    page = visit(SIGN_IN)
    for text in ("tf_nothing", EVIL, "Schlüssel…"):
        page.get_by_label("Key", exact=True).fill(text)
        page.keyboard.press("Enter")
        expect(page.locator(".refusal")).to_contain_text("key")
        assert page.evaluate("sessionStorage.length") == 0


def test_a_key_that_was_revoked_is_forgotten_at_a_press(enter, desk):
    page = enter("/explore", "editor")
    admin = make_key(desk[1], "admin")
    own = int(page.locator("#who span").get_attribute("title").removeprefix("key:"))
    httpx.delete(f"{desk[0]}/keys/{own}", headers=admin)
    page.goto(f"{desk[0]}/explore/admin/imports")
    expect(page.locator("#who")).to_contain_text("Key not valid")
    expect(page.locator("#reason")).to_contain_text("not valid")
    page.get_by_role("button", name="Forget it").click()
    expect(page.locator("#who")).to_have_text("Sign in")


def test_a_narrow_key_is_told_what_it_may(enter):
    page = enter("/explore/admin/imports", "editor", kinds=["names", "country"], countries=["TH"])
    expect(page.locator("#scope")).to_have_text(
        "Your key writes only these kinds: country, names. Your key writes only records of TH."
    )
    assert page.get_by_label("Kind of records").locator("option").all_inner_texts() == ["Countries"]
    give_file(page, "alpha2,population\nFR,5\n")
    page.get_by_role("button", name="Commit").click()
    expect(page.locator(".refusal")).to_contain_text("writes only what belongs to TH")
    with page.expect_download() as saved:
        give_file(page, "alpha2,population\nFR,x\n")
        page.get_by_role("link", name="All refused rows as CSV").click()
    assert "FR,x" in Path(saved.value.path()).read_text()


def test_someone_signs_in_by_account_and_out_again(browser, issuer, address):
    asked: list[str] = []
    visitor = browser.new_context()
    page = visitor.new_page()
    page.on(
        "request",
        lambda request: (
            asked.append(request.url) if request.frame.url.startswith(address) else None
        ),
    )
    page.goto(f"{address}/explore/scatter?x=area&y=gini")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Sign in", exact=True).last.click()
    page.get_by_role("button", name="ann").click()
    page.wait_for_url(f"{address}/explore/scatter?x=area&y=gini")
    expect(page.locator("#who")).to_have_text("Ann adminSign out")
    page.goto(f"{address}/explore/admin/people")
    row = page.get_by_role("row", name="Ann ann@example.org")
    expect(row).to_contain_text("admin")
    row.get_by_role("button", name="Keep Ann out").click()
    page.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("admin")
    page.goto(f"{address}/explore/admin/audit")
    expect(page.locator("#lines")).to_contain_text("Signed in")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#who")).to_have_text("Sign in")
    expect(page.locator("#barred")).to_be_visible()
    assert {url for url in asked if not url.startswith((address, issuer))} == set()
    visitor.close()


def test_someone_is_kept_out_and_admitted(enter, browser, address):
    visitor = browser.new_context()
    ann = visitor.new_page()
    ann.goto(f"{address}/login?next=/explore")
    ann.get_by_role("button", name="ann").click()
    expect(ann.locator("#who")).to_contain_text("Ann")
    page = enter("/explore/admin/people", "admin")
    page.get_by_role("button", name="Keep Ann out").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("row", name="Ann")).to_contain_text("kept out since")
    ann.reload()
    expect(ann.locator("#who")).to_have_text("Sign in")
    page.get_by_role("button", name="Admit Ann").click()
    expect(page.get_by_role("row", name="Ann")).not_to_contain_text("kept out since")
    visitor.close()


def test_a_key_is_made_shown_once_rotated_and_revoked(enter, address):
    page = enter(KEYS, "admin", {"permissions": ["clipboard-read", "clipboard-write"]})
    page.get_by_label("Purpose").fill(EVIL)
    page.get_by_label("It ends").fill("90d")
    page.get_by_label("names").check()
    page.get_by_label("of the countries").fill("th, fr")
    page.get_by_label("Writes a minute").fill("50")
    page.get_by_role("button", name="Make a key").click()
    made = page.locator("#made")
    expect(made).to_be_focused()
    made.get_by_role("button", name="Copy").last.click()
    expect(made.get_by_role("button", name="Copied")).to_be_visible()
    line = page.evaluate("navigator.clipboard.readText()")
    told = subprocess.run(
        ["bash", "-c", f"{line} -sS"], capture_output=True, text=True, check=True
    ).stdout
    assert '"countries":["FR","TH"],"kinds":["names"]' in told.replace(" ", "")
    row = page.get_by_role("row").filter(has_text="<script>").first
    expect(row).to_contain_text("editor; names; FR, TH; 50 writes a minute")
    assert page.title() != "evil"
    key = made.locator("code").first.inner_text()
    page.reload()
    expect(row).to_be_visible()
    assert key not in page.content()
    row.get_by_role("button", name="Rotate").click()
    page.get_by_role("button", name="Continue").click()
    expect(made).to_contain_text("rotated")
    fresh = made.locator("code").first.inner_text()
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Continue").click()
    expect(row).to_contain_text("revoked")
    assert {
        httpx.get(f"{address}/me", headers={"Authorization": f"Bearer {each}"}).status_code
        for each in (key, fresh)
    } == {401}


def test_what_is_wrong_with_a_key_is_said(enter):
    page = enter(KEYS, "admin")
    page.get_by_label("It ends").fill("yesterday")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator(".refusal")).to_contain_text("expires")


def test_the_audit_log_is_read_page_by_page(enter):
    page = enter("/explore/admin/audit", "admin")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Key made")
    page.get_by_label("After line").fill("100000")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".empty", has_text="No line comes after that.")).to_be_visible()


def test_who_may_not_read_is_led_to_the_way_in(browser, world_file, tmp_path):
    visitor = browser.new_context()
    with serve_desk(tmp_path, world_file, reads="key") as (address, app):
        key = make_key(app, "editor")["Authorization"].removeprefix("Bearer ")
        page = visitor.new_page()
        page.goto(f"{address}/explore/TH?on=2020-01-01")
        expect(page.locator("h1")).to_have_text("Unauthorized 401")
        page.locator("main").get_by_role("link", name="Sign in").click()
        page.wait_for_url(f"{address}{SIGN_IN}?**")
        assert "next=/explore/TH?on=2020-01-01" in unquote(page.url)
        expect(page.locator("main")).to_contain_text("Reading is closed here")
        page.goto(f"{address}{SIGN_IN}?next=/explore/admin/jobs")
        page.get_by_label("Key", exact=True).fill(key)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("#jobs")).to_contain_text("no jobs yet")
        visitor.close()


TABLET = {"width": 820, "height": 1180}
CUT_TABLES = """[...document.querySelectorAll("#admin .scroll")]
    .filter(each => each.scrollWidth > each.clientWidth).map(each => each.ariaLabel)"""


@pytest.mark.parametrize(
    ("scheme", "size"), [*LOOKS, pytest.param("light", TABLET, marks=pytest.mark.slow)]
)
def test_pages_of_access_fit_a_phone_and_bar_nobody(enter, visit, scheme, size):
    looks = {"color_scheme": scheme, "viewport": size}
    pages = [visit(path, **looks) for path in (SIGN_IN, "/explore/admin/imports")]
    expect(pages[1].locator("#barred")).to_be_visible()
    for path in (KEYS, "/explore/admin/people", "/explore/admin/audit"):
        pages.append(enter(path, "admin", looks))
        expect(pages[-1].locator("table, #people .empty").first).to_be_visible()
    for page in pages:
        page.locator("nav summary").last.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert page.evaluate(CUT_TABLES) == []
        assert not find_barriers(page)

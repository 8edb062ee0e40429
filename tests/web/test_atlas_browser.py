"""The atlas in a real browser: with a mouse, with keys alone, without JavaScript, and for those who cannot see it."""

import gzip
import re

import pytest
from playwright.sync_api import expect

from tests.web.conftest import DESK, PHONE, find_barriers

pytestmark = pytest.mark.slow

PAGES = (
    "/explore",
    "/explore?colour=population&region=Africa",
    "/explore?colour=member_of.EU",
    "/explore?status=former",
    "/explore?q=nowhere",
    "/explore/BG?on=2025-12-31&as_of=300",
    "/explore/VA",
    "/explore/DDDE",
    "/explore/compare?alpha2=TH&alpha2=FR",
    "/explore/scatter",
    "/explore/list/subdivisions?country=TH",
    "/explore/list/subdivisions/TH-10",
    "/explore/list/groups",
    "/explore/list/groups/EU",
)
STATIC = (
    "atlas.css",
    "atlas.js",
    "filter.js",
    "map.js",
    "icon.svg",
    "header.js",
    "api.js",
    "elements.js",
)
FIND_UNREACHED = """async () => {
    const { linkAt } = await import("/explore/static/map.js")
    const svg = document.querySelector("#map svg"), spots = [...svg.querySelectorAll("circle")]
    svg.scrollIntoView()
    const links = [...svg.querySelectorAll("a")]
    const missing = new Map(links.map(link => [link.dataset.id, link.ariaLabel]))
    const count = missing.size
    const scan = (box, step, done) => {
        for (let x = box.left; x < box.right; x += step)
            for (let y = box.top; y < box.bottom && !done(); y += step) {
                const seen = document.elementFromPoint(x, y)
                if (svg.contains(seen)) missing.delete(linkAt(spots, x, y, seen)?.dataset.id)
            }
    }
    for (const link of links)
        for (const [around, step] of [[0, 5], [14, 1]]) {
            const { left, right, top, bottom } = link.getBoundingClientRect()
            const box = { left: left - around, right: right + around, top: top - around, bottom: bottom + around }
            scan(box, step, () => !missing.has(link.dataset.id))
        }
    return [count, [...missing.values()]]
}"""


def test_every_country_is_reached_with_the_mouse(visit):
    page = visit("/explore")
    expect(page.locator(".zoom")).to_be_visible()
    assert page.evaluate(FIND_UNREACHED) == [250, []]


def test_a_tiny_country_is_told_and_opened_by_a_click_beside_it(visit):
    page = visit("/explore")
    spot = page.locator(
        '#spots a[aria-label^="Nauru"], #spots a[aria-label^="Naoero"]'
    ).bounding_box()
    beside = spot["x"] + spot["width"] / 2 + 9, spot["y"] + spot["height"] / 2
    page.mouse.move(*beside)
    expect(page.locator("#told")).to_contain_text("Oceania")
    page.mouse.click(*beside)
    page.wait_for_url("**/explore/NR")


def test_keys_alone_go_from_country_to_country(visit):
    page = visit("/explore")
    page.locator("#map a").first.focus()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('#map svg a')")
    page.keyboard.press("Shift+Tab")
    first = page.locator("#told").inner_text()
    page.keyboard.press("ArrowRight")
    second = page.locator("#told").inner_text()
    assert first != second
    code = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{code}")
    expect(page.locator("h1")).to_contain_text(second.partition(":")[0])


def test_a_slash_begins_a_search_that_table_and_map_follow(visit):
    page = visit("/explore")
    page.keyboard.press("/")
    page.keyboard.type("cote d")
    expect(page.locator("#table tbody tr:visible")).to_have_count(1)
    expect(page.locator("#map a.hidden")).not_to_have_count(0)
    assert (
        page.locator("#map a:not(.hidden)").first.get_attribute("aria-label").startswith("Côte d")
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**q=cote+d*")
    expect(page.locator("h1")).to_have_text("1 country")


def test_the_map_is_zoomed_and_shown_whole_again(visit):
    page = visit("/explore")
    box = page.locator("#map svg")
    whole = box.get_attribute("viewBox")
    page.get_by_role("button", name="Zoom in").click()
    assert float(box.get_attribute("viewBox").split()[2]) < float(whole.split()[2])
    page.get_by_role("button", name="Whole world").click()
    assert box.get_attribute("viewBox") == whole


def test_a_view_is_copied_as_a_curl_line(visit, address):
    page = visit("/explore?region=Asia", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy curl").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert (
        page.evaluate("navigator.clipboard.readText()") == f"curl '{address}/countries?region=Asia'"
    )


def test_a_filter_is_added_as_it_is_typed(visit):
    page = visit("/explore?region=Europe")
    page.get_by_text("Add a filter").click()
    page.get_by_label("Field").fill("currency")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Field")).to_have_value("currencies.code")
    franc = page.locator('#add-values option[value="CHF"]')
    expect(franc).to_have_attribute("label", "CHF (2)")
    page.get_by_label("Field").fill("landlocked")
    assert page.locator('select[name="how"] option:enabled').all_inner_texts() == [
        "is",
        "is not",
        "is there",
        "is not there",
    ]
    page.get_by_label("How").select_option("is")
    page.get_by_label("Value").fill("true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore?region=Europe&landlocked=true")
    expect(page.locator(".chips a")).to_have_text(["Region: Europe ×", "Landlocked: yes ×"])
    page.get_by_text("Add a filter").click()
    page.get_by_label("Field").fill("no such field")
    page.get_by_label("Value").fill("1")
    page.keyboard.press("Enter")
    assert (
        page.get_by_label("Field").evaluate("element => element.validationMessage")
        == "Choose one of the fields."
    )


def test_a_filter_is_added_without_javascript(visit):
    page = visit("/explore/list/subdivisions?country=CH", java_script_enabled=False)
    page.get_by_text("Add a filter").click()
    page.get_by_label("Field").fill("name")
    page.get_by_label("How").select_option("starts with")
    page.get_by_label("Value").fill("gene")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("tbody th")).to_have_count(1)
    expect(page.locator(".chips a")).to_have_text(
        ["Country: Switzerland ×", "Name starts with gene ×"]
    )


def test_everything_is_read_without_javascript(visit):
    page = visit("/", java_script_enabled=False)
    page.locator("aside summary", has_text="Region").click()
    page.locator("aside").get_by_role("link", name="Asia").click()
    page.get_by_role("link", name="Population").click()
    expect(page.locator("tbody th a").first).to_have_text("India")
    page.get_by_role("link", name="Take away Region: Asia").click()
    expect(page.locator("h1")).to_have_text("250 countries")
    page.locator("#lands a[href*='/explore/BR']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Brazil")
    assert page.get_by_role("button", name="Copy").count() == 0


def test_days_on_which_something_changed_are_slid_through(visit):
    page = visit("/explore/BG")
    page.locator("#day").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**on=2026-01-01*")
    page.locator("#day").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**on=1999-07-05*")
    expect(page.locator("dl")).to_contain_text(["Bulgarian Lev"])


def test_a_source_is_shown_on_focus(visit):
    page = visit("/explore/TH")
    source = page.get_by_label("Source of Area")
    source.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert "Factbook" in source.evaluate("element => getComputedStyle(element, '::after').content")
    page.keyboard.press("Enter")
    expect(page.locator(".source[open]")).to_contain_text("public domain")


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_a_phone_and_bar_nobody(visit, path):
    for scheme, size in (("light", DESK), ("dark", PHONE)):
        page = visit(path, color_scheme=scheme, viewport=size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert not find_barriers(page)


@pytest.mark.parametrize(
    "path", ["/explore/TH", "/explore/list/groups/EU", "/explore?region=Asia", "/docs"]
)
def test_a_page_is_printed_without_its_controls(visit, path):
    page = visit(path, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("h1")).to_be_visible()
    assert (
        page.locator(
            ":is(header, footer, nav, form, button, input, select, dialog):visible"
        ).count()
        == 0
    )
    inks = page.evaluate(
        "[...document.querySelectorAll('main :is(a, p, td, li)')].map(each => getComputedStyle(each).color)"
    )
    assert all(sum(map(int, re.findall(r"\d+", ink))) < 360 for ink in inks)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    opened = page.locator("main details:not(.source, #raw, .add) :is(li, tr)")
    if "region" not in path and opened.count():
        assert opened.last.is_visible()
    assert len(page.pdf()) > 10_000


def test_who_wants_less_motion_has_none(visit):
    for path in ("/explore", "/explore/TH", "/docs"):
        page = visit(path, reduced_motion="reduce")
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        moving = "element => parseFloat(getComputedStyle(element).transitionDuration) > 0"
        assert not page.evaluate(f"[...document.querySelectorAll('*')].some({moving})")
        assert page.evaluate("document.getAnimations().length") == 0


def test_the_first_page_costs_little(visit, address):
    requests: list[str] = []
    page = visit("/explore")
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{address}/")
    page.wait_for_load_state("networkidle")
    assert {url for url in requests if "/flags/" not in url} == {
        f"{address}/",
        f"{address}/explore",
        f"{address}/me",
        *(f"{address}/explore/static/{name}" for name in STATIC),
    }
    assert len(requests) <= 60
    assert page.evaluate("document.querySelectorAll('*').length") <= 8000
    assert (
        sum(len(gzip.compress(page.request.get(url).body())) for url in set(requests[1:]))
        <= 150_000
    )

"""The atlas in a real browser: with a mouse, with keys alone, without JavaScript, and for those who cannot see it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
from playwright.sync_api import expect

from tests.web.conftest import DESK, PHONE, find_barriers

PAGES = (
    "/explore",
    "/explore?colour=population&region=Africa",
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
    "find.js",
    "map-labels.js",
    "navigate.js",
    "atlas.css",
    "atlas.js",
    "filter.js",
    "map.js",
    "icon.svg",
    "header.js",
    "api.js",
    "elements.js",
    "words.js",
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


PINCH = """([x, y]) => {
    const svg = document.querySelector("#map svg")
    const send = (type, id, at) => svg.dispatchEvent(new PointerEvent(
        type, { pointerId: id, clientX: at, clientY: y, button: 0, bubbles: true, pointerType: "touch" }))
    send("pointerdown", 11, x - 20); send("pointerdown", 12, x + 20)
    send("pointermove", 11, x - 60); send("pointermove", 12, x + 60)
    send("pointerup", 11, x - 60); send("pointerup", 12, x + 60)
}"""


TAP_ALL = """() => {
    const svg = document.querySelector("#map svg"), card = document.querySelector("#told")
    svg.scrollIntoView({ block: "center", behavior: "instant" })
    const links = [...svg.querySelectorAll("a")]
    const missing = new Map(links.map(link => [link.href.baseVal, link.getAttribute("aria-label")]))
    const count = missing.size
    const tap = (place, x, y) => place.dispatchEvent(new PointerEvent(
        "click", { pointerType: "touch", clientX: x, clientY: y, bubbles: true, cancelable: true }))
    for (const link of links) {
        const { left, right, top, bottom } = link.getBoundingClientRect()
        const points = [[(left + right) / 2, (top + bottom) / 2]]
        if (link.dataset.at) {
            const at = new DOMPoint(...link.dataset.at.split(",")).matrixTransform(svg.getScreenCTM())
            points.push([at.x, at.y])
        }
        for (let x = left + 1; x < right; x += 4) for (let y = top + 1; y < bottom; y += 4) points.push([x, y])
        for (const [x, y] of points) {
            if (!missing.has(link.href.baseVal)) break
            const seen = document.elementFromPoint(x, y)
            if (!svg.contains(seen)) continue
            tap(seen, x, y)
            for (const each of card.querySelectorAll("a"))
                if (each.getBoundingClientRect().height >= 24) missing.delete(new URL(each.href).pathname)
            if (!card.querySelector("a")) missing.delete(svg.querySelector("a.found")?.href.baseVal)
            tap(svg, 0, 0)
        }
    }
    return [count, [...missing.values()]]
}"""


def test_every_country_is_reached_with_a_finger_on_a_phone(visit):
    page = visit("/explore", viewport=PHONE, has_touch=True)
    expect(page.locator(".zoom")).to_be_visible()
    assert page.evaluate(TAP_ALL) == [250, []]
    lucia = page.locator('#spots a[href="/explore/LC"]').bounding_box()
    page.touchscreen.tap(lucia["x"] + lucia["width"] / 2, lucia["y"] + lucia["height"] / 2)
    page.locator("#told").get_by_role("link", name="Saint Lucia").tap()
    page.wait_for_url("**/explore/LC")


def test_a_group_on_the_map_is_shown_from_near(visit):
    page = visit("/explore/list/groups/EU")
    page.get_by_role("link", name="On the map").click()
    expect(page.locator("h1")).to_have_text("250 countries")
    expect(page.locator(".legend")).to_contain_text("member 27")
    svg = page.locator("#map svg")
    expect(svg).to_have_class("zoomed")
    seen = svg.evaluate("""svg => {
        const around = svg.getBoundingClientRect()
        return ["FI", "PT", "CY", "US", "JP"].filter(code => {
            const box = svg.querySelector(`#lands a[href="/explore/${code}"]`).getBoundingClientRect()
            return box.left >= around.left && box.right <= around.right
        })
    }""")
    assert seen == ["FI", "PT", "CY"]


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
    label = "document.activeElement.getAttribute('aria-label')"
    first = page.evaluate(label)
    page.keyboard.press("ArrowRight")
    second = page.evaluate(label)
    expect(page.locator("#told")).to_contain_text(second.partition(":")[0])
    assert first != second
    code = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{code}")
    expect(page.locator("h1")).to_contain_text(second.partition(":")[0])


def test_a_slash_begins_a_search_over_everything(visit):
    page = visit("/explore/TH")
    for key in ("/", "Control+k"):
        page.keyboard.press(key)
        expect(page.locator("#find")).to_be_focused()
        page.keyboard.press("Tab")
    page.keyboard.press("/")
    page.keyboard.type("vaud")
    expect(page.locator("#hits [role=option]").first).to_contain_text("Vaud")
    page.locator("#find").fill("cote d")
    expect(page.locator("#hits [role=option]").first).to_contain_text("Côte d")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore/CI")


def test_a_view_is_narrowed_in_place(visit):
    page = visit("/explore")
    page.evaluate("window.kept = true")
    page.locator("#q").fill("bogota")
    expect(page.locator("h1")).to_have_text("1 country")
    expect(page.locator("#map svg a")).to_have_count(1)
    page.locator("#q").fill("")
    expect(page.locator("h1")).to_have_text("250 countries")
    page.locator(".legend a", has_text="Asia").click()
    page.wait_for_url("**region=Asia")
    expect(page.locator("h1")).to_contain_text("Region: Asia")
    page.go_back()
    expect(page.locator("h1")).to_have_text("250 countries")
    assert page.evaluate("window.kept")


def test_two_fingers_enlarge_the_map_and_a_tap_names_a_country(visit):
    page = visit("/explore", viewport=PHONE, has_touch=True)
    brazil = page.locator('#lands a[href="/explore/BR"]').bounding_box()
    middle = (brazil["x"] + brazil["width"] / 2, brazil["y"] + brazil["height"] / 2)
    page.touchscreen.tap(*middle)
    expect(page.locator("#told")).to_contain_text("Brazil")
    assert page.url.endswith("/explore")
    page.evaluate(PINCH, list(middle))
    assert float(page.locator("#map svg").get_attribute("viewBox").split()[2]) < 6000
    expect(page.locator("#labels text", has_text="Brazil")).to_be_attached()
    page.wait_for_url("**#map=*")


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
    page.locator("summary", has_text="Download").click()
    page.get_by_role("button", name="Copy curl").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert (
        page.evaluate("navigator.clipboard.readText()") == f"curl '{address}/countries?region=Asia'"
    )


def test_a_map_and_a_chart_are_saved_as_pictures(visit):
    for path, shapes in (("/explore?region=Africa", 50), ("/explore/scatter", 150)):
        page = visit(path)
        page.locator("summary", has_text="Download").click()
        saved = {}
        for form in ("svg", "png"):
            with page.expect_download() as download:
                page.locator(f"[data-picture={form}]").click()
            assert download.value.suggested_filename.endswith(f".{form}")
            saved[form] = Path(download.value.path()).read_bytes()
        drawing = ElementTree.fromstring(saved["svg"])
        drawn = [each for each in drawing.iter() if each.tag.endswith(("}path", "}circle"))]
        assert len(drawn) >= shapes
        assert all(each.get("fill") for each in drawn)
        assert b"href" not in saved["svg"], "a picture leads nowhere"
        assert saved["png"].startswith(b"\x89PNG")
        assert int.from_bytes(saved["png"][16:20], "big") == 2000


def test_a_filter_is_added_as_it_is_typed(visit):
    page = visit("/explore?region=Europe")
    page.locator("summary", has_text="Filters").click()
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
    expect(page.locator(".chips a")).to_have_text(
        ["Region: Europe ×", "Landlocked: yes ×", "Clear all"]
    )
    page.get_by_label("Field").fill("no such field")
    page.get_by_label("Value").fill("1")
    page.keyboard.press("Enter")
    assert (
        page.get_by_label("Field").evaluate("element => element.validationMessage")
        == "Choose a field of the list."
    )


def test_a_filter_is_added_without_javascript(visit):
    page = visit("/explore/list/subdivisions?country=CH", java_script_enabled=False)
    page.locator("summary", has_text="Filters").click()
    page.get_by_label("Field").fill("name")
    page.get_by_label("How").select_option("starts with")
    page.get_by_label("Value").fill("gene")
    page.get_by_role("button", name="Add filter").click()
    expect(page.locator("tbody th")).to_have_count(1)
    expect(page.locator(".chips a")).to_have_text(
        ["Country: Switzerland ×", "Name starts with gene ×", "Clear all"]
    )


def test_everything_is_read_without_javascript(visit):
    page = visit("/", java_script_enabled=False)
    page.locator("summary", has_text="Filters").click()
    page.locator(".facets").get_by_role("link", name="Asia", exact=True).click()
    page.locator("thead").get_by_role("link", name="Population").click()
    expect(page.locator("tbody th a").first).to_have_text("India")
    page.get_by_role("link", name="Take away Region: Asia").click()
    expect(page.locator("h1")).to_have_text("250 countries")
    page.locator("#lands a[href*='/explore/BR']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Brazil")
    assert page.get_by_role("button", name="Copy").count() == 0


def test_days_on_which_something_changed_are_slid_through(visit):
    page = visit("/explore/BG")
    page.locator("summary", has_text="Another day").click()
    assert page.locator("#day").get_attribute("aria-valuetext") == "today"
    page.locator("#day").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**on=2026-01-01*")
    expect(page.locator(".then")).to_contain_text("Bulgaria as it was on 1 January 2026")
    page = visit("/explore/BG?on=2005-01-01")
    assert page.locator("#day").get_attribute("aria-valuetext") == "1 January 2005"
    expect(page.locator("dl").first).to_be_visible()
    expect(page.locator(".days")).to_contain_text("+EU")


def test_sources_are_shown_by_one_switch(visit):
    page = visit("/explore/TH")
    source = page.locator(".source", has_text="Factbook").first
    expect(source).not_to_be_visible()
    page.get_by_label("Show sources").check()
    expect(source).to_contain_text("public domain")
    page.reload()
    expect(source).to_be_visible()


LOOKED_AT = [
    pytest.param(path, *look, marks=[] if number % 2 == place else pytest.mark.slow)
    for number, path in enumerate(PAGES)
    for place, look in enumerate((("light", DESK), ("dark", PHONE)))
]
"""Each page in both looks; all but every other are slow, since axe takes seconds."""


@pytest.mark.parametrize(("path", "scheme", "size"), LOOKED_AT)
def test_pages_fit_a_phone_and_bar_nobody(visit, path, scheme, size):
    page = visit(path, color_scheme=scheme, viewport=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert not find_barriers(page)


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_nothing_of_a_whole_map_and_list_bars_anyone(visit, scheme, size):
    page = visit("/explore?colour=member_of.EU", color_scheme=scheme, viewport=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert not find_barriers(page, whole=True)


@pytest.mark.parametrize(
    "path", ["/explore/TH", "/explore/list/groups/EU", "/explore?region=Asia", "/docs"]
)
def test_a_page_is_printed_without_its_controls(visit, path):
    page = visit(path, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("h1")).to_be_visible()
    assert (
        page.locator(
            ":is(body > header, footer, nav, form, button, input, select, dialog):visible"
        ).count()
        == 0
    )
    inks = page.evaluate(
        "[...document.querySelectorAll('main :is(a, p, td, li)')].map(each => getComputedStyle(each).color)"
    )
    assert all(sum(map(int, re.findall(r"\d+", ink))) < 360 for ink in inks)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    opened = page.locator("main section details:not(#raw) :is(li, tr)")
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
    # A browser without a window wants no icon.
    requests.append(f"{address}/explore/static/icon.svg")
    assert {url for url in requests if "/flags/" not in url} == {
        f"{address}/",
        f"{address}/explore",
        f"{address}/me",
        *(f"{address}/explore/static/{name}" for name in STATIC),
    }
    # Browsers differ in how far below their window they ask for pictures.
    flags = [url for url in requests if "/flags/" in url]
    assert len(flags) <= 100
    asked = {*requests[1:], *flags} - {*flags[45:]}
    assert page.evaluate("document.querySelectorAll('*').length") <= 8000
    assert sum(map(weigh, asked)) <= 110_000


def weigh(url: str) -> int:
    """The bytes of an answer as a browser gets it."""
    with httpx.stream("GET", url, headers={"Accept-Encoding": "br"}) as answer:
        return sum(map(len, answer.iter_raw()))

"""Swagger UI at /docs/swagger: offline, under a strict policy, in a real browser."""

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from terrafirma.api.docs import ASSETS
from terrafirma.http.response.assets import CONTENT_SECURITY
from tests.conftest import serve_app

# What a box says of itself is cut off where it is wider than the box.
ROOM_FOR_PLACEHOLDER = """element => {
    const style = getComputedStyle(element), pen = document.createElement("canvas").getContext("2d")
    pen.font = style.font
    return element.clientWidth - pen.measureText(element.placeholder).width
        - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
}"""


@pytest.fixture
def address(sqlite_client) -> Iterator[str]:
    """Where a server on 127.0.0.1 answers for the app."""
    with serve_app(sqlite_client.application) as address:
        yield address


@pytest.mark.parametrize("wanted", ["countries", pytest.param("", marks=pytest.mark.slow)])
def test_swagger_ui_shows_operations_fits_a_phone_and_asks_nobody_else(
    address, browser, sqlite_client, wanted
):
    complaints, requests = [], []
    page = browser.new_page()
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in ("error", "warning") else 0
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', event => console.error(event.violatedDirective, event.blockedURI))"
    )
    page.goto(f"{address}/docs/swagger")
    paths = sqlite_client.get("/openapi.json").json["paths"].values()
    expected = Counter(operation["tags"][0] for path in paths for operation in path.values())
    for tag in [wanted] if wanted else expected:
        section = page.locator(".opblock-tag-section", has=page.locator(f"[data-tag='{tag}']"))
        section.locator(".opblock-tag").click(timeout=60_000)
        expect(section.locator(".opblock")).to_have_count(expected[tag])
        if tag != "countries":
            section.locator(".opblock-tag").click()
    page.locator("#operations-countries-get_country .opblock-summary-control").click()
    page.wait_for_selector("#operations-countries-get_country .execute")
    page.locator("#operations-countries-get_country .execute").click()
    page.wait_for_selector("#operations-countries-get_country .live-responses-table")
    assert (
        "Thailand"
        in page.locator("#operations-countries-get_country .live-responses-table").inner_text()
    )
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".operation-filter-input").evaluate(ROOM_FOR_PLACEHOLDER) >= 0
    assert not complaints
    assert not [url for url in requests if not url.startswith((f"{address}/", "data:", "blob:"))]


def test_page_may_load_nothing_from_elsewhere(sqlite_client):
    answer = sqlite_client.get("/docs/swagger")
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY
    assert CONTENT_SECURITY.startswith("default-src 'none'; ")
    assert "unsafe" not in CONTENT_SECURITY
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_docs_leads_to_swagger(sqlite_client):
    assert '<a href="/docs/swagger">' in sqlite_client.get("/docs").text


@pytest.mark.parametrize("name", ASSETS)
def test_assets_are_cached_for_an_hour_and_then_asked_for_by_their_etag(sqlite_client, name):
    answer = sqlite_client.get(f"/docs/swagger/{name}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    again = sqlite_client.get(
        f"/docs/swagger/{name}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_other_files_are_not_served(sqlite_client):
    for name in ("swagger.html", "oauth2-redirect.html", "..%2fopenapi.py"):
        assert sqlite_client.get(f"/docs/swagger/{name}").status_code == 404

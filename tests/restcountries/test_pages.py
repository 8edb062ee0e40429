"""Small pages of our own, written as people write them for REST Countries, crawled over all 250 countries."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

PAGES = Path(__file__).with_name("pages")

NO_CAPITAL = {"ATA", "BVT", "HMD", "MAC"}
NO_CURRENCY = {"ATA", "BVT", "HMD"}
WITHOUT = {
    "list.html": {
        "native": {"ATA"},
        "capital": NO_CAPITAL,
        "currency": NO_CURRENCY,
        "languages": {"ATA"},
        "domain": {"UNK"},
    },
    "detail.html": {"call": {"ATA", "BVT", "HMD"}, "domain": {"UNK"}},
    "flat.html": {
        "capital": NO_CAPITAL,
        "call": {"ATA", "BVT", "HMD"},
        "currency": NO_CURRENCY,
        "language": {"ATA", "BVT", "HMD"},
        "domain": {"UNK", "KOS"},
    },
}
"""Where an expression gave `undefined` with the old service, too: it knew nothing there."""

READ = """
() => [...document.querySelectorAll("article")].map((card) =>
  [card.id, Object.fromEntries([...card.children].map((line) => [line.className, line.textContent]))])
"""
BROKEN = ("undefined", "null", "NaN", "[object Object]")


@pytest.fixture
def page(browser) -> Iterator:
    """A page without cookies or a history."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("list.html", ""),
        ("detail.html", ""),
        ("flat.html", "/v2/all"),
        ("flat.html", "/rest/v2/all"),
    ],
)
def test_pages_show_no_undefined(page, server, name, path):
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{(PAGES / name).as_uri()}?{urlencode({'server': server, 'path': path})}")
    page.wait_for_selector("body[data-done=yes]", state="attached", timeout=60_000)
    cards = page.evaluate(READ)
    assert not faults
    assert len(cards) == len({code for code, _ in cards}) == 250
    broken: dict[str, set[str]] = {}
    for code, parts in cards:
        for part, text in parts.items():
            if any(each in text for each in BROKEN):
                broken.setdefault(part, set()).add(code)
    allowed = WITHOUT[name]
    assert {part: codes for part, codes in broken.items() if codes - allowed.get(part, set())} == {}

"""What tests of the atlas in a browser stand on: a server that shows the world, and pages that may not complain."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from terrafirma.config import Settings
from terrafirma.factory import create_app
from tests.conftest import close_app, serve_app

expect.set_options(timeout=30_000)  # A busy machine is slow; what never comes still fails.

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
LOOKS = [pytest.param("light", DESK, marks=pytest.mark.slow), ("dark", PHONE)]
"""Colour schemes and sizes that long tests look at a page in."""
TELL_VIOLATIONS = (
    "addEventListener('securitypolicyviolation',"
    " event => console.error(event.violatedDirective, event.blockedURI))"
)

REPEATED = [["svg a:nth-of-type(n+13)"], ["tr:nth-child(n+13)"], ["li:nth-child(n+13)"]]
"""What a page has a dozen of: the rest is of the same form, and takes most of the time."""

Open = Callable[..., Page]


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Where a server on 127.0.0.1 shows the register in a folder."""
    url = f"sqlite:///{(folder / 'register.sqlite').as_posix()}"
    app = create_app(Settings(data=folder, database_url=url, log="none"))
    try:
        with serve_app(app) as address:
            yield address
    finally:
        close_app(app)


@pytest.fixture(scope="module")
def address(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server on 127.0.0.1 shows the world."""
    folder = tmp_path_factory.mktemp("atlas")
    shutil.copyfile(world_file, folder / "register.sqlite")
    with serve(folder) as where:
        yield where


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Open]:
    """Opens a page. None may complain, break its policy or ask anyone else, whatever is done with it."""
    complaints: list[str] = []
    contexts = []

    def make(path: str, **context: object) -> Page:
        contexts.append(browser.new_context(**{"viewport": DESK, **context}))
        page = contexts[-1].new_page()
        page.on(
            "console", lambda each: complaints.append(each.text) if is_complaint(each) else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda each: (
                None if each.url.startswith(f"{address}/") else complaints.append(each.url)
            ),
        )
        page.add_init_script(TELL_VIOLATIONS)
        page.goto(address + path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints


def is_complaint(message: ConsoleMessage) -> bool:
    """Whether a browser says that something is wrong; what the API refuses, or never answers, is not."""
    failed = message.text.removeprefix("Failed to load resource: ")
    refused = failed.startswith(("the server responded with a status of 4", "net::ERR_FAILED"))
    asked = "/explore" not in message.location.get("url", "")
    return message.type in ("error", "warning") and not (refused and asked)


def find_barriers(page: Page, *, whole: bool = False) -> list[tuple[str, str]]:
    """What bars someone from a page, by axe's rules: those that are serious, each with the first place.

    `whole`: of long lists and maps everything, not the first dozen.
    """
    part = None if whole else {"exclude": REPEATED}
    # Describing what is in order takes axe a third of its time.
    found = Axe().run(page, part, {"resultTypes": ["violations"]})
    violations = found.response["violations"]
    serious = [each for each in violations if each["impact"] in ("serious", "critical")]
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in serious]

"""`make screenshots`: every page of the atlas as it looks at four widths, light and dark, to be looked at.

They go to `.cache/screenshots/`. With `--pictures`, the README's pictures are taken instead, into `docs/pictures/`.
"""

import base64
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from terrafirma.dataset.load import prepare
from terrafirma.storage.engine.database import open_database
from terrafirma.web.admin import TITLES
from tests.conftest import find_chromium
from tests.web.conftest import DESK, PHONE, serve

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / ".cache" / "screenshots"
PICTURES = ROOT / "docs" / "pictures"
SIZES = (PHONE, {"width": 820, "height": 1180}, DESK, {"width": 1440, "height": 900})
TALLEST = 2600
"""Pixels of a page that are taken at most."""

PAGES = {
    "world": "/explore",
    "world-gini": "/explore?region=Africa&colour=gini&sort=-gini&fields=capital,gini,population",
    "world-members": "/explore?colour=member_of.EU",
    "former": "/explore?status=former",
    "nothing": "/explore?q=nowhere",
    "country": "/explore/TH",
    "country-then": "/explore/BG?on=2025-12-31&as_of=300",
    "country-tiny": "/explore/VA",
    "country-former": "/explore/DDDE",
    "compare": "/explore/compare?alpha2=TH&alpha2=FR&alpha2=NO",
    "compare-none": "/explore/compare",
    "scatter": "/explore/scatter",
    "subdivisions": "/explore/list/subdivisions?country=TH",
    "subdivision": "/explore/list/subdivisions/TH-10",
    "groups": "/explore/list/groups",
    "group": "/explore/list/groups/EU",
    "currency": "/explore/list/currencies/EUR",
    "error": "/explore/QQ",
    "error-field": "/explore?sort=populaton",
    "edit": "/explore/TH/edit",
    "names": "/explore/TH/names",
    "new": "/explore/new",
    "revert": "/explore/TH/revert?entry=1",
    "reference": "/docs",
    **{page: f"/explore/admin/{page}" for page in TITLES},
}

TO_WEBP = """async png => {
    const picture = new Image(); picture.src = "data:image/png;base64," + png; await picture.decode()
    const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height })
    canvas.getContext("2d").drawImage(picture, 0, 0)
    return canvas.toDataURL("image/webp", 0.9).split(",")[1]
}"""


def main() -> None:
    """Serve the world and take every page, or the README's pictures."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{(Path(folder) / 'register.sqlite').as_posix()}"
        with closing(open_database(url)) as database:
            prepare(database, "world")
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        with serve(Path(folder)) as address:
            if "--pictures" in sys.argv:
                take_pictures(browser, address)
            else:
                take_pages(browser, address, make_key(folder))
        browser.close()


def make_key(folder: str) -> str:
    """A key of an admin, whom every page shows all it has."""
    command = [
        Path(sys.executable).with_name("terrafirma"),
        "keys",
        "create",
        "--role",
        "admin",
        "--data",
        folder,
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]


def take_pages(browser: Browser, address: str, key: str) -> None:
    """Every page, in every way, with a key."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        for scheme in ("light", "dark"):
            page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
            page.add_init_script(f"sessionStorage.setItem('terrafirma-key', '{key}')")
            for name, path in PAGES.items():
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                clip = {"x": 0, "y": 0, "width": size["width"], "height": height}
                page.screenshot(
                    path=SHOTS / f"{name}-{size['width']}-{scheme}.png", clip=clip, full_page=True
                )
            page.context.close()
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS.relative_to(ROOT)}")


def take_pictures(browser: Browser, address: str) -> None:
    """The four pictures of the README."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    shown: dict[str, tuple[str, str, Callable[[Page], None]]] = {
        "map": ("/explore?colour=population", "light", show_country_under_pointer),
        "country": ("/explore/BG", "dark", show_top),
        "edit": ("/explore/BG/edit", "light", show_review),
        "reference": ("/docs#time", "light", show_answer),
    }
    for name, (path, scheme, act) in shown.items():
        page = browser.new_context(
            viewport={"width": 1280, "height": 860}, color_scheme=scheme
        ).new_page()
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        act(page)
        png = base64.b64encode(page.screenshot()).decode()
        page.goto("about:blank")
        (PICTURES / f"{name}.webp").write_bytes(base64.b64decode(page.evaluate(TO_WEBP, png)))
        page.context.close()


def show_country_under_pointer(page: Page) -> None:
    """The map says what lies under the pointer."""
    page.locator('#lands a[href^="/explore/BR"]').hover(force=True)


def show_top(page: Page) -> None:
    """The page as it begins."""
    page.evaluate("scrollTo(0, 0)")


def show_review(page: Page) -> None:
    """What a change will change, before it is saved."""
    page.get_by_label("Area").fill("111002")
    page.get_by_role("button", name="Review and save").click()
    page.locator("dialog tbody tr").first.wait_for()


def show_answer(page: Page) -> None:
    """An example that has run."""
    page.locator("#time").get_by_role("button", name="Run").first.click()
    page.locator("#time .answer pre").wait_for()
    page.locator("#time").scroll_into_view_if_needed()


if __name__ == "__main__":
    main()

"""`/handbook/`: every link of every page holds, on the server and as files, and its search works without a server."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from terrafirma.commands.main import main
from terrafirma.handbook import pages
from terrafirma.handbook.markdown import render_document
from tests.web.conftest import PHONE

DOCS = Path(__file__).parents[2] / "docs"


class Links(HTMLParser):
    """The targets and the anchors of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        given = dict(attrs)
        self.anchors |= {given["id"]} if given.get("id") else set()
        self.targets |= {
            given[name] for name in ("href", "src", "data-index") if given.get(name) is not None
        }


def test_every_page_is_in_the_contents_once_and_under_its_own_name():
    listed = [entry.name for entry in pages.list_entries()]
    assert sorted(listed) == sorted(file.stem for file in DOCS.glob("*.md"))
    assert [part.title for part in pages.read_contents()] == [
        "Tutorials",
        "How to",
        "Reference",
        "Explanation",
    ]


def test_links_lead_to_pages_and_headings_that_are_there(shared_client):
    seen: dict[str, Links] = {}
    wanted = ["/handbook/"]
    while wanted:
        address = wanted.pop()
        answer = shared_client.get(address)
        assert answer.status_code == 200, address
        if address not in seen:
            # The header of the atlas is the same on all, and is another test's.
            article = answer.text.partition('<div class="handbook"')[2].partition("</main>")[0]
            seen[address] = Links(article if answer.mimetype == "text/html" else "")
            joined = {urljoin(address, each) for each in seen[address].targets}
            inner = {urldefrag(each)[0] for each in joined if each.startswith("/handbook")}
            wanted += sorted(inner - seen.keys())
    for address, links in seen.items():
        for target in links.targets:
            page, anchor = urldefrag(urljoin(address, target))
            if page.startswith("http"):
                continue
            assert page in seen, f"{address}: {target}"
            assert not anchor or unquote(anchor) in seen[page].anchors, f"{address}: {target}"
    assert len(seen) > 25


def test_what_the_docs_name_of_the_clone_is_there():
    """Links that leave the handbook lead to files of the clone."""
    targets = [
        (page.name, target)
        for page in DOCS.glob("*.md")
        for target in re.findall(r"\]\((\.\./[^)#]+)", page.read_text(encoding="utf-8"))
    ]
    assert not [(page, target) for page, target in targets if not (DOCS / target).exists()]


def test_a_page_is_served_with_the_policy_and_revalidated(shared_client):
    answer = shared_client.get("/handbook/queries")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=", answer.text)
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert shared_client.get("/handbook/queries", headers=etag).status_code == 304
    for missing in ("/handbook/nothing", "/handbook/..%2fREADME", "/handbook/pictures/no.webp"):
        assert shared_client.get(missing).status_code == 404


def test_html_and_scripts_in_a_text_are_text():
    text = "# A <b>\n\n<script>1</script> [x](javascript:alert(1)) [y](data:text/html,z)\n\n```nope\n<i>\n```\n"
    html = render_document(text, lambda _: None).html
    assert not re.search(r"<(script|b|i)>|href", html)
    assert "&lt;i&gt;" in html


def test_headings_have_the_anchors_of_code_forges():
    text = "# A page\n\n## A state: `as_of`!\n\n## Twice\n\n## Twice\n"
    document = render_document(text, lambda _: None)
    assert [each.anchor for each in document.sections] == [
        "a-page",
        "a-state-as_of",
        "twice",
        "twice-1",
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handbook as files."""
    folder = tmp_path_factory.mktemp("site")
    ran = CliRunner().invoke(main, ["handbook", str(folder / "new")])
    assert ran.exit_code == 0, ran.output
    return folder / "new"


def test_the_files_link_only_to_each_other(site):
    found = {file: Links(file.read_text(encoding="utf-8")) for file in site.glob("*.html")}
    for file, links in found.items():
        for target in links.targets:
            name, anchor = urldefrag(target)
            if name.startswith("http"):
                continue
            other = site / name if name else file
            assert other.is_file(), f"{file.name}: {target}"
            assert not anchor or unquote(anchor) in found[other].anchors or anchor == "main"


@pytest.mark.parametrize("width", ["phone", "desk"])
def test_the_files_are_searched_from_the_disk(site: Path, browser: Browser, width: str) -> None:
    viewport = {"viewport": PHONE} if width == "phone" else {}
    page = browser.new_page(**viewport)
    page.goto((site / "index.html").as_uri())
    page.fill(".book input", "idempotency")
    page.locator(".results a").first.click()
    page.wait_for_url("**/api.html#idempotency")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_the_server_searches_and_fits_a_phone(visit) -> None:
    page = visit("/handbook/time", viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.fill(".book input", "nothing-has-this")
    page.get_by_text("Nothing found").wait_for()
    page.fill(".book input", "TERRAFIRMA_MAX_AGE")
    page.locator(".results mark").first.wait_for()
    page.press(".book input", "Enter")
    page.wait_for_url("**/handbook/*#*")

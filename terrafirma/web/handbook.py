"""`/handbook/`: the documentation as pages, and the same pages as files without a server."""

from pathlib import Path
from typing import Any

from flask import Response, request

from terrafirma.handbook import pages
from terrafirma.handbook.markdown import DEEPEST
from terrafirma.handbook.pages import INDEX, Addresses
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.assets import AN_HOUR, reply_asset, reply_static_page
from terrafirma.web.assets import read_asset
from terrafirma.web.links import origin
from terrafirma.web.rendering import ENVIRONMENT, HTML

door = Door("handbook")

PLACE = "/handbook"
SCRIPT = "text/javascript"
PICTURE = "image/webp"
MARKDOWN = "text/markdown"
PLAIN = "text/plain"
SEARCH_INDEX = "search-index.js"
ROBOTS = """\
# People read /explore and /handbook; programs read /openapi.json and /llms.txt.
# Filters have endless addresses, and what changed is of no use without what was there before.
User-agent: *
Disallow: /*?
Disallow: /entries
Disallow: /explore/admin
Disallow: /explore/changes
Disallow: /login
"""
FILES = Addresses("", "index.html", ".html")
"""The addresses of the edition that is files."""
ASSETS = ("atlas.css", "handbook.css", "handbook.js", "icon.svg")


@door.route("GET", PLACE, Access.OPEN, gives=((HTML, str),), foreign=True)
def get_contents() -> Response:
    """The table of contents."""
    return get_page(INDEX)


@door.route("GET", f"{PLACE}/<name>", Access.OPEN, gives=((HTML, str),), foreign=True)
def get_page(name: str) -> Response:
    """A page of the handbook."""
    return reply_static_page(make_page(name, find_addresses(), layout="base.html"))


@door.route("GET", f"{PLACE}/<name>.md", Access.OPEN, gives=((MARKDOWN, str),), foreign=True)
def get_source(name: str) -> Response:
    """The Markdown of a page, for programs that read."""
    return reply_asset(pages.read_source(name).encode(), MARKDOWN)


@door.route("GET", "/llms.txt", Access.OPEN, gives=((PLAIN, str),), foreign=True)
def get_llms() -> Response:
    """The contents of this server for language models, as llmstxt.org describes it."""
    page = ENVIRONMENT.get_template("llms.txt").render(
        parts=pages.read_contents(), where=origin() + request.script_root
    )
    return reply_asset(page.encode(), PLAIN)


@door.route("GET", "/robots.txt", Access.OPEN, gives=((PLAIN, str),), foreign=True)
def get_robots() -> Response:
    """The addresses that search engines should leave out, by RFC 9309."""
    return reply_asset(ROBOTS.encode(), PLAIN)


@door.route("GET", f"{PLACE}/{SEARCH_INDEX}", Access.OPEN, gives=((SCRIPT, str),), foreign=True)
def get_search_index() -> Response:
    """The texts of all pages, for the search."""
    return reply_asset(pages.write_search_index(find_addresses()), SCRIPT, AN_HOUR)


@door.route("GET", f"{PLACE}/pictures/<name>", Access.OPEN, gives=((PICTURE, str),), foreign=True)
def get_picture(name: str) -> Response:
    """A picture of a page."""
    return reply_asset(pages.read_picture(name), PICTURE, AN_HOUR)


def find_addresses() -> Addresses:
    """The addresses of the edition that this server serves."""
    return Addresses(f"{request.script_root}{PLACE}/", "", "")


def make_page(name: str, addresses: Addresses, **values: Any) -> bytes:
    """A page in its layout: the contents beside it, and the pages before and after it."""
    document = pages.read_page(name, addresses)
    before, after = pages.find_neighbours(name)
    page = ENVIRONMENT.get_template("handbook.html").render(
        name=name,
        document=document,
        headings=[each for each in document.sections if 1 < each.level <= DEEPEST],
        parts=pages.read_contents(),
        before=before,
        after=after,
        page_address=addresses.of_page,
        search_index=addresses.folder + SEARCH_INDEX,
        **values,
    )
    return page.encode()


def write_site(folder: Path) -> int:
    """Write every page as a file that needs no server; return how many there are."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for name in pages.list_pictures():
        (folder / "pictures" / name).write_bytes(pages.read_picture(name))
    for name in ASSETS:
        (folder / name).write_bytes(read_asset(name))
    (folder / SEARCH_INDEX).write_bytes(pages.write_search_index(FILES))
    entries = pages.list_entries()
    for entry in entries:
        page = make_page(entry.name, FILES, layout="handbook-file.html", static=str)
        (folder / FILES.of_page(entry.name)).write_bytes(page)
    return len(entries)

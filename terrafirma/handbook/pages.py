"""The files of the handbook: Markdown and pictures, and their order as `index.md` lists them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from terrafirma.errors import NotFound
from terrafirma.handbook.markdown import DEEPEST, RenderedPage, render_document
from terrafirma.register.model.canonical_json import encode

PACKAGE = Path(__file__).parent
SOURCES = (PACKAGE / "docs", PACKAGE.parents[1] / "docs")
"""Where the files are: in an installed wheel, in a clone."""
INDEX = "index"
PART = re.compile(r"^## (.+)$|^- \[([^]]+)\]\(([\w-]+)\.md\)", re.MULTILINE)
LINK = re.compile(r"(?:([\w-]+)\.md)?(#.*)?")
PICTURE = re.compile(r"pictures/[\w-]+\.webp")
FOREIGN = re.compile(r"https?://")


@dataclass(frozen=True)
class Listed:
    """A page in the table of contents."""

    name: str
    title: str


@dataclass(frozen=True)
class Chapter:
    """A heading of the table of contents and the pages below it."""

    title: str
    entries: tuple[Listed, ...]


@dataclass(frozen=True)
class Addresses:
    """The addresses of an edition: the folder it is in, its first page, and how names of pages end."""

    folder: str
    first: str
    ending: str

    def of_page(self, name: str) -> str:
        """The address of a page."""
        return self.folder + (self.first if name == INDEX else name + self.ending)

    def turn(self, target: str) -> str | None:
        """The address that a link in a page leads to; None for files that are not part of the handbook."""
        if FOREIGN.match(target):
            return target
        if PICTURE.fullmatch(target):
            return self.folder + target
        found = LINK.fullmatch(target)
        if found is None or (found[1] and found[1] not in list_names()):
            return None
        return (self.of_page(found[1]) if found[1] else "") + (found[2] or "")


@cache
def find_folder() -> Path:
    """The folder with the files. NotFound if this installation has none."""
    for folder in SOURCES:
        if (folder / "index.md").is_file():
            return folder
    raise NotFound("This installation has no handbook.")


@cache
def list_names() -> frozenset[str]:
    """The names of the pages."""
    return frozenset(file.stem for file in find_folder().glob("*.md"))


@cache
def list_pictures() -> frozenset[str]:
    """The file names of the pictures."""
    return frozenset(file.name for file in (find_folder() / "pictures").glob("*.webp"))


@cache
def read_contents() -> tuple[Chapter, ...]:
    """The table of contents, from the headings and lists of `index.md`."""
    parts: list[tuple[str, list[Listed]]] = []
    for found in PART.finditer(read_source(INDEX)):
        title, text, name = found.groups()
        if title:
            parts.append((title, []))
        else:
            parts[-1][1].append(Listed(name, text))
    return tuple(Chapter(title, tuple(entries)) for title, entries in parts if entries)


def list_entries() -> tuple[Listed, ...]:
    """All pages in order, the table of contents first."""
    listed = [entry for part in read_contents() for entry in part.entries]
    return (Listed(INDEX, "Handbook"), *listed)


def find_neighbours(name: str) -> tuple[Listed | None, Listed | None]:
    """The pages before and after a page; None at either end."""
    entries = list_entries()
    place = next(place for place, entry in enumerate(entries) if entry.name == name)
    return (entries[place - 1] if place else None), next(iter(entries[place + 1 :]), None)


def read_source(name: str) -> str:
    """The Markdown of a page. NotFound if it is missing."""
    if name not in list_names():
        raise NotFound("The handbook has no such page.")
    return (find_folder() / f"{name}.md").read_text(encoding="utf-8")


def read_picture(name: str) -> bytes:
    """The bytes of a picture. NotFound if it is missing."""
    if name not in list_pictures():
        raise NotFound("The handbook has no such picture.")
    return (find_folder() / "pictures" / name).read_bytes()


@lru_cache(maxsize=128)
def read_page(name: str, addresses: Addresses) -> RenderedPage:
    """A page as HTML. NotFound if it is missing."""
    return render_document(read_source(name), addresses.turn)


@lru_cache(maxsize=4)
def write_search_index(addresses: Addresses) -> bytes:
    """A script with every section of every page: `[address, page, heading, text]`.

    A script and not JSON, so that the search also works where a browser opens pages from a disk.
    """
    rows = [row for entry in list_entries() for row in list_rows(entry, addresses)]
    return b"window.HANDBOOK = " + encode(rows) + b";\n"


def list_rows(entry: Listed, addresses: Addresses) -> Iterator[list[str]]:
    """The rows of a page. The text below a deeper heading belongs to the section around it."""
    page = addresses.of_page(entry.name)
    rows: list[list[str]] = []
    for section in read_page(entry.name, addresses).sections:
        if section.level <= DEEPEST or not rows:
            target = f"{page}#{section.anchor}" if rows else page
            rows.append([target, entry.title, section.title, section.text])
        else:
            rows[-1][3] += f" {section.title} {section.text}"
    yield from rows

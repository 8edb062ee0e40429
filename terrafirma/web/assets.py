"""Files of the pages: styles, scripts and pictures, all served from here."""

import re
from functools import cache
from importlib import resources

from flask import Response

from terrafirma.errors import NotFound
from terrafirma.flags import read_flag
from terrafirma.formats.json import JSON
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.assets import AN_HOUR, reply_asset
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.web.catalogues import LANGUAGES, read_catalogue
from terrafirma.web.rendering import ENVIRONMENT
from terrafirma.web.world_map import world_map

door = Door("assets")

FILES = resources.files("terrafirma.web") / "static"
MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
WORLD = "world.svg"
TEXT = re.compile(r'\b(?:_|ngettext|pieces)\(\s*("(?:[^"\\]|\\.)*")')
"""A call that translates its first argument in a script."""


@door.route(
    "GET",
    "/explore/static/<name>",
    Access.OPEN,
    gives=tuple((each, str) for each in MEDIA.values()),
    foreign=True,
)
def get_asset(name: str) -> Response:
    """A file that a page loads."""
    body = read_asset(name)
    return reply_asset(body, MEDIA[name.rpartition(".")[2]], AN_HOUR)


@door.route("GET", "/favicon.ico", Access.OPEN, gives=((MEDIA["svg"], str),), foreign=True)
def get_icon() -> Response:
    """The icon, for browsers that show an answer of the API."""
    return get_asset("icon.svg")


@door.route(
    "GET", "/explore/flags/<alpha2>", Access.OPEN, gives=((MEDIA["svg"], str),), foreign=True
)
def get_flag(alpha2: str) -> Response:
    """The flag of a country as a picture."""
    picture = read_flag(alpha2.upper())
    if picture is None:
        raise NotFound("There is no picture of that flag here.")
    return reply_asset(picture, MEDIA["svg"], AN_HOUR)


@door.route(
    "GET", "/explore/words/<language>", Access.OPEN, gives=((JSON.media, str),), foreign=True
)
def get_words(language: str) -> Response:
    """The words of scripts in a language: its translations by the English texts."""
    if language not in LANGUAGES:
        raise NotFound(f"There are the languages {', '.join(LANGUAGES)}.")
    return reply_asset(write_words(language), JSON.media, AN_HOUR)


@cache
def write_words(language: str) -> bytes:
    """A catalogue's translations of the texts in scripts, as JSON."""
    catalogue = read_catalogue(language)
    found = {text: catalogue.get(text) for text in list_script_texts()}
    return encode({text: message.string for text, message in found.items() if message})


@cache
def list_script_texts() -> frozenset[str]:
    """The texts that scripts have translated, singular of each."""
    scripts = [file.read_text("utf-8") for file in FILES.iterdir() if file.name.endswith(".js")]
    return frozenset(decode(text) for script in scripts for text in TEXT.findall(script))


@cache
def list_assets() -> frozenset[str]:
    """The files there are."""
    return frozenset(file.name for file in FILES.iterdir())


def read_asset(name: str) -> bytes:
    """A file's bytes, or the world map as a picture."""
    if name == WORLD:
        return ENVIRONMENT.get_template(WORLD).render(world=world_map()).encode()
    if name not in list_assets():
        raise NotFound("There is no such file.")
    return (FILES / name).read_bytes()

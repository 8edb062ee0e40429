"""`/docs/swagger`: the API's description in Swagger UI, served from its wheel."""

from functools import cache
from importlib import resources

from flask import Response, request

from terrafirma.errors import NotFound
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.assets import AN_HOUR, reply_asset, reply_static_page

door = Door("docs")

SWAGGER_UI = resources.files("flask_swagger_ui") / "dist"
OURS = resources.files("terrafirma.api") / "static"

ASSETS = {
    "swagger-ui.css": (SWAGGER_UI, "text/css"),
    "swagger-ui-bundle.js": (SWAGGER_UI, "text/javascript"),
    "start.js": (OURS, "text/javascript"),
    "page.css": (OURS, "text/css"),
}
"""Files of the page: their location and media type."""

PAGE = (("text/html", str),)
TEXTS = (("text/css", str), ("text/javascript", str))


@door.route("GET", "/docs/swagger", Access.READ, gives=PAGE)
def get_swagger() -> Response:
    """Every operation, to be read and tried out, in Swagger UI."""
    root = request.script_root.encode()
    page = (OURS / "swagger.html").read_bytes()
    return reply_static_page(page.replace(b'="/', b'="' + root + b"/"))


@door.route("GET", "/docs/swagger/<name>", Access.READ, gives=TEXTS)
def get_asset(name: str) -> Response:
    """A script or style of that page."""
    if name not in ASSETS:
        raise NotFound("There is no such file.")
    return reply_asset(*read_file(name), AN_HOUR)


@cache
def read_file(name: str) -> tuple[bytes, str]:
    """The bytes of an asset, read once, and its media type."""
    folder, mimetype = ASSETS[name]
    return (folder / name).read_bytes(), mimetype

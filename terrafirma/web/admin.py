"""`/explore/admin`: the pages where people sign in, import, export, follow jobs and decide who may do so.

They are the same for everyone and hold nothing of the register: what is theirs to see, a script asks of the API.
"""

import re

from flask import Response, redirect, request, url_for

from terrafirma.errors import NotFound
from terrafirma.formats.offered import name_formats
from terrafirma.http.app.context import state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import is_place
from terrafirma.http.response.assets import reply_static_page
from terrafirma.http.response.responses import vary_by
from terrafirma.register.jobs import ID
from terrafirma.register.model.kinds import COUNTRY, KINDS
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.links import here_path
from terrafirma.web.rendering import ADMIN, HTML, render_template

door = Door("admin")

PAGE = ((HTML, str),)
TITLES = {"sign-in": "Sign in"} | ADMIN
SHOWN = {"imports": ID, "jobs": ID, "webhooks": re.compile("[1-9][0-9]{0,17}", re.ASCII)}
"""Pages with a detail view, and the pattern of its id."""
HOME = "explore.explore"
SPELLED = {"geojson": "GeoJSON", "sqlite": "SQLite", "parquet": "Parquet", "xlsx": "Excel (XLSX)"}
"""Forms of a file as they are written; the others are, in capitals."""


@door.route("GET", "/explore/admin/<page>", Access.OPEN, gives=PAGE, foreign=True)
def show_page(page: str) -> Response:
    """An admin page."""
    if page not in TITLES:
        raise NotFound(f"There is no such page here; there are {', '.join(TITLES)}.")
    home = url_for(HOME)
    place = request.args.get("next", home if page == "sign-in" else here_path())
    text = render_template(
        f"admin/{page}.html",
        page=page,
        title=_(TITLES[page]),
        kinds=KINDS,
        wanted=request.args.get("kind", COUNTRY.name),
        provider=state().provider is not None,
        closed=state().settings.reads != "open",
        place=place if is_place(place) else home,
        days=state().settings.job_days,
        forms=list_forms(),
        names=SPELLED,
    )
    response = reply_static_page(text)
    vary_by(response, "Accept-Language")
    return response


@door.route("GET", "/explore/admin/<page>/<id>", Access.OPEN, gives=PAGE, foreign=True)
def show_one(page: str, id: str) -> Response:
    """An admin page about one thing: a job, what an import would do, a webhook. The script knows it by its id."""
    if page not in SHOWN or not SHOWN[page].fullmatch(id):
        raise NotFound("There is no such page here.")
    return show_page(page)


@door.route(
    "GET", "/explore/desk/<path:rest>", Access.OPEN, gives=PAGE, statuses=(301,), foreign=True
)
def lead_from_old_address(rest: str) -> Response:
    """The admin pages under the address they had at first."""
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    page, _slash, id = rest.partition("/")
    address = (
        url_for("admin.show_one", page=page, id=id) if id else url_for("admin.show_page", page=page)
    )
    return Response(status=301, headers={"Location": redirect(address + query).location})


def list_forms() -> tuple[str, ...]:
    """The names of the formats in which the API exports."""
    return name_formats()

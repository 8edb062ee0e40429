"""`/explore/desk`: the pages where people sign in, import, export, follow jobs and decide who may do so.

They are the same for everyone and hold nothing of the register: what is theirs to see, a script asks of the API.
"""

import re
from typing import get_args

from flask import Response, request

from terrafirma.errors import NotFound
from terrafirma.http.app.context import state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import is_place
from terrafirma.http.response.assets import reply_page
from terrafirma.register.jobs import ID
from terrafirma.register.model.kinds import COUNTRY, KINDS
from terrafirma.web.rendering import HTML, render

door = Door("desk")

PAGE = ((HTML, str),)
TITLES = {
    "sign-in": "Sign in",
    "imports": "Import",
    "exports": "Export",
    "jobs": "Jobs",
    "webhooks": "Webhooks",
    "keys": "Keys",
    "people": "People",
    "audit": "Audit log",
}
SHOWN = {"imports": ID, "jobs": ID, "webhooks": re.compile("[1-9][0-9]{0,17}", re.ASCII)}
"""Pages that show one thing too, and what its id looks like."""
HOME = "/explore"
SPELLED = {"geojson": "GeoJSON", "sqlite": "SQLite", "parquet": "Parquet", "xlsx": "Excel (XLSX)"}
"""Forms of a file as they are written; the others are, in capitals."""


@door.route("GET", "/explore/desk/<page>", Access.OPEN, gives=PAGE, foreign=True)
def show_page(page: str) -> Response:
    """A page of the desk."""
    if page not in TITLES:
        raise NotFound(f"There is no such page here; there are {', '.join(TITLES)}.")
    place = request.args.get("next", HOME if page == "sign-in" else request.path)
    text = render(
        f"desk/{page}.html",
        page=page,
        title=TITLES[page],
        kinds=KINDS,
        wanted=request.args.get("kind", COUNTRY.name),
        provider=state().provider is not None,
        closed=state().settings.reads != "open",
        place=place if is_place(place) else HOME,
        days=state().settings.job_days,
        forms=list_forms(),
        names=SPELLED,
    )
    return reply_page(text)


@door.route("GET", "/explore/desk/<page>/<id>", Access.OPEN, gives=PAGE, foreign=True)
def show_one(page: str, id: str) -> Response:
    """A page of the desk about one thing: a job, what an import would do, a webhook. The script knows it by its id."""
    if page not in SHOWN or not SHOWN[page].fullmatch(id):
        raise NotFound("There is no such page here.")
    return show_page(page)


def list_forms() -> tuple[str, ...]:
    """The forms in which the API exports, as its contract has them."""
    body = state().contracts["exports.add_export"].takes
    return get_args(body.model_fields["format"].annotation)

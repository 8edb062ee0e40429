"""`/explore/match`: a column of names, matched to records in the browser by the API's /resolve."""

from flask import Response, request

from terrafirma.http.app.context import state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.languages import LANGUAGE
from terrafirma.http.response.assets import reply_static_page
from terrafirma.http.response.responses import vary_by
from terrafirma.register.model.kinds import COUNTRY, KINDS
from terrafirma.register.resolve.resolver import ALIASES, RESOLVED, canonical_kind
from terrafirma.web.rendering import HTML, render_template

door = Door("match")

BATCH = 1000
"""Names that the page sends at once."""


@door.route(
    "GET",
    "/explore/match",
    Access.READ,
    ("resolved_kind", "on", LANGUAGE),
    gives=((HTML, str),),
    foreign=True,
)
def match_names() -> Response:
    """Return the page that matches a column. Its script asks the API, so that it holds no records."""
    kind = request.args.get("kind", COUNTRY.name)
    text = render_template(
        "match.html",
        kinds=[KINDS[name] for name in RESOLVED],
        kind=canonical_kind(kind) if kind in ALIASES else COUNTRY.name,
        batch=min(BATCH, state().settings.max_items),
    )
    response = reply_static_page(text)
    vary_by(response, "Accept-Language")
    return response

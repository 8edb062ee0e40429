"""Errors as pages, for addresses of pages; other clients get the API's answers."""

from flask import Response, redirect, request

from terrafirma.formats.json import JSON
from terrafirma.http.app.formats import prefers
from terrafirma.http.response.assets import secure_page
from terrafirma.register.model.canonical_json import decode
from terrafirma.web.links import here
from terrafirma.web.rendering import HTML, render_template

PAGES = ("/explore", "/docs", "/handbook", "/login")
"""Prefix of the addresses of pages."""


def forget_empty() -> Response | None:
    """Redirect to the address without what a form left empty, which is not wrong."""
    if all(map(all, request.args.listvalues())):
        return None
    filled = {name: [value for value in values if value] for name, values in request.args.lists()}
    response = redirect(here(**filled))
    return Response(status=302, headers={"Location": response.location})


def form_error(response: Response) -> Response:
    """Make an error at a page's address a page, for clients that prefer pages."""
    # Addresses that are nothing are not the API's either.
    is_page = request.endpoint is None or request.path.startswith(PAGES)
    if (
        response.status_code < 400
        or response.mimetype != JSON.media
        or not is_page
        or not prefers(request.headers.get("Accept", ""), "text/html", JSON.media)
    ):
        return response
    error = decode(response.get_data())
    if "error" not in error:
        return response
    page = render_template(
        "error.html",
        status=response.status,
        sentence=error["error"],
        details=error.get("details", []),
    )
    response.set_data(page)
    response.content_type = HTML
    return secure_page(response)

"""Headers for browsers on every answer: CORS, and a policy against pages and scripts in data.

Reading records is open to pages of every site, without cookies: such readers have a key or are
anonymous. Writing, and reading that needs an editor or administrator, is open to pages of the sites
in the settings.
"""

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from terrafirma.http.app.context import state
from terrafirma.http.app.routes import Access
from terrafirma.http.response.responses import vary_by
from terrafirma.telemetry import SAFE

CLOSED = (Access.WATCH, Access.WRITE, Access.ADMIN)
"""Access levels closed to pages of other sites, for reading and writing."""

SURFACE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Access-Control-Allow-Origin": "*",
}
"""Default headers; pages of the atlas override them."""

EXPOSED = {"Access-Control-Expose-Headers": "*"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, "
    "If-None-Match, X-Request-Id",
    "Access-Control-Max-Age": "86400",
}
ALLOW = "Access-Control-Allow-Origin"
A_YEAR = "max-age=31536000"


def headers_for(url: str) -> tuple[dict[str, str], dict[str, str]]:
    """The headers of every answer, and those of the answer to OPTIONS, of a server at an address.

    Where the address is a secure one, browsers are to come by no other way.
    """
    secure = {"Strict-Transport-Security": A_YEAR} if url.startswith("https:") else {}
    headers = SURFACE | EXPOSED | secure
    return headers, headers | PREFLIGHT


def uses_rights() -> bool:
    """Return True if a request, or the request that a preflight announces, needs rights that a
    browser adds by itself."""
    if request.method != "OPTIONS":
        contract = state().contracts.get(request.endpoint or "")
        return needs_rights(request.method, contract.access if contract else None)
    asked = request.headers.get("Access-Control-Request-Method", "GET")
    return needs_rights(asked, find_access(asked))


def needs_rights(method: str, access: Access | None) -> bool:
    """Return True for what changes something, or shows it to few. A POST may only ask, such as /graphql's."""
    return access in CLOSED or (method not in SAFE and access is not Access.READ)


def find_access(method: str) -> Access | None:
    """The access level of this address with another method; None if it has no such method."""
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _ = adapter.match(method=method) if adapter else ("", None)
    except HTTPException:
        return None
    contract = state().contracts.get(endpoint)
    return contract.access if contract else None


def allow_origin(response: Response) -> None:
    """Open an answer to the pages of a site that may write, and to no others."""
    origin = request.headers.get("Origin", "")
    vary_by(response, "Origin")
    if is_allowed_origin(origin):
        response.headers[ALLOW] = origin
    else:
        response.headers.remove(ALLOW)


def is_allowed_origin(origin: str) -> bool:
    """Return True if pages of an origin may write here."""
    return origin in state().settings.origins

"""What every answer tells browsers: which pages may read it, and that nothing in it is a page or a script.

Reading records is open to the pages of every site, and sends no cookies: whoever reads that way is known by a key
or not at all. Writing, and reading what takes an editor or an administrator, is open to the pages of the sites that
the settings name.
"""

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from terrafirma.http.app.context import state
from terrafirma.http.app.routes import Access
from terrafirma.telemetry import SAFE

CLOSED = (Access.WATCH, Access.WRITE, Access.ADMIN)
"""What is not for everyone: the pages of other sites neither read nor write it."""

SURFACE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Access-Control-Allow-Origin": "*",
}
"""What is said unless a page of ours says otherwise."""

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
    """Return True if a request, or the one that a browser asks about, needs rights that it may add by itself."""
    if request.method != "OPTIONS":
        contract = state().contracts.get(request.endpoint or "")
        return needs_rights(request.method, contract.access if contract else None)
    asked = request.headers.get("Access-Control-Request-Method", "GET")
    return needs_rights(asked, find_access(asked))


def needs_rights(method: str, access: Access | None) -> bool:
    """Return True for what changes something, or shows it to few. A POST may only ask, such as /graphql's."""
    return access in CLOSED or (method not in SAFE and access is not Access.READ)


def find_access(method: str) -> Access | None:
    """Return who may use this address with another method; None where there is nothing."""
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
    response.vary.add("Origin")
    if is_allowed_origin(origin):
        response.headers[ALLOW] = origin
    else:
        response.headers.remove(ALLOW)


def is_allowed_origin(origin: str) -> bool:
    """Whether the pages of a site may write here."""
    return origin in state().settings.origins

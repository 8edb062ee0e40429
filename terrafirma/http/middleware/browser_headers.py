"""What every answer tells browsers: which pages may read it, and that nothing in it is a page or a script.

Reading is open to the pages of every site, and sends no cookies: whoever reads that way is known by a key or not
at all. Writing is open to the pages of the sites that the settings name.
"""

from flask import Flask, Response, request

from terrafirma.http.app.context import state

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


def set_browser_headers(app: Flask, url: str) -> None:
    """Tell browsers about every answer of an app; to come by no other way, where its address is a secure one."""
    told = (
        SURFACE
        | EXPOSED
        | ({"Strict-Transport-Security": A_YEAR} if url.startswith("https:") else {})
    )
    preflight = told | PREFLIGHT

    @app.after_request
    def tell(response: Response) -> Response:
        # Not `setdefault`, which looks through all headers for each.
        said = {name.lower() for name, _ in response.headers}
        others = preflight if request.method == "OPTIONS" else told
        response.headers.extend(
            (name, value) for name, value in others.items() if name.lower() not in said
        )
        if is_change():
            allow_origin(response)
        return response


def is_change() -> bool:
    """Whether a request writes, or asks whether it may."""
    asked = (
        request.headers.get("Access-Control-Request-Method", "GET")
        if request.method == "OPTIONS"
        else ""
    )
    return (asked or request.method) not in ("GET", "HEAD", "OPTIONS")


def allow_origin(response: Response) -> None:
    """Open the answer of a write to the pages of a site that may write, and to no others."""
    origin = request.headers.get("Origin", "")
    response.vary.add("Origin")
    if is_allowed_origin(origin):
        response.headers[ALLOW] = origin
    else:
        response.headers.remove(ALLOW)


def is_allowed_origin(origin: str) -> bool:
    """Whether the pages of a site may write here."""
    return origin in state().settings.origins

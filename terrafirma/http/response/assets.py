"""Answers that are the same for as long as the process lives: pages, scripts, descriptions."""

import hashlib

from flask import Response, request

from terrafirma.http.response.responses import HOT, LASTING, REVALIDATE

AN_HOUR = "public, max-age=3600"

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # The style sheet of Swagger UI has its arrows and buttons in it.
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Content Security Policy of pages: local resources only, no inline script or style."""


def reply_asset(body: bytes, mimetype: str, caching: str = REVALIDATE) -> Response:
    """Bytes with a strong ETag, which can be asked for conditionally."""
    response = Response(body, mimetype=mimetype)
    response.set_etag(hashlib.blake2b(body, digest_size=8).hexdigest())
    response.headers["Cache-Control"] = caching
    request.environ[HOT] = request.environ[LASTING] = True
    return response


def reply_static_page(body: bytes) -> Response:
    """An HTML page without external resources."""
    return secure_page(reply_asset(body, "text/html"))


def secure_page(response: Response) -> Response:
    """An answer that a browser shows, with the policy of our pages."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response

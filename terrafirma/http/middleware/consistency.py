"""`Terrafirma-Entry`: the entry that an answer includes, so that a client never reads less than it wrote or read.

See docs/operations.md for what it promises with replicas.
"""

from math import inf

from flask import Response, g, request

from terrafirma.http.app.context import ENTRY_COOKIE, ENTRY_HEADER, state
from terrafirma.http.app.principals import AUTHENTICATED
from terrafirma.http.middleware.session_cookies import is_secure

COOKIE_SECONDS = 600
"""Seconds for which a browser asks for its own writes; by then every replica has them, or is not
used."""


def set_entry_headers(response: Response) -> None:
    """Set the headers of an answer that a replica gave, or that wrote something."""
    if written := g.get("written"):
        response.headers[ENTRY_HEADER] = str(written)
        known = request.environ.get(AUTHENTICATED)
        if state().database.path is None and known is not None and known.session is not None:
            response.set_cookie(
                ENTRY_COOKIE,
                str(written),
                max_age=COOKIE_SECONDS,
                secure=is_secure(),
                httponly=True,
                samesite="Lax",
            )
    elif view := g.get("view"):
        response.headers[ENTRY_HEADER] = str(view.head.number)
        if 1 <= view.age < inf:
            response.headers["Age"] = str(int(view.age))

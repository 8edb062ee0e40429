"""Session cookies: set, renewed and dropped. They are HttpOnly and SameSite."""

from typing import cast

from flask import Response, request

from terrafirma.http.app.context import state
from terrafirma.http.app.principals import AUTHENTICATED, COOKIE, Authenticated
from terrafirma.register.access import sessions

SESSION = COOKIE


def is_secure() -> bool:
    """Return True if the public address is HTTPS."""
    return state().settings.public_url.startswith("https:")


def set_cookie(response: Response, name: str, value: str, seconds: float, path: str = "/") -> None:
    """Have a browser keep something."""
    response.set_cookie(
        name,
        value,
        max_age=int(seconds),
        path=below_prefix(path),
        secure=is_secure(),
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: Response, name: str, path: str = "/") -> None:
    """Have a browser forget something."""
    response.delete_cookie(
        name, path=below_prefix(path), secure=is_secure(), httponly=True, samesite="Lax"
    )


def below_prefix(path: str) -> str:
    """A cookie's path below the prefix of this server, so that neighbours on the same host never get it."""
    return (request.script_root + path).rstrip("/") or "/"


def find_known() -> Authenticated | None:
    """The authentication of this request, if any."""
    return cast(Authenticated | None, request.environ.get(AUTHENTICATED))


def renew_session(response: Response) -> None:
    """Replace the token of a session that has become old, on whatever answer is made next."""
    known = find_known()
    if known is None or known.session is None or not sessions.is_due(known.session):
        return
    cookies = response.headers.getlist("Set-Cookie")
    if any(cookie.startswith(f"{SESSION}=") for cookie in cookies):
        return
    callers = state().callers
    with callers.vault.writing_quietly() as connection:
        token = sessions.rotate(connection, callers.secret, known.session)
    if token is not None:
        callers.forget(known)
        seconds = state().settings.session_hours * 3600
        set_cookie(response, SESSION, callers.sign(token), seconds)
        response.headers["Cache-Control"] = "no-store"

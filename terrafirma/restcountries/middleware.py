"""Middleware for the old service's addresses: hosts, errors and CORS.

Requests refused before the app sees them (401, 413, 429, 503) are answered in the service's form,
too.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from terrafirma.config import Settings
from terrafirma.formats.json import JSON
from terrafirma.http.middleware.browser_headers import SURFACE
from terrafirma.register.access.api_keys import PREFIX
from terrafirma.restcountries.addresses import (
    PAID,
    REST,
    REST_NAMES,
    V5,
    VERSIONED,
    names_flag,
    names_version,
    version_of,
)
from terrafirma.restcountries.responses import IN_FORM, NO_PAGE, write_early_refusal, write_error
from terrafirma.telemetry import WSGI, Environ, StartResponse

ALLOW_ORIGIN = "access-control-allow-origin"

Headers = list[tuple[str, str]]


class RestCountriesMiddleware:
    """WSGI middleware around the app and all that may refuse a request before it."""

    def __init__(self, app: WSGI, settings: Settings) -> None:
        self._app = app
        self._hosts = frozenset(settings.restcountries_host)
        # Where reading needs a key, pages of other sites must not read with a visitor's session.
        self._credentials = settings.reads == "open"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path = environ["PATH_INFO"]
        if self._hosts and is_host(environ, self._hosts):
            path = environ["PATH_INFO"] = shorten(path)
            if not (names_version(path) or names_flag(path)):
                return refuse_unknown(environ, start_response, path)
        # Most addresses are not the old service's; this spares them a call.
        if not (path.startswith(VERSIONED) and names_version(path)):
            return self._app(environ, start_response)
        if version_of(path) == V5:
            self._forget_foreign_key(environ)
        return self._answer(environ, start_response, path)

    def _forget_foreign_key(self, environ: Environ) -> None:
        """Remove a key of the paid service where reading needs no key: its clients always send it."""
        key = environ.get("HTTP_AUTHORIZATION", "")
        if self._credentials and not key.removeprefix("Bearer ").startswith(PREFIX):
            environ.pop("HTTP_AUTHORIZATION", None)

    def _answer(
        self, environ: Environ, start_response: StartResponse, path: str
    ) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN", "") if self._credentials else ""
        refusal: list[bytes] = []

        def start(status: str, headers: Headers, *exc_info: Any) -> Any:
            if status[0] in "45" and not environ.get(IN_FORM):
                refusal.append(write_error(version_of(path), HTTPStatus(int(status[:3]))))
                headers = replace_body(headers, refusal[0])
            headers = admit_credentials(headers, origin) if origin else admit_all(headers)
            return start_response(status, headers, *exc_info)

        body = self._app(environ, start)
        if not refusal:
            return body
        getattr(body, "close", lambda: None)()
        return [] if environ["REQUEST_METHOD"] == "HEAD" else refusal


def is_host(environ: Environ, hosts: frozenset[str]) -> bool:
    """Return True if a request is for one of the hosts, with or without a final dot."""
    name: str = environ.get("HTTP_HOST", "").partition(":")[0]
    return name.lower().removesuffix(".") in hosts


def shorten(path: str) -> str:
    """Return a path without `/rest`, unless it belongs to the first service's own versions.

    The paid service has its version under `/countries`.
    """
    if path == PAID or path.startswith(f"{PAID}/"):
        return path.removeprefix("/countries")
    version, short = path.removeprefix(f"{REST}/").partition("/")[0], path.removeprefix(REST)
    return path if f"rest/{version}" in REST_NAMES or not names_version(short) else short


def replace_body(headers: Headers, body: bytes) -> Headers:
    """Return headers for another JSON body."""
    kept = [each for each in headers if each[0].lower() not in ("content-type", "content-length")]
    return [*kept, ("Content-Type", JSON.media), ("Content-Length", str(len(body)))]


def admit_credentials(headers: Headers, origin: str) -> Headers:
    """Headers that let a page read an answer with `credentials: "include"`.

    The Fetch standard does not allow `*` then:
    https://fetch.spec.whatwg.org/#cors-protocol-and-credentials
    """
    kept = [each for each in headers if each[0].lower() != ALLOW_ORIGIN]
    return [
        *kept,
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
    ]


def admit_all(headers: Headers) -> Headers:
    """Headers that let every page read an answer: nothing can be written here, so a refused method is
    readable too."""
    if any(each[0].lower() == ALLOW_ORIGIN for each in headers):
        return headers
    return [*headers, ("Access-Control-Allow-Origin", "*")]


def refuse_unknown(environ: Environ, start_response: StartResponse, path: str) -> Iterable[bytes]:
    """Return 404 for an address that the old service did not have."""
    # WSGI gives an address as its bytes, each as a character.
    address = path.encode("latin-1").decode("utf-8", "replace")
    body = write_early_refusal(HTTPStatus.NOT_FOUND, address, NO_PAGE)
    headers = [
        ("Content-Type", JSON.media),
        ("Content-Length", str(len(body))),
        *SURFACE.items(),
    ]
    start_response("404 NOT FOUND", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

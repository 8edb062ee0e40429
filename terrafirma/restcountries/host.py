"""Host names of its own for the old service: under them are its addresses and no others.

So an override of the dead name, in DNS or a hosts file, gives programs what they expect there, and the register's own
addresses do not stand under another service's name.
"""

from collections.abc import Iterable
from http import HTTPStatus

from terrafirma.http.app.formats import JSON
from terrafirma.http.middleware.browser_headers import SURFACE
from terrafirma.restcountries.answers import NO_PAGE, names_version, write_early_refusal
from terrafirma.telemetry import WSGI, Environ, StartResponse

OLDEST = "/rest"
"""What stood before the version while the service was `restcountries.eu`."""


def serve_old_host(app: WSGI, names: Iterable[str]) -> WSGI:
    """Return an app with hosts of these names for the old service, or the app itself if there are none."""
    hosts = frozenset(names)

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_HOST", "").partition(":")[0].lower() not in hosts:
            return app(environ, start_response)
        path = environ["PATH_INFO"].removeprefix(OLDEST)
        if names_version(path):
            return app(environ | {"PATH_INFO": path}, start_response)
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

    return answer if hosts else app

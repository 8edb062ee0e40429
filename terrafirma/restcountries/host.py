"""A host name of its own for the old service: what answers to its name has its addresses and no others.

So an override of the dead name, in DNS or a hosts file, gives programs what they expect there, and the register's own
addresses do not stand under another service's name.
"""

from collections.abc import Iterable
from http import HTTPStatus

from terrafirma.http.formats import JSON
from terrafirma.restcountries.answers import CORS, NO_PAGE, names_version, write_early_refusal
from terrafirma.telemetry import WSGI, Environ, StartResponse

OLDEST = "/rest"
"""What stood before the version while the service was `restcountries.eu`."""


class OwnHost:
    """WSGI middleware: under these host names, nothing but the old service's addresses. No names: no difference."""

    def __init__(self, app: WSGI, names: str) -> None:
        self._app = app
        self._names = frozenset(name.strip().lower() for name in names.split(",") if name.strip())

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if not self._names or environ.get("HTTP_HOST", "").partition(":")[0].lower() not in self._names:
            return self._app(environ, start_response)
        path = environ["PATH_INFO"].removeprefix(OLDEST)
        if names_version(path):
            environ["PATH_INFO"] = path
            return self._app(environ, start_response)
        body = write_early_refusal(HTTPStatus.NOT_FOUND, path, NO_PAGE)
        headers = [("Content-Type", JSON.media), ("Content-Length", str(len(body))), *CORS.items()]
        start_response("404 NOT FOUND", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

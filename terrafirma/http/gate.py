"""The gate: before any answer is looked up, who asks is known."""

from collections.abc import Iterable

from terrafirma.errors import Busy, Refusal
from terrafirma.http.callers import Callers
from terrafirma.http.context import CALLER
from terrafirma.http.problems import refuse
from terrafirma.storage.database import OperationalError
from terrafirma.telemetry import WSGI, Environ, StartResponse

UNREACHED = "The database cannot be reached to check the key; nothing was changed. Try again."


class Gate:
    """WSGI middleware: turns away keys that are not valid, and keeps known answers from whoever may not read.

    `known` answers what every reader may see without asking further; `app` decides for itself, by the contract
    of each route.
    """

    def __init__(self, known: WSGI, app: WSGI, callers: Callers, closed: bool) -> None:
        self._known = known
        self._app = app
        self._callers = callers
        self._closed = closed

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on, with its caller, or refuse it."""
        try:
            caller = self._callers.identify(environ)
        except Refusal as refusal:
            return refuse(environ, start_response, refusal)
        except OperationalError:
            return refuse(environ, start_response, Busy(UNREACHED))
        if caller is not None:
            environ[CALLER] = caller
        elif self._closed:
            return self._app(environ, start_response)
        return self._known(environ, start_response)

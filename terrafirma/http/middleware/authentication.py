"""The authentication middleware: authenticates requests and applies rate limits before any answer
is looked up."""

from collections.abc import Iterable
from typing import Any

from terrafirma.config import Settings
from terrafirma.errors import ApiError, Busy, Malformed, Unauthorized
from terrafirma.http.app.context import PRINCIPAL
from terrafirma.http.app.principals import (
    AUTHENTICATED,
    Authenticated,
    Authenticator,
    adopt_key,
    name_prefix,
)
from terrafirma.http.app.rate_limits import (
    QUOTA,
    UNLIMITED,
    FailureLimit,
    Meter,
    Quota,
    name_address,
)
from terrafirma.http.middleware.error_handlers import answer_refusal_in_wsgi
from terrafirma.http.middleware.ownership import is_local_name, name_host
from terrafirma.http.middleware.proxies import PROXIED, believe
from terrafirma.http.middleware.response_cache import KNOWN_ONLY, NotKnown, ResponseCache
from terrafirma.register.access.roles import Principal
from terrafirma.storage.engine.database import OperationalError
from terrafirma.telemetry import WSGI, Environ, StartResponse

HERE = frozenset({"127.0.0.1", "::1"})
"""This machine's own addresses, of which any number of requests is taken."""

UNSHOWN = frozenset({"HTTP_AUTHORIZATION", "HTTP_COOKIE"})
"""Headers with credentials."""

UNREACHED = "The database cannot be reached to check the key; nothing was changed. Try again."


class AuthenticationMiddleware:
    """WSGI middleware: refuses other hosts, too many requests and invalid keys.

    `known` is the app behind the response cache, for answers that every reader may see; `app`
    checks each route's contract.
    """

    def __init__(
        self, known: ResponseCache, app: WSGI, callers: Authenticator, settings: Settings
    ) -> None:
        self._known = known
        self._app = app
        self._callers = callers
        self._closed = settings.reads != "open"
        self._limit = settings.limit_requests
        self._meter = Meter()
        self._failures = FailureLimit(callers.vault, settings.limit_failures)
        named = settings.hosts + settings.restcountries_host if settings.hosts else ()
        self._hosts = frozenset(named)
        self._restore = believe(settings.proxies) if settings.proxies else None
        self._plain = not (self._closed or self._hosts or self._restore)
        """True if requests of this machine need no checks, which saves some microseconds."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on, with its caller, or refuse it."""
        if self._plain and environ.get("REMOTE_ADDR") in HERE and UNSHOWN.isdisjoint(environ):
            return self._known(environ, start_response)
        if KNOWN_ONLY in environ and not self._is_simple(environ):
            raise NotKnown
        if self._restore:
            self._restore(environ)
        adopt_key(environ)
        try:
            if self._hosts:
                self._check_host(environ.get("HTTP_HOST", ""))
            known = self._identify(environ)
            caller = known.caller if known is not None else None
            quota = self._take(environ, caller)
            if quota is not None:
                environ[QUOTA] = quota
                start_response = add_quota_headers(environ, start_response)
                quota.check("requests")
        except ApiError as refusal:
            return answer_refusal_in_wsgi(environ, start_response, refusal)
        except OperationalError:
            return answer_refusal_in_wsgi(environ, start_response, Busy(UNREACHED))
        if known is not None:
            environ[AUTHENTICATED], environ[PRINCIPAL] = known, known.caller
        if caller is None and self._closed:
            return self._app(environ, start_response)
        return self._known(environ, start_response)

    def _is_simple(self, environ: Environ) -> bool:
        """Return True if a request can be answered without asking any database."""
        return not self._closed and UNSHOWN.isdisjoint(environ) and self._known.knows(environ)

    def _check_host(self, host: str) -> None:
        if host and not (is_local_name(host) or name_host(host) in self._hosts):
            raise Malformed("This server does not answer to that host name.")

    def _identify(self, environ: Environ) -> Authenticated | None:
        try:
            return self._callers.identify(environ)
        except Unauthorized:
            # Only now, so that strangers at an address shut out nobody whose key is valid.
            address = name_address(environ.get("REMOTE_ADDR", ""))
            self._failures.record(address, name_prefix(environ["HTTP_AUTHORIZATION"]))
            raise

    def _take(self, environ: Environ, caller: Principal | None) -> Quota | None:
        if caller is not None:
            limit = caller.requests or self._limit
            return self._meter.acquire(caller.actor, limit) if limit != UNLIMITED else None
        address = environ.get("REMOTE_ADDR", "")
        if self._limit == UNLIMITED or (address in HERE and PROXIED not in environ):
            return None
        return self._meter.acquire(name_address(address), self._limit)


def add_quota_headers(environ: Environ, start_response: StartResponse) -> StartResponse:
    """A start_response that adds the headers of the nearest limit."""

    def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
        quota: Quota = environ[QUOTA]
        return start_response(status, [*headers, *quota.headers()], *exc_info)

    return start

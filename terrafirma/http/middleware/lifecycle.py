"""The way of a request through Flask: the checks before its view, and the steps that finish its answer."""

from collections.abc import Callable, Sequence

from flask import Flask, Response, g, request

from terrafirma.errors import Forbidden, Malformed
from terrafirma.http.app.context import AppState
from terrafirma.http.app.principals import AUTHENTICATED
from terrafirma.http.app.request_counts import ROUTE, ROWS
from terrafirma.http.app.routes import Access
from terrafirma.http.middleware.authorization import check_access, keep_private
from terrafirma.http.middleware.browser_headers import (
    CLOSED,
    allow_origin,
    headers_for,
    uses_rights,
)
from terrafirma.http.middleware.compression import LEAST, NO_STORE, READS, compress
from terrafirma.http.middleware.consistency import set_entry_headers
from terrafirma.http.middleware.session_cookies import renew_session
from terrafirma.http.request.arguments import check_parameters, drop_tracking
from terrafirma.http.request.bodies import offer_patches
from terrafirma.telemetry import SAFE

ErrorForm = Callable[[Response], Response]
"""Puts an error, or the answer to OPTIONS, into the form of the door that its address is at."""


class Lifecycle:
    """The way of every request of an app: its checks before the view, the end of its answer."""

    def __init__(self, here: AppState, forms: Sequence[ErrorForm]) -> None:
        self.here, self.forms = here, forms
        self.closed = here.settings.reads != "open"
        self.unchecked = {Access.OPEN} if self.closed else {Access.OPEN, Access.READ}
        self.guarded = {name for name, route in here.contracts.items() if route.access in CLOSED}
        self.headers, self.preflight_headers = headers_for(here.settings.public_url)

    def begin(self) -> None:
        """Check the access and the parameters of a request."""
        endpoint, method = request.endpoint, read_method()
        request.environ[ROUTE] = self.here.requests.places.get((endpoint, method), ROWS)
        if endpoint is None or method == "OPTIONS":
            return
        route = self.here.contracts.get(endpoint)
        if route is None:
            raise Forbidden("This address is not open to anyone.")
        if method not in SAFE or route.access not in self.unchecked:
            check_access(route)
        query = request.query_string
        if query and route.is_page:
            query = drop_tracking(query)
        if query:
            self.here.queries.get((endpoint, query), lambda: check_parameters(route))

    def finish(self, response: Response) -> Response:
        """Finish an answer: its form, its headers, its compression, then its cookies."""
        options = request.method == "OPTIONS"
        if response.status_code >= 400 or options:
            for form in self.forms:
                response = form(response)
        if "written" in g or "view" in g:
            set_entry_headers(response)
        response.headers.setdefault("Cache-Control", NO_STORE)
        if not is_plain(response):
            compress(response)
        add_missing(response, self.preflight_headers if options else self.headers)
        self.finish_rights(response)
        if response.status_code == 415 or "Allow" in response.headers:
            offer_patches(response)
        if self.closed:
            keep_private(response)
        return response

    def finish_rights(self, response: Response) -> None:
        """Let other sites read an answer where rights allow it, and renew the session."""
        unsafe = request.method == "OPTIONS" or request.method not in SAFE
        if (unsafe or request.endpoint in self.guarded) and uses_rights():
            allow_origin(response)
        if AUTHENTICATED in request.environ:
            renew_session(response)


def follow_requests(app: Flask, here: AppState, forms: Sequence[ErrorForm]) -> None:
    """Let every request of an app go this way."""
    lifecycle = Lifecycle(here, forms)
    app.before_request(lifecycle.begin)
    app.after_request(lifecycle.finish)


def read_method() -> str:
    """The method of the request. Malformed for `get`: Werkzeug takes it for GET, other filters may not."""
    method = request.method
    if request.environ["REQUEST_METHOD"] != method:
        raise Malformed(f"Methods are case-sensitive: write {method} in capital letters.")
    return method


def is_plain(response: Response) -> bool:
    """Return True if an answer is too short to compress, and nothing that a client may have
    already."""
    if response.is_streamed or len(response.get_data()) >= LEAST:
        return False
    return request.method not in READS or (
        "ETag" not in response.headers and response.headers["Cache-Control"] == NO_STORE
    )


def add_missing(response: Response, headers: dict[str, str]) -> None:
    """Add headers to an answer, but for those that it has."""
    # Not `setdefault`, which looks through all headers for each.
    present = {name.lower() for name, _ in response.headers}
    missing = [(name, value) for name, value in headers.items() if name.lower() not in present]
    response.headers.extend(missing)

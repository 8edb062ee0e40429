"""In-process requests to the API: of exports, of assistants, and of forms without JavaScript."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask, Response, current_app, request
from werkzeug.test import EnvironBuilder

from terrafirma.errors import ConfigurationError, Malformed
from terrafirma.http.app.context import PRINCIPAL
from terrafirma.register.access.roles import Principal, Role
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import KINDS

READER = Principal("export", Role.READER)
EXPORT = "terrafirma.export"
"""In the environ of a request for all rows of a list: the function that is told of how many."""

ReportRows = Callable[[int], None]
"""Receives the number of rows written so far."""


class InProcessAnswer(NamedTuple):
    """An answer: its headers, and its bytes as they are made."""

    headers: dict[str, str]
    pieces: Iterator[bytes]


def address_of(kind: str, query: str, form: str, **more: str | int) -> str:
    """The address of the list that an export is made of."""
    asked = "&".join(part for part in (query, urlencode({"format": form, **more})) if part)
    return f"/{KINDS[kind].plural}?{asked}"


def call_api(app: Flask, address: str, report: ReportRows | None = None) -> InProcessAnswer:
    """The app's answer to a GET; with a function for reports, all rows of a list. Raise Malformed or
    ConfigurationError with the answer's message if it is an error."""
    with app.test_request_context(address, environ_overrides={PRINCIPAL: READER, EXPORT: report}):
        response = app.full_dispatch_request()
        if response.status_code >= 400:
            sentence = decode(response.get_data())["error"]
            raise (
                Malformed(sentence) if response.status_code < 500 else ConfigurationError(sentence)
            )
        return InProcessAnswer(dict(response.headers), response.iter_encoded())


OWN = ("HTTP_ACCEPT", "HTTP_IF_", "HTTP_MCP_", "flask.", "werkzeug.")
"""Parts of a request that do not belong to the requests that it causes."""
BODY = ("CONTENT_TYPE", "CONTENT_LENGTH", "wsgi.input")


def make_environ(
    method: str, address: str, data: bytes | None = None, media_type: str = ""
) -> dict[str, Any]:
    """A request to the API with the origin and the rights of this request."""
    made = EnvironBuilder(
        address, method=method, data=data, content_type=media_type or None
    ).get_environ()
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", *BODY)
    return keep_environ(names) | {name: made[name] for name in names if name in made}


def keep_environ(without: tuple[str, ...]) -> dict[str, Any]:
    """The parts of this request that hold for those that it causes."""
    return {
        name: part
        for name, part in request.environ.items()
        if not name.startswith(OWN) and name not in without
    }


def call_inside(
    method: str, address: str, data: bytes | None = None, media_type: str = ""
) -> Response:
    """The API's answer to a request with the rights of this request."""
    return dispatch(make_environ(method, address, data, media_type))


def pass_on(path: str, query: str) -> Response:
    """The API's answer to this request with its body, at another address."""
    return dispatch(keep_environ(()) | {"PATH_INFO": path, "QUERY_STRING": query})


def dispatch(environ: dict[str, Any]) -> Response:
    """The answer of the app to a request inside a request."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.request_context(environ):
        return app.full_dispatch_request()

"""The old service's answers: its JSON, its error bodies, and preflights that allow any header."""

from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, request

from terrafirma.formats.json import JSON
from terrafirma.http.app.context import state
from terrafirma.http.response.responses import reply_bytes
from terrafirma.restcountries.addresses import NAMES, V5, names_version, version_of
from terrafirma.restcountries.translate import ORIGIN

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
MARK = "restcountries"
"""Where other ETags name an entry: this door is read-only, so an ETag depends only on the bytes."""

NO_PAGE = "Page Not Found"

IN_FORM = "terrafirma.restcountries.in_form"
"""Set in the environment of requests whose answer has the old service's form already."""


class ErrorAnswer(Response):
    """An error whose body is already in the old service's form."""


def reply(value: Any) -> Response:
    """200 with JSON, floats as floats. Caches may keep it for `max-age`."""
    body = orjson.dumps(value).replace(ORIGIN.encode(), find_public_origin().encode())
    response = reply_bytes(body, JSON.media, mark=MARK)
    response.headers["Cache-Control"] = f"public, max-age={state().settings.restcountries_max_age}"
    return response


def find_public_origin() -> str:
    """Return where the client finds this server, for addresses in records."""
    return state().settings.public_url or request.host_url.rstrip("/")


def refuse(status: HTTPStatus, message: str | None = None) -> Response:
    """A refusal as the service put it."""
    return ErrorAnswer(write_refusal(status, message), status, mimetype=JSON.media)


def refuse_early(status: HTTPStatus, reason: str) -> Response:
    """A refusal as the framework put it that the service was built on, before the service was asked."""
    return ErrorAnswer(
        write_early_refusal(status, request.path, reason), status, mimetype=JSON.media
    )


def write_refusal(status: HTTPStatus, message: str | None = None) -> bytes:
    """The body of the service's refusals."""
    return orjson.dumps({"message": message or status.phrase, "status": status})


def write_error(version: str, status: HTTPStatus) -> bytes:
    """Return the body of a refusal in the form of a version."""
    if version == V5:
        return orjson.dumps({"errors": [{"message": status.phrase}]})
    return write_refusal(status)


def write_early_refusal(status: HTTPStatus, path: str, reason: str) -> bytes:
    """The body of the framework's (Micronaut's) refusals, in HAL."""
    links = {"self": {"href": path, "templated": False}}
    return orjson.dumps(
        {"message": status.phrase, "_links": links, "_embedded": {"errors": [{"message": reason}]}}
    )


def form_error(response: Response) -> Response:
    """Put an error under the old service's addresses into its form, whoever made it; and preflights."""
    if not names_version(request.path):
        return response
    request.environ[IN_FORM] = True
    if request.method == "OPTIONS":
        response.headers.update(PREFLIGHT)
        # With credentials `*` would mean a header of that name.
        if asked := request.headers.get("Access-Control-Request-Headers"):
            response.headers["Access-Control-Allow-Headers"] = asked
    if response.status_code >= HTTPStatus.BAD_REQUEST and not isinstance(response, ErrorAnswer):
        status = HTTPStatus(response.status_code)
        version = version_of(request.path)
        # Only the last service stood on the framework.
        early = request.endpoint is None and version in NAMES
        body = (
            write_early_refusal(status, request.path, reason_for(status))
            if early
            else write_error(version, status)
        )
        response.set_data(body)
        response.mimetype = JSON.media
    return response


def reason_for(status: HTTPStatus) -> str:
    """The framework's reason for an unknown address or a wrong method."""
    return NO_PAGE if status == HTTPStatus.NOT_FOUND else status.phrase

"""The old service's answers: its JSON, its error bodies, and preflights that allow any header."""

from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request

from terrafirma.http.app.context import state
from terrafirma.http.app.formats import JSON
from terrafirma.http.response.responses import reply_bytes

NAMES = ("v3.1", "v3", "v2")
"""The versions that are answered: the first words of their addresses."""

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
MARK = "restcountries"
"""Where other ETags name an entry: nothing is written here, so an answer's own bytes say all."""

NO_PAGE = "Page Not Found"


class ErrorAnswer(Response):
    """A refusal whose body is the old service's own already."""


def reply(value: Any) -> Response:
    """200 with JSON, floats as floats. Caches may keep it for as long as the settings say."""
    response = reply_bytes(orjson.dumps(value), JSON.media, mark=MARK)
    response.headers["Cache-Control"] = f"public, max-age={state().settings.restcountries_max_age}"
    return response


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


def write_early_refusal(status: HTTPStatus, path: str, reason: str) -> bytes:
    """The body of the framework's (Micronaut's) refusals, in HAL."""
    links = {"self": {"href": path, "templated": False}}
    return orjson.dumps(
        {"message": status.phrase, "_links": links, "_embedded": {"errors": [{"message": reason}]}}
    )


def names_version(path: str) -> bool:
    """Whether an address is one of the old service's."""
    return path.startswith("/v") and path[1:].partition("/")[0] in NAMES


def set_answer_headers(app: Flask) -> None:
    """Put every answer under the old service's addresses into its form, whoever made it."""

    @app.after_request
    def dress(response: Response) -> Response:
        if not names_version(request.path):
            return response
        if request.method == "OPTIONS":
            response.headers.update(PREFLIGHT)
        if response.status_code >= HTTPStatus.BAD_REQUEST and not isinstance(response, ErrorAnswer):
            status = HTTPStatus(response.status_code)
            known = request.endpoint is not None
            body = (
                write_refusal(status)
                if known
                else write_early_refusal(status, request.path, reason_for(status))
            )
            response.set_data(body)
            response.mimetype = JSON.media
        return response


def reason_for(status: HTTPStatus) -> str:
    """What the framework said of an address that is not there, or not for this method."""
    return NO_PAGE if status == HTTPStatus.NOT_FOUND else status.phrase

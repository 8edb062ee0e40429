"""Errors as answers: `{"error", "details"}`, or RFC 9457 on request; HTML only for pages."""

import errno
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from terrafirma import errors
from terrafirma.errors import ApiError, Detail, Hint, write_detail, write_hint
from terrafirma.formats.json import JSON
from terrafirma.http.app.context import state
from terrafirma.http.app.formats import prefers
from terrafirma.http.middleware.browser_headers import SURFACE
from terrafirma.register.model.canonical_json import encode
from terrafirma.storage.engine.database import OperationalError
from terrafirma.storage.engine.timeouts import is_in_doubt, is_overdue
from terrafirma.telemetry import REQUEST_ID, Environ, StartResponse, get_logger

PROBLEM_JSON = "application/problem+json"
TYPE = "urn:terrafirma:problem:"

STATUS: dict[type[ApiError], int] = {
    errors.Malformed: 400,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.NotAcceptable: 406,
    errors.Conflict: 409,
    errors.DoesNotApply: 409,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.NotJSON: 415,
    errors.Invalid: 422,
    errors.KeyReused: 422,
    errors.TooMany: 429,
    errors.Busy: 503,
    errors.TooSlow: 503,
    errors.ConfigurationError: 503,
}

PROBLEMS: dict[str, tuple[int, str]] = {
    **{kind.code: (status, (kind.__doc__ or "").strip()) for kind, status in STATUS.items()},
    "method-not-allowed": (
        405,
        "The address does not support this method; `Allow` lists the supported methods.",
    ),
    "in-doubt": (503, "The database was lost during a commit; the change may have been made."),
    "unavailable": (503, "The database or the disk is unavailable; nothing was changed."),
    "not-ready": (503, "The database is unreachable or has an older schema, or the disk is full."),
    "unexpected": (500, "An internal error; the log has details under the request id."),
}
"""Every kind of error by its stable code: its status and meaning."""

CODES = {status: code for code, (status, _) in reversed(PROBLEMS.items())}
"""The code of a problem that only has a status."""

HEADERS: dict[type[ApiError], tuple[str, str]] = {
    errors.Busy: ("Retry-After", "1"),
    errors.TooSlow: ("Retry-After", "1"),
    errors.Unauthorized: ("WWW-Authenticate", 'Bearer realm="terrafirma"'),
}
"""Headers of errors."""

UNAVAILABLE = "The database is unavailable; nothing was changed. Try again."
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
FULL_DISK = "The server's disk is full; nothing was changed. Try again."
IN_DOUBT = (
    "The database was lost during the commit; the change may have been made. Repeat the request with the same "
    "Idempotency-Key, or read the record first."
)

log = get_logger()


def handle_errors(app: Flask) -> None:
    """Answer every exception of an app."""
    app.register_error_handler(ApiError, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(OperationalError, answer_database)
    app.register_error_handler(OSError, answer_disk)
    app.register_error_handler(Exception, answer_unexpected)


def problem(status: int, code: str, sentence: str) -> Response:
    """The answer of an error without details, in the form the client reads."""
    media, body = write_problem(request.headers.get("Accept", ""), status, code, sentence)
    return Response(body, status, mimetype=media)


def write_problem(
    accept: str,
    status: int,
    code: str,
    sentence: str,
    details: Sequence[Detail] = (),
    hints: Sequence[Hint] = (),
) -> tuple[str, bytes]:
    """An error in the form that an Accept likes best: its media type and bytes."""
    listed = [write_detail(detail) for detail in details]
    ways = {"hints": [write_hint(hint) for hint in hints]} if hints else {}
    # Werkzeug's own reading of Accept takes minutes for some that are long.
    asked = prefers(accept, PROBLEM_JSON, JSON.media)
    body: dict[str, Any]
    if asked:
        body = {"type": TYPE + code, "title": code.replace("-", " ").capitalize(), "status": status}
        body |= {"detail": sentence} | ({"errors": listed} if listed else {})
    else:
        body = {"error": sentence} | ({"details": listed} if listed else {})
    return PROBLEM_JSON if asked else JSON.media, encode(body | ways) + b"\n"


def write_refusal(accept: str, refusal: ApiError) -> tuple[str, bytes]:
    """An ApiError in the form that an Accept likes best: its media type and bytes."""
    about = (STATUS[type(refusal)], refusal.code, refusal.sentence)
    return write_problem(accept, *about, refusal.details, refusal.hints)


def answer_refusal_in_wsgi(
    environ: Environ, start_response: StartResponse, refusal: ApiError
) -> list[bytes]:
    """An error as a WSGI answer, for middleware outside Flask."""
    status = STATUS[type(refusal)]
    accept = environ.get("HTTP_ACCEPT", "")
    media, body = write_refusal(accept, refusal)
    headers = [
        ("Content-Type", media),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    headers += [*SURFACE.items(), *headers_of(refusal)]
    start_response(f"{status} {HTTPStatus(status).phrase.upper()}", headers)
    return [body] if environ["REQUEST_METHOD"] != "HEAD" else []


def headers_of(refusal: ApiError) -> list[tuple[str, str]]:
    """The headers of an error's answer."""
    if isinstance(refusal, errors.TooMany):
        return [("Retry-After", str(refusal.seconds))]
    return [HEADERS[type(refusal)]] if type(refusal) in HEADERS else []


def answer_refusal(refusal: ApiError) -> Response:
    """Answer an ApiError."""
    media, body = write_refusal(request.headers.get("Accept", ""), refusal)
    response = Response(body, STATUS[type(refusal)], mimetype=media)
    response.headers.extend(headers_of(refusal))
    return response


def answer_http(error: HTTPException) -> Response:
    """Answer an error of Werkzeug: unknown address, wrong method, body too large."""
    if isinstance(error, RequestEntityTooLarge):
        most = request.max_content_length or state().settings.max_body + 1
        return problem(413, "too-large", f"The body is over {most - 1:,} bytes.")
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or []))
        response = problem(
            405, "method-not-allowed", f"This address takes {allowed}, not {request.method}."
        )
        response.headers["Allow"] = allowed
        return response
    if error.code == 404:
        return problem(404, "not-found", "There is nothing at this address; / lists what there is.")
    if error.response is not None or not error.code:
        return Response(error.get_response().data, error.code)
    return problem(error.code, CODES.get(error.code, "malformed"), error.description or error.name)


def answer_database(error: OperationalError) -> Response:
    """Answer a database error: timed out, full or unreachable; nothing was written."""
    if is_overdue(error):
        most = f"{state().settings.max_seconds:g} seconds"
        told = f"This takes longer than the {most} that a request may; nothing was changed. Ask for less at once."
        return answer_refusal(errors.TooSlow(told))
    log.error("database", error=str(error.orig))
    code, sentence = ("in-doubt", IN_DOUBT) if is_in_doubt(error) else ("unavailable", UNAVAILABLE)
    response = problem(503, code, sentence)
    response.headers["Retry-After"] = "1"
    return response


def answer_disk(error: OSError) -> Response:
    """Answer an error of the system: a full disk is unavailable, any other is unexpected."""
    if error.errno not in FULL:
        return answer_unexpected(error)
    log.error("disk", error=str(error))
    response = problem(503, "unavailable", FULL_DISK)
    response.headers["Retry-After"] = "1"
    return response


def answer_unexpected(error: Exception) -> Response:
    """Answer an unexpected error: logged with its request id."""
    request_id = request.environ.get(REQUEST_ID, "")
    log.error("unexpected", exc_info=error, request_id=request_id)
    return problem(
        500, "unexpected", f"Something went wrong here; the log says more under {request_id}."
    )

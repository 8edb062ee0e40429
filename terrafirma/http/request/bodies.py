"""Request bodies: strict JSON within limits."""

from typing import Any

from flask import Response, request

from terrafirma.errors import Malformed, NotJSON, TooLarge
from terrafirma.http.app.context import state
from terrafirma.register.model.strict_json import Limits, Unfit, parse

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
PATCHES = (MERGE_PATCH, JSON_PATCH, "application/json")
"""Media types of PATCH; plain JSON is a merge patch."""
NOT_JSON = "Request must be JSON"
"""The tutorial's own words."""


def read_json() -> Any:
    """The request's JSON value. Raise NotJSON for other media types, Malformed or TooLarge for bad
    values."""
    if not request.is_json:
        raise NotJSON(NOT_JSON)
    if request.mimetype in (MERGE_PATCH, JSON_PATCH):
        raise NotJSON(f"{request.mimetype} is not taken here; send application/json.")
    return read_value()


def read_patch() -> tuple[str, Any]:
    """The form of the request's patch, MERGE_PATCH or JSON_PATCH, and its JSON value."""
    if not request.is_json:
        raise NotJSON(NOT_JSON)
    if request.mimetype not in PATCHES:
        raise NotJSON(f"{request.mimetype} is not a patch; PATCH takes {', '.join(PATCHES)}.")
    return JSON_PATCH if request.mimetype == JSON_PATCH else MERGE_PATCH, read_value()


def offer_patches(response: Response) -> None:
    """Add `Accept-Patch` to an answer that names PATCH or refuses one (RFC 5789)."""
    refused = request.method == "PATCH" and response.status_code == 415
    if refused or "PATCH" in response.headers.get("Allow", ""):
        response.headers["Accept-Patch"] = ", ".join(PATCHES)


def read_bytes() -> bytes:
    """The request's whole body. TooLarge above the limit, Malformed where its sender hung up halfway."""
    body, declared, limit = request.get_data(), request.content_length, state().settings.max_body
    if len(body) > limit:
        raise TooLarge(f"The body is over {limit:,} bytes.")
    if declared is not None and len(body) < declared:
        raise Malformed(f"The body ended after {len(body):,} of {declared:,} bytes.")
    return body


def read_value() -> Any:
    """The JSON value in the request's bytes. Raise Malformed or TooLarge for refused values."""
    body, settings = read_bytes(), state().settings
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {error.start} is wrong.") from None
    try:
        return parse(text, Limits(settings.max_depth, settings.max_items))
    except Unfit as fault:
        refusal = TooLarge if fault.large else Malformed
        raise refusal(f"The body {fault.rule}.") from None

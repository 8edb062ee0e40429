"""Request bodies: strict JSON, within limits, or a sentence that says what is wrong."""

import json
from collections import Counter
from collections.abc import Callable
from math import isfinite
from typing import Any, NoReturn

from flask import Flask, Response, request

from terrafirma.errors import Malformed, NotJSON, TooLarge
from terrafirma.http.app.context import state
from terrafirma.register.model.values import LARGEST

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
PATCHES = (MERGE_PATCH, JSON_PATCH, "application/json")
"""What PATCH takes; plain JSON is a merge patch."""
NOT_JSON = "Request must be JSON"
"""The tutorial's own words."""
BEYOND = "The body has a number beyond 2^53, which not every client can hold."


def read_json() -> Any:
    """The request's JSON value. NotJSON for other media types, Malformed or TooLarge for bad ones."""
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


def offer_patches(app: Flask) -> None:
    """Say in `Accept-Patch` what PATCH takes, wherever an answer names PATCH or refuses one (RFC 5789)."""

    @app.after_request
    def offer(response: Response) -> Response:
        refused = request.method == "PATCH" and response.status_code == 415
        if refused or "PATCH" in response.headers.get("Allow", ""):
            response.headers["Accept-Patch"] = ", ".join(PATCHES)
        return response


def read_bytes() -> bytes:
    """The request's whole body. TooLarge above the limit, Malformed where its sender hung up halfway."""
    body, declared, limit = request.get_data(), request.content_length, state().settings.max_body
    if len(body) > limit:
        raise TooLarge(f"The body is over {limit:,} bytes.")
    if declared is not None and len(body) < declared:
        raise Malformed(f"The body ended after {len(body):,} of {declared:,} bytes.")
    return body


def read_value() -> Any:
    """The JSON value in the request's bytes."""
    body = read_bytes()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {error.start} is wrong.") from None
    return parse(text, state().settings.max_depth)


def parse(text: str, max_depth: int) -> Any:
    """A JSON value without NaN, repeated keys, lone surrogates, NUL or numbers that clients would round."""
    try:
        value = json.loads(text, object_pairs_hook=refuse_repeated, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"The body is not JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise TooLarge(f"The body is nested more than {max_depth} levels deep.") from None
    except ValueError:
        raise Malformed(BEYOND) from None
    check(value, max_depth)
    return value


def refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different."""
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        check_text(repeated, 0)
        raise Malformed(f'The body repeats the key "{repeated[:80]}".')
    return found


def refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity are not JSON."""
    raise Malformed(f"The body is not JSON: {name} is not a JSON number.")


def check(value: Any, depth: int) -> None:
    """Refuse what JSON can spell and other programs cannot hold."""
    checker = CHECKS.get(type(value))
    if checker:
        checker(value, depth)


def check_text(text: str, _depth: int) -> None:
    """No NUL and no half of a surrogate pair."""
    if "\0" in text:
        raise Malformed("The body has a NUL character (\\u0000) in a string.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Malformed("The body has half of a surrogate pair in a string.") from None


def check_number(number: int | float, _depth: int) -> None:
    """Finite and exact."""
    if not isfinite(number) or abs(number) > LARGEST:
        raise Malformed(BEYOND)


def check_array(items: list[Any], depth: int) -> None:
    """Not too many items, and every item, one level down."""
    go_down(depth)
    most = state().settings.max_items
    if len(items) > most:
        raise TooLarge(f"The body has an array of {len(items):,} items; {most:,} is the most.")
    for item in items:
        check(item, depth - 1)


def check_object(members: dict[str, Any], depth: int) -> None:
    """Every key and value, one level down."""
    go_down(depth)
    for name, value in members.items():
        check_text(name, depth)
        check(value, depth - 1)


def go_down(depth: int) -> None:
    """One level of nesting less is left."""
    if depth == 0:
        raise TooLarge(f"The body is nested more than {state().settings.max_depth} levels deep.")


CHECKS: dict[type, Callable[[Any, int], None]] = {
    str: check_text,
    int: check_number,
    float: check_number,
    list: check_array,
    dict: check_object,
}

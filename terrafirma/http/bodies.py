"""Request bodies: strict JSON, within limits, or a sentence that says what is wrong."""

import json
from collections.abc import Callable
from math import isfinite
from typing import Any, NoReturn

from flask import request

from terrafirma.errors import Malformed, NotJSON, TooLarge
from terrafirma.http.context import state
from terrafirma.register.values import LARGEST

MERGE_PATCH = "application/merge-patch+json"
OTHER_FORMS = ("application/json-patch+json", MERGE_PATCH)
NOT_JSON = "Request must be JSON"
"""The tutorial's own words."""


def read_json(*, patch: bool = False) -> Any:
    """The request's JSON value. NotJSON for other media types, Malformed or TooLarge for bad ones."""
    other = tuple(form for form in OTHER_FORMS if not (patch and form == MERGE_PATCH))
    if not request.is_json:
        raise NotJSON(NOT_JSON)
    if request.mimetype in other:
        raise NotJSON(f"{request.mimetype} is not taken here; send application/json.")
    try:
        text = request.get_data().decode("utf-8")
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
    except ValueError as error:
        raise Malformed(f"The body is not JSON: {error}.") from None
    check(value, max_depth)
    return value


def refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise Malformed(f'The body repeats the key "{repeated}".')
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
        raise Malformed("The body has a number beyond 2^53, which not every client can hold.")


def check_array(items: list[Any], depth: int) -> None:
    """Every item, one level down."""
    go_down(depth)
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

"""Strict JSON: the only parser and the only check of values, for bodies, patches, imports and
restores.

JSON can express more than other programs can hold: numbers beyond 2^53, NUL, half of a surrogate
pair, repeated keys. All doors refuse the same values, so a record can be sent back as read.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

LARGEST = 2**53
"""The largest magnitude a JSON number may have and still be exact in every client."""


BEYOND = "has a number beyond 2^53, which not every client can hold"


class Limits(NamedTuple):
    """The largest accepted value: levels of nesting, and items of an array."""

    depth: int
    items: int

    def below(self, levels: int) -> "Limits":
        """Return the limits of a value that stands so many levels down."""
        return self._replace(depth=self.depth - levels)


DOCUMENT = Limits(200, sys.maxsize)
"""The limits of a stored document. Its serialiser takes no more than 254 levels."""


class Unfit(ValueError):
    """A refused value: the broken rule, as a predicate, and its code in `errors.FAULTS`."""

    def __init__(self, rule: str, code: str, *, large: bool = False) -> None:
        super().__init__(rule)
        self.rule = rule
        self.code = code
        self.large = large
        """True where a limit was exceeded, which HTTP answers with 413."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how to make a copy: files are read in another process."""
        return type(self), (self.rule, self.code), {"large": self.large}


def parse(text: str, limits: Limits) -> Any:
    """Return the JSON value of a text. Raise Unfit for broken JSON and for values that are refused."""
    try:
        value = DECODER.decode(text)
    except RecursionError:
        raise too_deep(limits) from None
    except json.JSONDecodeError as error:
        raise not_json(error) from None
    except ValueError as error:
        raise as_unfit(error) from None
    check(value, limits)
    return value


def as_unfit(error: ValueError) -> Unfit:
    """Return the refusal of a value by the decoder: its own, or Python's of thousands of digits."""
    return error if isinstance(error, Unfit) else Unfit(BEYOND, "range")


def not_json(error: json.JSONDecodeError) -> Unfit:
    """Return the refusal of broken JSON, with the place of the fault."""
    return Unfit(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}", "format")


def refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of pairs. Raise Unfit where a key is repeated."""
    members = dict(pairs)
    if len(members) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        check_text(repeated)
        raise Unfit(f'repeats the key "{repeated[:80]}"', "mismatch")
    return members


def refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's parser takes and RFC 8259 does not."""
    raise Unfit(f"is not JSON: {name} is not a JSON number", "format")


DECODER = json.JSONDecoder(object_pairs_hook=refuse_repeated, parse_constant=refuse_constant)


def check(value: Any, limits: Limits = DOCUMENT) -> None:
    """Raise Unfit for a refused value at any depth."""
    checker = CHECKS.get(type(value))
    if checker:
        checker(value, limits, limits.depth)


def check_text(text: str, _limits: Limits = DOCUMENT, _left: int = 0) -> None:
    """Refuse NUL, which PostgreSQL cannot hold, and half of a surrogate pair, which UTF-8 cannot."""
    if "\0" in text:
        raise Unfit("has a NUL character (\\u0000) in a string", "characters")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unfit("has half of a surrogate pair in a string", "characters") from None


def check_number(number: int | float, _limits: Limits, _left: int) -> None:
    """Refuse numbers that are not finite, or that some clients would round."""
    # Only this way round NaN is refused too, and no integer is too large to be compared.
    if not abs(number) <= LARGEST:
        raise Unfit(BEYOND, "range")


def check_array(items: list[Any], limits: Limits, left: int) -> None:
    """Check each item, one level down."""
    if left == 0:
        raise too_deep(limits)
    if len(items) > limits.items:
        rule = f"has an array of {len(items):,} items; {limits.items:,} is the most"
        raise Unfit(rule, "length", large=True)
    for item in items:
        checker = CHECKS.get(type(item))
        if checker:
            checker(item, limits, left - 1)


def check_object(members: dict[str, Any], limits: Limits, left: int) -> None:
    """Check each key and value, one level down."""
    if left == 0:
        raise too_deep(limits)
    for name, value in members.items():
        check_text(name)
        checker = CHECKS.get(type(value))
        if checker:
            checker(value, limits, left - 1)


def too_deep(limits: Limits) -> Unfit:
    """Return the refusal of a value that is nested too deeply."""
    return Unfit(f"is nested more than {limits.depth} levels deep", "length", large=True)


CHECKS: dict[type, Callable[[Any, Limits, int], None]] = {
    str: check_text,
    int: check_number,
    float: check_number,
    list: check_array,
    dict: check_object,
}

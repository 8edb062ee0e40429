"""The items of a large JSON array or collection of features, one by one, by the same parser as request bodies.

Text is taken from the file until the next item parses, so only the longest item is in memory at once.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from terrafirma.errors import Invalid
from terrafirma.register.model.strict_json import DECODER, Limits, Unfit, as_unfit, check, too_deep

PIECE = 65_536
LONGEST = 16_000_000
"""Characters of a single item."""
SPACE = re.compile(r"[ \t\n\r]*")
LENIENT = json.JSONDecoder(parse_int=str)
"""Finds the end of a value that is refused, whatever number of digits it has."""
CUT = re.compile(r"[-+0-9.eE]|[a-z]")
"""The end of a number or word, which may go on in the next piece."""


class JsonSource:
    """The text of a file from a place on, read as far as it is needed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._place = 0
        self._ended = False
        self.line = 1

    def peek(self) -> str:
        """Return the next character that is no white space; empty at the end."""
        while True:
            match = SPACE.match(self._text, self._place)
            place = match.end() if match else self._place
            self.line += self._text.count("\n", self._place, place)
            self._place = place
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._more():
                return ""

    def take(self, expected: str) -> str:
        """Take the next character. Raise Unfit if it is none of those expected."""
        found = self.peek()
        if not found or found not in expected:
            raise Unfit(
                f"is not JSON: expected {' or '.join(expected)} in line {self.line}", "format"
            )
        self._place += 1
        return found

    def value(self) -> Any:
        """Take the next value; in place of one that is refused, its Unfit. Raise Unfit for broken JSON."""
        self.peek()
        size = PIECE
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if not self._more(size):
                    raise Unfit(f"is not JSON: {error.msg} in line {self.line}", "format") from None
            except ValueError as error:
                fault = as_unfit(error)
                if fault.code == "format":
                    raise
                self._place = LENIENT.raw_decode(self._text, self._place)[1]
                return fault
            else:
                # Digits may go on in the next piece.
                if end < len(self._text) or not CUT.match(self._text[-1]) or not self._more():
                    self.line += self._text.count("\n", self._place, end)
                    self._place = end
                    return value
            size *= 2
            if len(self._text) - self._place > LONGEST:
                raise Unfit(
                    f"has a value of more than {LONGEST:,} characters", "length", large=True
                )

    def _more(self, size: int = PIECE) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        data = self._stream.read(size)
        self._ended = not data
        try:
            text = self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise Unfit(f"is not UTF-8: {error.reason} after line {self.line}", "format") from None
        self._text = self._text[self._place :] + text
        self._place = 0
        return bool(text) or not self._ended


def read_items(stream: BinaryIO, limits: Limits, member: str = "") -> Iterator[Any]:
    """Yield the items of an array: of the file or, where named, the member of the object that the file is.

    In place of an item that is refused its Unfit is given. Raise Invalid for what is no JSON.
    """
    source, number = JsonSource(stream), 0
    try:
        for value in read_member(source, member) if member else read_array(source):
            number += 1
            yield value if isinstance(value, Unfit) else find_unfit(value, limits) or value
        if source.peek():
            raise Unfit(f"is not JSON: something follows its end in line {source.line}", "format")
    except Unfit as fault:
        raise Invalid(
            f"The file {fault.rule} (record {number + 1}). Nothing was changed."
        ) from None
    except RecursionError:
        rule = too_deep(limits).rule
        raise Invalid(f"The file {rule} (record {number + 1}). Nothing was changed.") from None


def find_unfit(value: Any, limits: Limits) -> Unfit | None:
    """Return the fault of a value; None for one that may be kept."""
    try:
        check(value, limits)
    except Unfit as fault:
        return fault
    return None


def read_array(source: JsonSource) -> Iterator[Any]:
    """Yield the items of the array that comes next."""
    source.take("[")
    if source.peek() == "]":
        source.take("]")
        return
    while True:
        yield source.value()
        if source.take(",]") == "]":
            return


def read_member(source: JsonSource, member: str) -> Iterator[Any]:
    """Yield the items of a single member of the object that comes next; the other members are
    passed over."""
    source.take("{")
    if source.peek() == "}":
        source.take("}")
        return
    while True:
        name = source.value()
        source.take(":")
        if name == member and source.peek() == "[":
            yield from read_array(source)
        else:
            source.value()
        if source.take(",}") == "}":
            return

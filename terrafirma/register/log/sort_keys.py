"""Terms of a record: the values it can be filtered and sorted by.

A term's sort key orders values the same way on every database when compared byte by byte: numbers
by value, text without regard to case and accents.
"""

import hashlib
import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from terrafirma.register.model.records import Document

LONGEST = 500
"""Characters of a text in its sort key, which an index of the database must hold; also bytes of a path."""

SHORT = 100
"""Characters of a text whose sort key is remembered."""

MARKS = 0xE000
"""A private character of Unicode, from which the digest of a long text is written: no search finds it."""

APOSTROPHES = "\u2019\u2018\u201b\u02bb\u02bc\u02be\u02bf\u2032\u00b4`"
"""Written like apostrophes, and compared as such."""

LETTERS = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'")
    | {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
"""Letters that Unicode does not take apart into a base and a mark, and apostrophes."""

CONTAINERS = (dict, list)

SIGN = 1 << 63
ALL_BITS = (1 << 64) - 1


class Term(NamedTuple):
    """A value of a record: its path, its place among several, how it reads, how it orders."""

    field: str
    position: int
    text: str
    key: str
    whole: str | None = None
    """The folded text, if its key has only the beginning of it."""


def fold(text: str) -> str:
    """Text without case and accents, for comparing."""
    if text.isascii():
        return " ".join(text.lower().translate(LETTERS).split())
    # Before normalising, which makes a space and an accent of some apostrophes.
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.translate(LETTERS).split())


def text_sort_key(text: str) -> str:
    """The key of a text: of a long one the beginning, and a digest of all of it."""
    return key_of_short(text) if len(text) <= SHORT else key_of_any(text)


def key_of_any(text: str) -> str:
    """The key of a text, made anew."""
    folded = fold(text)
    return "s" + (folded if len(folded) <= LONGEST else folded[:LONGEST] + mark(folded))


key_of_short = lru_cache(maxsize=16_384)(key_of_any)
"""The same, remembered: most values of a record stand in each of its states, and of others too."""


def mark(folded: str) -> str:
    """A digest of a folded text, in characters that texts do not have."""
    found = hashlib.blake2b(folded.encode(), digest_size=16).digest()
    return "".join(chr(MARKS + byte) for byte in found)


def number_sort_key(number: int | float) -> str:
    """The key of a number: its IEEE 754 bits, turned so that they order as numbers do."""
    bits: int = struct.unpack(">Q", struct.pack(">d", number + 0.0))[0]
    return f"n{bits ^ ALL_BITS if bits & SIGN else bits | SIGN:016x}"


def sort_key(value: Any) -> str:
    """The key of any plain value."""
    if isinstance(value, bool):
        return f"b{value:d}"
    return number_sort_key(value) if isinstance(value, int | float) else text_sort_key(value)


def read(value: Any) -> str:
    """A number or boolean as text inside a list of values."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def terms_of(state: Document) -> list[Term]:
    """The terms of a record's state."""
    seen: dict[str, int] = {}
    terms: list[Term] = []
    for path, value in leaves(state, ""):
        position = seen.get(path, 0)
        seen[path] = position + 1
        if isinstance(value, str):
            key = text_sort_key(value)
            whole = fold(value) if len(key) > LONGEST + 1 else None
            terms.append(Term(path, position, value[:LONGEST], key, whole))
        else:
            terms.append(Term(path, position, read(value), sort_key(value)))
    return terms


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every plain value in an object or list with its path; items of a list share a path."""
    if isinstance(value, dict):
        members = [(f"{path}.{name}" if path else name, member) for name, member in value.items()]
    else:
        members = [(path, item) for item in value]
    for inner, member in members:
        if isinstance(member, CONTAINERS):
            yield from leaves(member, inner)
        elif member is not None and len(inner.encode()) <= LONGEST:
            yield inner, member

"""Canonical JSON: sorted keys, no white space, UTF-8. Its bytes are hashed."""

import hashlib
from typing import Any

import orjson


def encode(value: Any) -> bytes:
    """The canonical bytes of a JSON value."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def encode_in_order(value: Any) -> bytes:
    """The JSON of a value whose members keep their order, for readers that take the first."""
    return orjson.dumps(value)


def decode(text: str | bytes) -> Any:
    """The value of stored canonical JSON."""
    return orjson.loads(text)


def same(one: Any, other: Any) -> bool:
    """Return True if two values are the same JSON: `1`, `1.0` and `true` all differ."""
    return encode(one) == encode(other)


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical bytes, in hex."""
    return hashlib.sha256(encode(value)).hexdigest()

"""What a client likes, and how much: Accept, Accept-Encoding and Accept-Language read alike (RFC 9110, 12.4.2)."""

import re

QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)

HEADER = 1000
"""Characters of such a header that are looked at."""


def split_header(header: str) -> str:
    """As much of a header as is looked at; cut before it is remembered, or odd ones would fill the memory."""
    return header[:HEADER]


def read_preferences(header: str) -> dict[str, float]:
    """The names in a header, in small letters and its order, with their qualities; what is malformed is passed over."""
    found: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        given = [
            value.strip()
            for key, _, value in (each.partition("=") for each in parameters)
            if key.strip() == "q"
        ]
        if name and all(map(QUALITY.fullmatch, given)):
            found[name] = max(found.get(name, 0.0), *map(float, given or ["1"]))
    return found

"""Preferences of clients: Accept, Accept-Encoding and Accept-Language, parsed alike (RFC 9110,
12.4.2)."""

import re

QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)

HEADER = 1000
"""Characters of such a header that are looked at."""


def split_header(header: str) -> str:
    """The part of a header that is parsed; cut before it is cached, so that long headers cannot
    fill the memory."""
    return header[:HEADER]


def read_preferences(header: str) -> dict[str, float]:
    """The names in a header in lower case and order, with their quality values; malformed parts are
    skipped."""
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

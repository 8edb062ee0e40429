"""The format that a request wants of those in `terrafirma/formats/`: by `format`, else by Accept."""

import re
from functools import lru_cache

from flask import request

from terrafirma.errors import Malformed, NotAcceptable
from terrafirma.formats.format import Format
from terrafirma.formats.json import JSON
from terrafirma.formats.offered import FORMATS, list_formats, name_formats
from terrafirma.http.app.accept import read_preferences, split_header
from terrafirma.register.model.kinds import Kind

FORMAT = "format"

STANDINS = frozenset(
    {"text/html", "application/xhtml+xml", "application/problem+json", "text/json"}
)
"""Accept values of browsers, or of clients asking for an error format: answered with JSON."""

RANGE = re.compile(r"([\w!#$&^.+-]+|\*)/([\w!#$&^.+-]+|\*)", re.ASCII)


def formats_of(kind: Kind) -> tuple[Format, ...]:
    """The formats that records of a kind can have: GeoJSON where they lie somewhere."""
    return list_formats(placed="latitude" in kind.fields)


def read_format(offered: tuple[Format, ...]) -> Format:
    """The requested one of the offered formats. Raise Malformed for another name, NotAcceptable for
    other types, Invalid for a format whose package is missing."""
    form = choose_format(offered)
    form.check()
    return form


def choose_format(offered: tuple[Format, ...]) -> Format:
    """The requested one of the offered formats, by `format`, else by Accept."""
    text = request.args.get(FORMAT)
    if text is not None:
        chosen = next((form for form in offered if form.name == text), None)
        if chosen is None:
            names = " or ".join(form.name for form in offered)
            raise Malformed(f'format must be {names}, not "{text[:80]}".')
        return chosen
    accept = request.headers.get("Accept")
    if not accept:
        return offered[0]
    by_name = {form.name: form for form in offered}
    for name in rank_formats(accept):
        if name in by_name:
            return by_name[name]
    media = ", ".join(form.media for form in offered)
    raise NotAcceptable(f"This address answers {media}; Accept admits none of them.")


def rank_formats(accept: str) -> tuple[str, ...]:
    """The names of the formats that an Accept header allows, best first; of equals the more
    specific.

    There are few such rankings, so the response cache uses them as key instead of the header.
    """
    return _rank(split_header(accept))


@lru_cache(maxsize=1000)
def _rank(accept: str) -> tuple[str, ...]:
    ranges = read_ranges(accept)
    if not ranges:
        return name_formats()
    admitted = []
    for place, form in enumerate(FORMATS):
        closeness, quality = rate(form.media, ranges)
        if quality > 0:
            admitted.append((-quality, -closeness, place, form.name))
    if not admitted and any(ranges.get(media, 0) > 0 for media in STANDINS):
        return (JSON.name,)
    return tuple(name for *_, name in sorted(admitted))


def read_ranges(accept: str) -> dict[str, float]:
    """The quality of each media range of an Accept."""
    return {
        name: quality for name, quality in read_preferences(accept).items() if RANGE.fullmatch(name)
    }


def prefers(accept: str, media: str, other: str) -> bool:
    """Return True if an Accept header prefers a media type to another, or names it more
    specifically at equal quality."""
    ranges = read_ranges(split_header(accept))
    (near, liked), (nearer, best) = rate(other, ranges), rate(media, ranges)
    return (best, nearer) > (liked, near)


def rate(media: str, ranges: dict[str, float]) -> tuple[int, float]:
    """How specifically a media type is named, from 0 to 2, and the quality of that range."""
    for closeness, name in ((2, media), (1, f"{media.partition('/')[0]}/*"), (0, "*/*")):
        if name in ranges:
            return closeness, ranges[name]
    return 0, 0.0

"""The addresses of REST Countries: `/v3.1`, `/v3`, `/v2`, `/rest/v2` and `/rest/v1`, answered from the register.

Parameters that a version does not know are ignored, as they were there. `on` and `as_of` work here too.
"""

import re
from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus

from flask import Flask, Response, request

from terrafirma.errors import NotFound
from terrafirma.flags import read_flag
from terrafirma.http.app.context import state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.assets import reply_asset
from terrafirma.restcountries.addresses import NAMES, REST_NAMES
from terrafirma.restcountries.description import describe
from terrafirma.restcountries.editions import EditionCache
from terrafirma.restcountries.eu import EU1, EU2
from terrafirma.restcountries.reading import SHELF, read_records, resolve_name
from terrafirma.restcountries.responses import (
    NO_PAGE,
    find_public_origin,
    refuse,
    refuse_early,
    reply,
)
from terrafirma.restcountries.serialise import show_fields
from terrafirma.restcountries.translate import Record
from terrafirma.restcountries.v2 import V2
from terrafirma.restcountries.v3 import V3
from terrafirma.restcountries.v31 import V31
from terrafirma.restcountries.versions import ApiVersion
from terrafirma.version import VERSION

door = Door("restcountries")

VERSIONS = dict(zip((*NAMES, *REST_NAMES), (V31, V3, V2, EU2, EU1), strict=True))
BASES = ("/<any('v3.1', 'v3', 'v2'):name>", "/rest/<any('v2', 'v1'):number>")
"""Where the versions stand: those of restcountries.com, and those of restcountries.eu."""

FLAG_MEDIA = {"svg": "image/svg+xml", "png": "image/png"}
A_DAY = "public, max-age=86400"

SHORTEST, LONGEST = 2, 3
"""Characters of a code."""

BY_NAME = ("name", "translation")
"""Words that ask for a country by its name. If no rule of the old service finds it, the resolver may."""

MOST_FIELDS = 10
STRICT = "'fields' query not specified or you're requesting more than 10 fields"
YES, NO = ("true", "yes", "y", "on", "1"), ("false", "no", "n", "off", "0")


View = Callable[..., Response]


def answer(rule: str) -> Callable[[View], View]:
    """Declare a view for the addresses of all versions."""

    def declare(view: View) -> View:
        @wraps(view)
        def view_of_eu(number: str, **values: str) -> Response:
            return view(f"rest/{number}", **values)

        view_of_eu.__name__ = f"{view.__name__}_of_eu"
        views: tuple[View, View] = (view, view_of_eu)
        for base, each in zip(BASES, views, strict=True):
            door.route("GET", f"{base}{rule}", Access.READ, foreign=True)(each)
        return view

    return declare


def open_restcountries(app: Flask) -> None:
    """Register this door's hooks."""
    app.extensions[SHELF] = EditionCache()


@answer("/all")
def list_all(name: str) -> Response:
    """Every country. Strict hosts require 1 to 10 fields."""
    if state().settings.restcountries_strict and not names_some_fields(request.args.get("fields")):
        return refuse(HTTPStatus.BAD_REQUEST, STRICT)
    version = VERSIONS[name]
    return reply(show_list(version, read_records(version)))


@door.route("GET", "/rest/<any('v2', 'v1'):number>", Access.READ, foreign=True)
def list_first(number: str) -> Response:
    """Return every country, as the first service did without a word."""
    return list_all(f"rest/{number}")


@door.route("GET", "/v3.1/openapi.json", Access.READ, foreign=True)
def describe_versions() -> Response:
    """Return the OpenAPI description of versions 3.1, 3 and 2."""
    return reply(describe([VERSIONS[name] for name in NAMES], find_public_origin(), VERSION))


@door.route("GET", "/flags/<alpha2>.<any('svg', 'png'):form>", Access.OPEN, foreign=True)
def get_flag(alpha2: str, form: str) -> Response:
    """Return the flag of an alpha-2 code."""
    return reply_flag(alpha2.upper(), form)


@door.route("GET", "/data/<alpha3>.svg", Access.OPEN, foreign=True)
def get_flag_of_eu(alpha3: str) -> Response:
    """Return the flag of an alpha-3 code, where the first service had it."""
    wanted = alpha3.upper()
    records = read_records(EU2)
    found = (record["alpha2Code"] for record in records if record["alpha3Code"] == wanted)
    return reply_flag(next(found, ""), "svg")


def reply_flag(alpha2: str, form: str) -> Response:
    """Return a flag as SVG or PNG."""
    picture = read_flag(alpha2, form)
    if picture is None:
        raise NotFound("There is no picture of that flag here.")
    return reply_asset(picture, FLAG_MEDIA[form], A_DAY)


@answer("/alpha/<code>")
def find_code(name: str, code: str) -> Response:
    """The country with a code: an array with a single record, or an object with `fields` and in
    version 2."""
    code = read_text(code).replace("codes=", "")
    if not SHORTEST <= len(code) <= LONGEST:
        return refuse(HTTPStatus.BAD_REQUEST)
    version = VERSIONS[name]
    found, fields = version.find_codes(read_records(version), [code]), read_fields(version)
    if not found:
        return refuse(HTTPStatus.NOT_FOUND)
    shown = show_fields(found[0], fields) if fields else version.show_full(found[0])
    return reply(shown if fields or version.bare else [shown])


@answer("/alpha")
def find_codes(name: str) -> Response:
    """The countries with any of several codes; unknown codes are skipped."""
    version, codes = VERSIONS[name], request.args.get("codes")
    if codes is None:
        return refuse_early(HTTPStatus.BAD_REQUEST, "Required QueryValue [codes] not specified")
    several = split(codes, version)
    if len(codes) < SHORTEST or (len(codes) > LONGEST and len(several) == 1):
        return refuse(HTTPStatus.BAD_REQUEST)
    return reply_found(version, version.find_codes(read_records(version), several))


@answer("/independent")
def list_independent(name: str) -> Response:
    """The independent countries; with `status=false`, the others."""
    version, status = VERSIONS[name], read_yes_or_no("status", default=True)
    if not version.tells_independence:
        return refuse_early(HTTPStatus.NOT_FOUND, NO_PAGE)
    if status is None:
        return refuse_early(HTTPStatus.BAD_REQUEST, "Failed to convert argument [status]")
    found = [record for record in read_records(version) if record["independent"] is status]
    return reply(show_list(version, found))


@answer("/<word>/<text>")
def search(name: str, word: str, text: str) -> Response:
    """The countries that a word finds by a text: `/name/peru`, `/currency/eur`."""
    version = VERSIONS[name]
    full, find = read_yes_or_no("fullText", default=False), version.searches.get(word)
    if find is None:
        return refuse_early(HTTPStatus.NOT_FOUND, NO_PAGE)
    if full is None:
        return refuse_early(HTTPStatus.BAD_REQUEST, "Failed to convert argument [fullText]")
    if full and word == "name":
        find = version.find_full_name
    records, wanted = read_records(version), read_text(text)
    found = find(records, wanted)
    if not found and word in BY_NAME:
        found = resolve_name(records, wanted, abroad=not full, misspelt=not full)
    if not found and word == "demonym" and wanted.isalpha():
        # Tadzhik of Tadzhikistan, which is an old spelling of Tajikistan.
        found = resolve_name(records, f"{wanted}istan", misspelt=False)
    return reply_found(version, found)


def reply_found(version: ApiVersion, found: Sequence[Record]) -> Response:
    """The matching records; 404 if there are none."""
    return reply(show_list(version, found)) if found else refuse(HTTPStatus.NOT_FOUND)


def show_list(version: ApiVersion, records: Sequence[Record]) -> list[Record]:
    """Records with the fields asked for, or as they are without."""
    fields = read_fields(version)
    return [
        version.show_fields(record, fields) if fields else version.show_full(record)
        for record in records
    ]


def read_fields(version: ApiVersion) -> list[str]:
    """`fields`: names, not trimmed; empty without the parameter."""
    text = request.args.get("fields", "")
    return split(text, version) if text else []


def names_some_fields(text: str | None) -> bool:
    """Return True for 1 to 10 names separated by commas; empty names at the end do not count, as in
    Java."""
    names = (text or "").rstrip(",").split(",")
    return all(name.strip() for name in names) and len(names) <= MOST_FIELDS


def read_yes_or_no(name: str, *, default: bool) -> bool | None:
    """A boolean parameter; None for other values."""
    text = request.args.get(name, "").lower()
    if not text:
        return default
    return True if text in YES else False if text in NO else None


def read_text(text: str) -> str:
    """A part of an address, with spaces written as `+` too."""
    return text.replace("+", " ")


def split(text: str, version: ApiVersion) -> list[str]:
    """The parts of a list in a query."""
    return re.split(f"[{version.separators}]", text)

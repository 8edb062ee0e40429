"""The addresses of version 5: `/v5`, `/v5/{property}` and `/v5/{property}/{value}`."""

from collections.abc import Sequence
from http import HTTPStatus

import orjson
from flask import Response, request

from terrafirma.errors import Malformed, NotFound
from terrafirma.http.app.routes import Access, Door
from terrafirma.restcountries.reading import read_records
from terrafirma.restcountries.responses import ErrorAnswer, reply
from terrafirma.restcountries.translate import Record
from terrafirma.restcountries.v5 import V5
from terrafirma.restcountries.v5_query import (
    apply_filters,
    find_exact,
    find_part,
    pick,
    read_page,
    sort_records,
)

door = Door("restcountries_v5")

OWN = frozenset(
    ("q", "limit", "offset", "pretty", "response_fields", "response_fields_omit", "sort",
     "api-key", "api_key", "on", "as_of")
)  # fmt: skip
"""Parameters that are no filters."""


@door.route("GET", "/v5", Access.READ, foreign=True)
def list_countries() -> Response:
    """Return countries, all of them or those that `q` finds in any property."""
    return answer("", None)


@door.route("GET", "/v5/<prop>", Access.READ, foreign=True)
def search_property(prop: str) -> Response:
    """Return the countries that `q` finds in a property."""
    return answer(prop, None)


@door.route("GET", "/v5/<prop>/<value>", Access.READ, foreign=True)
def find_value(prop: str, value: str) -> Response:
    """Return the countries with a value at a property."""
    return answer(prop, value)


def answer(prop: str, value: str | None) -> Response:
    """A page of the requested records, or an error in the service's form."""
    try:
        return reply(show_page(find(read_records(V5), prop, value)))
    except (Malformed, NotFound) as error:
        missing = isinstance(error, NotFound)
        status = HTTPStatus.NOT_FOUND if missing else HTTPStatus.BAD_REQUEST
        body = orjson.dumps({"errors": [{"message": error.sentence}]})
        return ErrorAnswer(body, status, mimetype="application/json")


def find(records: Sequence[Record], prop: str, value: str | None) -> list[Record]:
    """Return all records that are asked for, in order."""
    query = request.args
    if value is not None:
        found = find_exact(records, prop, value)
    elif prop or "q" in query:
        if "q" not in query:
            raise Malformed("'q' is required")
        found = find_part(records, prop, query["q"])
    else:
        found = list(records)
    filters = {name: text for name, text in query.items() if name not in OWN}
    found = apply_filters(found, filters) if found else found
    return sort_records(found, query["sort"]) if query.get("sort") else found


def show_page(found: list[Record]) -> Record:
    """A page of records in its envelope.

    `request_id` and `duration` are constant: otherwise caches would see a new answer each time.
    """
    page = read_page(request.args.get("limit"), request.args.get("offset"))
    shown = found[page.offset : page.offset + page.limit]
    fields, omitted = (read_list(name) for name in ("response_fields", "response_fields_omit"))
    meta = {
        "total": len(found),
        "count": len(shown),
        "limit": page.limit,
        "offset": page.offset,
        "more": page.offset + len(shown) < len(found),
        "request_id": "",
        "duration": 0,
    }
    return {"data": {"objects": [pick(each, fields, omitted) for each in shown], "meta": meta}}


def read_list(name: str) -> list[str]:
    """Return the items of a list in the query."""
    return [item for item in request.args.get(name, "").split(",") if item]

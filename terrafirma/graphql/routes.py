"""`/graphql`: queries by GET, which caches keep, and by POST, several at once if you like. Read-only."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from importlib import import_module
from threading import Lock
from typing import Any

import orjson
from flask import Flask, Response, current_app, request

from terrafirma.errors import Malformed
from terrafirma.formats.json import JSON
from terrafirma.graphql.objects import World
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import parse_day
from terrafirma.http.request.bodies import read_json
from terrafirma.http.response.responses import reply_bytes
from terrafirma.register.log.figures import list_completed
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.languages import canonical
from terrafirma.register.model.records import Document
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.search import Search

door = Door("graphql")

WORLDS = "terrafirma.graphql"
KEPT = 4
"""Days that are kept."""
MOST_QUERIES = 10
"""Queries of a single request."""
MARK = "graphql"
ALL = 2**31 - 1


class Worlds:
    """The worlds of a few days, each made once for a state of the register."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[bytes, str], World] = OrderedDict()
        self._lock = Lock()

    def find(self, day: str) -> World:
        """Return the world of a day."""
        # The revision is read before the records, so that none is out of date.
        key = (state().database.revision.read(), day)
        with self._lock:
            if key not in self._known:
                self._known[key] = open_world(day)
            self._known.move_to_end(key)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return self._known[key]


def open_world(day: str) -> World:
    """Read the world of a day. What it reads later, it reads as it was at the same entry."""
    with reading() as connection:
        number = read_head(connection).number

    def read(kind: str) -> list[tuple[int, Document]]:
        with reading() as connection:
            found = list_completed(connection, Search(kind, day, number), ALL)
            return [(each.id, each.document) for each in found]

    def read_documents(kind: str) -> list[Document]:
        return [document for _, document in read(kind)]

    return World(
        [document | {"id": id} for id, document in read(COUNTRY.name)],
        lambda: read_documents("subdivision"),
        lambda: (read_documents("group"), read_documents("membership")),
        lambda: {id: names.get("names", {}) for id, names in read(COUNTRY.translations)},
    )


def open_graphql(app: Flask) -> None:
    """Register this door's hooks."""
    app.extensions[WORLDS] = Worlds()


@door.route("GET", "/graphql", Access.READ, foreign=True)
def get_query() -> Response:
    """Answer the query in the address."""
    if "query" not in request.args:
        raise Malformed("Give a GraphQL query, by POST as JSON or here as `query`.")
    given = {name: request.args.get(name) for name in ("query", "operationName")}
    variables = read_variables(request.args.get("variables"))
    answer, valid = run_one(given | {"variables": variables})
    body = orjson.dumps(answer)
    if not valid:
        return Response(body, HTTPStatus.BAD_REQUEST, mimetype=JSON.media)
    return reply_bytes(body, JSON.media, mark=MARK)


@door.route("POST", "/graphql", Access.READ, foreign=True)
def post_query() -> Response:
    """Answer a query, or an array of them."""
    value = read_json()
    if isinstance(value, list):
        if not 1 <= len(value) <= MOST_QUERIES:
            raise Malformed(f"An array has 1 to {MOST_QUERIES} queries.")
        return Response(orjson.dumps([run_one(each)[0] for each in value]), mimetype=JSON.media)
    answer, valid = run_one(value)
    status = HTTPStatus.OK if valid else HTTPStatus.BAD_REQUEST
    return Response(orjson.dumps(answer), status, mimetype=JSON.media)


def read_variables(text: str | None) -> Any:
    """Return the variables in an address."""
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"`variables` is not JSON: {error}.") from None


def run_one(given: Any) -> tuple[dict[str, Any], bool]:
    """Return the answer to `{query, variables, operationName}`, and whether it was valid."""
    if not isinstance(given, Mapping) or not isinstance(given.get("query"), str):
        raise Malformed("A GraphQL request is an object with a text `query`.")
    variables, operation = given.get("variables"), given.get("operationName")
    if not isinstance(variables, Mapping | None) or not isinstance(operation, str | None):
        raise Malformed("`variables` must be an object and `operationName` a text.")
    # Loaded on first use: a third of a second and 15 MB that few servers need.
    execution = import_module("terrafirma.graphql.execution")
    context = execution.Context(find_world, find_chain)
    answer: tuple[dict[str, Any], bool] = execution.run(
        given["query"], variables, operation, context
    )
    return answer


def find_world(on: str | None) -> World:
    """Return the world of a day; of today without one."""
    worlds: Worlds = current_app.extensions[WORLDS]
    return worlds.find(today() if on is None else parse_day("on", on))


def find_chain(tag: str) -> Sequence[str]:
    """Return the locales that speak a language, nearest first. Malformed if none does."""
    locales = state().locales
    locale = locales.find(canonical(tag) or "")
    if locale is None:
        raise Malformed(f"There are no names in the language {tag[:40]!r}.")
    return locales.chain(locale)

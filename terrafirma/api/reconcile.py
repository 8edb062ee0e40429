"""`/reconcile`: the W3C Reconciliation Service API 0.2, which OpenRefine and other tools speak."""

import json
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from terrafirma.errors import Malformed, TooLarge
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.principals import ADDRESS_KEY
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import parse_day, read_day
from terrafirma.http.request.bodies import read_json
from terrafirma.http.response.responses import reply_json
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.resolve.answers import MATCHED, Match, Question
from terrafirma.register.resolve.entities import (
    EntityRegister,
    Property,
    cell_of,
    describe_entity,
    list_cells,
    list_properties,
    list_types,
    read_properties,
)
from terrafirma.register.resolve.names import summarise
from terrafirma.register.resolve.resolver import ALIASES, RESOLVED, canonical_kind
from terrafirma.storage.engine.database import Connection
from terrafirma.version import VERSION

door = Door("reconcile")

MOST_CANDIDATES = 50
FEW_CANDIDATES = 10
CARD_WIDTH, CARD_HEIGHT = 360, 200
"""Pixels of the frame that shows an entity."""

ON = {
    "type": "text",
    "name": "on",
    "label": "On this day (1990-12-31)",
    "default": "",
    "help_text": "The day whose value is fetched; today's without one.",
}
"""The setting of every property that is fetched."""


@door.route("GET", "/reconcile", Access.READ, foreign=True)
def show_service() -> Response:
    """Return the manifest or, with `queries`, the results of a batch, or with `extend`, values of properties."""
    return answer(request.args.get("queries"), request.args.get("extend"))


@door.route("POST", "/reconcile", Access.READ, foreign=True)
def reconcile_batch() -> Response:
    """Return the results of a batch in a form, as OpenRefine sends it, or in JSON."""
    if not request.is_json:
        return answer(request.form.get("queries"), request.form.get("extend"))
    body = read_json()
    if not isinstance(body, dict):
        raise Malformed("The body must be a JSON object: a batch of queries, or `extend`.")
    if "extend" in body:
        return reply_json(extend_data(check_object(body["extend"], "extend")))
    return reply_json(reconcile(check_object(body.get("queries", body), "queries")))


@door.route("GET", "/reconcile/suggest/entity", Access.READ, foreign=True)
def suggest_entities() -> Response:
    """Return the entities that a prefix finds, the best first."""
    kind = read_kind()
    prefix, skipped = request.args.get("prefix", ""), read_cursor()
    with reading() as connection:
        resolver = state().resolver
        ranks = resolver.rank(connection, kind, prefix, Question(today()))
        index = resolver.find_index(connection, kind)
        known = [index.records[id] for rank in ranks for id in rank]
        present = [each for each in known if each.start <= today() < each.end]
        shown = present[skipped : skipped + FEW_CANDIDATES]
        found = [describe_entity(kind, summarise(each, today())) for each in shown]
    return reply_json({"result": [each | {"notable": [kind]} for each in found]})


@door.route("GET", "/reconcile/suggest/type", Access.READ, foreign=True)
def suggest_types() -> Response:
    """Return the kinds whose names begin with a prefix."""
    prefix = request.args.get("prefix", "").casefold()
    return reply_json({"result": [each for each in list_types() if each["id"].startswith(prefix)]})


@door.route("GET", "/reconcile/suggest/property", Access.READ, foreign=True)
def suggest_properties() -> Response:
    """Return the fields with a prefix in their names."""
    prefix = request.args.get("prefix", "").casefold()
    kinds = [read_kind()] if "type" in request.args else RESOLVED
    return reply_json({"result": [each for each in list_properties(kinds) if prefix in each["id"]]})


@door.route("GET", "/reconcile/properties", Access.READ, foreign=True)
def propose_properties() -> Response:
    """Return the fields that an extension of data may ask for."""
    kind, limit = read_kind(), request.args.get("limit", "")
    most = int(limit) if limit.isdecimal() and len(limit) < 6 else None
    return reply_json({"type": kind, "properties": list_properties([kind])[:most]})


def read_kind() -> str:
    """`type` as a kind; countries without one, or for an unknown type."""
    kind = request.args.get("type", "")
    return canonical_kind(kind) if kind in ALIASES else COUNTRY.name


def read_cursor() -> int:
    """`cursor`: how many suggestions to leave out."""
    text = request.args.get("cursor", "0")
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def answer(queries: str | None, extend: str | None) -> Response:
    """The answer to a request of the service."""
    if queries is not None:
        return reply_json(reconcile(read_object(queries, "queries")))
    if extend is not None:
        return reply_json(extend_data(read_object(extend, "extend")))
    return reply_json(describe_service())


def name_service() -> dict[str, Any]:
    """The members of a manifest that do not depend on the version of the protocol."""
    root = request.url_root.rstrip("/")
    return {
        "name": "Terrafirma",
        "documentation": f"{root}/docs",
        "serviceVersion": VERSION,
        "logo": f"{root}/explore/static/icon.svg",
    }


def describe_authentication() -> dict[str, Any]:
    """The member of a manifest that asks for a key, where reading needs one."""
    if state().settings.reads == "open":
        return {}
    return {"authentication": {"type": "apiKey", "name": ADDRESS_KEY, "in": "query"}}


def describe_service() -> dict[str, Any]:
    """The manifest. A key in the address is part of every address that the client calls next."""
    root = request.url_root.rstrip("/")
    service = f"{root}/reconcile"
    key = request.args.get(ADDRESS_KEY)
    query = f"?{urlencode({ADDRESS_KEY: key})}" if key else ""

    def place(path: str) -> dict[str, str]:
        return {"service_url": service, "service_path": path + query}

    manifest = name_service() | {
        "versions": ["0.2"],
        "identifierSpace": f"{root}/countries/",
        "schemaSpace": f"{root}/docs",
        "view": {"url": f"{service}/view?id={{{{id}}}}"},
        "preview": {
            "url": f"{service}/preview?id={{{{id}}}}" + query.replace("?", "&"),
            "width": CARD_WIDTH,
            "height": CARD_HEIGHT,
        },
        "defaultTypes": list_types(),
        "suggest": {
            "entity": place("/suggest/entity"),
            "type": place("/suggest/type"),
            "property": place("/suggest/property"),
        },
        "extend": {"propose_properties": place("/properties"), "property_settings": [ON]},
    }
    return manifest | describe_authentication()


def read_object(text: str, name: str) -> dict[str, Any]:
    """A JSON object of the query or the form."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(f"{name} is not JSON.") from None
    return check_object(found, name)


def check_object(found: Any, name: str) -> dict[str, Any]:
    """A value that must be an object with no more members than an array may have items."""
    if not isinstance(found, dict):
        raise Malformed(f"{name} must be a JSON object.")
    check_length(found, name)
    return found


def check_length(found: Collection[Any], name: str) -> None:
    """TooLarge for more members than an array may have items."""
    if len(found) > state().settings.max_items:
        raise TooLarge(f"{name} has {len(found):,} members; send them in parts.")


def reconcile(queries: dict[str, Any]) -> dict[str, Any]:
    """The results of a batch of queries, by their keys."""
    on = read_day("on")
    with reading() as connection:
        register = EntityRegister(connection, state().resolver, on)
        return {key: {"result": reconcile_one(register, query)} for key, query in queries.items()}


def reconcile_one(register: EntityRegister, query: Any) -> list[dict[str, Any]]:
    """The candidates of a query, the likeliest first."""
    text, properties = read_query(query)
    return reconcile_text(register, text, query, properties)


def reconcile_text(
    register: EntityRegister, text: str, query: dict[str, Any], properties: Sequence[Property]
) -> list[dict[str, Any]]:
    """The candidates of a text as the `type` of its query, at most `limit`, the likeliest first."""
    found: list[dict[str, Any]] = []
    for match in find_matches(register.connection, text, query.get("type"), register.on):
        found += register.rate(match, properties)
    if sum(each["match"] for each in found) > 1:
        # Of several types each may have a sure match: "Georgia".
        found = [each | {"match": False} for each in found]
    return sorted(found, key=lambda each: -each["score"])[: count_candidates(query)]


def count_candidates(query: dict[str, Any]) -> int:
    """The most candidates that a query asks for."""
    limit = query.get("limit", FEW_CANDIDATES)
    is_limit = isinstance(limit, int | float) and not isinstance(limit, bool) and limit > 0
    return int(min(limit, MOST_CANDIDATES)) if is_limit else FEW_CANDIDATES


def read_query(query: Any) -> tuple[str, list[Property]]:
    """The text and the properties of a query. Malformed for a query without a text."""
    if not isinstance(query, dict):
        raise Malformed("Each query must be an object with a text in `query`.")
    given = query.get("properties", [])
    sound = isinstance(given, list) and all(
        isinstance(each, dict) and isinstance(each.get("pid"), str) and "v" in each
        for each in given
    )
    if not sound:
        raise Malformed("`properties` of a query must be an array of objects with `pid` and `v`.")
    properties = read_properties(given)
    if "query" not in query and given:
        return str(given[0]["v"]), properties
    if not isinstance(query.get("query"), str):
        raise Malformed("Each query must be an object with a text in `query`.")
    return query["query"], properties


def find_matches(connection: Connection, text: str, types: Any, on: str | None) -> list[Match]:
    """The matches of a text as each of some types. Without a type: the first kind that it names
    for sure, else every kind."""
    names = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    kinds = [canonical_kind(each) for each in names if isinstance(each, str) and each in ALIASES]
    found = []
    for kind in kinds if names else RESOLVED:
        match = state().resolver.match(connection, text, kind, limit=MOST_CANDIDATES, on=on)
        if not names and match.outcome == MATCHED:
            return [match]
        found.append(match)
    return found


def extend_data(extension: dict[str, Any]) -> dict[str, Any]:
    """The values of properties of entities; empty arrays for an entity that does not exist."""
    ids, given = extension.get("ids"), extension.get("properties")
    if not isinstance(ids, list) or not isinstance(given, list):
        raise Malformed("extend must have arrays `ids` and `properties`.")
    if not all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in given):
        raise Malformed("Each of `properties` in extend must be an object with a text in `id`.")
    days = [read_setting(each) for each in given]
    rows: dict[str, dict[str, Any]] = {str(id): {} for id in ids}
    with reading() as connection:
        # Properties mostly have the same day, on which each entity is read once.
        registers = {day: EntityRegister(connection, state().resolver, day) for day in days}
        for id, row in rows.items():
            entities = {day: register.find_entity(id) for day, register in registers.items()}
            for each, day in zip(given, days, strict=True):
                entity, path = entities[day], each["id"]
                cells = list_cells(entity.document, path) if entity else []
                row[path] = [cell_of(cell) for cell in cells]
    return {"meta": [{"id": each["id"], "name": each["id"]} for each in given], "rows": rows}


def read_setting(given: dict[str, Any]) -> str | None:
    """The day of a property that is fetched: its setting `on`, else that of the address."""
    settings = given.get("settings")
    text = settings.get("on") if isinstance(settings, dict) else None
    if text in (None, ""):
        return read_day("on")
    return parse_day("on", str(text))

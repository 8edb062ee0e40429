"""`/reconcile`: the W3C Reconciliation Service API 0.2, which OpenRefine and other tools speak."""

import json
from typing import Any

from flask import Response, request

from terrafirma.errors import Malformed, TooLarge
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.responses import reply_json
from terrafirma.register.log.identifiers import Moment, find_by_id
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, KINDS
from terrafirma.register.model.records import Document
from terrafirma.register.resolve.answers import MATCHED, Candidate, Match, Question
from terrafirma.register.resolve.matching import summarise
from terrafirma.register.resolve.resolver import ALIASES, RESOLVED, canonical_kind
from terrafirma.storage.engine.database import Connection

door = Door("reconcile")

CODES = ("alpha4", "alpha2", "code")
"""The fields that identify an entity, the first it has; a former country's alpha-2 may be another's now."""

MOST_CANDIDATES = 50
FEW_CANDIDATES = 10
DISAGREES = 0.6
"""Factor on a candidate's score for each property with another value."""


@door.route("GET", "/reconcile", Access.READ, foreign=True)
def show_service() -> Response:
    """Return the manifest or, with `queries`, the results of a batch, or with `extend`, values of properties."""
    return answer(request.args.get("queries"), request.args.get("extend"))


@door.route("POST", "/reconcile", Access.READ, foreign=True)
def reconcile_batch() -> Response:
    """Return the results of a batch in a form, as OpenRefine sends it."""
    return answer(request.form.get("queries"), request.form.get("extend"))


@door.route("GET", "/reconcile/suggest/entity", Access.READ, foreign=True)
def suggest_entities() -> Response:
    """Return the entities whose names begin with a prefix."""
    kind = request.args.get("type", COUNTRY.name)
    kind = canonical_kind(kind) if kind in ALIASES else COUNTRY.name
    with reading() as connection:
        resolver = state().resolver
        ranks = resolver.rank(connection, kind, request.args.get("prefix", ""), Question(today()))
        index = resolver.find_index(connection, kind)
        known = [index.records[id] for rank in ranks for id in rank]
        present = [each for each in known if each.start <= today() < each.end]
        found = [describe(summarise(each, today()), kind) for each in present[:FEW_CANDIDATES]]
    return reply_json({"result": found})


@door.route("GET", "/reconcile/suggest/type", Access.READ, foreign=True)
def suggest_types() -> Response:
    """Return the kinds whose names begin with a prefix."""
    prefix = request.args.get("prefix", "").casefold()
    return reply_json({"result": [each for each in list_types() if each["id"].startswith(prefix)]})


@door.route("GET", "/reconcile/suggest/property", Access.READ, foreign=True)
def suggest_properties() -> Response:
    """Return the fields whose names begin with a prefix."""
    prefix = request.args.get("prefix", "").casefold()
    return reply_json(
        {"result": [each for each in list_properties(COUNTRY.name) if prefix in each["id"]]}
    )


@door.route("GET", "/reconcile/properties", Access.READ, foreign=True)
def propose_properties() -> Response:
    """Return the fields that an extension of data may ask for."""
    kind = request.args.get("type", COUNTRY.name)
    kind = kind if kind in RESOLVED else COUNTRY.name
    return reply_json({"type": kind, "properties": list_properties(kind)})


def answer(queries: str | None, extend: str | None) -> Response:
    """The answer to a request of the service."""
    if queries is not None:
        return reply_json(reconcile(read_object(queries, "queries")))
    if extend is not None:
        return reply_json(extend_data(read_object(extend, "extend")))
    return reply_json(describe_service())


def describe_service() -> dict[str, Any]:
    """The manifest."""
    root = request.url_root.rstrip("/")
    service = f"{root}/reconcile"
    return {
        "versions": ["0.2"],
        "name": "Terrafirma",
        "identifierSpace": f"{root}/countries/",
        "schemaSpace": f"{root}/docs",
        "documentation": f"{root}/docs",
        "view": {"url": f"{root}/countries/{{{{id}}}}"},
        "defaultTypes": list_types(),
        "suggest": {
            "entity": {"service_url": service, "service_path": "/suggest/entity"},
            "type": {"service_url": service, "service_path": "/suggest/type"},
            "property": {"service_url": service, "service_path": "/suggest/property"},
        },
        "extend": {"propose_properties": {"service_url": service, "service_path": "/properties"}},
    }


def list_types() -> list[dict[str, str]]:
    """The kinds of records, as types."""
    return [{"id": name, "name": name.title()} for name in RESOLVED]


def list_properties(kind: str) -> list[dict[str, str]]:
    """The fields of a kind, as properties."""
    return [{"id": name, "name": name} for name in KINDS[kind].catalog.paths]


def read_object(text: str, name: str) -> dict[str, Any]:
    """A JSON object of the query or the form."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(f"{name} is not JSON.") from None
    if not isinstance(found, dict):
        raise Malformed(f"{name} must be a JSON object.")
    if len(found) > state().settings.max_items:
        raise TooLarge(f"{name} has {len(found):,} members; send them in parts.")
    return found


def reconcile(queries: dict[str, Any]) -> dict[str, Any]:
    """The results of a batch of queries, by their keys."""
    with reading() as connection:
        return {key: {"result": reconcile_one(connection, query)} for key, query in queries.items()}


def reconcile_one(connection: Connection, query: Any) -> list[dict[str, Any]]:
    """The candidates of a query, the likeliest first."""
    if not isinstance(query, dict) or not isinstance(query.get("query"), str):
        raise Malformed("Each query must be an object with a text in `query`.")
    limit = query.get("limit", FEW_CANDIDATES)
    limit = (
        min(int(limit), MOST_CANDIDATES)
        if isinstance(limit, int | float) and limit > 0
        else FEW_CANDIDATES
    )
    types = query.get("type", COUNTRY.name)
    found: list[dict[str, Any]] = []
    for name in [types] if isinstance(types, str) else types:
        if name in ALIASES:
            kind = canonical_kind(name)
            match = state().resolver.match(connection, query["query"], kind, limit=MOST_CANDIDATES)
            found += rate(connection, match, kind, query.get("properties", []))
    return sorted(found, key=lambda each: -each["score"])[:limit]


def rate(connection: Connection, match: Match, kind: str, properties: Any) -> list[dict[str, Any]]:
    """The candidates of a match with their scores, lower where a property has another value.

    Properties may settle which of several candidates is meant.
    """
    candidates = list(match.candidates)
    if match.record is not None and match.matched is not None:
        candidates.insert(0, Candidate(match.record, match.score, match.matched))
    agreeing = [agrees(connection, each.record, kind, properties) for each in candidates]
    sure = match.outcome == MATCHED and agreeing[0] == 1
    alone = bool(properties) and agreeing.count(1) == 1
    rated = []
    for place, (each, share) in enumerate(zip(candidates, agreeing, strict=True)):
        matched = share == 1 and (alone or (sure and place == 0))
        score = round(100 * each.score * DISAGREES ** (0 if share == 1 else 1), 1)
        rated.append(
            describe(each.record, kind)
            | {"score": score, "match": matched, "type": [type_of(kind)]}
        )
    return rated


def agrees(connection: Connection, record: Document, kind: str, properties: Any) -> float:
    """The share of the properties whose values a record has; 1 without properties."""
    if not properties:
        return 1
    document = read_document(connection, record["id"], kind)
    kept = [bool(values_of(document, each["pid"]) & texts_of(each["v"])) for each in properties]
    return sum(kept) / len(kept)


def read_document(connection: Connection, id: int, kind: str) -> Document:
    """A record as it is today, or was last."""
    version = find_by_id(connection, KINDS[kind], id, Moment(today()))
    document: Document = decode(version.document)
    return document


def values_of(document: Document, path: str) -> set[str]:
    """The texts at a path of a document, to compare."""
    return {str(each).casefold() for each in list_cells(document, path)}


def texts_of(value: Any) -> set[str]:
    """The texts that a query gives for a property."""
    values = value if isinstance(value, list) else [value]
    return {
        str(each.get("id", "") if isinstance(each, dict) else each).casefold() for each in values
    }


def extend_data(extension: dict[str, Any]) -> dict[str, Any]:
    """The values of properties of entities; an empty object for an entity that does not exist."""
    ids, properties = extension.get("ids"), extension.get("properties")
    if not isinstance(ids, list) or not isinstance(properties, list):
        raise Malformed("extend must have arrays `ids` and `properties`.")
    paths = [
        each["id"]
        for each in properties
        if isinstance(each, dict) and isinstance(each.get("id"), str)
    ]
    with reading() as connection:
        rows = {str(id): extend_one(connection, str(id), paths) for id in ids}
    return {"meta": [{"id": path, "name": path} for path in paths], "rows": rows}


def extend_one(connection: Connection, code: str, paths: list[str]) -> dict[str, Any]:
    """The values of the properties of a single entity."""
    document: Document = {}
    for kind in RESOLVED:
        holders = state().resolver.find_index(connection, kind).codes.get(code.upper(), ())
        if holders:
            document = read_document(connection, holders[0].record, kind)
            break
    return {path: [cell_of(each) for each in list_cells(document, path)] for path in paths}


def list_cells(document: Any, path: str) -> list[Any]:
    """The plain values at a path of a document."""
    found = [document]
    for name in path.split("."):
        members = [each.get(name) for each in found if isinstance(each, dict)]
        found = [item for each in members for item in (each if isinstance(each, list) else [each])]
    return [each for each in found if each is not None and not isinstance(each, dict | list)]


def cell_of(value: Any) -> dict[str, Any]:
    """A value as the protocol writes it."""
    if isinstance(value, bool):
        return {"str": str(value).lower()}
    if isinstance(value, int):
        return {"int": value}
    return {"float": value} if isinstance(value, float) else {"str": str(value)}


def describe(record: Document, kind: str) -> dict[str, Any]:
    """A record as an entity."""
    code = next((record[name] for name in CODES if name in record), str(record["id"]))
    return {"id": code, "name": record.get("name", code), "description": f"{kind} {code}"}


def type_of(kind: str) -> dict[str, str]:
    """A kind as a type."""
    return {"id": kind, "name": kind.title()}

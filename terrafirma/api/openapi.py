"""`/openapi.json`: the API's description, made from the contracts, parameters and types that requests are held to."""

import inspect
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from flask import Response, request

from terrafirma.api.media_types import MODELS, Bodies, describe_bodies, split_content
from terrafirma.api.schemas import COMPONENTS
from terrafirma.formats.json import JSON
from terrafirma.formats.offered import FORMATS
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.filter_parameters import list_filters
from terrafirma.http.app.formats import FORMAT
from terrafirma.http.app.parameters import WHOLE, Parameter, Schema, fit
from terrafirma.http.app.principals import COOKIE
from terrafirma.http.app.routes import Access, Door, Route
from terrafirma.http.middleware.error_handlers import PROBLEM_JSON, PROBLEMS, TYPE
from terrafirma.http.request.idempotency import KEY as IDEMPOTENCY_KEY
from terrafirma.http.response.assets import reply_asset
from terrafirma.http.response.sse import LAST_SEEN
from terrafirma.register.log.custom_fields import customise_all
from terrafirma.register.model.canonical_json import encode_in_order
from terrafirma.register.model.kinds import KINDS, Kind
from terrafirma.version import VERSION

door = Door("openapi")

DIALECT = "3.1.1"
SUCCESSES = {
    200: "As asked.",
    201: "Made.",
    202: "Taken; it will be done.",
    204: "Done; there is nothing to show.",
    302: "It is elsewhere.",
}
ABOUT = (
    "Every country, its codes, currencies and borders, with full history. HEAD works wherever GET does, OPTIONS "
    "everywhere; what an address does not take is a 405 with `Allow`. A parameter that is not listed is a 400. "
    "Any answer may be a 304 where `If-None-Match` names its ETag."
)
EXAMPLES = {
    "country": "TH",
    "subdivision": "US-CA",
    "group": "EU",
    "currency": "EUR",
    "language": "th",
    "region": "142",
}
"""A key of a record of the dataset, by kind."""

CONVERTED: dict[str, dict[str, Any]] = {
    "": {"schema": {"type": "string"}},
    "path": {"schema": {"type": "string", "minLength": 1}},
    "number": {"schema": {"type": "integer", "minimum": 1, "maximum": WHOLE}},
}
"""Schemas of address variables, by converter."""
CHANGING = (Access.WRITE, Access.ADMIN)
SECURITY: dict[Access, list[dict[str, list[str]]]] = {
    Access.OPEN: [{}, {"key": []}, {"session": []}],
    Access.READ: [{}, {"key": []}, {"session": []}],
    Access.WATCH: [{"key": []}, {"session": []}, {}],
    Access.WRITE: [{"key": []}, {"session": []}, {}],
    Access.ADMIN: [{"key": []}, {"session": []}],
}
"""Security requirements of access levels; empty where access may be open: reading, and local
writing."""
SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key, made by `terrafirma keys create`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A session, begun at `/login`.",
    },
}


@door.route("GET", "/openapi.json", Access.READ, gives=dict[str, Any])
def get_description() -> Response:
    """This description of the API, as OpenAPI 3.1."""
    own = tuple(
        (endpoint, contract)
        for endpoint, contract in state().contracts.items()
        if not contract.foreign
    )
    with reading() as connection:
        kinds = customise_all(connection)
    description = write_description(own, state().settings.max_page, request.script_root, kinds)
    return reply_asset(description, JSON.media)


@lru_cache(maxsize=4)
def write_description(
    contracts: tuple[tuple[str, Route], ...], page: int, root: str, kinds: tuple[Kind, ...]
) -> bytes:
    """The description's bytes, made once for contracts, rows of a page, a prefix, and the fields that kinds have."""
    fitted = {kind.name: kind for kind in kinds}
    routes = {
        endpoint: replace(contract, kind=fitted.get(contract.kind.name, contract.kind))
        if contract.kind
        else contract
        for endpoint, contract in contracts
    }
    return encode_in_order(describe(routes, page, root, kinds)) + b"\n"


def describe(
    contracts: dict[str, Route],
    page: int,
    root: str = "",
    kinds: tuple[Kind, ...] = tuple(KINDS.values()),
) -> dict[str, Any]:
    """The whole description."""
    bodies, components = describe_bodies(contracts, kinds)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint, contract in contracts.items():
        operation = describe_route(endpoint, contract, bodies, page)
        if contract.kind and (
            (contract.gives in MODELS and contract.method != "GET") or 201 in contract.statuses
        ):
            link_answers(operation, contract.kind, contracts)
        paths.setdefault(contract.address, {})[contract.method.lower()] = operation
    return {
        "openapi": DIALECT,
        "info": {
            "title": "Terrafirma",
            "version": VERSION,
            "description": ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": describe_problems(paths),
            "parameters": describe_headers(),
            "securitySchemes": SCHEMES,
        },
    }


def link_answers(operation: dict[str, Any], kind: Kind, contracts: dict[str, Route]) -> None:
    """Add links from a single record's answer to related operations."""
    keyed = [
        name
        for name, contract in contracts.items()
        if contract.address.startswith(f"/{kind.plural}/{{key}}")
    ]
    links = {
        name.partition(".")[2]: {
            "operationId": name.partition(".")[2],
            "parameters": {"key": "$response.body#/id"},
        }
        for name in keyed
    }
    for status in {"200", "201"} & operation["responses"].keys():
        operation["responses"][status]["links"] = links


def describe_route(endpoint: str, contract: Route, bodies: Bodies, page: int) -> dict[str, Any]:
    """An OpenAPI operation."""
    group, _, name = endpoint.partition(".")
    text = inspect.getdoc(contract.view) or ""
    summary, _, more = text.partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": [group],
        "summary": " ".join(summary.split()),
    }
    operation["security"] = SECURITY[contract.access]
    if more:
        operation["description"] = more
    if parameters := [
        *describe_keys(contract),
        *describe_parameters(contract, page),
        *list_headers(contract),
    ]:
        operation["parameters"] = parameters
    if contract.takes is not None:
        operation["requestBody"] = {"required": True} | bodies[endpoint, "takes"]
    operation["responses"] = describe_answers(contract, bodies.get((endpoint, "gives"), {}))
    return operation


def describe_keys(contract: Route) -> list[dict[str, Any]]:
    """The parts of an address that vary."""
    kind = contract.keyed or contract.kind
    return [
        {"name": name, "in": "path", "required": True}
        | (describe_key(kind) if converter == "key" and kind else CONVERTED[converter])
        for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", contract.rule)
    ]


def describe_key(kind: Kind) -> dict[str, Any]:
    """The path parameter for a record's key."""
    codes = (
        pattern.pattern.strip("^$").replace("A-Z", "A-Za-z") for pattern in kind.patterns.values()
    )
    schema = {"type": "string", "pattern": f"^({'|'.join(('[1-9][0-9]{0,17}', *codes))})$"}
    told = {"schema": schema, "description": f"The {kind.keys_told}, in any case."}
    return told | ({"example": EXAMPLES[kind.name]} if kind.name in EXAMPLES else {})


def describe_parameters(contract: Route, page: int) -> list[dict[str, Any]]:
    """The query parameters a route knows."""
    known = [narrow(each, contract, page) for each in contract.parameters.values()]
    filters = list_filters(contract.kind.catalog) if contract.filtered and contract.kind else []
    known += [each for each in filters if each.key not in contract.parameters]
    return [describe_parameter(each) for each in known]


def narrow(parameter: Parameter, contract: Route, page: int) -> Parameter:
    """A parameter restricted to the values this route and these settings allow."""
    if parameter.key == "limit":
        return replace(parameter, schema=parameter.schema | {"maximum": page, "default": page})
    if parameter.name == FORMAT:
        given = [media for media, _ in contract.gives]
        return replace(
            parameter,
            schema=parameter.schema
            | {"enum": [form.name for form in FORMATS if form.media in given]},
        )
    return fit(parameter, contract.kind.catalog) if contract.kind else parameter


def describe_parameter(parameter: Parameter) -> dict[str, Any]:
    """A query parameter. Without repetition, values are separated by commas."""
    told: dict[str, Any] = {"name": parameter.name, "in": "query", "description": parameter.meaning}
    told["schema"] = parameter.schema
    told |= {"required": True} if parameter.required else {}
    told |= {"x-filter": True} if parameter.filters else {}
    if parameter.schema.get("type") == "array":
        told |= {"style": "form", "explode": parameter.repeated}
    return told | ({"example": parameter.example} if parameter.example is not None else {})


def list_headers(contract: Route) -> list[dict[str, Any]]:
    """References to the request headers that a route heeds."""
    names = ["IfNoneMatch"] if contract.access is Access.READ else []
    names += [header.replace("-", "") for header in contract.heeds]
    if contract.access in CHANGING and contract.kind:
        names += ["IfMatch", *(["IdempotencyKey"] if contract.method == "POST" else [])]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def describe_headers() -> dict[str, Any]:
    """The request headers that matter."""
    told = {
        "IfNoneMatch": (
            "If-None-Match",
            "ETags of what is known already: 304 if it still holds.",
            {},
        ),
        "IfMatch": ("If-Match", "The ETag last read: 412 if it no longer holds.", {}),
        "IdempotencyKey": (
            "Idempotency-Key",
            "Names this request: sent again, it is answered again and not done again.",
            {"pattern": f"^{IDEMPOTENCY_KEY.pattern}$"},
        ),
        "LastEventID": (
            LAST_SEEN,
            "The number of the last entry received; stands above `since`.",
            {},
        ),
    }
    return {
        name: {
            "name": header,
            "in": "header",
            "description": meaning,
            "schema": {"type": "string"} | rules,
        }
        for name, (header, meaning, rules) in told.items()
    }


def describe_answers(contract: Route, body: Schema) -> dict[str, Any]:
    """Every status a route may answer."""
    answers: dict[str, Any] = {}
    for status in contract.statuses:
        answers[str(status)] = {"description": SUCCESSES[status]} | body
        if headers := headers_of(contract, status):
            answers[str(status)]["headers"] = headers
    if contract.access is Access.READ and 200 in contract.statuses:
        answers["304"] = {"description": "What If-None-Match names still holds."}
    return answers | {
        str(each): {"$ref": f"#/components/responses/{each}"} for each in refusals_of(contract)
    }


def headers_of(contract: Route, status: int) -> dict[str, Any]:
    """The headers of an answer."""
    told = {}
    if contract.access is Access.READ and status == 200:
        told["ETag"] = "Names these bytes: for If-None-Match and, of one record, If-Match."
    if "limit" in contract.query and {"after", "since"} & set(contract.query):
        told["Link"] = 'With rel="next", the address of the next page.'
    if "count" in contract.query:
        told["X-Total-Count"] = "How many rows there are in all, where that is known."
    if status == 201:
        told["Location"] = "The address of what was made, if it is one."
    return {
        name: {"description": meaning, "schema": {"type": "string"}}
        for name, meaning in told.items()
    }


def refusals_of(contract: Route) -> list[int]:
    """The statuses of the errors a route may answer."""
    statuses = {400, 401, 413, 429, 500, 503}
    if contract.access is Access.OPEN:
        statuses |= {403, 404}
    if "<" in contract.rule or contract.rule == "/country" or "record" in contract.query:
        statuses.add(404)
    if contract.access in CHANGING:
        statuses |= {403, 409, *([412] if contract.kind else [])}
    if contract.takes is not None:
        statuses |= {409, 415, 422}
    if FORMAT in contract.query:
        statuses.add(406)
    if "dependents" in contract.query:
        statuses.add(409)
    return sorted(statuses)


def describe_problems(paths: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The answer of each error status that some route gives, in both forms, with an example of each of its codes."""
    told: dict[str, Any] = {}
    given = {
        status
        for each in paths.values()
        for operation in each.values()
        for status in operation["responses"]
    }
    for code, (status, meaning) in PROBLEMS.items():
        if str(status) not in given:
            continue
        answer = told.setdefault(str(status), {"description": "", "content": {}})
        answer["description"] += f"`{code}`: {meaning} "
        title = code.replace("-", " ").capitalize()
        shown = {"type": TYPE + code, "title": title, "status": status, "detail": meaning}
        for media, name, value in (
            (JSON.media, "Error", {"error": meaning}),
            (PROBLEM_JSON, "Problem", shown),
        ):
            place = answer["content"].setdefault(
                media, {"schema": {"$ref": COMPONENTS + name}, "examples": {}}
            )
            place["examples"][code] = {"value": value}
    return {
        status: {"description": answer["description"]} | split_content(answer["content"])
        for status, answer in told.items()
    }

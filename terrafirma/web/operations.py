"""The OpenAPI description for readers: operations by topic, each described once.

Seven kinds of records have the same addresses. An operation that several kinds share is shown once,
with all its addresses.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from terrafirma.register.model.kinds import COUNTRY, KINDS
from terrafirma.web.schema_words import (
    Member,
    Schema,
    describe_type,
    list_schema_members,
    make_example,
    name_component,
)

Same = list[tuple[str, Schema]]
"""Address and operation (of OpenAPI) by kind, for operations that are alike."""

RECORDS = "Records"
BELONGING = "What belongs to a record"
TITLES = {
    "entries": "The log",
    "imports": "Imports",
    "exports": "Exports",
    "jobs": "Jobs",
    "webhooks": "Webhooks",
    "keys": "Keys",
    "people": "People",
    "login": "People",
    "me": "People",
    "audit": "Audit",
    "about": "The server",
    "service": "The server",
    "metrics": "The server",
    "country": "The server",
    "openapi": "The server",
    "docs": "The server",
    "reference": "The server",
}
"""The section of a tag. Unknown tags get their own section at the end."""

PLURALS = {kind.plural: kind for kind in KINDS.values()}
SAFE = ",*:{}"
FILTERS = "{field}, {field}[{operator}]"
FILTERED = "region=Asia&area[gte]=500000"
FILTERS_MEANING = (
    "Compares a field, extra.* too. Equality and `ne` may be repeated: any of the values. The other "
    "operators are gt, gte, lt, lte, contains, startswith and exists, as the field's type allows."
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FEW = "3"
"""Rows that the example of a list asks for."""
ENDLESS = "text/event-stream"
ANYONE = "Anyone; where reading is closed, readers."
EDITORS = "Editors; on the server's own machine anyone, until there is a key."
ADMINS = "Admins."


@dataclass(frozen=True)
class DocumentedParameter:
    """A parameter in an address or a header."""

    name: str
    place: str
    type: str
    meaning: str
    required: bool
    default: str
    example: str
    """An example address; empty without an example."""
    only: tuple[str, ...]
    """The kinds that have it, if not all."""


@dataclass(frozen=True)
class DocumentedBody:
    """A request body: its media types and fields, or the components with them by kind."""

    media: tuple[str, ...]
    members: list[Member]
    components: tuple[str, ...]
    example: str


@dataclass(frozen=True)
class DocumentedAnswer:
    """A successful answer."""

    status: str
    meaning: str
    media: tuple[str, ...]
    type: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Operation:
    """An operation of one or several kinds of records."""

    id: str
    method: str
    address: str
    others: tuple[str, ...]
    """The addresses at which other kinds have the same."""
    summary: str
    more: str
    who: str
    parameters: list[DocumentedParameter]
    body: DocumentedBody | None
    answers: list[DocumentedAnswer]
    errors: tuple[str, ...]
    example: str
    """An address; braces mark values to fill in."""
    runs: bool
    """True if the page can send it and show the answer."""


def list_tags(description: Schema) -> dict[str, list[Operation]]:
    """Every operation by the section that shows it."""
    shapes: dict[tuple[str, str], Same] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            shapes.setdefault((method, shape_of(path)), []).append((path, operation))
    found: dict[str, list[Operation]] = {
        title: [] for title in (RECORDS, BELONGING, *TITLES.values())
    }
    for (method, shape), same in shapes.items():
        title = find_section(shape, same)
        found.setdefault(title, []).append(make_operation(method, same, description["components"]))
    return {
        title: sorted(operations, key=find_place)
        for title, operations in found.items()
        if operations
    }


def find_place(operation: Operation) -> tuple[str, int]:
    """Where an operation stands among those of its section: by its address, reading first."""
    return operation.address, METHODS.index(operation.method)


def shape_of(path: str) -> str:
    """An address without the kind of records it is about."""
    first, *rest = path.removeprefix("/").split("/")
    return "/".join(["", "{records}" if first in PLURALS else first, *rest])


def find_section(shape: str, same: Same) -> str:
    """The title over a shape."""
    if shape.startswith("/{records}"):
        return BELONGING if "{key}/" in shape and len(same) < len(KINDS) else RECORDS
    tag: str = same[0][1]["tags"][0]
    return TITLES.get(tag, tag.capitalize())


def make_operation(method: str, same: Same, components: Schema) -> Operation:
    """The common description of several kinds' operations; texts that differ are taken from the
    first."""
    path, first = same[0]
    example = write_example(path, first)
    answers = [
        make_answer(status, each)
        for status, each in first["responses"].items()
        if "$ref" not in each
    ]
    given = [media for answer in answers for media in answer.media if answer.status == "200"]
    reads = method == "get" and bool(given) and ENDLESS not in given
    return Operation(
        id=first["operationId"],
        method=method.upper(),
        address=path,
        others=tuple(other for other, _ in same[1:]),
        summary=join_alike([each["summary"] for _, each in same], [path for path, _ in same]),
        more=first.get("description", ""),
        who=describe_access(first["security"]),
        parameters=list_parameters(same, components, example if reads else ""),
        body=make_body(same, components) if "requestBody" in first else None,
        answers=answers,
        errors=tuple(status for status, each in first["responses"].items() if "$ref" in each),
        example=example,
        runs=reads or method != "get",
    )


def join_alike(sentences: list[str], paths: list[str]) -> str:
    """A sentence about any record if the kinds' sentences agree, else the first."""
    told = set()
    for sentence, path in zip(sentences, paths, strict=True):
        kind = PLURALS.get(path.split("/")[1])
        told.add(
            sentence.replace(kind.plural, "records").replace(kind.name, "record")
            if kind
            else sentence
        )
    return told.pop() if len(told) == 1 and len(paths) > 1 else sentences[0]


def describe_access(security: list[Schema]) -> str:
    """The access rule of an operation."""
    if not security[0]:
        return ANYONE
    return EDITORS if {} in security else ADMINS


def list_parameters(same: Same, components: Schema, example: str) -> list[DocumentedParameter]:
    """The parameters of the kinds; those that some kinds lack name their kinds."""
    found: dict[tuple[str, str], tuple[Schema, list[str]]] = {}
    for path, operation in same:
        for given in operation.get("parameters", ()):
            told = (
                components["parameters"][given["$ref"].rpartition("/")[2]]
                if "$ref" in given
                else given
            )
            _, kinds = found.setdefault((told["in"], told["name"]), (told, []))
            kinds.append(path.split("/")[1])
    plain = [(told, kinds) for told, kinds in found.values() if "x-filter" not in told]
    given = [told for told, _ in plain]
    listed = [
        make_parameter(
            told, show_use(told, given, example), tuple(kinds) if len(kinds) < len(same) else ()
        )
        for told, kinds in plain
    ]
    return [*listed, show_filters(example)] if len(plain) < len(found) else listed


def show_filters(example: str) -> DocumentedParameter:
    """Return all filters on fields as one parameter: the description lists each by itself."""
    path = example.partition("?")[0]
    shown = f"{path}?{FILTERED}" if path == f"/{COUNTRY.plural}" else ""
    return DocumentedParameter(FILTERS, "query", "any field", FILTERS_MEANING, False, "", shown, ())


def show_use(told: Schema, given: list[Schema], example: str) -> str:
    """The address of an operation's example with a parameter in it, and with those that its meaning names."""
    if not example or told["in"] != "query" or "example" not in told:
        return ""
    path, _, query = example.partition("?")
    used = {part.partition("=")[0]: part for part in query.split("&") if part}
    for each in given:
        if "example" in each and (each is told or f"`{each['name']}`" in told["description"]):
            used[each["name"]] = write_query(each)
    return f"{path}?{'&'.join(used.values())}"


def make_parameter(told: Schema, example: str, only: tuple[str, ...]) -> DocumentedParameter:
    """A parameter."""
    return DocumentedParameter(
        told["name"],
        told["in"],
        describe_type(told["schema"]),
        told.get("description", ""),
        told.get("required", False),
        str(told["schema"].get("default", "")),
        example,
        only,
    )


def write_query(told: Schema) -> str:
    """A parameter's example as it stands in an address."""
    value = told["example"]
    if isinstance(value, dict):
        return urlencode(value, safe=SAFE + "[]")
    many = value if isinstance(value, list) else [value]
    values = many if told.get("explode") else [",".join(map(str, many))]
    return urlencode([(told["name"], each) for each in values], safe=SAFE)


def write_example(path: str, operation: Schema) -> str:
    """The example address of an operation: keys from examples, few rows of a list, required
    parameters."""
    query = []
    for told in operation.get("parameters", ()):
        if told.get("in") == "path" and "example" in told:
            path = path.replace(f"{{{told['name']}}}", quote(told["example"]))
        if told.get("required") and told["in"] == "query" and "example" in told:
            query.append(write_query(told))
        if told.get("name") == "limit":
            query.append(f"limit={FEW}")
    return path + (f"?{'&'.join(query)}" if query else "")


def make_body(same: Same, components: Schema) -> DocumentedBody:
    """A request body with its example or the minimal value."""
    body = same[0][1]["requestBody"]
    ((media, first),) = body["content"].items()
    schema = first["schema"]
    records = [find_record(each["requestBody"]["content"][media]["schema"]) for _, each in same]
    parts = [name_component(each) for each in (schema, *schema.get("anyOf", ())) if "$ref" in each]
    own = components["schemas"][parts[0]] if parts else {}
    shown = min(
        (each["value"] for each in first.get("examples", {}).values()), key=is_list, default=None
    )
    example = (
        shown if shown is not None else make_example(schema, components["schemas"]) if own else None
    )
    return DocumentedBody(
        (media, *body.get("x-content", ())),
        [] if any(records) else list_schema_members(own),
        tuple(dict.fromkeys(filter(None, records))),
        json.dumps(example, ensure_ascii=False) if example is not None else "",
    )


def is_list(value: Any) -> bool:
    """Return True if a body is a list."""
    return isinstance(value, list)


def find_record(schema: Schema) -> str:
    """The component of a body's records; empty if it is missing."""
    for each in (schema, *schema.get("anyOf", ()), schema.get("items", {})):
        name = (
            name_component(each).removesuffix("Body").removesuffix("Patch")
            if "$ref" in each
            else ""
        )
        if name in {kind.model.__name__ for kind in KINDS.values()}:
            return name
    return ""


def make_answer(status: str, told: Schema) -> DocumentedAnswer:
    """An answer; its type is that of the JSON variant."""
    content: dict[str, Any] = told.get("content", {})
    schema = content.get("application/json", next(iter(content.values()), {})).get("schema")
    headers = {name: each["description"] for name, each in told.get("headers", {}).items()}
    return DocumentedAnswer(
        status,
        told["description"],
        tuple(content),
        describe_type(schema) if schema else "",
        headers,
    )

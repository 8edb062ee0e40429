"""JSON Schemas of what is sent and answered, made from the types that validate it."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from terrafirma.errors import FAULTS
from terrafirma.http.app.parameters import Schema
from terrafirma.register.model.kinds import KINDS, Kind

COMPONENTS = "#/components/schemas/"
TEMPLATE = COMPONENTS + "{model}"

NOT_SAID = (
    " Rules that a schema cannot tell: `from` is before `to`; periods are in order; there is a name on every day the "
    "record exists; a field is plain or `dated`, not both; `capital` and `capitals` agree; a string has no NUL."
)


@dataclass
class Fault:
    """What is wrong with one field."""

    field: str
    message: str
    code: str


@dataclass
class Error:
    """An error, as a sentence."""

    error: str


def make_schemas(types: list[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """The schema of each type, and the components they refer to."""
    inputs: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        (index, "validation", TypeAdapter(type)) for index, type in enumerate(types)
    ]
    made, shared = TypeAdapter.json_schemas(inputs, ref_template=TEMPLATE)
    components = {name: tidy(schema) for name, schema in shared.get("$defs", {}).items()}
    for kind in KINDS.values():
        if (name := kind.model.__name__) in components:
            components |= make_bodies(kind, name, components[name])
    components |= make_errors()
    return [tidy(made[index, "validation"]) for index in range(len(types))], components


def tidy(schema: Any, named: bool = False) -> Any:
    """A schema less what says nothing: the titles pydantic makes of names, and null as the default of what is absent.

    `named`: the members of this object are names of fields, not keywords.
    """
    if isinstance(schema, list):
        return [tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: value
        for name, value in schema.items()
        if named or (name != "title" and (name, value) != ("default", None))
    }
    return {name: tidy(value, name == "properties" and not named) for name, value in kept.items()}


def make_bodies(kind: Kind, model: str, schema: Schema) -> dict[str, Schema]:
    """A record as it is answered, as it is sent whole, and as a merge patch of it."""
    properties, required = schema["properties"], schema.get("required", [])
    answered = {name: value for name, value in schema.items() if name != "required"}
    dated = properties["dated"] | {
        "properties": timelines(kind),
        "patternProperties": {r"^extra\..+$": PERIODS},
    }
    answered["properties"] = properties | {"dated": dated | {"additionalProperties": False}}
    spelled = {"not": {"required": sorted(kind.spelling.fields)}} if kind.spelling.fields else {}
    return {
        model: answered,
        f"{model}Body": {
            "description": f"A whole {kind.name}. What the server makes is ignored." + NOT_SAID,
            "allOf": [{"$ref": COMPONENTS + model}, *(need(kind, name) for name in required)],
            **spelled,
        },
        f"{model}Patch": {
            "description": "A JSON Merge Patch (RFC 7396): what is named is changed, null removes."
            + NOT_SAID,
            "type": "object",
            "properties": {
                name: patch_of(kind, name, value, required) for name, value in properties.items()
            },
            "additionalProperties": False,
        },
    }


def need(kind: Kind, name: str) -> Schema:
    """That a field is there: plain or, where it can be, dated."""
    plain: Schema = {"required": [name]}
    if name in kind.undated:
        return plain
    return {
        "anyOf": [plain, {"required": ["dated"], "properties": {"dated": {"required": [name]}}}]
    }


PERIODS: Schema = {"type": "array", "items": {"$ref": COMPONENTS + "Period"}}


def timelines(kind: Kind) -> dict[str, Schema]:
    """The timeline of each field that can have one: periods whose values are such as the field's."""
    values = {
        name: {"$ref": f"{COMPONENTS}{kind.model.__name__}/properties/{name}"}
        for name in kind.fields
        if name not in kind.undated
    }
    return {
        name: PERIODS | {"items": {"allOf": [PERIODS["items"], {"properties": {"value": value}}]}}
        for name, value in values.items()
    }


def patch_of(kind: Kind, name: str, schema: Schema, required: list[str]) -> Schema:
    """What a merge patch may say of a field: a value or null; of an object, the parts that change."""
    if schema.get("readOnly"):
        return schema
    if schema.get("type") == "object" or "$ref" in schema:
        return {"type": ["object", "null"], "description": schema.get("description", "")}
    field = {"$ref": f"{COMPONENTS}{kind.model.__name__}/properties/{name}"}
    return field if name in required else {"anyOf": [field, {"type": "null"}]}


def make_errors() -> dict[str, Schema]:
    """The two forms of an error."""
    fault = tidy(TypeAdapter(Fault).json_schema())
    codes = "; ".join(f"`{code}`: {meaning}" for code, meaning in FAULTS.items())
    fault["properties"]["code"] |= {"enum": list(FAULTS), "description": f"Stable. {codes}."}
    fault["properties"]["field"]["description"] = "Its path, such as `currencies.0.code`."
    faults = {"type": "array", "items": {"$ref": COMPONENTS + "Fault"}, "minItems": 1}
    error = tidy(TypeAdapter(Error).json_schema())
    error["properties"]["details"] = faults
    return {
        "Fault": fault,
        "Error": error | {"additionalProperties": False},
        "Problem": {
            "description": "RFC 9457, for `Accept: application/problem+json`.",
            "type": "object",
            "properties": {
                "type": {
                    "type": "string",
                    "format": "uri",
                    "description": "Stable: names the kind of problem.",
                },
                "title": {"type": "string"},
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": {"type": "string"},
                "errors": faults,
            },
            "required": ["type", "title", "status", "detail"],
            "additionalProperties": False,
        },
    }

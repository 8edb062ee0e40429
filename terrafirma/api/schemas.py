"""JSON Schemas of requests and answers, made from the types that validate them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from terrafirma.errors import FAULTS
from terrafirma.http.app.parameters import Schema
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.kinds import Kind

COMPONENTS = "#/components/schemas/"
TEMPLATE = COMPONENTS + "{model}"

NOT_SAID = (
    " Rules that a schema cannot tell: `from` is before `to`; periods are in order; there is a name on every day the "
    "record exists; a field is plain or `dated`, not both; `capital` and `capitals` agree; a string has no NUL."
)


@dataclass
class Fault:
    """The fault of a field."""

    field: str
    message: str
    code: str


@dataclass
class Error:
    """An error, as a sentence."""

    error: str


def make_schemas(types: list[Any], kinds: Iterable[Kind]) -> tuple[list[Schema], dict[str, Schema]]:
    """The schema of each type, and the components they refer to."""
    inputs: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        (index, "validation", TypeAdapter(type)) for index, type in enumerate(types)
    ]
    made, shared = TypeAdapter.json_schemas(inputs, ref_template=TEMPLATE)
    components = {name: tidy(schema) for name, schema in shared.get("$defs", {}).items()}
    periods = Periods(components.pop("Period"))
    for kind in kinds:
        if (name := kind.model.__name__) in components:
            components |= make_bodies(kind, name, components[name], periods)
    components |= periods.components
    components |= make_errors()
    return [tidy(made[index, "validation"]) for index in range(len(types))], components


def tidy(schema: Any, named: bool = False) -> Any:
    """A schema without redundant parts: pydantic's titles, and null defaults of absent members.

    `named`: the members of this object are field names, not keywords.
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


class Periods:
    """The components of periods: a type for each type of value that a timeline has, named by the
    first field that uses it."""

    def __init__(self, period: Schema) -> None:
        self._period = period
        self._names: dict[bytes, str] = {}
        self.components: dict[str, Schema] = {}

    def timeline(self, field: str, schema: Schema) -> Schema:
        """Return the schema of a field's timeline."""
        value = {
            name: each for name, each in schema.items() if name not in ("description", "x-unit")
        }
        name = self._names.setdefault(
            encode(value), "".join(map(str.capitalize, field.split("_"))) + "Period"
        )
        self.components[name] = self._period | {
            "properties": self._period["properties"] | {"value": value}
        }
        return {"type": "array", "items": {"$ref": COMPONENTS + name}}


def make_bodies(kind: Kind, model: str, schema: Schema, periods: Periods) -> dict[str, Schema]:
    """Return a record as it is answered, as it is sent whole, and as a merge patch of it.

    Each has its members written out: generators of clients follow no reference into another schema's members.
    """
    properties, required = schema["properties"], schema.get("required", [])
    timelines = {
        name: periods.timeline(name, properties[name])
        for name in kind.fields
        if name not in kind.undated
    }
    named = {"pattern": f"^({'|'.join(timelines)}|extra\\..+)$"}
    own = {r"^extra\..+$": periods.timeline("extra", {})}
    dated = properties["dated"] | {
        "properties": timelines,
        "patternProperties": own,
        "propertyNames": named,
    }
    # Said to be open, since generators know neither patternProperties nor propertyNames.
    dated["additionalProperties"] = True
    properties = properties | {
        "dated": dated,
        "extra": describe_own(kind, properties["extra"]),
    }
    whole = {"type": "object", "properties": properties, "additionalProperties": False}
    about = {"description": schema.get("description", "")}
    return {
        model: about | whole,
        f"{model}Body": {
            "description": f"A whole {kind.name}. What the server makes is ignored." + NOT_SAID
        }
        | whole
        | {"required": required},
        f"{model}Patch": {
            "description": "A JSON Merge Patch (RFC 7396): what is named is changed, null removes."
            + NOT_SAID,
            "type": "object",
            "properties": {
                name: patch_of(name, value, required) for name, value in properties.items()
            },
            "additionalProperties": False,
        },
    }


def describe_own(kind: Kind, schema: Schema) -> Schema:
    """The schema of `extra`: the fields that the register declares, and any other."""
    declared = {rule.name: rule.schema for rule in kind.rules}
    return schema | {"additionalProperties": True} | ({"properties": declared} if declared else {})


def patch_of(name: str, schema: Schema, required: list[str]) -> Schema:
    """The merge patch schema of a field: a value or null; for an object, its changed members."""
    if schema.get("readOnly"):
        return schema
    if name != "dated" and (schema.get("type") == "object" or "$ref" in schema):
        about = {"description": schema["description"]} if "description" in schema else {}
        members = {
            member: make_nullable(each) for member, each in schema.get("properties", {}).items()
        }
        known = {"properties": members} if name == "extra" and members else {}
        return {"type": ["object", "null"], "additionalProperties": True} | known | about
    return schema if name in required else make_nullable(schema)


def make_nullable(schema: Schema) -> Schema:
    """Return a schema that takes null too."""
    if not isinstance(schema.get("type"), str):
        return {"anyOf": [schema, {"type": "null"}]}
    choices = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | choices


def make_hint() -> Schema:
    """The schema of a hint."""
    told = {
        "parameter": "The parameter to send; absent if the value belongs in the address.",
        "value": "The value to send.",
        "effect": "What the parameter does with it, as a verb.",
    }
    texts = {name: {"type": "string", "description": each} for name, each in told.items()}
    return {
        "description": "A way out of an error.",
        "type": "object",
        "properties": texts,
        "additionalProperties": False,
    }


def make_errors() -> dict[str, Schema]:
    """The two forms of an error."""
    fault = tidy(TypeAdapter(Fault).json_schema())
    codes = "; ".join(f"`{code}`: {meaning}" for code, meaning in FAULTS.items())
    fault["properties"]["code"] |= {"enum": list(FAULTS), "description": f"Stable. {codes}."}
    fault["properties"]["field"]["description"] = "Its path, such as `currencies.0.code`."
    faults = {"type": "array", "items": {"$ref": COMPONENTS + "Fault"}, "minItems": 1}
    error = tidy(TypeAdapter(Error).json_schema())
    error["properties"]["details"] = faults
    hints = {"type": "array", "items": {"$ref": COMPONENTS + "Hint"}, "minItems": 1}
    error["properties"]["hints"] = fault["properties"]["hints"] = hints
    fault["properties"]["rule"] = {
        "type": "string",
        "description": "The message without its hints, if it has some.",
    }
    return {
        "Hint": make_hint(),
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
                "hints": hints,
            },
            "required": ["type", "title", "status", "detail"],
            "additionalProperties": False,
        },
    }

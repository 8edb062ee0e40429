"""JSON Schemas in words: types, members of objects, and generated examples."""

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

COMPONENTS = "#/components/schemas/"
MOST_NAMED = 12
LONGEST_PATTERN = 24
PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "object": "object",
    "null": "null",
}
FORMATS = {"date": "day", "date-time": "instant", "binary": "bytes"}
ANYTHING = "anything"


@dataclass(frozen=True)
class Member:
    """A field of an object."""

    name: str
    type: str
    meaning: str
    required: bool
    made: bool
    """True if set by the server and ignored in bodies."""


def describe_type(schema: Schema) -> str:
    """A type in words: `list of text`, `number, at least 0, km²`, `day or instant`."""
    if "$ref" in schema:
        return name_component(schema)
    if "enum" in schema:
        return describe_choice([str(each) for each in schema["enum"]])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {describe_type(schema.get('items', {}))}"
    if choices := schema.get("anyOf", schema.get("oneOf")):
        given = {"type": schema["type"]} if "type" in schema else {}
        told = dict.fromkeys(describe_type(given | each) for each in choices)
        # Text without more is another spelling of what the others say.
        return " or ".join([each for each in told if each not in ("null", "text")] or ["text"])
    return describe_plain(schema)


def describe_choice(values: list[str]) -> str:
    """A choice of values, naming the first few."""
    if len(values) <= MOST_NAMED:
        return " or ".join(f"`{each}`" for each in values)
    return f"{', '.join(f'`{each}`' for each in values[:3])} … ({len(values)} in all)"


def describe_plain(schema: Schema) -> str:
    """A type without alternatives, with its bounds, pattern and unit."""
    types = schema.get("type", ANYTHING)
    names = [types] if isinstance(types, str) else types
    told = FORMATS.get(schema.get("format", "")) or " or ".join(
        PLAIN.get(name, name) for name in names
    )
    if isinstance(inner := schema.get("additionalProperties"), dict):
        told += f" of {describe_type(inner)} by name"
    pattern = schema.get("pattern", "")
    said = [
        told,
        describe_bounds(schema),
        f"`{pattern}`" if 0 < len(pattern) <= LONGEST_PATTERN else "",
    ]
    return ", ".join(each for each in (*said, schema.get("x-unit", "")) if each)


def describe_bounds(schema: Schema) -> str:
    """Numeric bounds; bounds beyond a million are technical and left out."""
    least, most = schema.get("minimum"), schema.get("maximum", 10**9)
    if most <= 10**6:
        return f"{least:,} to {most:,}" if least is not None else f"at most {most:,}"
    return f"at least {least:,}" if least is not None else ""


def name_component(schema: Schema) -> str:
    """The name of a referenced component or of its field."""
    return str(schema["$ref"]).removeprefix(COMPONENTS).replace("/properties/", ".")


def list_schema_members(schema: Schema, required: tuple[str, ...] = ()) -> list[Member]:
    """The fields of an object; `required` are so beside those that the schema itself requires."""
    needed = {*required, *schema.get("required", ())}
    return [
        Member(
            name,
            describe_type(each),
            each.get("description", ""),
            name in needed,
            each.get("readOnly", False),
        )
        for name, each in schema.get("properties", {}).items()
    ]


def make_example(schema: Schema, components: dict[str, Schema]) -> Any:
    """The least that a schema takes."""
    if "$ref" in schema:
        return make_example(components[name_component(schema)], components)
    if "default" in schema or "enum" in schema:
        return schema.get("default", schema.get("enum", [None])[0])
    if "properties" in schema:
        needed = schema.get("required", ())
        return {name: make_example(schema["properties"][name], components) for name in needed}
    plain: dict[str, Any] = {
        "integer": schema.get("minimum", 1),
        "number": 1,
        "boolean": True,
        "array": [],
    }
    return plain.get(schema.get("type", ""), "…")

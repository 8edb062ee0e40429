"""Bodies of requests and answers, as `/openapi.json` describes them: in one media type each.

Generators of clients cannot choose between several: some send the wrong `Content-Type`, others give every
answer the types of all formats at once. So `content` has the type that programs speak, JSON where there is
some, and the extension `x-content` has the others.
"""

from collections.abc import Sequence
from typing import Any

from terrafirma.api.examples import read_examples
from terrafirma.api.schemas import COMPONENTS, make_schemas
from terrafirma.formats.json import JSON
from terrafirma.http.app.parameters import Schema
from terrafirma.http.app.routes import Route
from terrafirma.register.model.kinds import EVERY_KIND, FIELD, Kind

MODELS = {kind.model: kind for kind in EVERY_KIND.values()}

Bodies = dict[tuple[str, str], Schema]
"""Bodies by endpoint and way, "takes" or "gives": the members `content` and `x-content`."""


def describe_bodies(
    contracts: dict[str, Route], kinds: Sequence[Kind]
) -> tuple[Bodies, dict[str, Schema]]:
    """Return the bodies of routes, and the components that they refer to."""
    bodies, examples = list_bodies(contracts), read_examples()
    schemas, components = make_schemas([type for *_, type in bodies], [*kinds, FIELD])
    described: dict[tuple[str, str], dict[str, Schema]] = {}
    for (endpoint, way, media, _), schema in zip(bodies, schemas, strict=True):
        described.setdefault((endpoint, way), {})[media] = show_media(schema, way, examples)
    return {place: split_content(content) for place, content in described.items()}, components


def split_content(content: dict[str, Schema]) -> Schema:
    """Return the first of several media types as `content`, the others as `x-content`."""
    (media, first), *others = content.items()
    return {"content": {media: first}} | ({"x-content": dict(others)} if others else {})


def list_bodies(contracts: dict[str, Route]) -> list[tuple[str, str, str, Any]]:
    """Return every type that is taken or given, by endpoint, way and media type, JSON first.

    Generators of clients read the first media type only.
    """
    return [
        (endpoint, way, media, type)
        for endpoint, contract in contracts.items()
        for way, types in (("takes", contract.takes), ("gives", contract.gives))
        if types is not None
        for media, type in sorted(
            types if isinstance(types, tuple) else ((JSON.media, types),),
            key=lambda each: each[0] != JSON.media,
        )
    ]


def show_media(schema: Schema, way: str, examples: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A body in a single media type, with the examples of its schema."""
    if way == "takes":
        schema = rename(
            schema,
            {COMPONENTS + model.__name__: f"{COMPONENTS}{model.__name__}Body" for model in MODELS},
        )
    shown = {name: {"value": value} for name, value in examples.get(name_of(schema), {}).items()}
    return {"schema": schema} | ({"examples": shown} if shown else {})


def rename(schema: Any, names: dict[str, str]) -> Any:
    """A schema that refers to other components."""
    if isinstance(schema, list):
        return [rename(each, names) for each in schema]
    if isinstance(schema, dict):
        return {name: rename(value, names) for name, value in schema.items()}
    return names.get(schema, schema) if isinstance(schema, str) else schema


def name_of(schema: Schema) -> str:
    """The name of a schema in examples: its component, `[…]` for a list, a bar between
    alternatives."""
    if schema.get("type") == "array":
        return f"[{name_of(schema['items'])}]"
    return str(schema.get("$ref", "")).removeprefix(COMPONENTS) or "|".join(
        map(name_of, schema.get("anyOf", []))
    )

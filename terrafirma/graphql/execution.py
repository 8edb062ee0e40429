"""Run queries on the world of a day, within limits of depth and cost."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    default_field_resolver,
    execute,
    parse,
    validate,
)

from terrafirma.errors import Malformed
from terrafirma.graphql.conditions import filter_items
from terrafirma.graphql.objects import CountryNode, GroupNode, World

MOST_TOKENS = 2_000
DEEPEST = 10
"""Levels of fields; introspection may have more."""
MOST_FIELDS = 60_000
"""Fields that one request may read: all countries with all their states are some 12,000."""

Info = GraphQLResolveInfo[Any]

INVALID = {"code": "VALIDATION_ERROR"}


class Context:
    """State shared by the resolvers of a request."""

    def __init__(
        self, find_world: Callable[[str | None], World], find_chain: Callable[[str], Sequence[str]]
    ) -> None:
        self.find_world, self.find_chain = find_world, find_chain
        self.fields = 0


class QueryRoot:
    """The resolvers of `Query`. Each takes `on`, a day."""

    def countries(
        self, info: Info, filter: Mapping[str, Any], on: str | None = None
    ) -> list[CountryNode]:
        """Return all countries that meet the conditions."""
        return filter_items(world_of(info, on).countries.values(), filter)

    def country(self, info: Info, code: str, on: str | None = None) -> CountryNode | None:
        """Return the country of an alpha-2 code."""
        return world_of(info, on).countries.get(code)

    def continents(self, info: Info, filter: Mapping[str, Any], on: str | None = None) -> list[Any]:
        """Return all continents that meet the conditions."""
        return filter_items(world_of(info, on).continents.values(), filter)

    def continent(self, info: Info, code: str, on: str | None = None) -> Any:
        """Return the continent of a code."""
        return world_of(info, on).continents.get(code)

    def languages(self, info: Info, filter: Mapping[str, Any], on: str | None = None) -> list[Any]:
        """Return all languages that meet the conditions."""
        return filter_items(world_of(info, on).languages.values(), filter)

    def language(self, info: Info, code: str, on: str | None = None) -> Any:
        """Return the language of a code."""
        return world_of(info, on).languages.get(code)

    def groups(self, info: Info, on: str | None = None) -> list[GroupNode]:
        """Return all groups."""
        return list(world_of(info, on).groups.values())

    def group(self, info: Info, code: str, on: str | None = None) -> GroupNode | None:
        """Return the group of a code."""
        return world_of(info, on).groups.get(code)


def world_of(info: Info, on: str | None) -> World:
    """Return the world of a day."""
    context: Context = info.context
    return context.find_world(on)


def resolve(source: Any, info: Info, **arguments: Any) -> Any:
    """Return a field, counting what the request has cost so far."""
    context: Context = info.context
    context.fields += 1
    if context.fields > MOST_FIELDS:
        raise GraphQLError(f"This query reads more than {MOST_FIELDS:,} fields.")
    try:
        if isinstance(source, CountryNode) and info.field_name == "name":
            tag = arguments.get("lang")
            return source.name_in(context.find_chain(tag)) if tag else source.common_name
        return default_field_resolver(source, info, **arguments)
    except Malformed as error:
        raise GraphQLError(error.sentence, extensions=INVALID) from None


@cache
def read_schema() -> GraphQLSchema:
    """Return the schema."""
    text = (resources.files("terrafirma.graphql") / "schema.graphql").read_text(encoding="utf-8")
    return build_schema(text)


def run(
    query: str,
    variables: Mapping[str, Any] | None,
    operation: str | None,
    context: Context,
) -> tuple[dict[str, Any], bool]:
    """Return the answer to a query, and whether the query was valid."""
    schema = read_schema()
    try:
        document = parse(query, max_tokens=MOST_TOKENS)
        errors = validate(schema, document) or check_depth(document)
    except (GraphQLError, RecursionError) as error:
        errors = [error if isinstance(error, GraphQLError) else GraphQLError("Nested too deep.")]
    if errors:
        return {"errors": [error.formatted for error in errors]}, False
    result = execute(
        schema,
        document,
        root_value=QueryRoot(),
        context_value=context,
        variable_values=dict(variables or {}),
        operation_name=operation,
        field_resolver=resolve,
    )
    return dict(result.formatted), True  # type: ignore[union-attr]


def check_depth(document: DocumentNode) -> list[GraphQLError]:
    """Return an error if fields are nested too deep; the document is valid, so fragments end."""
    fragments = {
        each.name.value: each.selection_set
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    known: dict[str, int] = {}

    def measure(selections: SelectionSetNode | None) -> int:
        return max(map(measure_one, selections.selections), default=0) if selections else 0

    def measure_one(node: Any) -> int:
        if isinstance(node, FieldNode):
            introspects = node.name.value.startswith("__")
            return 0 if introspects else 1 + measure(node.selection_set)
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = measure(fragments.get(name))
            return known[name]
        return measure(node.selection_set)

    operations = (
        each.selection_set
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
    )
    deepest = max(map(measure, operations), default=0)
    if deepest <= DEEPEST:
        return []
    return [GraphQLError(f"Fields are nested {deepest} deep; {DEEPEST} levels are allowed.")]

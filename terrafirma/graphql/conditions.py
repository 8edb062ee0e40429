"""Conditions on texts: `{eq, ne, in, nin, regex}`."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from graphql import GraphQLError

LONGEST_PATTERN = 100
MOST_REPETITIONS = 2
"""With more, or with repeated groups, a pattern can take longer than anyone waits."""

REPETITION = re.compile(r"(?<!\\)(?:\\\\)*[*+{]")
REPEATED_GROUP = re.compile(r"\)[*+?{]|\\[1-9]|\(\?P=|\(\?\(")

Item = TypeVar("Item")


def filter_items(items: Iterable[Item], conditions: Mapping[str, Any] | None) -> list[Item]:
    """Return the items whose members meet all conditions."""
    found = list(items)
    for member, condition in (conditions or {}).items():
        if condition is not None:
            found = [item for item in found if meets(text_of(item, member), condition)]
    return found


def text_of(item: Any, member: str) -> str:
    """Return the text of an item that a filter looks at."""
    name = {"continent": "continent_code", "name": "common_name"}.get(member, member)
    return getattr(item, name, None) or ""


def meets(text: str, condition: Mapping[str, Any]) -> bool:
    """Return True if a text meets a condition; members that are null do not count."""
    given = {name: value for name, value in condition.items() if value is not None}
    return all(CHECKS[name](text, value) for name, value in given.items())


@lru_cache(maxsize=128)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern. GraphQLError if it is none, or may take too long."""
    if len(pattern) > LONGEST_PATTERN:
        raise GraphQLError(f"A regex has at most {LONGEST_PATTERN} characters.")
    if len(REPETITION.findall(pattern)) > MOST_REPETITIONS or REPEATED_GROUP.search(pattern):
        raise GraphQLError(
            f"A regex has at most {MOST_REPETITIONS} repetitions (*, + or {{}}), no repeated groups"
            " and no references."
        )
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise GraphQLError(f"This is not a regex: {error}.") from None


CHECKS: dict[str, Callable[[str, Any], bool]] = {
    "eq": lambda text, value: text == value,
    "ne": lambda text, value: text != value,
    "in": lambda text, value: text in value,
    "nin": lambda text, value: text not in value,
    "regex": lambda text, value: compile_pattern(value).search(text) is not None,
}

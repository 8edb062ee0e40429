"""The shapes that the steps of the build hand to one another."""

from dataclasses import dataclass
from typing import Any

# What one source says: {alpha-2: {field: value}}. A timeline is a field too, named "dated.<field>".
Claims = dict[str, dict[str, Any]]

# {alpha-2: {field: (value, source id)}}
Merged = dict[str, dict[str, tuple[Any, str]]]

# A field that means nothing without another, and must come from the same source as that one.
FOLLOWERS = {
    "population_year": "population",
    "gini_year": "gini",
    "subregion": "region",
    "intermediate_region": "region",
    "longitude": "latitude",
}


@dataclass(frozen=True)
class Override:
    """A hand-kept fact. ``value`` is the field's whole value; ABSENT takes away what the sources say."""

    field: str
    country: str
    value: Any
    reason: str
    source: str
    date: str
    file: str


ABSENT = "absent"


class BuildError(Exception):
    """The dataset cannot be built from what is there; the message says what is wrong, a line a fault."""


def whole_number(number: float) -> int | float:
    """The number as an int where it is one: 468.0 is 468 square kilometres."""
    return int(number) if float(number).is_integer() else number

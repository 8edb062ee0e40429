"""Data structures passed between the steps of the build."""

from dataclasses import dataclass
from typing import Any

# What one source says: {alpha-2: {field: value}}. A timeline is a field too, named "dated.<field>".
Claims = dict[str, dict[str, Any]]

# {alpha-2: {field: (value, source id)}}
Merged = dict[str, dict[str, tuple[Any, str]]]

# A field that means nothing without another, and must come from the same source as that one.
FOLLOWERS = {
    "population_year": "population",
    "gdp_year": "gdp",
    "gini_year": "gini",
    "subregion": "region",
    "intermediate_region": "region",
    "longitude": "latitude",
}


@dataclass(frozen=True)
class Override:
    """A hand-kept fact. ``value`` is the field's whole value; ABSENT removes the sources' value."""

    field: str
    country: str
    value: Any
    reason: str
    source: str
    date: str
    file: str


ABSENT = "absent"


class BuildError(Exception):
    """The dataset cannot be built; the message lists the faults, one per line."""


def whole_number(number: float) -> int | float:
    """The number as an int if it is whole: 468.0 becomes 468 square kilometres."""
    return int(number) if float(number).is_integer() else number

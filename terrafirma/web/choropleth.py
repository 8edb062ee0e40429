"""A map's colours: each country's class by a field, and the legend that says what the classes are."""

import bisect
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from terrafirma.register.model.records import Document
from terrafirma.web.display import is_numeric, present_of, write_number, write_value

CLASSES = 6
CATEGORIES = 9
NO_DATA = "none"
OTHER = "other"
LACKING = "no data"

Classes = dict[int, str]
"""The class of a colour by record id."""


@dataclass(frozen=True)
class ColourClass:
    """A line of the legend: the class of its colour, what it means, how many countries have it."""

    name: str
    meaning: str
    count: int


def shade(
    documents: Sequence[Document], field: str, lacking: str = LACKING
) -> tuple[Classes, list[ColourClass]]:
    """The classes of records by a field, and their legend: quantiles of numbers, else the most frequent values.

    `lacking` says what it means not to have the field.
    """
    present = present_of(field, documents)
    meanings = rank(present) if is_numeric(present) else sort_into(present)
    ids = [document["id"] for document in documents]
    classes = {id: meanings[id][0] if id in meanings else NO_DATA for id in ids}
    counts = Counter([*meanings.values()])
    legend = [
        ColourClass(name, meaning, count) for (name, meaning), count in sorted(counts.items())
    ]
    without = len(ids) - len(present)
    return classes, legend + ([ColourClass(NO_DATA, lacking, without)] if without else [])


def rank(values: dict[int, float]) -> dict[int, tuple[str, str]]:
    """Numbers in as many classes as there are colours, each with about as many countries."""
    numbers = sorted(values.values())
    cuts = sorted(set(statistics.quantiles(numbers, n=CLASSES))) if len(numbers) > 1 else []
    groups: dict[int, list[float]] = {}
    for number in numbers:
        groups.setdefault(bisect.bisect_left(cuts, number), []).append(number)
    told = {
        place: (f"q{place}", format_range(group[0], group[-1])) for place, group in groups.items()
    }
    return {id: told[bisect.bisect_left(cuts, number)] for id, number in values.items()}


def format_range(least: float, most: float) -> str:
    """Two ends of a range in words."""
    return (
        write_number(least) if least == most else f"{write_number(least)} to {write_number(most)}"
    )


def sort_into(values: dict[int, Any]) -> dict[int, tuple[str, str]]:
    """Values that are no numbers: each of the most frequent has a colour, the others share one."""
    frequent = [
        value for value, _ in Counter(map(write_value, values.values())).most_common(CATEGORIES)
    ]
    told = {value: (f"c{place}", value) for place, value in enumerate(frequent)}
    return {id: told.get(write_value(value), (OTHER, "another")) for id, value in values.items()}

"""The colours of a map: each country's class by a field, and the legend that explains the classes."""

import bisect
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from terrafirma.register.model.records import Document
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import MADE, display_value, is_numeric, present_of, write_number

CLASSES = 6
CATEGORIES = 9
NO_DATA = "none"
OTHER = "other"
REST = "rest"
"""The class of a country that is outside of the group the map shows; it does not lack data."""

WIDE = 50
"""From so many times the least on, the bounds of classes are 1, 2 or 5 times a power of ten."""
STEPS = (1, 2, 5)

FIXED = {
    "Africa": 1,
    "Americas": 4,
    "Asia": 6,
    "Europe": 0,
    "Oceania": 3,
    "Antarctica": 5,
    "yes": 2,
    "no": 7,
    "left": 3,
    "right": 2,
    "member": 0,
    "observer": 1,
}
"""Colours of values that many maps show. Others get theirs from their own letters."""

Classes = dict[int, str]
"""The class of a colour by record id."""


@dataclass(frozen=True)
class ColourClass:
    """A line of the legend: the class of its colour, its meaning, how many countries have it."""

    name: str
    meaning: str
    count: int
    query: dict[str, str] | None = None
    """The filters that leave only these countries; None where no filter does."""


@dataclass(frozen=True)
class Shading:
    """The class of each country, and the legend."""

    classes: Classes
    legend: list[ColourClass]
    several: bool = False
    """True if some country has more values than the first, by which it is coloured."""


def shade(
    documents: Sequence[Document], field: str, lacking: str = "", lacking_class: str = NO_DATA
) -> Shading:
    """Colour records by a field: numbers in classes with round bounds, other values each in its own colour.

    `lacking` is the legend's word for records without the field.
    """
    present = present_of(field, documents)
    steps, classes = (shade_numbers if is_numeric(present) else shade_values)(field, present)
    ids = [document["id"] for document in documents]
    without = len(ids) - len(present)
    if without:
        absent = (
            {f"{field}[exists]": "false"}
            if lacking_class == NO_DATA and is_filterable(field)
            else None
        )
        steps = [*steps, ColourClass(lacking_class, lacking or _("no data"), without, absent)]
    several = any(isinstance(each.get(field.partition(".")[0]), list) for each in documents)
    return Shading({id: classes.get(id, lacking_class) for id in ids}, steps, several)


def shade_numbers(field: str, values: dict[int, float]) -> tuple[list[ColourClass], Classes]:
    """Classes of numbers: about as many countries each, between round bounds without gaps."""
    bounds = find_bounds(list(values.values()))
    places = {id: bisect.bisect_right(bounds, value) for id, value in values.items()}
    counts = Counter(places.values())
    steps = [
        ColourClass(
            f"q{place}",
            describe_range(field, bounds, place),
            counts[place],
            range_query(field, bounds, place),
        )
        for place in range(len(bounds) + 1)
        if counts[place]
    ]
    return steps, {id: f"q{place}" for id, place in places.items()}


def find_bounds(values: Sequence[float]) -> list[float]:
    """The bounds between classes: round numbers near the quantiles."""
    if len(set(values)) < 2:
        return []
    cuts = statistics.quantiles(values, n=CLASSES)
    least, most = min(values), max(values)
    if least >= 0 and most / max(least, most / 1e9) >= WIDE:
        rounded = [round_to_power(cut) for cut in cuts if cut > 0]
    else:
        step = round_to_power((cuts[-1] - cuts[0]) / CLASSES or 1)
        rounded = [round(round(cut / step) * step, 6) for cut in cuts]
    return sorted({tidy(bound) for bound in rounded if least < bound <= most})


def round_to_power(value: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten."""
    power = math.floor(math.log10(value))
    candidates = [step * 10.0**exponent for exponent in (power, power + 1) for step in STEPS]
    return min(candidates, key=lambda each: abs(math.log10(each / value)))


def tidy(number: float) -> float:
    """A whole number as an integer."""
    return int(number) if float(number).is_integer() else number


def describe_range(field: str, bounds: Sequence[float], place: int) -> str:
    """A class in words; bounds belong to the class above them."""
    if not bounds:
        return _("all")
    words = [write_bound(field, bound) for bound in bounds]
    if place == 0:
        return _("under %(bound)s") % {"bound": words[0]}
    if place == len(bounds):
        return _("%(bound)s and over") % {"bound": words[-1]}
    return _("%(low)s to %(high)s") % {"low": words[place - 1], "high": words[place]}


def write_bound(field: str, bound: float) -> str:
    """A bound as people say it: `5 million`; a year as it is."""
    if field.endswith("year"):
        return str(bound)
    if bound >= 1e9:
        return _("%(number)s billion") % {"number": write_number(bound / 1e9)}
    if bound >= 1e6:
        return _("%(number)s million") % {"number": write_number(bound / 1e6)}
    return write_number(bound)


def range_query(field: str, bounds: Sequence[float], place: int) -> dict[str, str] | None:
    """The filters that leave the countries of a class."""
    if not is_filterable(field):
        return None
    low = {f"{field}[gte]": str(bounds[place - 1])} if place else {}
    return low | ({f"{field}[lt]": str(bounds[place])} if place < len(bounds) else {})


def shade_values(field: str, values: dict[int, Any]) -> tuple[list[ColourClass], Classes]:
    """A colour each for the most frequent values, which depends on the value alone; one for all others."""
    written = {id: plain(value) for id, value in values.items()}
    counts = Counter(written.values())
    frequent = sorted(counts, key=lambda value: (-counts[value], value))[:CATEGORIES]
    colours = choose_colours(frequent)
    classes = {id: colours.get(value, OTHER) for id, value in written.items()}
    steps = [
        ColourClass(colours[value], value, counts[value], value_query(field, value))
        for value in frequent
    ]
    others = sum(counts.values()) - sum(counts[value] for value in frequent)
    return steps + ([ColourClass(OTHER, _("another"), others)] if others else []), classes


def plain(value: Any) -> str:
    """A value as the API would write it, in no language."""
    return ("no", "yes")[value] if isinstance(value, bool) else display_value(value)


def choose_colours(values: Sequence[str]) -> dict[str, str]:
    """A colour for each of at most nine values: its own, or the next free one where two values want the same."""
    wanted = {value: FIXED.get(value, crc32(value.encode()) % CATEGORIES) for value in values}
    # Values with a fixed colour choose first, the others in the order of their letters.
    order = sorted(values, key=lambda value: (value not in FIXED, value))
    free = list(range(CATEGORIES))
    colours = {}
    for value in order:
        colour = min(free, key=lambda each: (each - wanted[value]) % CATEGORIES)
        free.remove(colour)
        colours[value] = f"c{colour}"
    return colours


def value_query(field: str, value: str) -> dict[str, str] | None:
    """The filter that leaves the countries with a value."""
    if not is_filterable(field):
        return None
    return {field: {"yes": "true", "no": "false"}.get(value, value)}


def is_filterable(field: str) -> bool:
    """Return True if the API filters by a field."""
    return field not in MADE and not field.startswith("member_of.")

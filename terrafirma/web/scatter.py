"""Two numeric fields of every country against each other, as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from terrafirma.register.model.records import Document
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import (
    is_numeric,
    label_of,
    present_of,
    unit_of,
    write_field,
    write_number,
)

WIDTH, HEIGHT = 800, 470
SCALES = ("auto", "linear", "log")
"""How axes are divided: `auto` takes powers of ten where values spread widely."""
PADDING = 0.04
"""Part of an axis that is left free at both ends."""
RADIUS, LARGEST = 5, 26
"""Units of a dot, and of the largest where a third field gives the size."""
LETTER, LINE = 5.6, 12
"""Units of a letter of a name, and of a line."""
LARGER = 1.36
"""Times that letters are larger on a phone."""
COVERED = 1
"""Dots that a name may lie over."""
STEPS = (0.2, 0.5, 1, 2)
"""Steps of an axis, in the power of ten below its length."""
MOST_STEPS = 7
SPREAD = 1000
"""From so many times the least on, the largest value has an axis of powers of ten."""


Box = tuple[float, float, float, float]
"""The left, top, right and bottom of a text."""


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Dot:
    """A country where it stands."""

    document: Document
    x: float
    y: float
    radius: float
    told: str
    name: str = ""
    """Written beside it where there is room; empty elsewhere."""
    small: bool = False
    """True if there is room only in small letters, which a phone has not."""


@dataclass(frozen=True)
class Scatter:
    """The dots and the marks on both axes, in units of the picture."""

    dots: list[Dot]
    across: list[Tick]
    up: list[Tick]


@dataclass(frozen=True)
class Axis:
    """Places values on a line of some length; by their logarithms where the scale says so."""

    field: str
    least: float
    most: float
    length: int
    logarithmic: bool

    def place(self, value: float) -> float:
        """The place of a value, from 0; a part at both ends stays free."""
        low, high, here = (self.scale(each) for each in (self.least, self.most, value))
        share = (here - low) / ((high - low) or 1)
        return round(self.length * (PADDING + (1 - 2 * PADDING) * share), 1)

    def scale(self, value: float) -> float:
        """A value as the axis measures it."""
        return math.log10(value) if self.logarithmic else value

    def list_ticks(self) -> list[Tick]:
        """Round values: powers of ten, or steps of 1, 2 or 5."""
        if self.logarithmic:
            powers = range(math.ceil(math.log10(self.least)), math.floor(math.log10(self.most)) + 1)
            return [self.tick(10.0**power) for power in powers]
        span = (self.most - self.least) or 1
        power = 10.0 ** math.floor(math.log10(span))
        step = next(power * part for part in STEPS if span / (power * part) <= MOST_STEPS)
        first, last = math.ceil(self.least / step), math.floor(self.most / step)
        return [self.tick(count * step) for count in range(first, last + 1)]

    def tick(self, value: float) -> Tick:
        """A mark at a value; years have no thousands apart."""
        year = self.field.endswith("year")
        return Tick(self.place(value), str(int(value)) if year else write_short(value))


def write_short(value: float) -> str:
    """A number with as few letters as people read it with."""
    words = ((1e12, _("%(number)s tn")), (1e9, _("%(number)s bn")), (1e6, _("%(number)s m")))
    for bound, word in words:
        if abs(value) >= bound:
            return word % {"number": write_number(value / bound)}
    return write_number(value)


def draw_scatter(
    documents: Sequence[Document], across: str, up: str, scale: str = "auto", size: str = ""
) -> Scatter | None:
    """The scatter plot of two fields; None unless some countries have numbers in both."""
    xs, ys = present_of(across, documents), present_of(up, documents)
    shown = [document for document in documents if document["id"] in xs and document["id"] in ys]
    xs, ys = ({document["id"]: values[document["id"]] for document in shown} for values in (xs, ys))
    if not (is_numeric(xs) and is_numeric(ys)):
        return None
    wide, high = make_axis(across, xs, WIDTH, scale), make_axis(up, ys, HEIGHT, scale)
    radii = measure(shown, size)
    dots = [
        Dot(
            document,
            wide.place(xs[document["id"]]),
            HEIGHT - high.place(ys[document["id"]]),
            radii[document["id"]],
            describe(document, {across: xs, up: ys}),
        )
        for document in shown
    ]
    # The largest are drawn first, so that none hides a smaller one.
    dots.sort(key=lambda dot: -dot.radius)
    up_ticks = [Tick(HEIGHT - tick.at, tick.text) for tick in high.list_ticks()]
    return Scatter(name_dots(dots), wide.list_ticks(), up_ticks)


def describe(document: Document, values: dict[str, dict[int, float]]) -> str:
    """A dot in words: the country, and each field with its unit."""
    parts = [
        f"{_(label_of(field))} {write_field(numbers[document['id']], field)} {_(unit_of(field))}".strip()
        for field, numbers in values.items()
    ]
    return f"{document['name']}: {', '.join(parts)}"


def measure(documents: Sequence[Document], size: str) -> dict[int, float]:
    """The radius of each dot: its area says how large the third field is."""
    values = present_of(size, documents) if size else {}
    largest = max(values.values(), default=0) if is_numeric(values) else 0
    if largest <= 0:
        return {document["id"]: RADIUS for document in documents}
    return {
        document["id"]: round(
            max(2.5, LARGEST * math.sqrt(max(0, values.get(document["id"], 0)) / largest)), 1
        )
        for document in documents
    }


def name_dots(dots: Sequence[Dot]) -> list[Dot]:
    """The same dots, named where a name fits in small letters, or in the larger ones of a phone."""
    small, large = find_names_that_fit(dots), find_names_that_fit(dots, LARGER)
    return [
        replace(dot, name=small.get(id, ""), small=id not in large)
        for dot in dots
        for id in [dot.document["id"]]
    ]


def find_names_that_fit(dots: Sequence[Dot], scale: float = 1) -> dict[int, str]:
    """Names by record id: those of many people first, none over another name or over several dots."""
    boxes: list[Box] = []
    named: dict[int, str] = {}
    for dot in sorted(dots, key=lambda each: -(each.document.get("population") or 0)):
        name = str(dot.document["name"])
        left, top = dot.x + dot.radius + 2, dot.y - scale * LINE / 2
        box = (left, top, left + scale * len(name) * LETTER, top + scale * LINE)
        if box[2] > WIDTH + 20 or any(overlap(box, each) for each in boxes):
            continue
        if sum(box[0] < each.x < box[2] and box[1] < each.y < box[3] for each in dots) > COVERED:
            continue
        boxes.append(box)
        named[dot.document["id"]] = name
    return named


def overlap(one: Box, other: Box) -> bool:
    """Return True if two boxes have a point in common."""
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]


def make_axis(field: str, values: dict[int, float], length: int, scale: str) -> Axis:
    """An axis that holds every value; an axis of powers of ten cannot hold 0."""
    least, most = min(values.values()), max(values.values())
    logarithmic = (
        least > 0
        and most > least
        and (scale == "log" or (scale == "auto" and most / least > SPREAD))
    )
    return Axis(field, least, most, length, logarithmic)

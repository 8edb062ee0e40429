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
SPREAD = 1000
"""From so many times the least on, the largest value has an axis of powers of ten."""


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
        """Round values: powers of ten, or some five steps."""
        if self.logarithmic:
            powers = range(math.ceil(math.log10(self.least)), math.floor(math.log10(self.most)) + 1)
            return [self.tick(10.0**power) for power in powers]
        step = 10 ** math.floor(math.log10((self.most - self.least) or 1))
        step = step if (self.most - self.least) / step >= 3 else step / 5
        first, last = math.ceil(self.least / step), math.floor(self.most / step)
        return [self.tick(count * step) for count in range(first, last + 1)]

    def tick(self, value: float) -> Tick:
        """A mark at a value; years have no thousands apart."""
        year = self.field.endswith("year")
        return Tick(self.place(value), str(int(value)) if year else write_short(value))


def write_short(value: float) -> str:
    """A number with as few letters as people read it with."""
    for bound, word in ((1e9, _("%(number)s bn")), (1e6, _("%(number)s m"))):
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
    """The same dots, named where a name fits: those of many people first, none over another dot's name."""
    boxes: list[tuple[float, float, float, float]] = []
    named: dict[int, str] = {}
    for dot in sorted(dots, key=lambda each: -(each.document.get("population") or 0)):
        name = str(dot.document["name"])
        left, top = dot.x + dot.radius + 2, dot.y - LINE / 2
        box = (left, top, left + len(name) * LETTER, top + LINE)
        if box[2] > WIDTH + 20 or any(overlap(box, each) for each in boxes):
            continue
        boxes.append(box)
        named[dot.document["id"]] = name
    return [replace(dot, name=named.get(dot.document["id"], "")) for dot in dots]


def overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
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

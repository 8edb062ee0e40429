"""Two numeric fields of every country against each other, as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from terrafirma.register.model.records import Document
from terrafirma.web.display import is_numeric, present_of, write_number

WIDTH, HEIGHT = 800, 500
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
    told: str


@dataclass(frozen=True)
class Scatter:
    """The dots and the marks on both axes, in units of the picture."""

    dots: list[Dot]
    across: list[Tick]
    up: list[Tick]


@dataclass(frozen=True)
class Axis:
    """Places values on a line of some length; by their logarithms where they spread widely."""

    least: float
    most: float
    length: int
    logarithmic: bool

    def place(self, value: float) -> float:
        """Where a value stands, from 0."""
        low, high, here = (self.scale(each) for each in (self.least, self.most, value))
        return round(self.length * (here - low) / ((high - low) or 1), 1)

    def scale(self, value: float) -> float:
        """A value as it is measured."""
        return math.log10(value) if self.logarithmic else value

    def list_ticks(self) -> list[Tick]:
        """Round values: powers of ten, or some five steps."""
        if self.logarithmic:
            powers = range(math.ceil(math.log10(self.least)), math.floor(math.log10(self.most)) + 1)
            return [Tick(self.place(10.0**power), write_number(10.0**power)) for power in powers]
        step = 10 ** math.floor(math.log10((self.most - self.least) or 1))
        step = step if (self.most - self.least) / step >= 3 else step / 5
        first, last = math.ceil(self.least / step), math.floor(self.most / step)
        return [
            Tick(self.place(count * step), write_number(count * step))
            for count in range(first, last + 1)
        ]


def draw_scatter(documents: Sequence[Document], across: str, up: str) -> Scatter | None:
    """The picture of two fields; None where they are not both numbers of some countries."""
    xs, ys = present_of(across, documents), present_of(up, documents)
    shown = [document for document in documents if document["id"] in xs and document["id"] in ys]
    xs, ys = ({document["id"]: values[document["id"]] for document in shown} for values in (xs, ys))
    if not (is_numeric(xs) and is_numeric(ys)):
        return None
    wide, high = make_axis(list(xs.values()), WIDTH), make_axis(list(ys.values()), HEIGHT)
    dots = [
        Dot(
            document,
            wide.place(xs[document["id"]]),
            HEIGHT - high.place(ys[document["id"]]),
            f"{document['name']}: {write_number(xs[document['id']])}, {write_number(ys[document['id']])}",
        )
        for document in shown
    ]
    return Scatter(
        dots, wide.list_ticks(), [Tick(HEIGHT - tick.at, tick.text) for tick in high.list_ticks()]
    )


def make_axis(values: list[float], length: int) -> Axis:
    """An axis that holds every value; what is 0 on an axis of powers of ten cannot be shown there, so there is none."""
    least, most = min(values), max(values)
    return Axis(least, most, length, logarithmic=least > 0 and most / least > SPREAD)

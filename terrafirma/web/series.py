"""Figures over the years as lines, as SVG: the population and the product of a country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from terrafirma.register.model.records import Document
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import label_of, unit_of
from terrafirma.web.links import record_page
from terrafirma.web.scatter import Axis, Tick, write_short

WIDTH, HEIGHT = 640, 150
FOOT = 18
"""Units under the line, for the years."""
DRAWN = ("population", "gdp")
"""Indicators that the page of a country draws; a line needs so many figures."""
LEAST = 3


@dataclass(frozen=True)
class Line:
    """A line, the marks on both axes, and what it shows in words."""

    path: str
    up: list[Tick]
    across: list[Tick]
    told: str
    href: str
    """The page of the figures."""
    width: int = WIDTH
    height: int = HEIGHT + FOOT


def draw_lines(figures: Sequence[Document]) -> list[Line]:
    """The lines of a country's figures, in the order of DRAWN."""
    known = {each["indicator"]: each for each in figures if len(each["values"]) >= LEAST}
    return [draw_line(known[name]) for name in DRAWN if name in known]


def draw_line(figure: Document) -> Line:
    """The line of an indicator; the upper axis begins at zero, since heights are compared."""
    values: Mapping[str, float] = figure["values"]
    indicator, years = figure["indicator"], sorted(values)
    first, last = years[0], years[-1]
    wide = Axis("year", int(first), int(last), WIDTH, logarithmic=False)
    high = Axis(indicator, 0, max(values.values()) or 1, HEIGHT, logarithmic=False)
    places = [
        (wide.place(int(year)), round(HEIGHT - high.place(values[year]), 1)) for year in years
    ]
    told = _("%(field)s from %(first)s to %(last)s: %(before)s to %(after)s %(unit)s") % {
        "field": _(label_of(indicator)),
        "first": first,
        "last": last,
        "before": write_short(values[first]),
        "after": write_short(values[last]),
        "unit": _(unit_of(indicator)),
    }
    return Line(
        "M" + "L".join(f"{x} {y}" for x, y in places),
        [Tick(round(HEIGHT - tick.at, 1), tick.text) for tick in high.list_ticks()],
        wide.list_ticks(),
        told.strip(),
        record_page("figure", figure["id"]),
    )

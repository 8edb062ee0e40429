"""Figures over the years as lines, as SVG: the population and the product of a country."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from terrafirma.register.log.figures import find_figures
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.references import label_citation
from terrafirma.register.model.kinds import MEMBER
from terrafirma.register.model.records import Document
from terrafirma.register.model.series import find_figure
from terrafirma.storage.engine.database import Connection
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import GROWTH, label_of, unit_of
from terrafirma.web.links import record_page
from terrafirma.web.scatter import Axis, Tick, write_short

WIDTH, HEIGHT = 350, 130
HEAD, FOOT, LEFT, RIGHT = 10, 20, 48, 16
"""Units around the line, for the texts of the axes."""
DRAWN = ("population", "gdp")
"""Indicators that the page of a country draws; a line needs so many figures."""
LEAST = 3


@dataclass(frozen=True)
class YearAxes:
    """The axes of figures over the years."""

    across: Axis
    up: Axis

    def place(self, values: Mapping[str, float]) -> list[tuple[float, float]]:
        """The points of figures, in the order of their years."""
        return [
            (self.across.place(int(year)), self.turn(self.up.place(values[year])))
            for year in sorted(values)
        ]

    def list_ups(self) -> list[Tick]:
        """The marks of the upper axis."""
        return [Tick(self.turn(tick.at), tick.text) for tick in self.up.list_ticks()]

    def turn(self, place: float) -> float:
        """A place from the top, as SVG counts."""
        return round(self.up.length - place, 1)


@dataclass(frozen=True)
class Line:
    """A line, the marks on both axes, and what it shows in words."""

    path: str
    up: list[Tick]
    across: list[Tick]
    told: str
    href: str
    """The page of the figures."""
    box: str = f"{-LEFT} {-HEAD} {LEFT + WIDTH + RIGHT} {HEAD + HEIGHT + FOOT}"
    width: int = WIDTH
    foot: int = HEIGHT + FOOT - 4


def add_growth(connection: Connection, documents: Sequence[Document], moment: Moment) -> None:
    """Give countries the growth of their population in a year, in percent, in place."""
    codes = {each["id"]: label_citation(MEMBER, each) for each in documents}
    figures = find_figures(connection, sorted(codes.values()), moment)
    for document in documents:
        series = {
            each["indicator"]: each["values"] for each in figures.get(codes[document["id"]], ())
        }
        grown = measure_growth(series.get("population", {}), moment.on[:4])
        if grown is not None:
            document[GROWTH] = grown


def measure_growth(values: Mapping[str, float], year: str) -> float | None:
    """The growth to the newest figure up to a year from the year before, in percent."""
    last = find_figure(values, year)
    before = values.get(str(int(last[0]) - 1)) if last else None
    return round((last[1] / before - 1) * 100, 2) if last and before else None


def draw_lines(figures: Sequence[Document]) -> list[Line]:
    """The lines of a country's figures, in the order of DRAWN."""
    known = {each["indicator"]: each for each in figures if len(each["values"]) >= LEAST}
    return [draw_line(known[name]) for name in DRAWN if name in known]


def make_axes(
    indicator: str, series: Iterable[Mapping[str, float]], width: int, height: int
) -> YearAxes:
    """Axes for all figures of some series; the upper one begins at zero, since heights are compared."""
    found = [(int(year), value) for values in series for year, value in values.items()]
    years, figures = zip(*found, strict=True)
    across = Axis("year", min(years), max(years), width, logarithmic=False)
    return YearAxes(across, Axis(indicator, 0, max(figures) or 1, height, logarithmic=False))


def write_path(points: Iterable[tuple[float, float]]) -> str:
    """A line through points."""
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def draw_line(figure: Document) -> Line:
    """The line of an indicator."""
    values: Mapping[str, float] = figure["values"]
    indicator, first, last = figure["indicator"], min(values), max(values)
    axes = make_axes(indicator, [values], WIDTH, HEIGHT)
    told = _("%(field)s from %(first)s to %(last)s: %(before)s to %(after)s %(unit)s") % {
        "field": _(label_of(indicator)),
        "first": first,
        "last": last,
        "before": write_short(values[first]),
        "after": write_short(values[last]),
        "unit": _(unit_of(indicator)),
    }
    return Line(
        write_path(axes.place(values)),
        axes.list_ups(),
        axes.across.list_ticks(),
        told.strip(),
        record_page("figure", figure["id"]),
    )

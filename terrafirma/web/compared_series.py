"""Figures of several countries over the years as lines in one picture, as SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from terrafirma.register.log.references import label_citation
from terrafirma.register.model.kinds import MEMBER
from terrafirma.register.model.records import Document
from terrafirma.web.display import label_of, unit_of
from terrafirma.web.scatter import Tick
from terrafirma.web.series import DRAWN, LEAST, make_axes, write_path

WIDTH, HEIGHT = 520, 260
HEAD, FOOT, LEFT, RIGHT = 16, 28, 84, 190
"""Units around the lines, for the texts of the axes and the names on the right."""
MOST = 9
"""Lines of a picture, each with a colour of its own: the largest."""
APART = 14
"""Units between two names."""


@dataclass(frozen=True)
class NamedLine:
    """A country's line, and the place of its name."""

    path: str
    name: str
    colour: str
    end: float


@dataclass(frozen=True)
class ComparedLines:
    """The lines of an indicator, and the marks on both axes."""

    field: str
    unit: str
    lines: list[NamedLine]
    up: list[Tick]
    across: list[Tick]
    box: str = f"{-LEFT} {-HEAD} {LEFT + WIDTH + RIGHT} {HEAD + HEIGHT + FOOT}"
    width: int = WIDTH
    foot: int = HEIGHT + FOOT - 4


def compare_lines(
    countries: Sequence[Document], figures: Mapping[str, Sequence[Document]]
) -> list[ComparedLines]:
    """The lines of countries for each indicator that at least two of them have, by their codes."""
    pictures = []
    for indicator in DRAWN:
        series = {
            str(country["name"]): figure["values"]
            for country in countries
            for figure in figures.get(label_citation(MEMBER, country), ())
            if figure["indicator"] == indicator and len(figure["values"]) >= LEAST
        }
        if len(series) > 1:
            pictures.append(draw_together(indicator, keep_largest(series)))
    return pictures


def keep_largest(series: dict[str, Mapping[str, float]]) -> dict[str, Mapping[str, float]]:
    """The series with the largest last figures, in their order."""
    last = {name: values[max(values)] for name, values in series.items()}
    kept = sorted(last, key=last.__getitem__, reverse=True)[:MOST]
    return {name: values for name, values in series.items() if name in kept}


def draw_together(indicator: str, series: dict[str, Mapping[str, float]]) -> ComparedLines:
    """One line for each series."""
    axes = make_axes(indicator, series.values(), WIDTH, HEIGHT)
    places = {name: axes.place(values) for name, values in series.items()}
    ends = spread({name: points[-1][1] for name, points in places.items()})
    lines = [
        NamedLine(write_path(points), name, f"c{number}", ends[name])
        for number, (name, points) in enumerate(places.items())
    ]
    field, unit, across = label_of(indicator), unit_of(indicator), axes.across.list_ticks()
    return ComparedLines(field, unit, lines, axes.list_ups(), across)


def spread(ends: dict[str, float]) -> dict[str, float]:
    """Heights of names, moved apart so that they do not cover each other, within the picture."""
    placed: dict[str, float] = {}
    floor = float(HEIGHT)
    for name in sorted(ends, key=ends.__getitem__, reverse=True):
        placed[name] = min(ends[name], floor)
        floor = placed[name] - APART
    ceiling = 0.0
    for name in reversed(placed):
        placed[name] = max(placed[name], ceiling)
        ceiling = placed[name] + APART
    return placed

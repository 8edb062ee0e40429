"""The country that a point lies in.

The world is cut into cells of half a degree. A cell that no border crosses lies in a single part or
in none, which is worked out once; in the others a point is compared with the edges of the polygons
that reach into the cell.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import floor
from typing import Any, NamedTuple

CELLS_PER_DEGREE = 2
STEP = 1e-3
"""Degrees that a point on the edge of the map is moved inside: some shapes end that near the seam."""

Edge = tuple[float, float, float, float]


class DrawnPart(NamedTuple):
    """A drawn part of the world: its name, its country's alpha-2 code and who else claims it."""

    name: str
    country: str | None
    claimed_by: Sequence[str]


class DrawnPolygon:
    """An outline with holes, its edges by the bands of latitude they cross."""

    def __init__(self, part: DrawnPart, rings: Iterable[Sequence[float]]) -> None:
        self.part = part
        self.bands: dict[int, list[Edge]] = {}
        for ring in rings:
            xs, ys = ring[::2], ring[1::2]
            for x1, y1, x2, y2 in zip(xs, ys, xs[1:], ys[1:], strict=False):
                for band in range(cell_of(min(y1, y2)), cell_of(max(y1, y2)) + 1):
                    self.bands.setdefault(band, []).append((x1, y1, x2, y2))

    def contains(self, x: float, y: float) -> bool:
        """Return true if a ray from the point to the east crosses an odd number of edges."""
        inside = False
        for x1, y1, x2, y2 in self.bands.get(cell_of(y), ()):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside


class Borders:
    """All parts, to look points up in."""

    def __init__(self, parts: Iterable[Mapping[str, Any]]) -> None:
        self._reaching: dict[tuple[int, int], list[DrawnPolygon]] = {}
        """Polygons by the cells that their bounds touch."""
        self._crossed: set[tuple[int, int]] = set()
        self._whole: dict[tuple[int, int], DrawnPart | None] = {}
        for each in parts:
            part = DrawnPart(each["name"], each.get("country"), tuple(each.get("claimed_by", ())))
            for rings in each["polygons"]:
                self._add(DrawnPolygon(part, rings), rings)

    def locate(self, longitude: float, latitude: float) -> DrawnPart | None:
        """Return the part that a point lies in; None at sea. Degrees; longitudes from -180 to 180."""
        # The seam at ±180 and the poles are edges of polygons; a step inside, a point is on one side.
        x = min(max(longitude, STEP - 180), 180 - STEP)
        y = min(max(latitude, STEP - 90), 90 - STEP)
        cell = (cell_of(x), cell_of(y))
        if cell in self._crossed:
            return self._find(cell, x, y)
        if cell not in self._whole:
            middle = [(each + 0.5) / CELLS_PER_DEGREE for each in cell]
            self._whole[cell] = self._find(cell, *middle)
        return self._whole[cell]

    def _find(self, cell: tuple[int, int], x: float, y: float) -> DrawnPart | None:
        for polygon in self._reaching.get(cell, ()):
            if polygon.contains(x, y):
                return polygon.part
        return None

    def _add(self, polygon: DrawnPolygon, rings: Sequence[Sequence[float]]) -> None:
        outline = rings[0]
        columns = range(cell_of(min(outline[::2])), cell_of(max(outline[::2])) + 1)
        rows = range(cell_of(min(outline[1::2])), cell_of(max(outline[1::2])) + 1)
        for column in columns:
            for row in rows:
                self._reaching.setdefault((column, row), []).append(polygon)
        for row, edges in polygon.bands.items():
            for edge in edges:
                self._crossed.update((column, row) for column in columns_of(edge, row))


def cell_of(degrees: float) -> int:
    """The column or row that a longitude or latitude lies in."""
    return floor(degrees * CELLS_PER_DEGREE)


def columns_of(edge: Edge, row: int) -> range:
    """The columns that an edge touches within a row."""
    x1, y1, x2, y2 = edge
    if y1 == y2:
        return range(cell_of(min(x1, x2)), cell_of(max(x1, x2)) + 1)
    low, high = row / CELLS_PER_DEGREE, (row + 1) / CELLS_PER_DEGREE
    cuts = [min(max(y, low), high) for y in (y1, y2)]
    xs = [x1 + (x2 - x1) * (y - y1) / (y2 - y1) for y in cuts]
    return range(cell_of(min(xs)), cell_of(max(xs)) + 1)

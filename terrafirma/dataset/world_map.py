"""The world as SVG paths in the Equal Earth projection (Šavrič, Patterson and Jenny, 2018), small enough for a page.

The outlines are most of the weight of the first page, so they are on a grid that is a quarter of a pixel wide.
"""

import math
from itertools import groupby, pairwise
from typing import Any

from terrafirma.dataset.geometry import Point, Polygon, Ring
from terrafirma.dataset.shapes import Shapes

WIDTH = 10_000
"""Units across; a page shows some tenth as many pixels."""

SCALE = 2
"""Units of the map in a step of the grid: pages draw the paths so many times as large as they are written."""
LEAST_CORNER, LEAST_ISLAND = 1.0, 4.0
"""Areas in squares of the grid below which a corner is straightened, and an island left out."""
LEAST_POINTS = 8
ROUNDS = 2

Outline = list[tuple[int, int]]
"""The points of a ring, the first of them once."""

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
"""The projection's polynomial."""


def draw_map(shapes: Shapes, places: dict[str, Point]) -> dict[str, Any]:
    """`width` and `height` in units, `paths` and `spots` (x, y) by alpha-2, and the `scale` of the paths; ``places``
    are where spots go."""
    (right, _), (_, top) = project((180.0, 0.0)), project((0.0, 90.0))
    scale = WIDTH / (2 * right)

    def place(point: Point) -> tuple[int, int]:
        x, y = project(point)
        return round((x + right) * scale), round((top - y) * scale)

    paths = {
        code: draw_path([[place(point) for point in ring] for ring in list_rings(polygons)])
        for code, polygons in shapes.items()
    }
    return {
        "width": WIDTH,
        "height": round(2 * top * scale),
        "scale": SCALE,
        "paths": {code: path for code, path in paths.items() if path},
        "spots": {code: place(point) for code, point in places.items()},
    }


def project(point: Point) -> Point:
    """A point in degrees on the plane, in radians."""
    longitude, latitude = math.radians(point[0]), math.radians(point[1])
    angle = math.asin(math.sqrt(3) / 2 * math.sin(latitude))
    squared = angle * angle
    sixth = squared**3
    slope = A1 + 3 * A2 * squared + sixth * (7 * A3 + 9 * A4 * squared)
    x = 2 * math.sqrt(3) * longitude * math.cos(angle) / (3 * slope)
    return x, angle * (A1 + A2 * squared + sixth * (A3 + A4 * squared))


def list_rings(polygons: list[Polygon]) -> list[Ring]:
    """Every ring of some polygons."""
    return [ring for polygon in polygons for ring in polygon.rings]


def draw_path(rings: list[Outline]) -> str:
    """The commands of an SVG path, relative and on the grid. Rings that shrank to a line are left out, and corners
    and islands that no screen shows; the largest island stays."""
    outlines = [[point for point, _ in groupby(ring)] for ring in rings]
    drawn = [snap(outline[:-1]) for outline in outlines if len(set(outline)) >= 3]
    for _ in range(ROUNDS):
        drawn = [straighten(outline) for outline in drawn]
    largest = max(map(measure, drawn), default=0)
    kept = [outline for outline in drawn if measure(outline) >= min(LEAST_ISLAND, largest)]
    return "".join(map(write_outline, kept))


def snap(outline: Outline) -> Outline:
    """An outline on the grid. Neighbours share their points, so their borders stay together."""
    rounded = [(round(x / SCALE), round(y / SCALE)) for x, y in outline]
    points = [point for point, _ in groupby(rounded)]
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def straighten(outline: Outline) -> Outline:
    """An outline without its smallest corners, never two in a row. The same from either side of a border."""
    if len(outline) < LEAST_POINTS:
        return outline
    before, after = [outline[-1], *outline[:-1]], [*outline[1:], outline[0]]
    areas = [
        abs((x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)) / 2
        for (x1, y1), (x, y), (x2, y2) in zip(before, outline, after, strict=True)
    ]
    beside = zip([areas[-1], *areas[:-1]], areas, [*areas[1:], areas[0]], strict=True)
    kept = [
        point
        for point, (last, area, following) in zip(outline, beside, strict=True)
        if area and not (area <= LEAST_CORNER and area < last and area <= following)
    ]
    return kept or outline


def measure(outline: Outline) -> float:
    """The area of an outline."""
    turned = [*outline[1:], outline[0]]
    doubled = sum(x * y2 - x2 * y for (x, y), (x2, y2) in zip(outline, turned, strict=True))
    return abs(doubled) / 2


def write_outline(outline: Outline) -> str:
    """An outline as the commands of a path."""
    (x, y), *_ = outline
    steps = " ".join(f"{x2 - x1},{y2 - y1}" for (x1, y1), (x2, y2) in pairwise(outline))
    return f"M{x},{y}l{steps}z".replace(",-", "-").replace(" -", "-")

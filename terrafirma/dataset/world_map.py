"""The world as SVG paths in the Equal Earth projection (Šavrič, Patterson and Jenny, 2018), small enough for a page."""

import itertools
import math
from typing import Any

from terrafirma.dataset.geometry import Point, Polygon, Ring
from terrafirma.dataset.shapes import Shapes

WIDTH = 10_000
"""Units across; a page shows some tenth as many pixels."""

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
"""The projection's polynomial."""


def draw_map(shapes: Shapes, places: dict[str, Point]) -> dict[str, Any]:
    """`width` and `height` in units, `paths` and `spots` (x, y) by alpha-2; ``places`` are where spots go."""
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


def draw_path(rings: list[list[tuple[int, int]]]) -> str:
    """The commands of an SVG path, relative and in whole units; rings that shrank to a line are left out."""
    drawn = []
    for ring in rings:
        points = [point for point, _ in itertools.groupby(ring)]
        if len(set(points)) < 3:
            continue
        (x, y), *rest = points[:-1]
        steps = [
            f"{x2 - x1},{y2 - y1}" for (x1, y1), (x2, y2) in itertools.pairwise([(x, y), *rest])
        ]
        drawn.append(f"M{x},{y}l{' '.join(steps)}z")
    return "".join(drawn).replace(",-", "-").replace(" -", "-")

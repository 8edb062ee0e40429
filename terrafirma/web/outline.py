"""A country's outline as an SVG path: Lambert's azimuthal equal-area projection round its own middle."""

import math
from dataclasses import dataclass

from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.outlines import Outlines

SIDE = 400
"""Units of the longer side."""
FAR = 40.0
"""Degrees from the middle beyond which an island is left out where nearer land is larger."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Outline:
    """A path and the box it lies in, in units."""

    path: str
    width: int
    height: int


def draw_outline(shapes: Outlines, alpha2: str | None, middle: Point) -> Outline | None:
    """The outline of a country; None where the dataset draws none. The middle is longitude, latitude."""
    text = shapes.find("high", alpha2)
    if text is None:
        return None
    rings = [
        [place(point, middle) for point in ring]
        for polygon in near(decode(text), middle)
        for ring in polygon
    ]
    xs, ys = zip(*(point for ring in rings for point in ring), strict=True)
    left, top = min(xs), max(ys)
    scale = SIDE / max(max(xs) - left, top - min(ys))
    paths = [
        "M" + "L".join(f"{(x - left) * scale:.1f},{(top - y) * scale:.1f}" for x, y in ring) + "z"
        for ring in rings
    ]
    return Outline("".join(paths), round((max(xs) - left) * scale), round((top - min(ys)) * scale))


def near(polygons: list[list[list[Point]]], middle: Point) -> list[list[list[Point]]]:
    """The polygons that lie near the middle, and always the largest, which comes first."""
    return [
        polygon
        for place, polygon in enumerate(polygons)
        if not place or distance(polygon[0][0], middle) < FAR
    ]


def distance(point: Point, middle: Point) -> float:
    """Degrees along a great circle."""
    (x, y), (x0, y0) = (map(math.radians, each) for each in (point, middle))
    cosine = math.sin(y) * math.sin(y0) + math.cos(y) * math.cos(y0) * math.cos(x - x0)
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def place(point: Point, middle: Point) -> Point:
    """A point on the plane that touches the globe in the middle, in radians."""
    (x, y), (x0, y0) = (map(math.radians, each) for each in (point, middle))
    cosine = math.sin(y0) * math.sin(y) + math.cos(y0) * math.cos(y) * math.cos(x - x0)
    stretch = math.sqrt(2 / max(1e-9, 1 + cosine))
    east = stretch * math.cos(y) * math.sin(x - x0)
    north = stretch * (math.cos(y0) * math.sin(y) - math.sin(y0) * math.cos(y) * math.cos(x - x0))
    return east, north

"""Points and polygons on a map of longitudes and latitudes, in plain Python."""

import itertools
import math
from dataclasses import dataclass

Point = tuple[float, float]  # longitude, latitude, in degrees
Ring = list[Point]


@dataclass(frozen=True)
class Polygon:
    """An outline and the holes in it, each closed (the last point is the first again)."""

    rings: list[Ring]

    def contains(self, point: Point) -> bool:
        """Return True if the point lies inside: a ray to the east crosses the rings an odd number
        of times."""
        return sum(count_crossings(ring, point) for ring in self.rings) % 2 == 1

    def area(self) -> float:
        """The outline's size in square degrees, scaled by its latitude; only for comparisons."""
        doubled, _, y = ring_moments(self.rings[0])
        return abs(doubled) / 2 * math.cos(math.radians(y))

    def centre(self) -> Point:
        """The centroid of the outline; it may lie outside."""
        _, x, y = ring_moments(self.rings[0])
        return x, y


def count_crossings(ring: Ring, point: Point) -> int:
    """The number of the ring's edges crossed by a ray from the point to the east."""
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings


def ring_moments(ring: Ring) -> tuple[float, float, float]:
    """Twice the signed area, and the centroid's coordinates."""
    doubled = x = y = 0.0
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        cross = x1 * y2 - x2 * y1
        doubled += cross
        x += (x1 + x2) * cross
        y += (y1 + y2) * cross
    return doubled, x / (3 * doubled), y / (3 * doubled)


def find_middle(polygons: list[Polygon]) -> Point:
    """A point inside the country, in the middle of its main parts.

    The common centroid of every part at least three tenths as large as the largest (so Russia's two halves count,
    Alaska and Crete do not); where that falls outside, the largest part's; where that does too, a point in it.
    """
    largest = max(polygons, key=Polygon.area)
    parts = [polygon for polygon in polygons if polygon.area() >= 0.3 * largest.area()]
    whole = sum(part.area() for part in parts)
    common = (
        sum(part.centre()[0] * part.area() for part in parts) / whole,
        sum(part.centre()[1] * part.area() for part in parts) / whole,
    )
    if any(part.contains(common) for part in parts):
        return common
    return largest.centre() if largest.contains(largest.centre()) else find_inside(largest)


def find_inside(polygon: Polygon) -> Point:
    """A point inside: the middle of the widest stretch at the height of the centroid."""
    y = polygon.centre()[1]
    crossings = sorted(
        (x2 - x1) * (y - y1) / (y2 - y1) + x1
        for ring in polygon.rings
        for (x1, y1), (x2, y2) in itertools.pairwise(ring)
        if (y1 > y) != (y2 > y)
    )
    _, west = max(
        (east - west, west) for west, east in zip(crossings[::2], crossings[1::2], strict=True)
    )
    width = max(east - west for west, east in zip(crossings[::2], crossings[1::2], strict=True))
    return west + width / 2, y

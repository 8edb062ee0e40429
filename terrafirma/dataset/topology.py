"""TopoJSON as polygons on a flat map: arcs simplified, rings closed and cut where they cross 180°."""

import itertools
import math
from typing import Any

from terrafirma.dataset.geometry import Polygon, Ring

POLE = -90.0
TURN = 360.0
EDGE = 180.0
FINEST = 100
"""No line strays further than this part of its arc's extent, so that small islands keep their form."""


def read_polygons(
    topology: dict[str, Any], tolerance: float
) -> list[tuple[dict[str, Any], list[Polygon]]]:
    """Each geometry of a topology's countries with its polygons; no line strays further than ``tolerance`` degrees."""
    arcs = [
        simplify_arc(decode_arc(arc, topology["transform"]), tolerance) for arc in topology["arcs"]
    ]
    found = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        shapes = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        rings = ([close_ring(join_arcs(ring, arcs)) for ring in shape] for shape in shapes)
        found.append((geometry, [part for shape in rings for part in cut_polygon(shape)]))
    return found


def decode_arc(arc: list[list[int]], transform: dict[str, Any]) -> Ring:
    """A TopoJSON arc, which holds whole-number steps, as degrees."""
    (scale_x, scale_y), (left, bottom) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * scale_x + left, y * scale_y + bottom))
    return points


def simplify_arc(arc: Ring, tolerance: float) -> Ring:
    """An arc with the fewest points that stay within a distance of it (Douglas and Peucker); its ends stay.

    An arc that is a ring of its own keeps at least the point farthest from its start, and two more.
    """
    if tolerance == 0 or len(arc) < 5:
        return arc
    xs, ys = zip(*arc, strict=True)
    tolerance = min(tolerance, math.hypot(max(xs) - min(xs), max(ys) - min(ys)) / FINEST)
    kept = {0, len(arc) - 1}
    if arc[0] == arc[-1]:
        kept |= {len(arc) // 4, len(arc) // 2, 3 * len(arc) // 4}
    waiting = list(itertools.pairwise(sorted(kept)))
    while waiting:
        first, last = waiting.pop()
        farthest, distance = find_farthest(arc, first, last)
        if distance > tolerance:
            kept.add(farthest)
            waiting += [(first, farthest), (farthest, last)]
    return [arc[index] for index in sorted(kept)]


def find_farthest(arc: Ring, first: int, last: int) -> tuple[int, float]:
    """The point between two of an arc that lies farthest from their line, and how far."""
    (x1, y1), (x2, y2) = arc[first], arc[last]
    wide, high = x2 - x1, y2 - y1
    length = wide * wide + high * high
    farthest, distance = first, -1.0
    for index in range(first + 1, last):
        x, y = arc[index]
        along = ((x - x1) * wide + (y - y1) * high) / length if length else 0.0
        along = min(1.0, max(0.0, along))
        away = math.hypot(x - x1 - along * wide, y - y1 - along * high)
        if away > distance:
            farthest, distance = index, away
    return farthest, distance


def join_arcs(indices: list[int], arcs: list[Ring]) -> Ring:
    """A ring from its arcs (``~i`` is arc i backwards), continuing past 180° where it crosses the
    date line."""
    ring: Ring = []
    for index in indices:
        points = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += points if not ring else points[1:]
    turns = 0
    unwound = ring[:1]
    for (before, _), (x, y) in itertools.pairwise(ring):
        turns += (before - x > EDGE) - (x - before > EDGE)
        unwound.append((x + TURN * turns, y))
    return unwound


def close_ring(ring: Ring) -> Ring:
    """A ring that goes once round the pole (Antarctica's), closed along it; others as they are."""
    (start, _), (end, _) = ring[0], ring[-1]
    if abs(start - end) < EDGE:
        return ring
    return [*ring, (end, POLE), (start, POLE), ring[0]]


def cut_polygon(rings: list[Ring]) -> list[Polygon]:
    """A polygon as one or more polygons between -180° and 180°."""
    parts = []
    west = min(x for x, _ in rings[0])
    east = max(x for x, _ in rings[0])
    for turn in range(math.floor((west + EDGE) / TURN), math.ceil((east + EDGE) / TURN)):
        shifted = [[(x - TURN * turn, y) for x, y in ring] for ring in rings]
        clipped = [clip_ring(clip_ring(ring, -EDGE, 1), EDGE, -1) for ring in shifted]
        if clipped[0] and signed_area(clipped[0]):
            parts.append(Polygon([ring for ring in clipped if ring]))
    return parts


def clip_ring(ring: Ring, edge: float, side: int) -> Ring:
    """The part of a closed ring east (``side`` 1) or west (-1) of a meridian; may be empty."""
    clipped: Ring = []
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        inside, following = side * (x1 - edge) >= 0, side * (x2 - edge) >= 0
        if inside:
            clipped.append((x1, y1))
        if inside != following:
            clipped.append((edge, y1 + (y2 - y1) * (edge - x1) / (x2 - x1)))
    if len(set(clipped)) < 3:
        return []
    return [*clipped, clipped[0]]


def signed_area(ring: Ring) -> float:
    """Twice a closed ring's area in square degrees: positive where it runs anticlockwise, 0 of a line."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in itertools.pairwise(ring))

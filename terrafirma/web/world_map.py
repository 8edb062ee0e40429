"""The map of the world as pages draw it: the dataset's, on a grid that is a quarter of a pixel wide.

The outlines are most of the weight of the first page. Pages draw them `SCALE` times as large as they are written.
"""

import re
from functools import cache
from itertools import groupby, pairwise
from typing import Any

from terrafirma.dataset.files import read_file

Point = tuple[int, int]

SCALE = 2
"""Units of the map in a step of the grid."""
LEAST_CORNER, LEAST_ISLAND = 1.0, 4.0
"""Areas in squares of the grid below which a corner is straightened, and an island left out."""
LEAST_POINTS = 8
ROUNDS = 2


@cache
def world_map() -> dict[str, Any]:
    """`width`, `height`, `scale`, and by alpha-2 `paths` (SVG, to be enlarged by `scale`) and `spots` (x, y)."""
    drawn: dict[str, Any] = read_file("map")
    paths = {code: coarsen(path) for code, path in drawn["paths"].items()}
    return drawn | {"paths": paths, "scale": SCALE}


def coarsen(path: str) -> str:
    """A path on the grid, without the corners and islands that no screen shows; its largest island stays."""
    rings = [snap(ring) for ring in read_rings(path)]
    for _round in range(ROUNDS):
        rings = [straighten(ring) for ring in rings]
    largest = max(map(measure, rings))
    kept = [ring for ring in rings if measure(ring) >= min(LEAST_ISLAND, largest)]
    return "".join(map(write_ring, kept))


def read_rings(path: str) -> list[list[Point]]:
    """The points of each ring of a path of the dataset, whose steps are relative."""
    rings = []
    for part in path.split("z")[:-1]:
        numbers = list(map(int, re.findall(r"-?\d+", part)))
        points = [(numbers[0], numbers[1])]
        for across, down in zip(numbers[2::2], numbers[3::2], strict=True):
            points.append((points[-1][0] + across, points[-1][1] + down))
        rings.append(points)
    return rings


def snap(ring: list[Point]) -> list[Point]:
    """A ring on the grid. Neighbours share their points, so their borders stay together."""
    rounded = [(round(x / SCALE), round(y / SCALE)) for x, y in ring]
    points = [point for point, _same in groupby(rounded)]
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def straighten(ring: list[Point]) -> list[Point]:
    """A ring without its smallest corners, never two in a row. The same from either side of a border."""
    if len(ring) < LEAST_POINTS:
        return ring
    before, after = [ring[-1], *ring[:-1]], [*ring[1:], ring[0]]
    areas = [
        abs((x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)) / 2
        for (x1, y1), (x, y), (x2, y2) in zip(before, ring, after, strict=True)
    ]
    beside = zip([areas[-1], *areas[:-1]], areas, [*areas[1:], areas[0]], strict=True)
    kept = [
        point
        for point, (last, area, following) in zip(ring, beside, strict=True)
        if area and not (area <= LEAST_CORNER and area < last and area <= following)
    ]
    return kept or ring


def measure(ring: list[Point]) -> float:
    """The area of a ring."""
    turned = [*ring[1:], ring[0]]
    return (
        abs(sum(x * down - across * y for (x, y), (across, down) in zip(ring, turned, strict=True)))
        / 2
    )


def write_ring(ring: list[Point]) -> str:
    """A ring as the commands of a path."""
    (x, y), *_rest = ring
    steps = " ".join(f"{x2 - x1},{y2 - y1}" for (x1, y1), (x2, y2) in pairwise(ring))
    return f"M{x},{y}l{steps}z".replace(",-", "-").replace(" -", "-")

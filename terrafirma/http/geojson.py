"""Records as GeoJSON (RFC 7946): a point where a record has one, everything else as properties."""

from dataclasses import dataclass
from typing import Any, Literal

from terrafirma.http.fields import Tree, project
from terrafirma.register.records import Document

ELSEWHERE = frozenset({"id", "latitude", "longitude"})
"""Fields that a feature says outside its properties."""


@dataclass
class Point:
    """A place: longitude, latitude."""

    type: Literal["Point"]
    coordinates: list[float]


@dataclass
class Feature:
    """A record and its central point."""

    type: Literal["Feature"]
    id: int
    geometry: Point | None
    properties: dict[str, Any]


@dataclass
class FeatureCollection:
    """Records and their central points."""

    type: Literal["FeatureCollection"]
    features: list[Feature]


def make_feature(document: Document, tree: Tree | None) -> dict[str, Any]:
    """A record as a feature: its geometry whatever is asked for, the asked fields as properties."""
    place = [document.get("longitude"), document.get("latitude")]
    shown = project(document, tree)
    return {
        "type": "Feature",
        "id": document["id"],
        "geometry": {"type": "Point", "coordinates": place} if None not in place else None,
        "properties": {name: value for name, value in shown.items() if name not in ELSEWHERE},
    }


def make_collection(documents: list[Document], tree: Tree | None) -> dict[str, Any]:
    """Records as a collection of features."""
    return {"type": "FeatureCollection", "features": [make_feature(document, tree) for document in documents]}

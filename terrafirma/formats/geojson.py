"""Records as GeoJSON (RFC 7946): an outline or a point as geometry, other fields as properties."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from orjson import Fragment

from terrafirma.formats.format import Pages
from terrafirma.formats.json import Json, join_rows
from terrafirma.formats.selection import Outline, Row, Selection, Tree, project
from terrafirma.register.model.canonical_json import encode

ELSEWHERE = frozenset({"id", "latitude", "longitude"})
"""Fields of a feature outside its properties."""


@dataclass
class Point:
    """A place: longitude, latitude."""

    type: Literal["Point"]
    coordinates: list[float]


@dataclass
class MultiPolygon:
    """An outline, as Natural Earth draws it today: polygons of rings of places."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[list[float]]]]


@dataclass
class Feature:
    """A record and where it lies."""

    type: Literal["Feature"]
    id: int
    geometry: MultiPolygon | Point | None
    properties: dict[str, Any]


@dataclass
class FeatureCollection:
    """Records and where they lie."""

    type: Literal["FeatureCollection"]
    features: list[Feature]


class GeoJson(Json):
    """A collection of features, in pages; a feature of a single record."""

    name = "geojson"
    media = "application/geo+json"
    placed = True
    member = "features"

    def write_row(self, row: Row, selection: Selection) -> bytes:
        """A feature."""
        return encode(make_feature(row, selection.tree, selection.outline))

    def write(self, pages: Pages, selection: Selection) -> Iterator[bytes]:  # noqa: ARG002
        """A collection."""
        yield from join_rows(b'{"features":[', pages, b'],"type":"FeatureCollection"}\n')

    def describe(self, model: Any, *, many: bool) -> Any:  # noqa: ARG002
        """A feature, or a collection of features."""
        return FeatureCollection if many else Feature

    def unwrap(self, value: Any) -> Any:
        """The record of a feature: its properties, id and, of a point, its place."""
        if not isinstance(value, dict) or not isinstance(value.get("properties"), dict):
            return value
        own = {"id": value["id"]} if "id" in value else {}
        return value["properties"] | own | read_point(value.get("geometry"))


def read_point(geometry: Any) -> Row:
    """The place of a point; empty for other shapes. Odd coordinates stay, for their fields to refuse."""
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return {}
    place = geometry.get("coordinates")
    if not place:
        return {}
    if not isinstance(place, list) or len(place) < 2:
        # Two or more numbers are a place (RFC 7946): fields refuse a list.
        place = [[place], [place]]
    return dict(zip(("longitude", "latitude"), place, strict=False))


def make_feature(document: Row, tree: Tree | None, outline: Outline) -> dict[str, Any]:
    """A record as a feature: its geometry, and the requested fields as properties."""
    shown = project(document, tree)
    return {
        "type": "Feature",
        "id": document["id"],
        "geometry": make_geometry(document, outline),
        "properties": {name: value for name, value in shown.items() if name not in ELSEWHERE},
    }


def make_geometry(document: Row, outline: Outline) -> dict[str, Any] | None:
    """A record's outline, else its point, else None."""
    if coordinates := outline(document):
        return {"type": "MultiPolygon", "coordinates": Fragment(coordinates)}
    place = [document.get("longitude"), document.get("latitude")]
    return {"type": "Point", "coordinates": place} if None not in place else None


GEOJSON = GeoJson()

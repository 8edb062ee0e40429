"""Outlines: of every country, on the flat map, in the view that is stated."""

import pytest
import shapely

from terrafirma.dataset.files import read_file
from terrafirma.dataset.geometry import Polygon
from terrafirma.dataset.topology import (
    clip_ring,
    cut_polygon,
    signed_area,
    simplify_arc,
)
from terrafirma.dataset.world_map import project

SQUARE = [(170.0, 0.0), (190.0, 0.0), (190.0, 10.0), (170.0, 10.0), (170.0, 0.0)]


@pytest.fixture(scope="module", params=["low", "medium", "high"])
def shapes(request):
    return request.param, read_file(f"shapes-{request.param}")


@pytest.fixture
def today(documents):
    return {code for code, document in documents.items() if document.get("status") != "former"}


def holds(polygons, point):
    return any(
        Polygon([[tuple(place) for place in ring] for ring in rings]).contains(point)
        for rings in polygons
    )


def test_each_level_draws_what_it_can(shapes, today):
    level, drawn = shapes
    lacking = today - drawn.keys()
    if level != "low":
        assert lacking == (set() if level == "high" else {"BV", "CC", "GI", "TK", "UM", "VA"})
    assert drawn.keys() >= {"TH", "AU", "EG", "FJ", "RU", "AQ", "XK", "EH"}


def test_rings_are_closed_on_the_map_and_turn_as_geojson_wants(shapes):
    for polygons in shapes[1].values():
        for outline, *holes in polygons:
            for ring in (outline, *holes):
                assert ring[0] == ring[-1]
                assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring)
            assert signed_area(outline) > 0
            assert all(signed_area(hole) < 0 for hole in holes)


def test_no_country_goes_round_the_world(shapes):
    for code, polygons in shapes[1].items():
        widest = max(
            max(x for x, _ in rings[0]) - min(x for x, _ in rings[0]) for rings in polygons
        )
        assert widest < (361 if code == "AQ" else 160), code


def test_the_view_is_that_of_the_united_nations(shapes):
    _, drawn = shapes
    for code, place in {
        "UA": (34.1, 45.1),  # Crimea
        "EH": (-14.5, 23.0),  # west of the berm
        "CY": (33.4, 35.25),  # north of the line
        "SO": (44.1, 9.6),  # Hargeisa
        "XK": (21.1, 42.6),
        "GF": (-53.1, 4.0),
        "FR": (2.4, 47.0),
    }.items():
        if code in drawn:
            assert holds(drawn[code], place), code
    assert not holds(drawn["RU"], (34.1, 45.1))
    assert not holds(drawn["MA"], (-14.5, 23.0))


def test_no_ring_crosses_itself_and_no_polygon_another(shapes):
    _, drawn = shapes
    for code, polygons in drawn.items():
        shape = shapely.geometry.shape({"type": "MultiPolygon", "coordinates": polygons})
        assert shape.is_valid, (code, shapely.is_valid_reason(shape))


def test_a_ring_over_the_date_line_is_cut_in_two():
    east, west = sorted(cut_polygon([SQUARE]), key=lambda polygon: -polygon.rings[0][0][0])
    assert {x for x, _ in east.rings[0]} == {170.0, 180.0}
    assert {x for x, _ in west.rings[0]} == {-180.0, -170.0}
    assert clip_ring(SQUARE, 200.0, 1) == []


def test_simplifying_keeps_ends_and_what_strays_further():
    arc = [(0.0, 0.0), (1.0, 0.01), (2.0, 0.0), (3.0, 1.0), (4.0, 0.0)]
    assert simplify_arc(arc, 0.0) == arc
    assert (3.0, 1.0) in simplify_arc(arc, 0.1)


def test_the_projection_is_equal_earth():
    assert project((0.0, 0.0)) == (0.0, 0.0)
    x, _ = project((180.0, 0.0))
    _, y = project((0.0, 90.0))
    assert (round(x, 4), round(y, 4)) == (2.7066, 1.3174)


def test_the_map_has_every_country(today):
    drawn = read_file("map")
    assert drawn["spots"].keys() >= today
    assert len(drawn["paths"]) == 244
    assert all(
        0 <= x <= drawn["width"] and 0 <= y <= drawn["height"] for x, y in drawn["spots"].values()
    )

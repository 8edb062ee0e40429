"""`/locate`: points to countries."""

import json
import random

import pytest

from terrafirma.dataset.load import read_borders, read_dataset
from terrafirma.register.model.timelines import at
from terrafirma.register.resolve.points import cell_of, columns_of


def test_a_point_gives_its_country(shared_client):
    answer = shared_client.get("/locate?latitude=13.75&longitude=100.5")
    assert answer.status_code == 200
    assert answer.json["record"]["alpha2"] == "TH"
    sea = shared_client.get("/locate?latitude=-30&longitude=-20").json
    assert sea == {"latitude": -30.0, "longitude": -20.0, "outcome": "none"}
    crimea = shared_client.get("/locate?latitude=45.3&longitude=34.1").json
    assert (crimea["record"]["alpha2"], crimea["claimed_by"]) == ("UA", ["RU"])
    assert shared_client.get("/locate?latitude=55.9&longitude=-3.2").json["part"] == "Scotland"


def test_many_points_are_longitude_first(shared_client):
    answer = shared_client.post(
        "/locate", json=[[100.5, 13.75], [12.4534, 41.9029], [28.2, -29.6], [0, 0]]
    )
    assert [each.get("record", {}).get("alpha2") for each in answer.json] == [
        "TH",
        "VA",
        "LS",
        None,
    ]


@pytest.mark.parametrize(
    "query",
    ["", "latitude=1", "latitude=NaN&longitude=0", "latitude=91&longitude=0", "latitude=0&longitude=181",
     "latitude=1e999&longitude=0", "latitude=x&longitude=0"],
)  # fmt: skip
def test_what_is_no_point_is_refused(shared_client, query):
    assert shared_client.get(f"/locate?{query}").status_code == 400


@pytest.mark.parametrize(
    "item", [[1], [1, 2, 3], ["1", 2], [181, 0], [0, 91], None, {}, "0,0", [True, 0]]
)
def test_an_item_that_is_no_point_is_named(shared_client, item):
    answer = shared_client.post(
        "/locate", data=json.dumps([[0, 0], item]), content_type="application/json"
    )
    assert answer.status_code == 422
    assert answer.json["details"][0]["field"] == "1"


def test_capitals_lie_in_their_countries():
    borders, wrong, seen = read_borders(), [], 0
    for document in read_dataset("world").records["country"].values():
        state = at(document, "2026-11-28")
        for capital in state.get("capitals", []):
            if "latitude" in capital and "alpha4" not in state:
                seen += 1
                part = borders.locate(capital["longitude"], capital["latitude"])
                if part is None or part.country != state["alpha2"]:
                    wrong.append(capital["name"])
    assert seen > 200
    assert len(wrong) <= 3, wrong


def test_cells_give_what_polygons_give():
    """Points anywhere, also at the poles and the seam, against every polygon without cells."""
    borders, chance = read_borders(), random.Random(3)
    points = [(chance.uniform(-180, 180), chance.uniform(-90, 90)) for _ in range(300)]
    polygons = {id(each): each for found in borders._reaching.values() for each in found}.values()
    for x, y in points:
        slow = {each.part.name for each in polygons if each.contains(x, y)}
        found = borders.locate(x, y)
        assert found.name in slow if found else not slow
    assert borders.locate(0, -90).country == "AQ"
    assert borders.locate(180, 67.5).country == borders.locate(-179.95, 67.5).country == "RU"
    assert borders.locate(0, 90) is None


def test_an_edge_touches_the_cells_it_crosses():
    assert [*columns_of((0.1, 0.1, 1.9, 0.4), 0)] == [0, 1, 2, 3]
    assert [*columns_of((0.1, 0.1, 0.1, 0.9), 1)] == [0]
    assert cell_of(-0.1) == -1

"""`/reconcile`: the W3C Reconciliation Service API 0.2."""

import json

import pytest


def reconcile(client, queries, method="post"):
    text = json.dumps(queries)
    if method == "post":
        answer = client.post("/reconcile", data={"queries": text})
    else:
        answer = client.get("/reconcile", query_string={"queries": text})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_manifest_says_what_the_service_can(shared_client):
    manifest = shared_client.get("/reconcile").json
    assert manifest["versions"] == ["0.2"]
    assert "{{id}}" in manifest["view"]["url"]
    assert {"id": "country", "name": "Country"} in manifest["defaultTypes"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_batch_is_answered_by_its_keys(shared_client, method):
    california = {"query": "California", "type": "subdivision"}
    queries = {
        "0": {"query": "Cote d'Ivoire"},
        "1": {"query": "Congo", "limit": 1},
        "2": {"query": "Atlantis"},
    }
    found = reconcile(shared_client, queries | {"3": california}, method)
    ivory, country = found["0"]["result"][0], {"id": "country", "name": "Country"}
    assert (ivory["id"], ivory["name"], ivory["score"], ivory["match"]) == (
        "CI",
        "Côte d'Ivoire",
        98.0,
        True,
    )
    assert ivory["type"] == [country]
    assert len(found["1"]["result"]) == 1
    assert found["1"]["result"][0]["match"] is False
    assert found["2"]["result"] == []
    assert found["3"]["result"][0]["id"] == "US-CA"


def test_a_property_settles_what_a_name_leaves_open(shared_client):
    congo = {"query": "Congo", "properties": [{"pid": "currencies.code", "v": "CDF"}]}
    first, second = reconcile(shared_client, {"q": congo})["q"]["result"]
    assert (first["id"], first["match"], second["match"]) == ("CD", True, False)
    wrong = {"query": "Germany", "properties": [{"pid": "region", "v": "Asia"}]}
    assert reconcile(shared_client, {"q": wrong})["q"]["result"][0]["match"] is False


def test_values_of_entities_extend_a_table(shared_client):
    asked = {
        "ids": ["CI", "US-CA", "nothing"],
        "properties": [{"id": "region"}, {"id": "area"}, {"id": "name"}],
    }
    rows = shared_client.post("/reconcile", data={"extend": json.dumps(asked)}).json["rows"]
    assert rows["CI"]["region"] == [{"str": "Africa"}]
    assert rows["US-CA"]["name"] == [{"str": "California"}]
    assert rows["nothing"] == {"region": [], "area": [], "name": []}


def test_entities_types_and_properties_are_suggested(shared_client):
    assert (
        shared_client.get("/reconcile/suggest/entity?prefix=germ").json["result"][0]["id"] == "DE"
    )
    assert shared_client.get("/reconcile/suggest/type?prefix=cou").json["result"] == [
        {"id": "country", "name": "Country"}
    ]
    assert {"id": "region", "name": "region"} in shared_client.get(
        "/reconcile/suggest/property?prefix=reg"
    ).json["result"]
    assert shared_client.get("/reconcile/properties?type=group").json["type"] == "group"


@pytest.mark.parametrize("queries", ["x", "[]", '{"0": 5}', '{"0": {}}', '{"0": {"query": 5}}'])
def test_a_bad_batch_is_refused(shared_client, queries):
    assert shared_client.post("/reconcile", data={"queries": queries}).status_code == 400

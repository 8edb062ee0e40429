"""PATCH of `/countries/{key}/names`: names in other languages, held at every door."""

import pytest

from tests.conftest import make_key

NAMES = "/countries/TH/names"


def test_names_are_changed_taken_away_and_added(client):
    before = client.get(NAMES)
    patch = {"de": "Siam (Thailand)", "fr": None, "tlh": "tay"}
    answer = client.patch(NAMES, json=patch, headers={"If-Match": before.headers["ETag"]})
    assert answer.status_code == 200
    expected = {**before.json, "de": "Siam (Thailand)", "tlh": "tay"}
    del expected["fr"]
    assert answer.json == client.get(NAMES).json == expected
    assert list(answer.json) == sorted(answer.json)
    assert answer.headers["ETag"] != before.headers["ETag"]
    entry = client.get("/entries?kind=names&record=TH").json[-1]
    assert (entry["action"], entry["actor"]) == ("patch", "local")
    for path, name in (("?lang=de", "Siam (Thailand)"), ("?lang=de-CH", "Siam (Thailand)")):
        assert client.get(f"/countries/TH{path}").json["name"] == name
    assert client.get("/resolve?q=Siam (Thailand)").json["record"]["alpha2"] == "TH"
    found = client.get("/countries?lang=de&name=Siam (Thailand)").json
    assert [each["alpha2"] for each in found] == ["TH"]
    thailand = client.get("/v3.1/alpha/th").json[0]
    assert thailand["translations"]["deu"]["common"] == "Siam (Thailand)"
    head = client.get("/").json["entries"]
    assert client.patch(NAMES, json={"de": "Siam (Thailand)", "fr": None}).status_code == 200
    assert client.get("/").json["entries"] == head, "nothing changed, nothing is written"
    late = client.patch(NAMES, json={"de": "x"}, headers={"If-Match": before.headers["ETag"]})
    assert late.status_code == 412


def test_a_country_of_ones_own_gets_names(client):
    client.post("/countries", json={"name": "Atlantis", "alpha2": "QQ"})
    assert client.patch("/countries/QQ/names", json={"de": "Atlantis-Insel"}).status_code == 200
    assert client.get("/countries/QQ?lang=de").json["name"] == "Atlantis-Insel"
    assert client.delete("/countries/QQ").status_code == 204
    assert client.get("/countries/QQ/names").status_code == 404


@pytest.mark.parametrize(
    ("patch", "field", "rule"),
    [
        ({"de": ""}, "de", "must not be empty"),
        ({"de": 5}, "de", "must be a string"),
        ({"de": "a\nb"}, "de", ""),
        ({"de": "x" * 501}, "de", "must have at most 500 characters"),
        ({"en": "Siam"}, "en", "is the record's own language; change its name itself"),
        ({"zh-hant": "x"}, "zh-hant", "must be written zh-Hant"),
        ({"german": "x", "../x": "y"}, "../x", "must be a language tag"),
        ({"": "x"}, "", "must be a language tag"),
    ],
)
def test_what_is_no_name_is_refused(client, patch, field, rule):
    before = client.get(NAMES).json
    answer = client.patch(NAMES, json=patch)
    assert answer.status_code == 422, answer.json
    assert any(
        each["field"] == field and rule in each["message"] for each in answer.json["details"]
    )
    assert client.get(NAMES).json == before


@pytest.mark.parametrize("body", [[], "de", 5, [{"op": "remove", "path": "/de"}]])
def test_a_patch_of_names_is_an_object(client, body):
    assert client.patch(NAMES, json=body).status_code == 422
    operations = {"Content-Type": "application/json-patch+json"}
    assert client.patch(NAMES, data="[]", headers=operations).status_code == 415


def test_a_key_that_is_narrowed_to_names_writes_them_alone(client):
    headers = make_key(client.application, "editor", kinds=["names"])
    assert client.patch(NAMES, json={"de": "Siam"}, headers=headers).status_code == 200
    assert client.patch("/countries/TH", json={"area": 1}, headers=headers).status_code == 403
    reader = make_key(client.application, "reader")
    assert client.patch(NAMES, json={"de": "Siam"}, headers=reader).status_code == 403

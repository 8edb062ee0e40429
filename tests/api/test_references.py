"""What records say of one another: it must be there, and it stays for as long as it is said."""

import pytest


def post(client, address, **fields):
    answer = client.post(address, json=fields)
    assert answer.status_code == 201, answer.text
    return answer.json["id"]


@pytest.fixture
def sales(client):
    """A client of a register with a group of one's own that has one member."""
    post(client, "/groups", code="SALES", name="Sales")
    post(client, "/memberships", group="SALES", country="TH", **{"from": "2020"})
    return client


@pytest.mark.parametrize(
    ("address", "body", "field", "words"),
    [
        (
            "/subdivisions",
            {"code": "QQ-1", "name": "X", "country": "QQ"},
            "country",
            "names no country",
        ),
        (
            "/subdivisions",
            {"code": "TH-ZZ", "name": "X", "country": "TH", "parent": "TH-ZY"},
            "parent",
            "no subdivision",
        ),
        (
            "/subdivisions",
            {"code": "TH-ZZ", "name": "X", "country": "TH", "parent": "TH-ZZ"},
            "parent",
            "itself",
        ),
        ("/memberships", {"group": "NONE", "country": "TH"}, "group", "/groups lists"),
        ("/memberships", {"group": "EU", "country": "QQ"}, "country", "names no country"),
        ("/memberships", {"group": "EU", "country": "999"}, "country", "names no country"),
        ("/memberships", {"group": "ASEAN", "country": "15"}, "country", 'must be "AT"'),
        ("/memberships", {"group": "eu", "country": "TH"}, "group", "capital letters"),
        ("/memberships", {"group": "EU", "country": "THA"}, "country", "alpha-2"),
        ("/regions", {"code": "998", "name": "Moon", "parent": "997"}, "parent", "names no region"),
    ],
)
def test_what_names_nothing_is_refused(shared_client, address, body, field, words):
    answer = shared_client.post(address, json=body)
    assert answer.status_code == 422
    [detail] = answer.json["details"]
    assert detail["field"] == field
    assert words in detail["message"]
    many = shared_client.post(address, json=[body])
    assert many.status_code == 422
    assert [each["field"] for each in many.json["details"]] == [f"0.{field}"]


def test_a_timeline_is_checked_too(shared_client):
    body = {
        "code": "TH-ZZ",
        "name": "X",
        "country": "TH",
        "dated": {"parent": [{"value": "TH-ZY", "to": "2020"}]},
    }
    answer = shared_client.post("/subdivisions", json=body)
    assert [detail["code"] for detail in answer.json["details"]] == ["reference"]


def test_records_of_one_array_may_name_each_other(client):
    bodies = [
        {"code": "TH-ZY", "name": "Inner", "country": "TH", "parent": "TH-ZZ"},
        {"code": "TH-ZZ", "name": "Outer", "country": "TH"},
    ]
    assert client.post("/subdivisions", json=bodies).status_code == 201
    assert [each["name"] for each in client.get("/subdivisions/TH-ZZ/subdivisions").json] == [
        "Inner"
    ]


def test_a_country_without_codes_is_named_by_its_id(client):
    id = post(client, "/countries", name="Sealand")
    post(client, "/memberships", group="EU", country=str(id))
    assert "Sealand" in [each["name"] for each in client.get("/groups/EU/members").json]
    assert [each["group"] for each in client.get(f"/countries/{id}/memberships").json] == ["EU"]
    assert client.patch(f"/countries/{id}", json={"alpha2": "XS"}).status_code == 200
    assert [each["country"] for each in client.get("/countries/XS/memberships").json] == [str(id)]
    assert client.delete("/countries/XS").status_code == 409


def test_what_is_named_cannot_be_deleted(sales):
    answer = sales.delete("/groups/SALES")
    assert answer.status_code == 409
    assert answer.json["error"].startswith("The group is named by 1 membership. Remove them first")
    assert sales.get("/groups/SALES").status_code == 200


def test_what_is_named_cannot_be_renamed(sales):
    renamed = {"id": sales.get("/groups/SALES").json["id"], "code": "SELL", "name": "Sales"}
    answer = sales.patch("/groups/SALES", json=renamed)
    assert answer.status_code == 409
    assert answer.json["details"] == [
        {
            "field": "code",
            "message": 'must stay "SALES": it is named so by 1 membership',
            "code": "reference",
        }
    ]
    assert sales.put("/groups", json=[{"code": "SALES", "name": "Other name"}]).status_code == 200
    assert sales.get("/groups/SALES").json["name"] == "Other name"


def test_what_is_no_longer_named_can_be_deleted(sales):
    [membership] = sales.get("/groups/SALES/memberships").json
    assert sales.delete(f"/memberships/{membership['id']}").status_code == 204
    assert sales.delete("/groups/SALES").status_code == 204


def test_dependents_go_along_each_with_an_entry(sales):
    last = sales.get("/ready").json["entries"]
    assert sales.delete("/groups/SALES?dependents=remove").status_code == 204
    entries = sales.get(f"/entries?since={last}").json
    assert [(entry["action"], entry["kind"]) for entry in entries] == [
        ("delete", "membership"),
        ("delete", "group"),
    ]
    assert sales.get("/groups/SALES").status_code == 404


def test_a_country_goes_with_all_that_names_it(client):
    last = client.get("/ready").json["entries"]
    told = (
        client.get("/countries/LI/subdivisions").json,
        client.get("/countries/LI/memberships").json,
    )
    assert client.delete("/countries/LI").status_code == 409
    assert client.delete("/countries/LI?dependents=remove").status_code == 204
    kinds = [entry["kind"] for entry in client.get(f"/entries?since={last}").json]
    assert kinds.count("subdivision") == len(told[0]) == 11
    assert kinds.count("membership") >= len(told[1]) > 3
    assert kinds.count("country") == kinds.count("names") == 1
    assert client.get("/subdivisions?country=LI").json == []


def test_parts_of_parts_go_along(client):
    last = client.get("/ready").json["entries"]
    inner = len(client.get("/subdivisions/FR-IDF/subdivisions").json)
    assert client.delete("/subdivisions/FR-IDF?dependents=remove").status_code == 204
    codes = [entry["before"]["code"] for entry in client.get(f"/entries?since={last}").json]
    assert (len(codes), codes[-1]) == (inner + 1, "FR-IDF")


def test_a_code_planned_for_a_day_to_come_is_the_one_to_name_by(client):
    """What named the record before means it still."""
    before = len(client.get("/countries/TH/memberships").json)
    assert (
        client.patch("/countries/TH?effective=2040-01-01", json={"alpha2": "QY"}).status_code == 200
    )
    answer = client.post("/memberships", json={"group": "EU", "country": "TH"})
    assert answer.json["details"][0]["message"] == 'must be "QY", which names the same country'
    assert client.post("/memberships", json={"group": "EU", "country": "QY"}).status_code == 201
    assert len(client.get("/countries/TH/memberships").json) == before + 1

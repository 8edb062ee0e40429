"""`/fields`: custom fields with a type, held to it at every door, and seen wherever fields are."""

import pytest

from terrafirma.register.model.kinds import EVERY_KIND, KINDS
from terrafirma.register.model.records import CustomField
from tests.conftest import make_key
from tests.work.test_imports import Desk

REGION = {
    "kind": "country",
    "name": "sales_region",
    "type": "text",
    "enum": ["APAC", "EMEA"],
    "description": "Who sells there.",
}
REVENUE = {"kind": "country", "name": "revenue", "type": "number", "unit": "EUR"}
OTHERS = [
    {"kind": "country", "name": "since", "type": "date"},
    {"kind": "country", "name": "blocked", "type": "boolean"},
    {"kind": "country", "name": "stores", "type": "integer"},
]


@pytest.fixture
def admin(client):
    """Headers with an admin's key."""
    return make_key(client.application, "admin")


def declare(client, admin, *fields):
    """Declare fields."""
    for field in fields:
        answer = client.post("/fields", json=field, headers=admin)
        assert answer.status_code == 201, answer.text
    return answer.json


def patch(client, admin, extra, key="TH"):
    """The answer to a patch of a country's own fields."""
    return client.patch(f"/countries/{key}", json={"extra": extra}, headers=admin)


def test_every_kind_but_this_one_has_fields_of_ones_own():
    assert CustomField.model_json_schema()["properties"]["kind"]["enum"] == list(KINDS)
    assert EVERY_KIND.keys() - KINDS == {"field"}


def test_fields_are_for_admins_and_open_to_readers(client, admin):
    made = declare(client, admin, REGION)
    assert made == {"id": 1} | REGION
    editor = make_key(client.application, "editor")
    assert client.post("/fields", json=REVENUE, headers=editor).status_code == 403
    assert client.post("/fields", json=REVENUE).status_code == 401
    assert client.get("/fields?kind=country&type=text").json == [made]
    assert client.post("/fields", json=REGION, headers=admin).status_code == 409
    assert client.get("/entries?kind=field&fields=actor,action").json == [
        {"action": "create", "actor": "key:1"}
    ]


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({"kind": "planet"}, "kind", "must be one of"),
        ({"name": "sales region"}, "name", "must be letters"),
        ({"name": ""}, "name", "must be letters"),
        ({"type": "money"}, "type", "must be one of"),
        ({"enum": []}, "enum", "must have at least 1 items"),
        ({"enum": ["A", "A"]}, "enum", "must not name a value twice"),
        ({"enum": [1]}, "enum.0", "must be a string"),
        ({"type": "number"}, "enum", "is for text"),
        ({"unit": "EUR"}, "unit", "is for numbers"),
        ({"required": "yes"}, "required", "must be true or false"),
        ({"dated": {"enum": [{"value": ["A"]}]}}, "dated.enum", "is not a field that can be dated"),
        ({"colour": "red"}, "colour", "is not a field"),
    ],
)
def test_a_declaration_is_held_to_rules(client, admin, body, field, rule):
    answer = client.post("/fields", json=REGION | body, headers=admin)
    assert answer.status_code == 422, answer.text
    assert any(
        each["field"] == field and rule in each["message"] for each in answer.json["details"]
    ), answer.text


def test_values_are_held_to_their_type_at_every_door(client, admin):
    declare(client, admin, REGION, REVENUE, *OTHERS)
    wrong = {
        "sales_region": "APAC-2",
        "revenue": "5",
        "since": "2024-02-31",
        "blocked": 1,
        "stores": 1.5,
        "sales_regoin": "APAC",
    }
    fields = {f"extra.{name}" for name in wrong}
    answers = [
        patch(client, admin, wrong),
        client.post("/countries", json={"name": "Sealand", "extra": wrong}, headers=admin),
        client.post("/countries", json=[{"name": "Sealand", "extra": wrong}], headers=admin),
        client.put("/countries/TH", json={"name": "Thailand", "extra": wrong}, headers=admin),
        client.put(
            "/countries", json=[{"alpha2": "TH", "name": "x", "extra": wrong}], headers=admin
        ),
        client.patch(
            "/countries/TH",
            json=[{"op": "add", "path": "/extra", "value": wrong}],
            headers=admin | {"Content-Type": "application/json-patch+json"},
        ),
    ]
    for answer in answers:
        assert answer.status_code == 422
        found = {each["field"].removeprefix("0.") for each in answer.json["details"]}
        assert found == fields, answer.text
    told = patch(client, admin, {"sales_regoin": 1}).json["details"][0]["message"]
    assert told == 'is not declared; did you mean "sales_region"? POST /fields declares it'
    dated = {"dated": {"extra.revenue": [{"value": "1", "from": "2020"}]}}
    answer = client.patch("/countries/TH", json=dated, headers=admin)
    assert [each["field"] for each in answer.json["details"]] == ["dated.extra.revenue.0.value"]
    right = {
        "sales_region": "APAC",
        "revenue": 5.5,
        "since": "2024-02",
        "blocked": True,
        "stores": 3,
    }
    answer = patch(client, admin, right | {"anything": [1]})
    assert answer.json["extra"] == right | {"anything": [1]}


def test_a_name_that_differs_in_a_digit_is_another_name(client, admin):
    declare(client, admin, REVENUE | {"name": "revenue1"})
    assert patch(client, admin, {"revenue2": "any"}).status_code == 200


def test_a_rule_is_not_made_while_records_break_it(client, admin):
    patch(client, admin, {"sales_region": "Asia"}, "TH")
    refused = client.post("/fields", json=REGION, headers=admin)
    assert refused.status_code == 409
    assert 'extra.sales_region must be "APAC" or "EMEA"' in refused.json["error"]
    patch(client, admin, {"sales_region": "APAC"}, "TH")
    made = declare(client, admin, REGION)
    refused = client.patch(f"/fields/{made['id']}", json={"required": True}, headers=admin)
    assert refused.status_code == 409
    assert "countries would break this field" in refused.json["error"]
    assert client.get(f"/fields/{made['id']}").json == made


def test_a_required_field_is_required_of_records_that_have_not_ended(client, admin):
    field = {"kind": "membership", "name": "approved", "type": "boolean", "required": True}
    assert client.post("/fields", json=field, headers=admin).status_code == 409
    field = {"kind": "figure", "name": "approved", "type": "boolean"}
    made = declare(client, admin, field)
    figures = client.get("/figures?limit=1000").json
    bodies = [{"id": each["id"]} for each in figures]
    assert bodies
    field = {"kind": "group", "name": "owner", "type": "text", "required": True}
    groups = client.get("/groups?limit=1000&fields=id").json
    for each in groups:
        patch_of = {"extra": {"owner": "Ann"}}
        client.patch(f"/groups/{each['id']}", json=patch_of, headers=admin)
    declare(client, admin, field)
    assert client.post("/groups", json={"code": "X", "name": "X"}, headers=admin).status_code == 422
    ended = {"code": "X", "name": "X", "from": "1990", "to": "2000"}
    assert client.post("/groups", json=ended, headers=admin).status_code == 201
    gone = client.patch(
        f"/groups/{groups[0]['id']}", json={"extra": {"owner": None}}, headers=admin
    )
    assert gone.json["details"][0] == {
        "field": "extra.owner",
        "message": "is required",
        "code": "required",
    }
    assert client.delete(f"/fields/{made['id']}", headers=admin).status_code == 204


def test_a_field_that_is_removed_leaves_its_values_and_can_be_brought_back(client, admin):
    made = declare(client, admin, REVENUE)
    patch(client, admin, {"revenue": 5})
    assert client.delete(f"/fields/{made['id']}", headers=admin).status_code == 204
    assert patch(client, admin, {"other": 1}).json["extra"] == {"other": 1, "revenue": 5}
    entry = client.get("/entries?kind=field&fields=number").json[0]["number"]
    back = client.post(f"/fields/{made['id']}/revert", json={"entry": entry}, headers=admin)
    assert back.json == made
    assert patch(client, admin, {"revenue": "x"}).status_code == 422


def test_queries_know_the_type(client, admin):
    declare(client, admin, REGION, REVENUE, *OTHERS)
    patch(client, admin, {"sales_region": "APAC", "revenue": 5, "blocked": True})
    patch(client, admin, {"sales_region": "EMEA", "revenue": 50}, "DE")
    get = client.get
    names = "fields=alpha2"
    assert get(f"/countries?extra.revenue[gte]=6&{names}").json == [{"alpha2": "DE"}]
    assert get(f"/countries?extra.sales_region=EMEA&{names}").json == [{"alpha2": "DE"}]
    sort = get(f"/countries?extra.revenue[exists]=true&sort=-extra.revenue&{names}").json
    assert [each["alpha2"] for each in sort] == ["DE", "TH"]
    facets = get("/countries/facets?field=extra.sales_region").json["extra.sales_region"]
    assert [each["value"] for each in facets] == ["APAC", "EMEA"]
    for query, sentence in (
        ("extra.revenue=much", "extra.revenue is a number"),
        ("extra.revenue[contains]=5", "only text can be compared"),
        ("extra.sales_region=Asia", "extra.sales_region must be"),
        ("extra.blocked=maybe", "extra.blocked must be true or false"),
        ("extra.blocked[gt]=1", "has no order"),
    ):
        answer = get(f"/countries?{query}")
        assert answer.status_code == 400, query
        assert sentence in answer.json["error"]


def test_the_description_and_forms_have_the_field_at_once(client, admin):
    before = client.get("/openapi.json").json
    declare(client, admin, REGION, REVENUE | {"required": False})
    after = client.get("/openapi.json").json
    assert (
        before["components"]["schemas"]["Country"]["properties"]["extra"].get("properties") is None
    )
    for name in ("Country", "CountryBody", "CountryPatch"):
        extra = after["components"]["schemas"][name]["properties"]["extra"]
        assert extra["properties"]["revenue"]["x-unit"] == "EUR"
        assert extra["additionalProperties"] is True
    filters = {
        each["name"] for each in after["paths"]["/countries"]["get"]["parameters"] if "name" in each
    }
    assert {"extra.revenue[gte]", "extra.sales_region"} <= filters
    assert "extra.sales_region[contains]" not in filters
    page = client.get("/explore/TH/edit").text
    assert 'data-name="sales_region"' in page
    assert '<option value="APAC">APAC</option>' in page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_tables_have_the_type(client, admin, form):
    declare(client, admin, {"kind": "country", "name": "note", "type": "text"}, REVENUE)
    client.environ_base["HTTP_AUTHORIZATION"] = admin["Authorization"]
    desk, texts = Desk(client), ("007", "1.10", "true", '"q"', '{"a":1}', "=1+1", "-5", "Süd;Ost")
    countries = client.get(f"/countries?limit={len(texts)}&fields=alpha2").json
    codes = [each["alpha2"] for each in countries]
    for code, text in zip(codes, texts, strict=True):
        assert patch(client, admin, {"note": text, "revenue": 1.5}, code).status_code == 200
    asked = (
        f"/countries?extra.note[exists]=true&fields=alpha2,extra.note,extra.revenue&format={form}"
    )
    report = desk.report(client.get(asked).data)
    assert report["counts"] == {"changed": 0, "created": 0, "refused": 0, "unchanged": len(texts)}


def test_imports_are_held_to_the_type(client, admin):
    declare(client, admin, REGION, REVENUE, *OTHERS)
    client.environ_base["HTTP_AUTHORIZATION"] = admin["Authorization"]
    desk = Desk(client)
    table = "alpha2;revenue;blocked;sales_region\nTH;1.234,5;ja;APAC\nDE;1,2,3;doch;Asia\n"
    report = desk.report(table.encode(), "?decimal=,&booleans=ja/nein")
    assert report["counts"]["changed"] == 1
    assert {each["field"] for each in report["errors"]} == {"extra.revenue", "extra.blocked"}
    report = desk.report(b'[{"alpha2": "DE", "extra": {"sales_region": "Asia", "stores": "3"}}]')
    assert {each["field"] for each in report["errors"]} == {"extra.sales_region", "extra.stores"}


def test_rows_that_were_decided_before_a_rule_are_held_to_it(client, admin):
    client.environ_base["HTTP_AUTHORIZATION"] = admin["Authorization"]
    desk = Desk(client)
    job = desk.try_out(b"alpha2,extra.revenue\nTH,much\n")
    declare(client, admin, REVENUE)
    ended = desk.do(client.post(f"/imports/{job['id']}/commit"))
    assert ended["state"] == "failed"
    assert "must be a number" in str(ended)
    assert "revenue" not in client.get("/countries/TH").json.get("extra", {})


def test_fields_have_pages_as_other_records_have(client, admin):
    def read(path):
        return client.get(path, headers=admin | {"Accept": "text/html"})

    assert "No field is declared yet" in read("/explore/list/fields").text
    id = declare(client, admin, REGION)["id"]
    listed = read("/explore/list/fields").text
    assert f'<a href="/explore/list/fields/{id}">sales_region</a>' in listed
    assert 'data-needs="admin" href="/explore/list/fields/new"' in listed
    form = read(f"/explore/list/fields/{id}/edit").text
    assert 'data-role="admin"' in form
    assert '<option value="text" selected>' in form
    assert f'href="/explore/list/fields/{id}"' in read("/explore/changes").text
    client.delete(f"/fields/{id}", headers=admin)
    gone = read(f"/explore/list/fields/{id}")
    assert (gone.status_code, "Bring it back" in gone.text) == (404, True)

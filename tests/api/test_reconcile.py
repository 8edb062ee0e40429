"""`/reconcile`: the W3C Reconciliation Service API 0.2; every answer is held against its schema."""

import json

import pandas
import pytest
from jsonschema import Draft202012Validator
from reconciler import reconcile as reconcile_column

from tests.api import reconciliation_schemas as schemas
from tests.conftest import make_key, serve_app

COUNTRY = {"id": "country", "name": "Country"}
CONGO = {"query": "Congo", "properties": [{"pid": "currencies.code", "v": "CDF"}]}


def check(answer, schema):
    """The JSON of an answer that its schema allows."""
    assert answer.status_code == 200, answer.text
    Draft202012Validator(schema).validate(answer.json)
    return answer.json


def reconcile(client, queries, method="form", address="/reconcile"):
    text = json.dumps(queries)
    answers = {
        "form": lambda: client.post(address, data={"queries": text}),
        "get": lambda: client.get(address, query_string={"queries": text}),
        "json": lambda: client.post(address, json=queries),
        "members": lambda: client.post(address, json={"queries": queries}),
    }
    return check(answers[method](), schemas.RESULTS)


def extend(client, ids, *properties):
    text = json.dumps({"ids": ids, "properties": list(properties)})
    return check(client.post("/reconcile", data={"extend": text}), schemas.EXTENSION)["rows"]


def test_the_manifest_says_what_the_service_can(shared_client):
    manifest = check(shared_client.get("/reconcile"), schemas.MANIFEST)
    assert COUNTRY in manifest["defaultTypes"]
    assert "authentication" not in manifest


@pytest.mark.parametrize("method", ["get", "form", "json", "members"])
def test_a_batch_is_answered_by_its_keys(shared_client, method):
    queries = {
        "0": {"query": "Cote d'Ivoire"},
        "1": {"query": "Congo", "limit": 1},
        "2": {"query": "Atlantis", "type": "country"},
        "3": {"query": "California", "type": "subdivision"},
    }
    found = reconcile(shared_client, queries, method)
    ivory = found["0"]["result"][0]
    assert ivory == {
        "id": "CI",
        "name": "Côte d'Ivoire",
        "description": "country CI",
        "score": 98.0,
        "match": True,
        "type": [COUNTRY],
    }
    assert [each["match"] for each in found["1"]["result"]] == [False]
    assert found["2"]["result"] == []
    assert found["3"]["result"][0]["id"] == "US-CA"


def test_properties_settle_what_a_name_leaves_open(shared_client):
    asked = {
        "congo": CONGO,
        "wrong": {"query": "Germany", "properties": [{"pid": "region", "v": "Asia"}]},
        "named": {
            "query": "Georgia",
            "type": ["country", "subdivision"],
            "properties": [{"pid": "country", "v": {"id": "United States"}}],
        },
        "code": {"properties": [{"pid": "alpha3", "v": "DEU"}]},
        "any": {"query": "Georgia", "type": ["country", "subdivision"]},
        "untyped": {"query": "Bavaria"},
    }
    found = {key: each["result"] for key, each in reconcile(shared_client, asked).items()}
    matched = {
        key: [each["id"] for each in result if each["match"]] for key, result in found.items()
    }
    assert matched == {
        "congo": ["CD"],
        "wrong": [],
        "named": ["US-GA"],
        "code": ["DE"],
        "any": [],
        "untyped": ["DE-BY"],
    }
    assert {each["id"] for each in found["any"]} == {"GE", "US-GA"}


def test_names_of_a_day_are_matched_on_that_day(shared_client):
    asked = {"q": {"query": "Soviet Union"}}
    then = reconcile(shared_client, asked, address="/reconcile?on=1980-01-01")["q"]["result"]
    assert (then[0]["id"], then[0]["match"]) == ("SUHH", True)


def test_values_of_entities_extend_a_table(shared_client):
    ids = ["CI", "US-CA", "currency:EUR", "language:de", "nothing"]
    rows = extend(shared_client, ids, {"id": "region"}, {"id": "area"}, {"id": "name"})
    assert rows["CI"]["region"] == [{"str": "Africa"}]
    names = [row["name"] for row in rows.values()]
    assert names == [[{"str": each}] for each in ("Côte d'Ivoire", "California", "Euro", "German")] + [[]]  # fmt: skip
    assert rows["nothing"] == {"region": [], "area": [], "name": []}


def test_values_are_of_the_day_in_the_settings(shared_client):
    then = {"id": "currencies.code", "settings": {"on": "1990-12-31"}}
    assert extend(shared_client, ["FR"], then)["FR"] == {"currencies.code": [{"str": "FRF"}]}
    now = {"id": "currencies.code", "settings": {"on": ""}}
    assert extend(shared_client, ["FR"], now)["FR"] == {"currencies.code": [{"str": "EUR"}]}


def test_entities_types_and_properties_are_suggested(shared_client):
    def suggest(path, schema):
        return check(shared_client.get(f"/reconcile{path}"), schema)

    entities = suggest("/suggest/entity?prefix=germ", schemas.ENTITIES)["result"]
    assert entities[0]["id"] == "DE"
    following = suggest("/suggest/entity?prefix=a&cursor=10", schemas.ENTITIES)["result"]
    assert following != suggest("/suggest/entity?prefix=a", schemas.ENTITIES)["result"]
    assert suggest("/suggest/type?prefix=cou", schemas.TYPES)["result"] == [COUNTRY]
    assert {"id": "region", "name": "region"} in suggest(
        "/suggest/property?prefix=reg", schemas.PROPERTIES
    )["result"]
    proposal = suggest("/properties?type=group&limit=2", schemas.PROPOSAL)
    assert (proposal["type"], len(proposal["properties"])) == ("group", 2)


def test_an_entity_has_a_page_and_a_card_that_other_sites_may_frame(shared_client):
    card = shared_client.get("/reconcile/preview?id=CI")
    assert "Republic of Côte d&#39;Ivoire" in card.text
    assert "<script" not in card.text
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    page = shared_client.get("/reconcile/view?id=currency:EUR")
    assert (page.status_code, page.headers["Location"]) == (302, "/explore/list/currencies/EUR")
    assert shared_client.get("/reconcile/preview?id=<b>").status_code == 404
    for path in ("/explore/CI", "/reconcile", "/countries/CI", "/reconcile/preview?id=<b>"):
        policy = shared_client.get(path).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, path


def test_a_key_may_stand_in_the_address_where_reading_is_closed(open_app, sqlite_world_url):
    closed = open_app(sqlite_world_url, reads="key").test_client()
    token = make_key(closed.application, "reader")["Authorization"].partition(" ")[2]
    assert closed.get("/reconcile").status_code == 401
    assert closed.get("/reconcile?api_key=tf_wrong").status_code == 401
    assert closed.get(f"/countries?api_key={token}").status_code == 401
    manifest = check(closed.get(f"/reconcile?api_key={token}"), schemas.MANIFEST)
    assert manifest["authentication"] == {"type": "apiKey", "name": "api_key", "in": "query"}
    assert manifest["suggest"]["entity"]["service_path"].endswith(f"?api_key={token}")
    found = reconcile(closed, {"q": CONGO}, address=f"/reconcile?api_key={token}")
    assert found["q"]["result"][0]["id"] == "CD"


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_the_client_of_others_works_unchanged(shared_client):
    """The package `reconciler`, which sends forms of ten queries and makes tables of the answers."""
    names = pandas.Series(["Cote d'Ivoire", "德国", "Congo", "S. Sudan", "Myanmar"] * 3)
    with serve_app(shared_client.application) as address:
        table = reconcile_column(
            names, type_id="country", reconciliation_endpoint=f"{address}/reconcile"
        )
    found = dict(zip(table["input_value"], table["id"], strict=True))
    assert found == {
        "Cote d'Ivoire": "CI",
        "德国": "DE",
        "Congo": "CG",
        "S. Sudan": "SS",
        "Myanmar": "MM",
    }
    assert list(table["match"]) == [True, True, False, True, True]


BAD = [
    "x", "[]", '{"0": 5}', '{"0": {}}', '{"0": {"query": 5}}', '{"0": {"query": null}}',
    '{"0": {"query": "a", "properties": {}}}', '{"0": {"query": "a", "properties": [{"v": 1}]}}',
]  # fmt: skip


@pytest.mark.parametrize("queries", BAD)
def test_a_bad_batch_is_refused(shared_client, queries):
    assert shared_client.post("/reconcile", data={"queries": queries}).status_code == 400


BAD_EXTENSIONS = [
    "[]", "{}", '{"ids": [], "properties": [5]}',
    '{"ids": [], "properties": [{"id": "a", "settings": {"on": "x"}}]}',
]  # fmt: skip


@pytest.mark.parametrize("extension", BAD_EXTENSIONS)
def test_a_bad_extension_is_refused(shared_client, extension):
    assert shared_client.post("/reconcile", data={"extend": extension}).status_code == 400

"""`/reconcile/1.0-draft`: the next version of the Reconciliation Service API, by its own shapes."""

import pytest
from jsonschema import Draft202012Validator

from tests.api.reconciliation_schemas import CANDIDATE, CELL, NAMED, TEXT, URL, array, record

ROOT = "/reconcile/1.0-draft"
TRUE = {"const": True}
SETTING = record("type id name", type={"enum": ["text"]}, id=TEXT, name=TEXT, default=TEXT, helpText=TEXT)  # fmt: skip
MANIFEST = record(
    "versions name view",
    versions=array(TEXT, contains={"const": "1.0-draft"}),
    name=TEXT,
    documentation=URL,
    serviceVersion=TEXT,
    logo=URL,
    view=record("url", url={"type": "string", "pattern": r"^https?://.*[^{]\{id\}$"}),
    defaultTypes=array(NAMED, uniqueItems=True),
    suggest=record("entity property type", entity=TRUE, property=TRUE, type=TRUE),
    preview=record("width height", width={"type": "integer"}, height={"type": "integer"}),
    extend=record("proposeProperties", proposeProperties=TRUE, propertySettings=array(SETTING)),
)  # fmt: skip
RESULTS = record("results", results=array(record("candidates", candidates=array(CANDIDATE))))
VALUES = record("id values", id=TEXT, values=array(CELL))
EXTENSION = record(
    "meta rows",
    meta=array(NAMED),
    rows=array(record("id properties", id=TEXT, properties=array(VALUES))),
)
CURRENCY = {"matchType": "property", "propertyId": "currencies.code", "propertyValue": "CDF"}


def check(answer, schema):
    assert answer.status_code == 200, answer.text
    Draft202012Validator(schema).validate(answer.json)
    return answer.json


def match(client, *conditions, **query):
    """The ids of the candidates of a query, and whether each is a sure match."""
    body = {"queries": [{"conditions": [*conditions], **query}]}
    found = check(client.post(f"{ROOT}/match", json=body), RESULTS)["results"][0]["candidates"]
    return [(each["id"], each["match"]) for each in found]


def named(text):
    return {"matchType": "name", "propertyValue": text}


def test_the_manifest_says_what_the_service_can(shared_client):
    check(shared_client.get(ROOT), MANIFEST)


def test_queries_are_answered_in_order(shared_client):
    texts = ("德国", "Atlantis", "Congo")
    queries = [{"conditions": [named(each)], "type": "country", "limit": 1} for each in texts]
    found = check(shared_client.post(f"{ROOT}/match", json={"queries": queries}), RESULTS)
    ids = [[each["id"] for each in result["candidates"]] for result in found["results"]]
    assert (ids[:2], len(ids[2])) == ([["DE"], []], 1)


def test_conditions_settle_what_a_name_leaves_open(shared_client):
    congo = named("Congo")
    assert match(shared_client, congo, CURRENCY)[0] == ("CD", True)
    assert match(shared_client, congo, CURRENCY | {"required": True}) == [("CD", True)]
    without = CURRENCY | {"required": True, "matchQuantifier": "none"}
    assert match(shared_client, congo, without) == [("CG", True)]
    both = CURRENCY | {"required": True, "matchQuantifier": "all", "propertyValue": ["CDF", "EUR"]}
    assert match(shared_client, congo, both) == []
    assert match(shared_client, {"matchType": "id", "propertyValue": "US-CA"}) == [("US-CA", True)]
    assert match(shared_client, {"matchType": "id", "propertyValue": "nothing"}) == []
    code = {"matchType": "property", "propertyId": "alpha3", "propertyValue": "DEU"}
    assert match(shared_client, code, type="country")[0] == ("DE", True)


def test_values_of_entities_extend_a_table(shared_client):
    body = {"ids": ["CI", "nothing"], "properties": [{"id": "region"}]}
    rows = check(shared_client.post(f"{ROOT}/extend", json=body), EXTENSION)["rows"]
    assert rows == [
        {"id": "CI", "properties": [{"id": "region", "values": [{"str": "Africa"}]}]},
        {"id": "nothing", "properties": [{"id": "region", "values": []}]},
    ]


def test_the_rest_is_that_of_the_version_before(shared_client):
    for new, old in [
        ("/suggest/entity?prefix=germ", "/suggest/entity?prefix=germ"),
        ("/suggest/type?prefix=cou", "/suggest/type?prefix=cou"),
        ("/suggest/property?prefix=reg", "/suggest/property?prefix=reg"),
        ("/extend/propose?type=group&limit=2", "/properties?type=group&limit=2"),
        ("/preview?id=CI", "/preview?id=CI"),
    ]:
        answers = [shared_client.get(f"{ROOT}{new}"), shared_client.get(f"/reconcile{old}")]
        assert [each.status_code for each in answers] == [200, 200], new
        assert answers[0].data == answers[1].data
    policy = shared_client.get(f"{ROOT}/preview?id=CI").headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy


BAD = [
    [], {}, {"queries": {}}, {"queries": [5]}, {"queries": [{}]}, {"queries": [{"conditions": []}]},
    {"queries": [{"conditions": [{"matchType": "name"}]}]},
    {"queries": [{"conditions": [{"matchType": "colour", "propertyValue": "a"}]}]},
    {"queries": [{"conditions": [{"matchType": "property", "propertyValue": "a"}]}]},
    {"queries": [{"conditions": [CURRENCY | {"matchQuantifier": "most"}]}]},
    {"queries": [{"conditions": [CURRENCY | {"matchQuantifier": []}]}]},
]  # fmt: skip


@pytest.mark.parametrize("body", BAD)
def test_a_bad_batch_is_refused(shared_client, body):
    assert shared_client.post(f"{ROOT}/match", json=body).status_code == 400


@pytest.mark.parametrize("body", [[], {}, {"ids": [], "properties": [5]}])
def test_a_bad_extension_is_refused(shared_client, body):
    assert shared_client.post(f"{ROOT}/extend", json=body).status_code == 400

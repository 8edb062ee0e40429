"""The reference page as it comes from the server: everything that is described is there, and its examples hold."""

import html
import re

import pytest

from terrafirma.register.model.kinds import KINDS
from terrafirma.web.operations import ADMINS, EDITORS, list_tags
from terrafirma.web.schema_words import describe_type, make_example

WRONG = {"/countries?populaton=5": 400}
"""Examples of what is refused."""


@pytest.fixture(scope="module")
def page(shared_client):
    return shared_client.get("/docs").text


@pytest.fixture(scope="module")
def description(shared_client):
    return shared_client.get("/openapi.json").json


def list_operations(description):
    return [each for operations in list_tags(description).values() for each in operations]


def test_every_operation_is_told_once_with_all_its_addresses(page, description):
    described = sorted(
        (method.upper(), path)
        for path, operations in description["paths"].items()
        for method in operations
    )
    told = [
        (each.method, path)
        for each in list_operations(description)
        for path in (each.address, *each.others)
    ]
    assert sorted(told) == described
    anchors = re.findall(r'<article class="operation" id="(\w+)"', page)
    assert len(anchors) == len(set(anchors)) == len(list_operations(description))
    assert "/subdivisions/{key}/revert" in page


def test_links_within_the_page_lead_somewhere(page):
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {html.unescape(each) for each in re.findall(r'href="#([^"]+)"', page)} <= set(ids)


def test_every_example_that_reads_is_answered(shared_client, page, description):
    addresses = {
        html.unescape(each)
        for each in re.findall(r'<a (?:class="example" )?href="(/[^"]+)">', page)
    }
    addresses -= {each.example for each in list_operations(description) if each.who == ADMINS}
    assert len(addresses) > 60
    answers = {address: shared_client.get(address).status_code for address in sorted(addresses)}
    assert {
        address: status for address, status in answers.items() if status != WRONG.get(address, 200)
    } == {}


def test_every_parameter_and_field_of_a_body_is_there(page, description):
    described = {
        given["name"]
        for operations in description["paths"].values()
        for operation in operations.values()
        for given in operation.get("parameters", [])
        # Filters, a parameter a field, are described together.
        if "name" in given and not given.get("description", "").startswith("Records whose ")
    }
    schemas = description["components"]["schemas"]
    described |= {
        name
        for each in ("Country", "Membership", "KeyBody", "ExportBody")
        for name in schemas[each]["properties"]
    }
    assert {name for name in described if f"<code>{name}</code>" not in page} == set()


def test_it_says_who_may_and_whose_a_parameter_is(description):
    told = {each.id: each for each in list_operations(description)}
    assert (told["add_country"].who, told["add_key"].who) == (EDITORS, ADMINS)
    only = {each.name: each.only for each in told["list_countries"].parameters}
    assert (only["lang"], only["sort"]) == (("countries",), ())
    assert len(told["list_countries"].others) == len(KINDS) - 1
    assert told["list_countries"].summary.startswith("The records that exist on a day")


def test_it_is_made_once_and_known_by_its_etag(shared_client, page):
    first = shared_client.get("/docs")
    assert (first.status_code, first.mimetype) == (200, "text/html")
    assert "default-src 'none'" in first.headers["Content-Security-Policy"]
    again = shared_client.get("/docs", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    zipped = shared_client.get("/docs", headers={"Accept-Encoding": "gzip"})
    assert len(zipped.data) < 36_000
    assert not re.search(r"<script(?! type=\"module\" src)|\son\w+=|\sstyle=", page)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "number", "minimum": 0, "x-unit": "km²"}, "number, at least 0, km²"),
        ({"type": "integer", "minimum": 1, "maximum": 1000}, "whole number, 1 to 1,000"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Capital"}}, "list of Capital"),
        ({"anyOf": [{"type": "integer"}, {"type": "string", "format": "date"}]}, "whole number or day"),
        ({"type": "string", "anyOf": [{"format": "date"}, {"pattern": "^" + "x" * 40}]}, "day"),
        ({"enum": ["a", "b"]}, "`a` or `b`"),
        ({"enum": list(range(40))}, "`0`, `1`, `2` … (40 in all)"),
        ({"$ref": "#/components/schemas/Country/properties/area"}, "Country.area"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object of text by name"),
        ({}, "anything"),
    ],
)  # fmt: skip
def test_types_are_told_in_words(schema, told):
    assert describe_type(schema) == told


def test_the_least_that_a_schema_takes_is_its_example():
    part = {
        "type": "object",
        "properties": {"entry": {"type": "integer", "minimum": 7}, "note": {}},
        "required": ["entry"],
    }
    assert make_example({"$ref": "#/components/schemas/Part"}, {"Part": part}) == {"entry": 7}

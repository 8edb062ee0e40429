"""The description at /openapi.json: sound, whole, and true to the routes."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from terrafirma.errors import FAULTS
from terrafirma.http.app.parameters import LOGGED, PARAMETERS, index_parameters
from terrafirma.http.middleware.error_handlers import PROBLEMS
from terrafirma.register.model.kinds import COUNTRY, INCLUDED, KINDS
from terrafirma.register.model.records import Country

ROOT = Path(__file__).parents[2]
SCHEMA_WORDS = {
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "default", "dependentRequired", "description",
    "enum", "examples", "format", "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems",
    "minLength", "minProperties", "minimum", "not", "oneOf", "pattern", "patternProperties", "properties",
    "propertyNames", "readOnly", "required", "type", "uniqueItems",
}  # fmt: skip
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def description(sqlite_client):
    answer = sqlite_client.get("/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def list_operations(description):
    return [
        (path, method, operation)
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    ]


def test_description_is_openapi_3_1(description):
    assert description["openapi"].startswith("3.1.")
    assert not [str(error) for error in OpenAPIV31SpecValidator(description).iter_errors()]


def test_every_route_is_described_and_nothing_else(sqlite_client, description):
    routes = {
        (re.sub(r"<(?:\w+(?:\(.*\))?:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in sqlite_client.application.url_map.iter_rules()
        if not sqlite_client.application.extensions["terrafirma"].contracts[rule.endpoint].foreign
        for method in rule.methods & METHODS
    }
    assert {(path, method.upper()) for path, method, _ in list_operations(description)} == routes


def test_every_operation_says_what_it_is(description):
    operations = list_operations(description)
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
    for path, method, operation in operations:
        assert operation["summary"].endswith((".", "?")), (path, method)
        assert {"400", "413", "500", "503"} <= operation["responses"].keys(), (path, method)
        assert min(operation["responses"]) < "400", (path, method)


def list_keywords(schema):
    """Every keyword of a schema and those in it, but not the names of members."""
    yield from schema
    for keyword, value in schema.items():
        if keyword in ("properties", "patternProperties"):
            inner = list(value.values())
        else:
            inner = value if isinstance(value, list) else [value]
        for each in inner:
            if isinstance(each, dict) and keyword not in ("default", "example", "examples"):
                yield from list_keywords(each)


def test_schemas_speak_json_schema_and_no_dialect_of_it(description):
    used = {
        keyword
        for schema in description["components"]["schemas"].values()
        for keyword in list_keywords(schema)
    }
    assert used - SCHEMA_WORDS == {"x-unit"}


def test_whole_numbers_have_their_bounds(description):
    properties = description["components"]["schemas"]["Country"]["properties"]
    bounds = {
        name: (properties[name]["minimum"], properties[name]["maximum"])
        for name in ("population", "gini_year")
    }
    assert bounds == {"population": (0, 2**53), "gini_year": (0, 9999)}


def test_fields_have_their_units_and_what_the_server_makes_is_read_only(description):
    schemas = description["components"]["schemas"]
    properties = schemas["Country"]["properties"]
    assert properties.keys() == {*COUNTRY.fields, *INCLUDED, "known_from"}
    assert properties["area"] == {
        "type": "number",
        "minimum": 0,
        "maximum": 2**53,
        "x-unit": "km²",
        "description": "Total area with inland waters.",
    }
    assert all("pattern" in properties[name] for name in ("name", "iso_name", "capital", "region"))
    made = {field.alias or name for name, field in Country.model_fields.items() if field.exclude}
    assert {name for name, schema in properties.items() if schema.get("readOnly")} == made
    assert properties["id"]["type"] == "integer"


def test_examples_are_of_the_dataset_and_can_be_stored(sqlite_client, description):
    answer = description["paths"]["/countries/{key}"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]
    examples = {name: each["value"] for name, each in answer["examples"].items()}
    assert {name: each["alpha2"] for name, each in examples.items()} == {
        "Thailand": "TH",
        "Bulgaria": "BG",
    }
    for example in examples.values():
        address = f"/countries/{example['alpha2']}"
        assert sqlite_client.put(address, json=example).status_code == 200
    post = description["paths"]["/countries"]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ]
    assert sqlite_client.post("/countries", json=post["one"]["value"]).status_code == 201


def test_filters_are_plain_parameters_that_the_api_takes(sqlite_client, description):
    parameters = description["paths"]["/countries"]["get"]["parameters"]
    filters = {each["name"]: each["schema"] for each in parameters if each.get("x-filter")}
    assert {*COUNTRY.catalog.paths} <= filters.keys()
    assert {"area[gte]", "name[contains]", "population[lt]"} <= filters.keys()
    assert filters["status"]["items"]["enum"] == ["assigned", "user-assigned", "former"]
    for name in filters:
        path = COUNTRY.catalog.find(name.partition("[")[0])
        value = (path.choices or {"number": "1", "boolean": "true"}.get(path.type, "x"))[0]
        answer = sqlite_client.get(f"/countries?{name}={value}&limit=1")
        assert answer.status_code in (200, 400)
        assert "not a parameter" not in answer.text


def list_schemas(value):
    """Every object inside a description."""
    if isinstance(value, list):
        return [found for each in value for found in list_schemas(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in list_schemas(each))]


def test_generators_of_clients_can_follow_the_description(description):
    """The rules that the generators of tests/clients need; those tests take longer."""
    for schema in list_schemas(description["components"]["schemas"]):
        assert "/properties/" not in str(schema.get("$ref", ""))
        choices = schema.get("anyOf", [])
        assert all({"type", "$ref"} & each.keys() for each in choices if isinstance(each, dict))
    for place in (description["paths"], description["components"]["responses"]):
        for body in list_schemas(place):
            others = body.get("x-content", {})
            assert len(body.get("content", "1")) == 1, body["content"].keys()
            assert "application/json" not in others
            assert not others or body["content"].keys() - others.keys()
    extra = description["components"]["schemas"]["CountryPatch"]["properties"]["extra"]
    assert extra["additionalProperties"] is True


def test_every_parameter_is_known_to_some_route_and_every_known_one_declared(sqlite_client):
    contracts = sqlite_client.application.extensions["terrafirma"].contracts.values()
    assert {name for contract in contracts for name in contract.query} == PARAMETERS.keys()


def test_no_two_parameters_are_declared_as_one():
    with pytest.raises(ValueError, match="declared as sort"):
        index_parameters(
            [PARAMETERS["q"], PARAMETERS["sort"], replace(PARAMETERS["sort"], meaning="Another.")]
        )


def test_a_name_that_means_two_things_is_described_as_it_is_meant(description):
    def schema_of(name: str, address: str, method: str) -> dict:
        [found] = [
            each
            for each in description["paths"][address][method]["parameters"]
            if each.get("name") == name
        ]
        return found["schema"]

    assert schema_of("kind", "/imports", "post")["enum"] == list(KINDS)
    assert schema_of("kind", "/entries", "get") == schema_of("kind", "/entries/stream", "get")
    assert schema_of("kind", "/entries", "get")["enum"] == LOGGED
    assert {"names", "dataset"} <= {*LOGGED} - {*KINDS}
    assert schema_of("fields", "/entries", "get") == schema_of(
        "fields", "/countries/{key}/entries", "get"
    )
    assert "changes" in schema_of("fields", "/entries", "get")["items"]["enum"]
    assert schema_of("dependents", "/countries/{key}", "delete")["enum"] == ["remove"]
    assert schema_of("dependents", "/countries/{key}/revert", "post")["enum"] == ["restore"]


def test_description_is_cached_by_its_etag(sqlite_client):
    etag = sqlite_client.get("/openapi.json").headers["ETag"]
    assert sqlite_client.get("/openapi.json", headers={"If-None-Match": etag}).status_code == 304


def test_words_with_addresses_of_their_own_are_not_keys(sqlite_client):
    answer = sqlite_client.delete("/countries/facets")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def read_rows(heading: str) -> dict[str, list[str]]:
    """The rows of a table in docs/errors.md, by the code in their first cell."""
    section = (
        (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
    )
    rows = [
        line.strip("|").split("|")
        for line in section.partition("\n## ")[0].splitlines()
        if line.startswith("| `")
    ]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in rows}


def test_every_problem_is_documented():
    assert read_rows("Problems") == {
        code: [str(status), meaning] for code, (status, meaning) in PROBLEMS.items()
    }


def test_every_fault_is_documented():
    assert read_rows("Faults of a field") == {code: [meaning] for code, meaning in FAULTS.items()}


@pytest.mark.parametrize(
    "query", ["q=%00", "name=%00", "extra.a=%00", "sort=extra.%00", "extra.%00=1"]
)
def test_a_query_has_no_nul(client, query):
    answer = client.get(f"/countries?{query}")
    assert (answer.status_code, answer.json["error"]) == (
        400,
        "The query has a NUL character (%00).",
    )


def test_only_writes_of_records_take_the_headers_of_such_writes(shared_client):
    paths = shared_client.get("/openapi.json").json["paths"]
    heeding = {"#/components/parameters/IfMatch", "#/components/parameters/IdempotencyKey"}
    taken = {
        path: {each.get("$ref") for each in paths[path]["post"].get("parameters", [])} & heeding
        for path in ("/countries", "/imports", "/imports/{id}/commit")
    }
    assert taken == {"/countries": heeding, "/imports": set(), "/imports/{id}/commit": set()}
    assert "412" not in paths["/imports"]["post"]["responses"]

"""`/v3.1/openapi.json`: a valid description, and every answer is as it describes."""

import jsonschema
import pytest
from openapi_spec_validator import validate

from terrafirma.restcountries.description import SCHEMAS, V2, V31

ADDRESSES = {
    "all": ("", "?fields=name,gini,borders", "?on=1960-01-01"),
    "alpha/{code}": ("code=de", "code=aq", "code=de&fields=name,flags"),
    "alpha": ("?codes=de,fr",),
    "independent": ("?status=false",),
    "name/{text}": ("text=korea", "text=germany&fullText=true"),
    "currency/{text}": ("text=eur",),
    "lang/{text}": ("text=spa",),
    "capital/{text}": ("text=lima",),
    "region/{text}": ("text=oceania",),
    "subregion/{text}": ("text=caribbean",),
    "demonym/{text}": ("text=peruvian",),
    "translation/{text}": ("text=alemania",),
    "callingcode/{text}": ("text=372",),
    "regionalbloc/{text}": ("text=saarc",),
}


@pytest.fixture
def description(shared_client):
    return shared_client.get("/v3.1/openapi.json").json


def fill(address: str, query: str) -> str:
    """An address with the first value of a query in its varying part, and the others behind it."""
    start, brace, _ = address.partition("{")
    if not brace:
        return address + query
    value, _, rest = query.partition("=")[2].partition("&")
    return f"{start}{value}" + (f"?{rest}" if rest else "")


def test_the_description_is_valid(description):
    validate(description)
    assert description["servers"] == [{"url": "http://localhost"}]
    operations = [each["get"]["operationId"] for each in description["paths"].values()]
    assert len(operations) == len(set(operations))


def test_every_described_address_answers_as_described(shared_client, description):
    for address, methods in description["paths"].items():
        version, short = address[1:].split("/", 1)
        schema = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = schema | {"components": description["components"]}
        for query in ADDRESSES[short]:
            found = shared_client.get(fill(f"/{version}/{short}", query))
            assert found.status_code == 200, (address, query)
            jsonschema.validate(found.json, whole)


def test_every_field_is_described(shared_client):
    [record] = shared_client.get(f"/v3.1/alpha?codes=de&fields={','.join(V31)}").json
    assert len(V31) == 35
    assert record.keys() == V31.keys()
    eu = shared_client.get("/rest/v2/alpha/de").json
    assert eu.keys() <= V2.keys() | {"flags", "independent"}
    refusal = shared_client.get("/v3.1/alpha/zz").json
    jsonschema.validate(refusal, SCHEMAS["Error"])

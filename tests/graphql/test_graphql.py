"""`/graphql` over a real register: the queries that tutorials have, limits, and days."""

import pytest
from graphql import get_introspection_query

README = """
query Query {
  country(code: "BR") { name native capital emoji currency languages { code name } }
}
"""
FILTERED = "query($filter: CountryFilterInput) { countries(filter: $filter) { code name } }"


@pytest.fixture
def rest(shared_client):
    return shared_client


def post(client, query, status=200, **body):
    response = client.post("/graphql", json={"query": query, **body})
    assert response.status_code == status, response.text
    return response.json


def codes(client, **condition):
    found = post(client, FILTERED, variables={"filter": condition})["data"]["countries"]
    return [country["code"] for country in found]


def test_the_query_of_every_tutorial(rest):
    assert post(rest, README, operationName="Query") == {
        "data": {
            "country": {
                "name": "Brazil",
                "native": "Brasil",
                "capital": "Brasília",
                "emoji": "🇧🇷",
                "currency": "BRL",
                "languages": [{"code": "pt", "name": "Portuguese"}],
            }
        }
    }


def test_filters(rest):
    assert codes(rest, code={"in": ["US", "CA"]}) == ["CA", "US"]
    assert codes(rest, code={"eq": "US"}) == ["US"]
    assert len(codes(rest, name={"regex": "^United"})) == 4
    assert "EC" in codes(rest, currency={"eq": "USD"})
    assert codes(rest, continent={"eq": "AN"}, code={"ne": "AQ"}) == ["BV", "GS", "HM", "TF"]
    assert len(codes(rest, code={"nin": ["US"], "eq": None})) == 249


def test_every_field_of_every_country_has_a_value_of_its_type(rest):
    query = """{ countries { code name native phone phones capital currency currencies emoji emojiU
      continent { code name } languages { code name native rtl } awsRegion
      subdivisions { code name emoji } alpha3 numeric officialName population area region
      borders { code } groups { code } } }"""
    answer = post(rest, query)
    assert "errors" not in answer
    found = {country["code"]: country for country in answer["data"]["countries"]}
    assert len(found) == 250
    assert [each["code"] for each in found["GB"]["subdivisions"]] == [
        "GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS",
    ]  # fmt: skip
    assert found["GB"]["subdivisions"][0]["emoji"] == "🏴󠁧󠁢󠁥󠁮󠁧󠁿"
    assert found["DE"]["emojiU"] == "U+1F1E9 U+1F1EA"
    assert found["TH"]["awsRegion"] == "ap-southeast-1"
    assert {"code": "ar", "name": "Arabic", "native": "العربية", "rtl": True} in found["EG"][
        "languages"
    ]


def test_nested_and_by_code(rest):
    query = """{ continent(code: "SA") { name countries { code } } language(code: "et") {
      countries { code } } country(code: "DE") { name(lang: "fr") states { code name country {
      code } } } group(code: "EU") { members { code } } none: country(code: "ZZ") { code } }"""
    data = post(rest, query)["data"]
    assert "BR" in [each["code"] for each in data["continent"]["countries"]]
    assert data["language"]["countries"] == [{"code": "EE"}]
    assert data["country"]["name"] == "Allemagne"
    assert len(data["country"]["states"]) == 16
    assert len(data["group"]["members"]) == 27
    assert data["none"] is None


def test_another_day(rest):
    query = """query($day: String) { country(code: "BG", on: $day) { currency }
      group(code: "EU", on: $day) { members { code } } }"""
    data = post(rest, query, variables={"day": "2006-12-31"})["data"]
    assert data["country"]["currency"] == "BGN"
    assert len(data["group"]["members"]) == 25
    wrong = post(rest, query, variables={"day": "yesterday"})
    assert wrong["errors"][0]["extensions"] == {"code": "VALIDATION_ERROR"}


def test_writes_show_at_once(client):
    assert post(client, '{ country(code: "TH") { capital } }')["data"]["country"]["capital"]
    client.patch("/countries/TH", json={"capital": "Krung Thep"})
    data = post(client, '{ country(code: "TH") { capital } }')["data"]
    assert data["country"]["capital"] == "Krung Thep"


def test_get_is_kept_by_caches_and_arrays_are_answered_in_order(rest):
    path = "/graphql?query={country(code:%22DE%22){name}}"
    response = rest.get(path)
    assert response.json == {"data": {"country": {"name": "Germany"}}}
    assert response.headers["ETag"]
    same = rest.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert same.status_code == 304
    batch = [{"query": '{country(code:"FR"){name}}'}, {"query": "{nothing}"}]
    answers = rest.post("/graphql", json=batch).json
    assert answers[0]["data"]["country"]["name"] == "France"
    assert answers[1]["errors"]


def test_pages_of_other_sites_may_ask(rest):
    headers = {"Origin": "https://example.org"}
    response = rest.post("/graphql", json={"query": README}, headers=headers)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    headers |= {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    assert rest.options("/graphql", headers=headers).headers["Access-Control-Allow-Origin"] == "*"


def test_introspection_is_on(rest):
    data = post(rest, get_introspection_query())["data"]
    assert {"CountryFilterInput", "StringQueryOperatorInput"} <= {
        each["name"] for each in data["__schema"]["types"]
    }


@pytest.mark.parametrize(
    "query",
    [
        "",
        "{",
        "{ nothing }",
        "mutation { x }",
        "{ countries { name(lang: 3) } }",
        "{ countries " + "{ continent { countries " * 6 + "{ code }" + "}}" * 6 + "}",
        "{ " + " ".join(f"a{number}: countries {{ code }}" for number in range(500)) + " }",
        "{ ...F } fragment F on Query { ...F }",
        "{" * 100_000,
    ],
)
def test_bad_queries_are_refused(rest, query):
    assert post(rest, query, status=400)["errors"][0]["message"]


@pytest.mark.parametrize(
    "body", ["x", [], {}, {"query": 1}, {"query": "{x}", "variables": []}, [{}] * 11, "{x}"]
)
def test_bad_bodies_are_refused(rest, body):
    assert rest.post("/graphql", json=body).status_code == 400
    assert rest.get("/graphql").status_code == 400
    assert rest.get("/graphql?query={x}&variables={").status_code == 400


def test_costly_queries_end(rest):
    query = """{ countries { languages { countries { states { code name } languages { countries {
      code } } } } } }"""
    answer = post(rest, query)
    assert "fields" in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", r"(\w+\s?)*x", "a*a*a*a*b", r"(a)\1", "(", "a" * 101]
)
def test_patterns_that_may_take_long_are_refused(rest, pattern):
    answer = post(rest, FILTERED, variables={"filter": {"name": {"regex": pattern}}})
    assert answer["errors"][0]["message"]

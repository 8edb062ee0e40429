"""The addresses of REST Countries over a real register: answers, refusals, headers, and that edits show at once."""

import json
from http import HTTPStatus
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from terrafirma.http.app.context import EXTENSION
from terrafirma.restcountries.middleware import RestCountriesMiddleware
from terrafirma.restcountries.v2 import V2
from terrafirma.restcountries.v31 import V31

PREFIXES = ("/v3.1", "/v3", "/v2")


def ask(client, path, **options):
    """The JSON of an answer that must be a 200."""
    response = client.get(path, **options)
    assert response.status_code == 200, response.text
    return response.json


def codes(client, path):
    """The alpha-2 codes of a list, in its order."""
    return [record["cca2"] for record in ask(client, path)]


@pytest.fixture
def rest(shared_client):
    """A client that only reads."""
    return shared_client


def test_on_both_databases_it_reads_and_shows_edits_at_once(client):
    assert ask(client, "/v3.1/alpha/th?fields=capital") == {"capital": ["Bangkok"]}
    client.patch("/countries/TH", json={"capital": "Krung Thep"})
    assert ask(client, "/v3.1/alpha/th?fields=capital")["capital"][0] == "Krung Thep"
    assert codes(client, "/v3.1/capital/krung?fields=cca2") == ["TH"]
    body = {"name": "Sealand", "alpha2": "QS", "alpha3": "QSL", "currencies": [{"code": "XXX"}]}
    assert client.post("/countries", json=body).status_code == 201
    [made] = ask(client, "/v3.1/name/sealand")
    assert (made["cca3"], made["status"], made["area"]) == ("QSL", "user-assigned", 0.0)
    assert len(ask(client, "/v3.1/all?fields=cca2")) == 251
    assert client.delete("/countries/QS").status_code == 204
    assert client.get("/v3.1/alpha/qs").status_code == 404
    assert len(ask(client, "/v3.1/all?fields=cca2")) == 250


def test_every_country_by_common_name(rest):
    names = [record["name"]["common"] for record in ask(rest, "/v3.1/all?fields=name")]
    assert len(names) == 250
    assert names[:3] == ["Afghanistan", "Åland Islands", "Albania"]
    assert names[-1] == "Zimbabwe"


def test_all_without_fields_has_every_field(rest):
    germany = next(record for record in ask(rest, "/v3.1/all") if record["cca2"] == "DE")
    assert len(germany) == 35


@pytest.mark.parametrize("prefix", ["/v3.1", "/v3"])
def test_a_code_gives_an_array_and_with_fields_an_object(rest, prefix):
    assert [record["cca3"] for record in ask(rest, f"{prefix}/alpha/de")] == ["DEU"]
    assert ask(rest, f"{prefix}/alpha/de?fields=cca3") == {"cca3": "DEU"}
    assert ask(rest, f"{prefix}/alpha/de?fields=nothing") == {}
    assert isinstance(ask(rest, f"{prefix}/alpha/de?fields="), list)
    assert ask(rest, f"{prefix}/alpha?codes=de&fields=cca3") == [{"cca3": "DEU"}]
    assert ask(rest, f"{prefix}/alpha/codes=pe?fields=cca2") == {"cca2": "PE"}


def test_fields_may_hold_more_than_ten_and_what_is_unknown(rest):
    shown = ask(
        rest,
        "/v3.1/alpha/de?fields=name,tld,cca2,cca3,ccn3,cioc,area,borders,capital,car,fifa,flag,what, idd",
    )
    assert len(shown) == 12
    assert ask(rest, "/v3.1/name/peru?fields=what") == [{}]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v3.1/alpha?codes=170,no,est,pe", ["CO", "EE", "NO", "PE"]),
        ("/v3.1/alpha/?codes=col,zz", ["CO"]),
        ("/v3.1/alpha?codes=de,DE", ["DE"]),
        ("/v3.1/alpha/ger", ["DE"]),
        ("/v3.1/alpha/brn", ["BN"]),
        ("/v3.1/alpha/unk", ["XK"]),
        ("/v3.1/alpha/xkx", ["XK"]),
        ("/v3.1/name/eesti", ["EE"]),
        ("/v3.1/name/c%C3%B4te", ["CI"]),
        ("/v3.1/name/united%20states/", ["US", "UM", "VI"]),
        ("/v3.1/name/united+kingdom", ["GB"]),
        ("/v3.1/name/turkey", ["TR"]),
        ("/v3.1/name/germany?fullText=true", ["DE"]),
        ("/v3.1/name/guinea?fullText=TRUE", ["GN"]),
        ("/v3.1/capital/bogota", ["CO"]),
        ("/v3.1/lang/est", ["EE"]),
        ("/v3.1/translation/saksamaa", ["DE"]),
        ("/v3.1/demonym/peruvian", ["PE"]),
        ("/v3.1/region/antarctic", ["AQ", "BV", "TF", "HM", "GS"]),
        ("/v3/currency/jpy", ["JP"]),
        # No rule of the old service finds these: the resolver does.
        ("/v3.1/name/alemagne", ["DE"]),
        ("/v3.1/translation/allemange", ["DE"]),
        ("/v3.1/name/peru?what=ever&limit=3&name=x&name=y", ["PE"]),
    ],
)
def test_addresses_find(rest, path, found):
    assert codes(rest, path) == found


def test_independence(rest):
    both = [
        codes(rest, f"/v3.1/independent?status={status}&fields=cca2")
        for status in ("true", "false")
    ]
    assert codes(rest, "/v3.1/independent?fields=cca2") == both[0]
    assert sorted(both[0] + both[1]) == sorted(codes(rest, "/v3.1/all?fields=cca2"))
    assert codes(rest, "/v3.1/independent?status=FALSE&fields=cca2") == both[1]


@pytest.mark.parametrize(
    "path", ["/alpha/zz", "/name/nowhere", "/alpha?codes=xx,zz", "/name/%00", "/name/%F0%9F%8D%95"]
)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_nothing_found(rest, prefix, path):
    response = rest.get(prefix + path)
    assert (response.status_code, response.data) == (404, b'{"message":"Not Found","status":404}')
    assert response.content_type == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path", ["/alpha/ZZZ999", "/alpha/d", "/alpha?codes=", "/alpha?codes=d", "/alpha?codes=germany"]
)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_bad_requests(rest, prefix, path):
    response = rest.get(prefix + path)
    assert (response.status_code, response.data) == (400, b'{"message":"Bad Request","status":400}')


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/v3.1/x", 404, "Page Not Found"),
        ("/v3.1/x/y", 404, "Page Not Found"),
        ("/v3.1/name", 404, "Page Not Found"),
        ("/v3.1", 404, "Page Not Found"),
        ("/v3.1/", 404, "Page Not Found"),
        ("/v3.1/callingcode/49", 404, "Page Not Found"),
        ("/v3.1/ALL", 404, "Page Not Found"),
        ("/v3/independent", 404, "Page Not Found"),
        ("/v3.1/alpha/../all", 404, "Page Not Found"),
        ("/v3.1/alpha", 400, "Required QueryValue [codes] not specified"),
        ("/v3.1/independent?status=maybe", 400, "Failed to convert argument [status]"),
        ("/v3.1/name/peru?fullText=maybe", 400, "Failed to convert argument [fullText]"),
    ],
)
def test_what_never_reached_the_service_is_refused_in_hal(rest, path, status, reason):
    response = rest.get(path)
    assert response.status_code == status
    message = {400: "Bad Request", 404: "Not Found"}[status]
    links = {"self": {"href": path.partition("?")[0], "templated": False}}
    assert response.json == {
        "message": message,
        "_links": links,
        "_embedded": {"errors": [{"message": reason}]},
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v3.1/name/" + "x" * 20_000, 404),
        ("/v3.1/alpha?codes=" + ",".join(["de"] * 1000), 200),
        ("/v3.1/alpha/de?fields=" + "name," * 1400, 200),
        ("/v3.1/alpha/de?fields=" + "name," * 2000, 413),
        ("/v3.1/name/%ff%fe", 404),
        ("/v3.1/name/peru?fields=%ff", 200),
        ("/v3.1/name/peru?fields=%00", 400),
        ("/v3.1/currency/%F0%9F%92%B6", 404),
        ("/v3.1/name/%25", 404),
        ("/v3.1/lang/_", 404),
        ("/v3.1/name/a%2Fb", 404),
        ("/v3.1/all?on=tomorrow", 400),
        ("/v3.1/all?as_of=999999", 400),
        ("/v2/currency/euro", 400),
        ("/v2/lang/german", 404),
    ],
)
def test_odd_input_is_answered_in_json(rest, path, status):
    response = rest.get(path)
    assert response.status_code == status
    assert response.content_type == "application/json"
    if status != 200:
        assert response.json["message"]


PARAMETERS = ("fields", "codes", "fullText", "status", "on", "as_of")
WORDS = sorted({"alpha", "all", "independent", *V31.searches, *V2.searches})


@given(
    prefix=st.sampled_from(PREFIXES),
    word=st.sampled_from(WORDS),
    text=st.text(max_size=20),
    query=st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=9)),
)
def test_nothing_that_is_asked_is_a_fault_of_ours(shared_client, prefix, word, text, query):
    asked = {name: value.encode("utf-8", "replace") for name, value in query.items()}
    response = shared_client.get(
        f"{prefix}/{word}/{quote(text, safe='', errors='replace')}", query_string=asked
    )
    assert response.status_code in (200, 400, 404, 405)
    assert response.content_type == "application/json"
    json.loads(response.data)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(rest, method):
    response = rest.open("/v3.1/alpha/de", method=method, json={"name": "X"})
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert response.json["message"] == "Method Not Allowed"
    # A page of another site reads why.
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_head_is_get_without_its_body(rest):
    got, head = rest.get("/v3.1/alpha/de"), rest.head("/v3.1/alpha/de")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.data))


@pytest.mark.parametrize("path", ["/v3.1/alpha/de", "/v3.1/all?fields=name", "/v2/all"])
def test_preflights_are_allowed_to_every_origin(rest, path):
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    response = rest.options(path, headers=asked)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "https://example.org"
    assert "GET" in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Access-Control-Allow-Headers"] == "*"
    asked["Access-Control-Request-Headers"] = "authorization, x-any"
    response = rest.options(path, headers=asked)
    assert response.headers["Access-Control-Allow-Headers"] == "authorization, x-any"


def test_pages_may_send_credentials_where_reading_is_open(rest):
    headers = rest.get("/v3.1/alpha/de", headers={"Origin": "https://example.org"}).headers
    assert headers["Access-Control-Allow-Origin"] == "https://example.org"
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Credentials" not in rest.get("/v3.1/alpha/de").headers


@pytest.mark.parametrize("path", ["/v3.1/all", "/v2/all", "/rest/v2/all"])
def test_refusals_before_the_door_have_its_form(rest, path):
    """A key that is not valid is refused by the middleware, before any route."""
    response = rest.get(path, headers={"Authorization": "Bearer tf_no.such"})
    assert response.status_code == 401
    assert response.json == {"message": "Unauthorized", "status": 401}
    assert response.content_type == "application/json"


@pytest.mark.parametrize("path", ["/v3.1/all", "/v2/all", "/rest/v2/all", "/v5"])
@pytest.mark.parametrize("status", [413, 429, 503])
def test_each_refusal_has_the_form_of_its_version(rest, path, status):
    """Limits, long requests and overload are refused by whatever stands before the door."""

    def refuse(environ, start_response):
        start_response(f"{status} REFUSED", [("Content-Type", "text/plain"), ("Retry-After", "9")])
        return [b"no"]

    door = RestCountriesMiddleware(refuse, rest.application.extensions[EXTENSION].settings)
    response = Client(door).get(path, headers={"Origin": "https://example.org"})
    assert (response.status_code, response.headers["Retry-After"]) == (status, "9")
    phrase = HTTPStatus(status).phrase
    v5 = {"errors": [{"message": phrase}]}
    assert response.json == (v5 if path == "/v5" else {"message": phrase, "status": status})
    assert response.headers["Access-Control-Allow-Origin"] == "https://example.org"


def test_a_preflight_of_what_is_not_there_is_refused_as_the_rest_is(rest):
    response = rest.options("/v3.1/nowhere")
    assert (response.status_code, response.json["message"]) == (404, "Not Found")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("day", "path", "found"),
    [
        ("1985-01-01", "/alpha/su", "Soviet Union"),
        ("1985-01-01", "/alpha/cs", "Czechoslovakia"),
        ("2004-01-01", "/alpha/cs", "Serbia and Montenegro"),
        ("1985-01-01", "/name/zaire", "Zaire"),
    ],
)
def test_former_countries_are_there_on_their_days_only(rest, day, path, found):
    [record] = ask(rest, f"/v3.1{path}?on={day}")
    assert (record["name"]["common"], record["status"], record["flags"]) == (
        found,
        "formerly-used",
        {},
    )
    assert found not in [each["name"]["common"] for each in ask(rest, "/v3.1/all")]


def test_answers_can_be_kept_and_asked_for_again(rest):
    first = rest.get("/v3.1/alpha/de", headers={"Origin": "https://example.org"})
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Access-Control-Allow-Origin"] == "https://example.org"
    assert first.content_type == "application/json"
    again = rest.get("/v3.1/alpha/de", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert (
        rest.get("/v3.1/all", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"]
        == "gzip"
    )
    assert "Deprecation" not in first.headers


def test_known_answers_skip_flask(sqlite_client):
    paths = ["/v3.1/alpha/de", "/v3.1/all?fields=name,flags,cca2", "/v2/all", "/v3/name/peru/"]
    # The first round makes the records; meanwhile the register may announce its first revision.
    for _ in range(2):
        first = [sqlite_client.get(path) for path in paths]
    sqlite_client.application.view_functions.clear()
    again = [sqlite_client.get(path) for path in paths]
    assert [each.data for each in again] == [each.data for each in first]
    assert {each.headers["Access-Control-Allow-Origin"] for each in again} == {"*"}
    known = sqlite_client.get(paths[0], headers={"If-None-Match": first[0].headers["ETag"]})
    assert (known.status_code, known.headers["Access-Control-Allow-Origin"]) == (304, "*")


def test_numbers_with_a_fraction_stay_such(rest):
    text = rest.get("/v3.1/alpha/th?fields=area,latlng,population").text
    assert json.loads(text)["area"] == 513120
    assert '"area":513120.0' in text
    assert isinstance(json.loads(text)["population"], int)


def test_another_day_and_another_state_of_the_register(rest):
    now, then = (
        ask(rest, f"/v3.1/alpha/bg?fields=currencies{on}") for on in ("", "&on=2025-12-31")
    )
    assert list(now["currencies"]) == ["EUR"]
    assert list(then["currencies"]) == ["BGN"]
    assert ask(rest, "/v3.1/all?fields=cca2&as_of=1") == [{"cca2": "TH"}]
    assert ask(rest, "/v2/alpha/bg?on=2025-12-31")["currencies"][0]["code"] == "BGN"


def test_what_is_not_known_of_a_day_is_null_and_never_0_or_false(rest):
    """Today's records have a number everywhere; of a day that was asked for, 0 would be a lie."""
    fields = "population,area,independent,unMember,landlocked,car,startOfWeek"
    then = ask(rest, f"/v3.1/alpha/de?fields={fields}&on=1959-01-01")
    assert then["population"] is None
    assert "population" not in ask(rest, "/v3.1/alpha/de?on=1959-01-01")[0]
    assert ask(rest, "/v2/alpha/de?fields=population&on=1959-01-01") == {"population": None}
    [v5] = ask(rest, "/v5/codes.alpha_2/DE?on=1959-01-01")["data"]["objects"]
    assert v5["population"] is None
    assert ask(rest, "/v3.1/alpha/de?fields=population")["population"] > 80_000_000
    made = ask(rest, "/v3.1/all?fields=population,area,independent,landlocked,car")
    assert None not in [value for record in made for value in record.values()]


def test_a_strict_service_wants_fields(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, restcountries_strict=1).test_client()
    refusal = {
        "message": "'fields' query not specified or you're requesting more than 10 fields",
        "status": 400,
    }
    eleven = ",".join(["name"] * 11)
    for query in (
        "",
        "?fields=",
        "?fields=,name",
        "?fields=name,,flags",
        "?fields=%20",
        f"?fields={eleven}",
    ):
        for prefix in PREFIXES:
            response = client.get(f"{prefix}/all{query}")
            assert (response.status_code, response.json) == (400, refusal)
    assert len(ask(client, "/v3.1/all?fields=name,cca2,")) == 250
    assert len(ask(client, "/v3.1/region/europe")) == 53
    assert len(ask(client, f"/v3.1/alpha?codes=de,fr&fields={eleven}")) == 2


def test_settings_say_how_long_and_where_flags_are(open_app, sqlite_world_url):
    client = open_app(
        sqlite_world_url,
        restcountries_max_age=7,
        restcountries_flag_png="/flags/{CODE}.png",
        restcountries_flag_svg="http://flags.test/{code}.svg?{CODE}",
    ).test_client()
    response = client.get("/v3.1/alpha/de?fields=flags")
    assert response.headers["Cache-Control"] == "public, max-age=7"
    flags = {
        "png": "/flags/DE.png",
        "svg": "http://flags.test/de.svg?DE",
        "alt": "The flag of Germany",
    }
    assert response.json == {"flags": flags}


def test_a_host_of_its_own_has_nothing_else(open_app, sqlite_world_url):
    client = open_app(
        sqlite_world_url, restcountries_host="restcountries.com, RestCountries.eu"
    ).test_client()
    old = {"Host": "restcountries.com:80"}
    assert ask(client, "/v3.1/alpha/de?fields=cca3", headers=old) == {"cca3": "DEU"}
    assert (
        ask(client, "/rest/v2/alpha/de", headers={"Host": "restcountries.eu"})["alpha3Code"]
        == "DEU"
    )
    assert client.get("/v3.1/alpha/zz", headers=old).status_code == 404
    for path in ("/countries", "/", "/health", "/rest", "/rest/v4/all", "/countri%C3%A9s"):
        response = client.get(path, headers=old)
        assert response.status_code == 404, path
        assert response.json["_embedded"]["errors"] == [{"message": "Page Not Found"}]
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert client.post("/countries", json={"name": "X"}, headers=old).status_code == 404
    assert ask(client, "/countries/DE?fields=alpha3") == {"alpha3": "DEU"}
    dotted = {"Host": "restcountries.com.:80"}
    assert client.get("/countries", headers=dotted).status_code == 404


def test_the_description_of_our_own_api_is_without_them(rest):
    assert not [path for path in ask(rest, "/openapi.json")["paths"] if path.startswith(PREFIXES)]


def test_version_3_has_flags_as_a_list(rest):
    flags = ["http://localhost/flags/de.svg", "http://localhost/flags/de.png"]
    assert ask(rest, "/v3/alpha/de?fields=flags") == {"flags": flags}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v2/alpha?codes=no;de", ["NO", "DE"]),
        ("/v2/alpha?codes=no,xx,de", ["NO", "DE"]),
        ("/v2/name/cote", ["CI"]),
        ("/v2/name/deutschland?fullText=true", ["DE"]),
        ("/v2/callingcode/49", ["DE"]),
        ("/v2/callingcode/+49", ["DE"]),
        ("/v2/capital/bogota", ["CO"]),
        ("/v2/currency/jpy", ["JP"]),
        ("/v2/lang/et", ["EE"]),
        ("/v2/lang/est", ["EE"]),
        ("/v2/demonym/peruvian", ["PE"]),
        ("/v2/subregion/northern%20america", ["BM", "CA", "GL", "PM", "US"]),
        ("/v2/region/polar", ["AQ"]),
        ("/v2/name/russia", ["RU", "BY"]),
        ("/v2/name/russian%20federation?fullText=true", ["RU"]),
        ("/v2/subregion/australia%20and%20new%20zealand", ["AU", "CX", "CC", "HM", "NZ", "NF"]),
    ],
)
def test_version_2_finds(rest, path, found):
    assert [record["alpha2Code"] for record in ask(rest, path)] == found


def test_version_2_is_flat(rest):
    germany = ask(rest, "/v2/alpha/de")
    assert germany["name"] == "Germany"
    assert germany["nativeName"] == "Deutschland"
    assert germany["capital"] == "Berlin"
    assert germany["currencies"] == [{"code": "EUR", "name": "Euro", "symbol": "€"}]
    assert germany["languages"] == [
        {"iso639_1": "de", "iso639_2": "deu", "name": "German", "nativeName": "Deutsch"}
    ]
    assert germany["flags"] == {"svg": germany["flag"], "png": "http://localhost/flags/de.png"}
    assert ask(rest, "/v2/alpha/de?fields=name;capital") == {"name": "Germany", "capital": "Berlin"}
    assert {"independent": False, "name": "Peru"} in ask(rest, "/v2/all?fields=name")
    assert {"independent": True, "name": "Peru"} in ask(rest, "/v2/all?fields=name,independent")


def test_the_starter_register_has_them_too(open_app, sqlite_url):
    client = open_app(sqlite_url, dataset="starter").test_client()
    assert [record["name"]["common"] for record in ask(client, "/v3.1/all")] == [
        "Australia",
        "Egypt",
        "Thailand",
    ]
    assert ask(client, "/v3.1/capital/cairo?fields=area") == [{"area": 1010408.0}]
    assert client.get("/v3.1/alpha/th").status_code == 404
    assert len(ask(client, "/v2/all")) == 3


EU_KEYS = {
    "name", "topLevelDomain", "alpha2Code", "alpha3Code", "callingCodes", "capital", "altSpellings",
    "region", "subregion", "population", "latlng", "demonym", "area", "gini", "timezones",
    "borders", "nativeName", "numericCode", "currencies", "languages", "translations", "flag",
    "regionalBlocs", "cioc",
}  # fmt: skip


def test_the_first_service_always_had_all_keys(rest):
    """`restcountries.eu` left nothing out: programs read `borders.map` and `regionalBlocs[0]`."""
    records = ask(rest, "/rest/v2/all")
    assert len(records) == 250
    assert all(record.keys() == EU_KEYS for record in records)
    japan = next(record for record in records if record["alpha2Code"] == "JP")
    assert (japan["borders"], japan["regionalBlocs"]) == ([], [])
    assert [each["gini"] for each in records if each["alpha2Code"] == "VA"] == [None]
    assert ask(rest, "/rest/v2") == records


def test_the_first_service_has_kosovo_flags_and_semicolons(rest):
    kosovo = ask(rest, "/rest/v2/alpha/kos")
    assert (kosovo["alpha3Code"], kosovo["numericCode"]) == ("KOS", None)
    assert kosovo["flag"] == "http://localhost/data/kos.svg"
    assert rest.get("/data/kos.svg").content_type.startswith("image/svg+xml")
    assert rest.get("/data/xyz.svg").status_code == 404
    shown = ask(rest, "/rest/v2/name/japan?fields=name;borders;gini")
    assert [record.keys() for record in shown] == [{"name", "borders", "gini"}]
    codes = ask(rest, "/rest/v2/alpha?codes=col;no;ee")
    assert [each["alpha3Code"] for each in codes] == ["COL", "NOR", "EST"]
    assert rest.get("/rest/v2/alpha/zz").json == {"message": "Not Found", "status": 404}


def test_the_first_services_version_1_has_codes_for_currencies_and_languages(rest):
    germany = ask(rest, "/rest/v1/alpha/de")
    assert (germany["currencies"], germany["languages"]) == (["EUR"], ["de"])
    assert germany["translations"]["fr"] == "Allemagne"
    assert {"JP"} == {each["alpha2Code"] for each in ask(rest, "/rest/v1/currency/jpy")}
    assert {"JP", "PW"} >= {each["alpha2Code"] for each in ask(rest, "/rest/v1/lang/ja")}


def test_flags_are_this_servers_as_svg_and_png(rest):
    for record in ask(rest, "/v3.1/all?fields=flags,cca2"):
        for form in ("svg", "png"):
            address = f"http://localhost/flags/{record['cca2'].lower()}.{form}"
            assert record["flags"][form] == address
    png = rest.get("/flags/de.png")
    assert (png.content_type, png.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert png.data[16:20] == (320).to_bytes(4, "big")
    assert rest.get("/flags/qs.png").status_code == 404
    assert rest.get("/flags/..%2fde.svg").status_code == 404


def test_links_lead_to_the_server_as_it_was_asked_for(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url).test_client()
    for host in ("one.example:5000", "two.example", "one.example:5000"):
        flags = ask(client, "/v3.1/alpha/de?fields=flags", headers={"Host": host})["flags"]
        assert flags["svg"] == f"http://{host}/flags/de.svg"
    client = open_app(sqlite_world_url, public_url="https://countries.example").test_client()
    flags = ask(client, "/v3.1/alpha/de?fields=flags")["flags"]
    assert flags["png"] == "https://countries.example/flags/de.png"

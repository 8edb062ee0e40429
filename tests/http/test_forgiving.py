"""What is forgiven where forgiving is safe: headers of proxies, spellings of addresses, what other sites add."""

from urllib.robotparser import RobotFileParser

import pytest

from tests.conftest import make_key

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("scheme", ["Basic YTpi", "Digest username=x", "Negotiate x", "", "AWS4 x"])
@pytest.mark.parametrize(
    "path", ["/countries/TH", "/explore", "/v3.1/alpha/TH", "/health", "/docs"]
)
def test_another_scheme_of_authorization_is_not_ours(shared_client, scheme, path):
    assert shared_client.get(path, headers={"Authorization": scheme}).status_code == 200


def test_another_scheme_gives_no_rights(sqlite_client):
    foreign = {"Authorization": "Basic YTpi"}
    answer = sqlite_client.patch("/countries/TH", json={"area": 1}, headers=foreign)
    assert answer.status_code == 401
    assert "must be `Bearer`" in answer.json["error"]
    assert sqlite_client.get("/jobs", headers=foreign).status_code == 401
    assert sqlite_client.get("/countries", headers={"Authorization": "Bearer"}).status_code == 401


def test_closed_reading_asks_for_a_key_whatever_the_scheme(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, reads="key").test_client()
    assert client.get("/countries", headers={"Authorization": "Basic YTpi"}).status_code == 401


@pytest.mark.parametrize("sent", ["'1.5ed74d3d-a8'", '"7"', "W/x", ""])
def test_another_etag_is_not_called_a_change(sqlite_client, sent):
    answer = sqlite_client.patch("/countries/TH", json={"area": 1}, headers={"If-Match": sent})
    assert (answer.status_code, answer.json["error"][:31]) == (
        412,
        "If-Match has no ETag of this se",
    )
    assert sqlite_client.get("/countries/TH").json["area"] != 1


def test_a_weak_etag_is_refused_as_what_it_is(sqlite_client):
    etag = sqlite_client.get("/countries/TH").headers["ETag"]
    weak = {"If-Match": f"W/{etag}"}
    answer = sqlite_client.patch("/countries/TH", json={"area": 1}, headers=weak)
    assert answer.status_code == 412
    assert "send the ETag without W/" in answer.json["error"]
    strong = {"If-Match": etag}
    assert sqlite_client.patch("/countries/TH", json={"area": 1}, headers=strong).status_code == 200
    answer = sqlite_client.patch("/countries/TH", json={"area": 2}, headers=weak)
    assert "has changed" in answer.json["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/countries",
        "/countries/TH",
        "/countries/TH/entries",
        "/groups/EU/memberships",
        "/explore/TH",
    ],
)
def test_a_slash_at_the_end_makes_no_difference(shared_client, path):
    answer = shared_client.get(f"{path}/")
    assert answer.status_code == 200
    if "explore" not in path:
        assert answer.data == shared_client.get(path).data


def test_writes_take_a_slash_too_and_reserved_words_stay(sqlite_client):
    assert sqlite_client.patch("/countries/TH/", json={"area": 1}).status_code == 200
    assert sqlite_client.get("/countries/facets/?field=region").status_code == 200


@pytest.mark.parametrize("path", ["/explore", "/explore/TH", "/docs"])
def test_pages_ignore_what_other_sites_add(shared_client, path):
    answer = shared_client.get(f"{path}?utm_source=news&fbclid=1&gclid=2&msclkid=3")
    assert answer.status_code == 200
    assert b"utm_source" not in answer.data
    assert shared_client.get("/countries?utm_source=news").status_code == 400


@pytest.mark.parametrize(
    ("commas", "repeated"),
    [
        ("/countries?fields=alpha2,name", "/countries?fields=alpha2&fields=name"),
        ("/countries?sort=region,-area", "/countries?sort=region&sort=-area"),
        ("/countries/TH?include=dated,sources", "/countries/TH?include=dated&include=sources"),
    ],
)
def test_a_list_may_be_a_repeated_parameter(shared_client, commas, repeated):
    answer = shared_client.get(repeated)
    assert (answer.status_code, answer.data) == (200, shared_client.get(commas).data)


def test_csv_begins_with_a_mark_if_asked(shared_client):
    for path in (
        "/countries?fields=name&limit=1",
        "/countries?fields=name",
        "/countries/TH?fields=name",
    ):
        plain = shared_client.get(f"{path}&format=csv").data
        assert shared_client.get(f"{path}&format=csv&bom=1").data == b"\xef\xbb\xbf" + plain


def test_links_are_whole_where_the_address_is_known(open_app, sqlite_world_url):
    for public, start in (
        ("https://example.org", "<https://example.org/countries?"),
        ("https://example.org/geo", "<https://example.org/geo/countries?"),
        ("", "</countries?"),
    ):
        client = open_app(sqlite_world_url, public_url=public).test_client()
        assert client.get("/countries?limit=1").headers["Link"].startswith(start)


@pytest.mark.parametrize("path", ["/nothing", "/explore/nothing", "/login", "/a/b/c"])
def test_browsers_get_pages_where_no_api_is(shared_client, path):
    answer = shared_client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert shared_client.get(path).mimetype == "application/json"


@pytest.mark.parametrize("path", ["/countries/ZZ", "/countries?nothing=1", "/v3.1/nothing"])
def test_browsers_get_the_apis_errors_from_the_api(shared_client, path):
    assert shared_client.get(path, headers=BROWSER).mimetype == "application/json"


def test_a_key_is_taken_with_spaces_around_it(open_app, sqlite_world_url):
    app = open_app(sqlite_world_url)
    key = make_key(app)["Authorization"]
    headers = {"Authorization": f" {key.replace('Bearer', 'bearer ')} "}
    assert app.test_client().get("/me", headers=headers).json["actor"] == "key:1"


def test_a_stream_past_the_end_says_that_the_log_was_replaced(sqlite_client):
    answer = sqlite_client.get("/entries/stream", headers={"Last-Event-ID": "99999999"})
    assert answer.status_code == 200
    assert answer.data == b"retry: 2000\n\nevent: replaced\nid:\ndata: {}\n\n"
    assert sqlite_client.get("/entries/stream?since=99999999").status_code == 400


def test_a_name_in_the_place_of_a_code_is_led_to_the_resolver(shared_client):
    assert shared_client.get("/countries/germany").json["error"] == (
        'No country has the id, alpha-2, alpha-3 or alpha-4 code "germany"; GET /resolve finds countries by name.'
    )
    assert shared_client.get("/countries/QQQ").json["error"].endswith('code "QQQ".')


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("/countries/UK", "GB"),
        ("/countries/el", "GR"),
        ("/countries/764", "TH"),
        ("/countries/GER", "DE"),
        ("/countries/Q869/entries", "TH"),
        ("/currencies/978", "EUR"),
        ("/languages/deu", "de"),
        ("/groups/EZ/memberships", "EUROZONE"),
    ],
)
def test_another_code_of_a_record_is_led_to_its_key(shared_client, address, right):
    answer = shared_client.get(address)
    assert answer.status_code == 404
    assert answer.json["error"].endswith(f'; use "{right}".')
    assert answer.json["hints"] == [{"value": right}]
    problem = shared_client.get(address, headers={"Accept": "application/problem+json"})
    assert problem.json["hints"] == [{"value": right}]


def test_search_engines_are_told_what_to_leave_out(shared_client):
    answer = shared_client.get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert rules.can_fetch("any", "/explore/TH")
    assert not rules.can_fetch("any", "/explore/admin/keys")
    assert not rules.can_fetch("any", "/entries/7")


def test_an_unknown_parameter_is_told_that_fields_are_filters(shared_client):
    told = shared_client.get("/countries?code=DE").json["error"]
    assert told.startswith('"code" is not a parameter here; this address knows on, ')
    assert told.endswith(", and the fields of a country, such as alpha2.")


def test_a_browser_that_asks_for_an_icon_gets_one(shared_client):
    answer = shared_client.get("/favicon.ico")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")

"""`/countries` and `/countries/{key}`, read: which fields, which page, which day, as of when."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from terrafirma.register.model.canonical_json import same
from terrafirma.register.model.kinds import COUNTRY

WORLD = 250
MADE = 273
"""The id of the first record made: former countries have ids too."""


def follow(client, path):
    """Every page from a first one on."""
    while path:
        answer = client.get(path)
        assert answer.status_code == 200
        yield answer
        link = answer.headers.get("Link")
        path = link[1 : link.index(">")] if link else None


def test_list_is_a_bare_array_of_light_fields_by_id(shared_client):
    answer = shared_client.get("/countries")
    countries = answer.json
    assert answer.content_type == "application/json"
    assert answer.headers["X-Total-Count"] == str(len(countries)) == str(WORLD)
    assert "Link" not in answer.headers
    assert [country["id"] for country in countries] == list(range(1, WORLD + 1))
    assert [country["name"] for country in countries[:3]] == ["Thailand", "Australia", "Egypt"]
    assert all(country.keys() <= set(COUNTRY.light) for country in countries)
    assert countries[0].keys() == set(COUNTRY.light)


def test_answers_spell_members_in_order(shared_client):
    def check(members):
        assert [name for name, _ in members] == sorted(name for name, _ in members)
        return dict(members)

    for path in ("/countries", "/countries/TH", "/", "/entries?limit=3", "/nowhere", "/health"):
        text = shared_client.get(path).text
        assert json.loads(text, object_pairs_hook=check)
        assert text.endswith("\n")


def test_fields_choose_what_is_shown(shared_client):
    assert shared_client.get("/countries?fields=id,name,capital,area&limit=1").json == [
        {"id": 1, "name": "Thailand", "capital": "Bangkok", "area": 513120}
    ]
    whole = shared_client.get("/countries?fields=*&limit=1").json[0]
    assert whole == shared_client.get("/countries/1").json
    assert whole.keys() <= set(COUNTRY.fields)
    assert whole.keys() > set(COUNTRY.light)


def test_dot_paths_reach_into_objects_and_lists(client):
    assert client.get("/countries/TH?fields=currencies.code,postal_code.format,name").json == {
        "currencies": [{"code": "THB"}],
        "postal_code": {"format": client.get("/countries/TH").json["postal_code"]["format"]},
        "name": "Thailand",
    }
    assert (
        client.patch("/countries/TH", json={"extra": {"a": {"b": 1, "c": 2}, "d": 3}}).status_code
        == 200
    )
    assert client.get("/countries/TH?fields=extra.a.b").json == {"extra": {"a": {"b": 1}}}
    assert client.get("/countries/TH?fields=extra").json == {
        "extra": {"a": {"b": 1, "c": 2}, "d": 3}
    }


def test_absent_facts_are_absent_keys(client):
    client.post("/countries", json={"name": "Sealand"})
    assert client.get(f"/countries/{MADE}").json == {"id": MADE, "name": "Sealand"}
    assert client.get(f"/countries/{MADE}?fields=capital,id").json == {"id": MADE}


@pytest.mark.parametrize("limit", [1, 7, 249, 250, 1000])
def test_pages_follow_each_other_to_the_end(sqlite_client, limit):
    pages = list(follow(sqlite_client, f"/countries?limit={limit}&fields=id,name"))
    assert [len(page.json) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert [country["id"] for page in pages for country in page.json] == list(range(1, WORLD + 1))
    assert {page.headers["X-Total-Count"] for page in pages} == {str(WORLD)}


def test_next_page_keeps_the_question(shared_client):
    link = shared_client.get(
        "/countries?limit=2&fields=name,currencies.code&on=2020-01-01"
    ).headers["Link"]
    address, _, relation = link.partition(">; ")
    assert relation == 'rel="next"'
    query = parse_qs(urlsplit(address[1:]).query)
    assert query.pop("after")
    assert query == {"limit": ["2"], "fields": ["name,currencies.code"], "on": ["2020-01-01"]}


def test_pages_do_not_shift_under_writes(client):
    first = client.get("/countries?limit=3")
    client.delete("/countries/2?dependents=remove")
    client.post("/countries", json={"name": "Sealand"})
    rest = list(follow(client, first.headers["Link"].split(">")[0][1:]))
    assert [country["id"] for page in rest for country in page.json] == [*range(4, WORLD + 1), MADE]


def test_a_cursor_past_the_end_gives_an_empty_page(client):
    last = client.get("/countries?limit=249").headers["Link"].split(">")[0][1:]
    client.delete("/countries/250?dependents=remove")
    answer = client.get(last)
    assert (answer.status_code, answer.json, answer.headers["X-Total-Count"]) == (200, [], "249")


@pytest.mark.parametrize("key", ["1", "TH", "th", "tH", "THA", "tha", "ThA"])
def test_a_country_by_each_of_its_keys(shared_client, key):
    assert shared_client.get(f"/countries/{key}").json["name"] == "Thailand"


@pytest.mark.parametrize(
    "key",
    [
        "0",
        "01",
        "001",
        "764",
        "273",
        "-1",
        "+1",
        "1.0",
        "1e0",
        "９",
        "99999999999999999999",
        "QQ",
        "QQQ",
        "T",
        "THAI",
        "T1",
        "%20TH",
        "TH%20",
        "ＴＨ",
        "Thailand",
        "%00",
        "%ff",
        "%2e%2e",
        "TH%0a",
        "'%20or%201=1--",
        "ß",
        "null",
    ],
)
def test_other_keys_name_nothing(shared_client, key):
    answer = shared_client.get(f"/countries/{key}")
    assert answer.status_code == 404
    assert answer.content_type == "application/json"
    assert answer.json["error"]


def test_kosovo_is_found_by_its_user_assigned_codes(shared_client):
    assert shared_client.get("/countries/XK").json == shared_client.get("/countries/xkx").json


def test_second_country_is_the_tutorials_object(client):
    assert client.get("/country").json == client.get("/countries/2").json
    client.delete("/countries/1?dependents=remove")
    assert client.get("/country").json["id"] == 3


@pytest.mark.parametrize(
    ("day", "code"),
    [("2025-12-31", "BGN"), ("2026-01-01", "EUR"), ("2026", "EUR"), ("2025-12", "BGN")],
)
def test_a_day_shows_what_was_true_then(shared_client, day, code):
    item = shared_client.get(f"/countries/BG?on={day}")
    assert [currency["code"] for currency in item.json["currencies"]] == [code]
    listed = {
        country["alpha2"]: country for country in shared_client.get(f"/countries?on={day}").json
    }
    assert listed["BG"]["currencies"] == item.json["currencies"]


def test_today_is_the_euro_with_its_name(shared_client):
    currencies = shared_client.get("/countries/BG?fields=currencies").json["currencies"]
    assert [(each["code"], each["name"]) for each in currencies] == [("EUR", "Euro")]


def make_lives(client):
    """A state that ended, one to come, and a code that both hold in turn."""
    former = {
        "name": "Ruritania",
        "alpha2": "QS",
        "alpha3": "QSG",
        "from": "2003-02-04",
        "to": "2006-06-03",
    }
    older = {"name": "Syldavia", "alpha2": "QS", "alpha3": "QSK", "from": "1918", "to": "1993"}
    future = {"name": "Atlantis", "alpha2": "QT", "from": "2990-05"}
    return [client.post("/countries", json=body).json["id"] for body in (former, older, future)]


def test_lists_hold_what_exists_on_the_day(client):
    former, older, future = make_lives(client)
    for day, there in {"1950": older, "2004": former, "2999": future}.items():
        answer = client.get(f"/countries?on={day}")
        ids = [country["id"] for country in answer.json]
        assert {former, older, future} & set(ids) == {there}
        assert answer.headers["X-Total-Count"] == str(len(ids))
    today = client.get("/countries").json
    assert not {former, older, future} & {country["id"] for country in today}


def test_a_code_names_its_holder_of_the_day_else_its_last(client):
    former, older, future = make_lives(client)
    assert client.get("/countries/QS?on=1950").json["id"] == older
    assert client.get("/countries/qs?on=2005").json["id"] == former
    assert client.get("/countries/QS").json["id"] == former
    assert client.get("/countries/QSK").json["id"] == older
    assert client.get("/countries/QT").json["id"] == future


def test_a_day_outside_a_life_is_not_found(client):
    former, older, future = make_lives(client)
    for key in ("QS", former, older):
        for day in ("1900", "1995", "2006-06-03"):
            assert client.get(f"/countries/{key}?on={day}").status_code == 404
    assert client.get(f"/countries/{future}?on=2990-04-30").status_code == 404
    assert client.get(f"/countries/{former}").status_code == 200


def test_as_of_shows_what_the_register_said(client):
    start = client.get("/").json["entries"]
    original = client.get("/countries/TH").json
    client.patch("/countries/TH", json={"area": 1})
    client.delete("/countries/TH?dependents=remove")
    assert client.get("/countries/TH").status_code == 404
    assert same(client.get(f"/countries/TH?as_of={start}").json, original)
    assert client.get(f"/countries/THA?as_of={start + 1}").json["area"] == 1
    assert client.get(f"/countries/1?as_of={client.get('/').json['entries']}").status_code == 404
    last = client.get("/").json["entries"]
    assert client.get(f"/countries?as_of={last + 1}").status_code == 400
    for number, count in {0: 0, start: WORLD, start + 1: WORLD, last: WORLD - 1}.items():
        answer = client.get(f"/countries?as_of={number}")
        assert (len(answer.json), answer.headers["X-Total-Count"]) == (count, str(count))


def test_as_of_takes_an_instant_in_any_zone(client):
    client.patch("/countries/TH", json={"area": 1})
    before, changed = (client.get("/countries/TH/entries").json[number]["at"] for number in (0, 1))
    assert client.get(f"/countries/TH?as_of={changed}").json["area"] == 1
    assert client.get(f"/countries/TH?as_of={before}").json["area"] == 513120
    shifted = changed.replace("Z", "%2B00:00")
    assert client.get(f"/countries/TH?as_of={shifted}").json["area"] == 1
    assert client.get(f"/countries/TH?as_of={changed.replace('Z', '+00:00')}").json["area"] == 1
    assert client.get("/countries/TH?as_of=2000-01-01").status_code == 404
    assert client.get("/countries?as_of=2000-01-01T00:00:00Z").json == []


def test_on_and_as_of_together(client):
    start = client.get("/").json["entries"]
    client.patch("/countries/BG?effective=2025-06-01", json={"currencies": [{"code": "XTS"}]})
    for as_of, code in ((start, "BGN"), (start + 1, "XTS")):
        item = client.get(f"/countries/BG?on=2025-07-01&as_of={as_of}&fields=currencies.code").json
        assert item == {"currencies": [{"code": code}]}
        rows = client.get(
            f"/countries?on=2025-07-01&as_of={as_of}&fields=alpha2,currencies.code"
        ).json
        assert next(row for row in rows if row["alpha2"] == "BG")["currencies"] == [{"code": code}]


def test_a_code_that_moved_names_its_holder_as_of_then(client):
    client.post(
        "/countries", json=[{"name": "One", "alpha2": "QP"}, {"name": "Two", "alpha2": "QR"}]
    )
    start = client.get("/").json["entries"]
    client.patch("/countries/QP", json={"alpha2": "QX"})
    client.patch("/countries/QR", json={"alpha2": "QP"})
    assert client.get("/countries/QP").json["name"] == "Two"
    assert client.get(f"/countries/QP?as_of={start}").json["name"] == "One"
    assert client.get(f"/countries/QR?as_of={start + 1}").json["name"] == "Two"
    assert client.get(f"/countries/QP?as_of={start + 1}").status_code == 404
    assert client.get(f"/countries/QX?as_of={start}").status_code == 404


def test_include_dated_shows_timelines(shared_client):
    document = shared_client.get("/countries/BG?include=dated").json
    assert document["currencies"][0]["code"] == "EUR"
    assert [period["value"][0]["code"] for period in document["dated"]["currencies"]][-2:] == [
        "BGN",
        "EUR",
    ]
    assert shared_client.get("/countries/BG?include=dated&fields=name").json.keys() == {
        "name",
        "dated",
        "known_from",
    }
    assert shared_client.get("/countries/AQ?include=dated").json["dated"] == {}


def test_head_says_what_get_would(shared_client):
    for path in ("/countries", "/countries/TH", "/entries", "/", "/health"):
        get, head = shared_client.get(path), shared_client.head(path)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("ETag", "Content-Length", "Content-Type", "X-Total-Count"):
            assert head.headers.get(name) == get.headers.get(name)


def test_a_slash_at_the_end_is_no_other_place_and_two_are(shared_client):
    assert shared_client.get("/countries/").json == shared_client.get("/countries").json
    answer = shared_client.get("/countries//TH")
    assert (answer.status_code, answer.content_type) == (404, "application/json")

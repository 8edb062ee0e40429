"""Version 5 over a real register: the envelope, addresses, filters and a record with every key."""

from typing import Any

import pytest

TEXT, NUMBER, FLAG = str, (int, float), bool
NAME = {"common": TEXT, "official": TEXT}
POINT = {"lat": NUMBER, "lng": NUMBER}
DAY = {"day": NUMBER, "month": NUMBER}
OPTIONAL = (str, type(None))
ROLES = ("administrative", "constitutional", "executive", "judicial", "legislative", "primary")
SWATCHES = ("vibrant", "muted", "dark_vibrant", "dark_muted", "light_vibrant", "light_muted")
MEMBERSHIPS = (
    "african_union", "arab_league", "asean", "brics", "commonwealth", "eu", "eurozone", "g20", "g7",
    "nato", "oecd", "opec", "schengen", "un",
)  # fmt: skip
CLASSES = ("dependency", "disputed", "sovereign", "un_member", "un_observer")

# A dict with "*" has keys that are data; a list holds items of its only element's shape.
SHAPE: dict[str, Any] = {
    "uuid": TEXT,
    "names": {**NAME, "alternates": [TEXT], "native": {"*": NAME}, "translations": {"*": NAME}},
    "codes": dict.fromkeys(("alpha_2", "alpha_3", "ccn3", "cioc", "fifa", "fips", "gec"), TEXT),
    "capitals": [{"name": TEXT, "coordinates": POINT, "attributes": dict.fromkeys(ROLES, FLAG)}],
    "flag": {
        **dict.fromkeys(("description", "emoji", "html_entity", "unicode"), TEXT),
        **dict.fromkeys(("url_png", "url_svg"), TEXT),
        "colors": {
            "dominant": TEXT,
            "prominent": TEXT,
            "palette": [{"hex": TEXT, "proportion": NUMBER}],
            "swatches": dict.fromkeys(SWATCHES, OPTIONAL),
        },
    },
    "region": TEXT,
    "subregion": TEXT,
    "area": {"kilometers": NUMBER, "miles": NUMBER},
    "assets": [TEXT],
    "borders": [TEXT],
    "calling_codes": [TEXT],
    "cars": {"driving_side": TEXT, "signs": [TEXT]},
    "classification": {
        **dict.fromkeys(CLASSES, FLAG),
        "dependency_type": TEXT,
        "iso_status": TEXT,
    },
    "continents": [TEXT],
    "coordinates": POINT,
    "currencies": [{"code": TEXT, "name": TEXT, "symbol": TEXT}],
    "date": {
        "academic_year_start": DAY,
        "fiscal_year_start": {
            "corporate": {"basis": TEXT, **DAY},
            "government": DAY,
            "personal": DAY,
        },
        "start_of_week": TEXT,
    },
    "demonyms": {"*": {"f": TEXT, "m": TEXT}},
    "economy": {"gini_coefficient": {"*": NUMBER}},
    "government_type": TEXT,
    "landlocked": FLAG,
    "languages": [
        dict.fromkeys(
            ("bcp47", "iso639_1", "iso639_2b", "iso639_2t", "iso639_3", "name", "native_name"), TEXT
        )
    ],
    "leaders": [TEXT],
    "links": dict.fromkeys(("google_maps", "official", "open_street_maps", "wikipedia"), TEXT),
    "memberships": dict.fromkeys(MEMBERSHIPS, FLAG),
    "units": {"measurement_system": TEXT, "temperature_scale": TEXT},
    "number_format": {"decimal_separator": TEXT, "thousands_separator": TEXT},
    "parent": {"alpha_2": TEXT, "alpha_3": TEXT},
    "population": NUMBER,
    "postal_code": {"format": TEXT, "regex": TEXT},
    "timezones": [TEXT],
    "tlds": [TEXT],
}


def check_shape(value, shape, place=""):
    """Assert that a value has exactly the keys and types of a shape."""
    if isinstance(shape, dict) and "*" in shape:
        for key, each in value.items():
            check_shape(each, shape["*"], f"{place}.{key}")
    elif isinstance(shape, dict):
        assert value.keys() == shape.keys(), place
        for key, each in shape.items():
            check_shape(value[key], each, f"{place}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for item in value:
            check_shape(item, shape[0], f"{place}[]")
    else:
        assert isinstance(value, shape), (place, value)
        assert isinstance(value, bool) == (shape is bool), place


@pytest.fixture
def rest(shared_client):
    return shared_client


def ask(client, path):
    response = client.get(path)
    assert response.status_code == 200, response.text
    return response.json["data"]


def names(client, path):
    return [each["names"]["common"] for each in ask(client, path)["objects"]]


def test_every_key_is_always_there(rest):
    found, offset = [], 0
    while True:
        data = ask(rest, f"/v5?limit=100&offset={offset}")
        found += data["objects"]
        offset += data["meta"]["count"]
        if not data["meta"]["more"]:
            break
    assert len(found) == data["meta"]["total"] == 250
    for record in found:
        check_shape(record, SHAPE, record["names"]["common"])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v5/codes.alpha_2/CA", ["Canada"]),
        ("/v5/code/unk", ["Kosovo"]),
        ("/v5/names.common/canada", ["Canada"]),
        ("/v5/name?q=cote", ["Côte d'Ivoire"]),
        ("/v5/capitals?q=ottawa", ["Canada"]),
        ("/v5/capitals/Ottawa", ["Canada"]),
        ("/v5/demonyms/Canadian", ["Canada"]),
        ("/v5/names.translations?q=saksamaa", ["Germany"]),
        ("/v5/calling_codes/372", ["Estonia"]),
        ("/v5?region=Europe&memberships.eu=1&landlocked=true&sort=-population",
         ["Czechia", "Hungary", "Austria", "Slovakia", "Luxembourg"]),
        ("/v5?parent.alpha_2=NZ&sort=names.common", ["Cook Islands", "Niue", "Tokelau"]),
        ("/v5/names.common/nowhere", []),
    ],
)  # fmt: skip
def test_addresses_and_filters_find(rest, path, found):
    assert names(rest, path) == found


def test_the_best_match_comes_first(rest):
    assert names(rest, "/v5?q=india&limit=1") == names(rest, "/v5/name?q=india")[:1] == ["India"]


def test_pages_and_fields(rest):
    data = ask(
        rest,
        "/v5?limit=1&offset=1&response_fields=names.common,codes&response_fields_omit=codes.gec",
    )
    [record] = data["objects"]
    assert record.keys() == {"names", "codes"}
    assert record["names"].keys() == {"common"}
    assert "gec" not in record["codes"]
    assert (data["meta"]["count"], data["meta"]["more"]) == (1, True)
    assert ask(rest, "/v5")["meta"]["limit"] == 25
    assert ask(rest, "/v5/capitals/Ottawa?response_fields=capitals.name")["objects"] == [
        {"capitals": [{"name": "Ottawa"}]}
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v5?limit=0", 400),
        ("/v5?limit=101", 400),
        ("/v5?limit=x", 400),
        ("/v5?offset=-1", 400),
        ("/v5?limit=" + "9" * 400, 400),
        ("/v5?q=", 400),
        ("/v5/name", 400),
        ("/v5?nothing=1", 400),
        ("/v5/nothing?q=x", 404),
        ("/v5/nothing/x", 404),
        ("/v5/codes/DE/x", 404),
        ("/v5?sort=nothing", 404),
    ],
)
def test_refusals_have_the_services_form(rest, path, status):
    response = rest.get(path)
    assert response.status_code == status
    assert [error.keys() for error in response.json["errors"]] == [{"message"}]
    assert rest.post("/v5").json["errors"]


def test_keys_of_the_paid_service_are_not_looked_at_where_reading_is_open(rest):
    headers = {"Authorization": "Bearer rc_live_1234"}
    assert rest.get("/v5/codes.alpha_2/CA", headers=headers).status_code == 200
    assert rest.get("/v5/codes.alpha_2/CA?api-key=rc_live_1234").status_code == 200


def test_its_host_has_it_under_its_own_address(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, restcountries_host=("api.restcountries.com",)).test_client()
    response = client.get(
        "/countries/v5/codes.alpha_2/CA", headers={"Host": "api.restcountries.com"}
    )
    assert response.json["data"]["objects"][0]["codes"]["alpha_3"] == "CAN"

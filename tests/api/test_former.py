"""Former countries, and the past of those of today, as they are asked for."""

import csv
import io
from urllib.parse import urlsplit

import pytest

# ISO 3166-3 whole: what each was, and what today's alpha-2 code answers with it; of records of their own, nothing.
WITHDRAWN = {
    "AIDJ": ("French Afars and Issas", "DJ"),
    "ANHH": ("Netherlands Antilles", None),
    "BQAQ": ("British Antarctic Territory", None),
    "BUMM": ("Burma", "MM"),
    "BYAA": ("Byelorussian SSR", "BY"),
    "CSHH": ("Czechoslovakia", None),
    "CSXX": ("Serbia and Montenegro", None),
    "CTKI": ("Canton and Enderbury Islands", None),
    "DDDE": ("East Germany", None),
    "DYBJ": ("Dahomey", "BJ"),
    "FQHH": ("French Southern and Antarctic Territories", None),
    "FXFR": ("Metropolitan France", None),
    "GEHH": ("Gilbert Islands", None),
    "HVBF": ("Upper Volta", "BF"),
    "JTUM": ("Johnston Island", None),
    "MIUM": ("Midway Islands", None),
    "NHVU": ("New Hebrides", "VU"),
    "NQAQ": ("Queen Maud Land", None),
    "NTHH": ("Saudi-Iraqi Neutral Zone", None),
    "PCHH": ("Trust Territory of the Pacific Islands", None),
    "PUUM": ("United States Miscellaneous Pacific Islands", None),
    "PZPA": ("Panama Canal Zone", None),
    "RHZW": ("Rhodesia", "ZW"),
    "SKIN": ("Sikkim", None),
    "SUHH": ("Soviet Union", None),
    "TPTL": ("East Timor", "TL"),
    "VDVN": ("North Vietnam", None),
    "WKUM": ("Wake Island", None),
    "YDYE": ("South Yemen", None),
    "YUCS": ("Yugoslavia", None),
    "ZRCD": ("Zaire", "CD"),
}

# Checked by hand: alpha-2 codes of what was there and is no more, and of what is there today and was not.
DAYS = {
    "1974-06-01": (
        "AN BQ CS CT DD FQ GE JT MI NQ NT PC PU PZ SK SU VD WK YD YU",
        "AI AM AW AZ BA BL BQ CW CZ EE ER FM GE GS HR KG KI KZ LT LV MD ME MF MH MK MP PW RS RU SI SK SS SX TF TJ TM "
        "TV UM UZ XK",
    ),
    "1990-01-01": (
        "AN CS DD NT PC SU YD YU",
        "AM AZ BA BL BQ CW CZ EE ER GE HR KG KZ LT LV MD ME MF MK PW RS RU SI SK SS SX TJ TM UZ XK",
    ),
    "1990-12-31": (
        "AN CS NT PC SU YU",
        "AM AZ BA BL BQ CW CZ EE ER GE HR KG KZ LT LV MD ME MF MK PW RS RU SI SK SS SX TJ TM UZ XK",
    ),
    "1992-01-01": ("AN CS NT PC YU", "BA BL BQ CW CZ ER ME MF PW RS SK SS SX XK"),
    "2000-01-01": ("AN YU", "BL BQ CW ME MF RS SS SX XK"),
    "2004-01-01": ("AN CS", "BL BQ CW ME MF RS SS SX XK"),
    "2009-01-01": ("AN", "BQ CW SS SX"),
    "2012-01-01": ("", ""),
}

UNITED_NATIONS = {
    "1974-06-01": 135,
    "1980-01-01": 152,
    "1990-01-01": 159,
    "1991-10-01": 166,
    "2000-01-01": 188,
    "2004-01-01": 191,
    "2009-01-01": 192,
    "2012-01-01": 193,
}
"""Members, as the United Nations count them."""


def get(client, path):
    """The JSON of an answer that must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.json
    return answer.json


def names(client, query):
    return [country["name"] for country in get(client, f"/countries?{query}&fields=name")]


def test_all_of_iso_3166_3(shared_client):
    answer = shared_client.get("/countries?status=former&fields=*&sort=alpha4")
    assert answer.headers["X-Total-Count"] == "31"
    assert {each["alpha4"]: each["name"] for each in answer.json} == {
        code: name for code, (name, _) in WITHDRAWN.items()
    }
    assert [each["alpha4"] for each in answer.json] == sorted(WITHDRAWN)
    assert all(each["status"] == "former" and each["withdrawn"] for each in answer.json)
    gone = [each for each in answer.json if WITHDRAWN[each["alpha4"]][1] is None]
    assert sorted(each["id"] for each in gone) == list(range(251, 273))
    assert all(each["to"] and each["successors"] for each in gone)


@pytest.mark.parametrize("code", sorted(WITHDRAWN))
def test_alpha4_names_the_record_of_today_or_what_it_was_last(shared_client, code):
    name, today = WITHDRAWN[code]
    found = get(shared_client, f"/countries/{code.lower()}")
    if today is None:
        assert (found["name"], found["alpha4"], found["status"]) == (name, code, "former")
    else:
        assert (found["alpha2"], found["status"]) == (today, "assigned")
    # On a later day it means the record that is there, if it is.
    later = shared_client.get(f"/countries/{code}?on=2020-01-01")
    assert later.json.get("alpha2") == today if today else later.status_code == 404


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/countries/TL?on=1990-01-01", "East Timor"),
        ("/countries/MM?on=1985-01-01", "Burma"),
        ("/countries/CD?on=1990-01-01", "Zaire"),
        ("/countries/TP", "Timor-Leste"),
        ("/countries/ZR?on=2000-01-01", "DR Congo"),
    ],
)
def test_a_code_of_another_day_finds_the_record(shared_client, path, name):
    assert get(shared_client, path)["name"] == name


@pytest.mark.parametrize(("day", "listed"), DAYS.items())
def test_the_countries_of_a_day(shared_client, day, listed):
    today = {
        each["id"]: each["alpha2"] for each in get(shared_client, "/countries?fields=id,alpha2")
    }
    then = {
        each["id"]: each["alpha2"]
        for each in get(shared_client, f"/countries?on={day}&fields=id,alpha2")
    }
    gone, coming = (set(codes.split()) for codes in listed)
    assert {code for id, code in then.items() if id not in today} == gone
    assert {code for id, code in today.items() if id not in then} == coming
    assert len(then) == 250 + len(gone) - len(coming) == len(set(then.values()))


@pytest.mark.parametrize(("day", "count"), UNITED_NATIONS.items())
def test_the_united_nations_of_a_day(shared_client, day, count):
    answer = shared_client.get(f"/countries?on={day}&un_member=true&limit=1")
    assert answer.headers["X-Total-Count"] == str(count)


@pytest.mark.parametrize(
    ("last", "after", "old", "new"),
    [
        ("1990-10-02", "1990-10-03", {"East Germany", "West Germany"}, {"Germany"}),
        ("1990-05-21", "1990-05-22", {"South Yemen", "Yemen"}, {"Yemen"}),
        ("1992-12-31", "1993-01-01", {"Czechoslovakia"}, {"Czech Republic", "Slovakia"}),
        ("1991-12-25", "1991-12-26", {"Soviet Union"}, {"Russia", "Armenia", "Uzbekistan"}),
        ("2006-06-02", "2006-06-03", {"Serbia and Montenegro"}, {"Serbia", "Montenegro"}),
        (
            "2010-10-09",
            "2010-10-10",
            {"Netherlands Antilles"},
            {"Curaçao", "Sint Maarten", "Caribbean Netherlands"},
        ),
        ("2011-07-08", "2011-07-09", set(), {"South Sudan"}),
    ],
)
def test_a_country_ends_where_the_next_begins(shared_client, last, after, old, new):
    before, then = (set(names(shared_client, f"on={day}")) for day in (last, after))
    assert before - then == old - new
    assert new <= then
    assert not before & (new - old)


def test_who_came_after_whom(shared_client):
    union = get(shared_client, "/countries/SU")
    assert len(union["successors"]) == 15
    assert set(names(shared_client, "predecessors=SUHH")) >= {
        "Russia",
        "Belarus",
        "Ukraine",
        "Estonia",
    }
    # Belarus and Ukraine were there all along; Russia and Estonia were not.
    assert {"BY", "UA"} <= {
        each["alpha2"] for each in get(shared_client, "/countries?on=1990-01-01&fields=alpha2")
    }
    assert get(shared_client, "/countries/UA?on=1990-01-01")["name"] == "Ukrainian SSR"
    assert get(shared_client, "/countries/RU")["from"] == union["to"]
    assert get(shared_client, "/countries/EE")["from"] == "1991-09-06"
    assert get(shared_client, "/countries/SD")["successors"] == ["SS"]
    assert get(shared_client, "/countries/CSXX")["predecessors"] == ["YUCS"]
    for country in [
        *get(shared_client, "/countries?fields=*"),
        *get(shared_client, "/countries?status=former&fields=*"),
    ]:
        for other in country.get("successors", []):
            code = country["alpha4"] if country["id"] > 250 else country["alpha2"]
            assert code in get(shared_client, f"/countries/{other}")["predecessors"]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("1974-01-01", "Czechoslovakia"),
        ("1992-12-31", "Czechoslovakia"),
        ("1993-01-01", None),
        ("2003-02-03", None),
        ("2003-02-04", "Serbia and Montenegro"),
        ("2006-06-03", None),
    ],
)
def test_one_code_two_countries(shared_client, day, name):
    answer = shared_client.get(f"/countries/CS?on={day}")
    assert answer.json.get("name") == name
    assert answer.status_code == (404 if name is None else 200)
    assert names(shared_client, f"alpha2=CS&on={day}") == ([name] if name else [])
    assert get(shared_client, "/countries/CS")["name"] == "Serbia and Montenegro"


@pytest.mark.parametrize(
    ("key", "day", "name", "alpha2", "alpha3", "status"),
    [
        ("BU", "1985-01-01", "Burma", "BU", "BUR", "former"),
        ("BU", "1989-06-17", "Burma", "BU", "BUR", "former"),
        ("MM", "1989-06-18", "Myanmar", "MM", "MMR", "assigned"),
        ("BY", "1991-09-18", "Byelorussian SSR", "BY", "BYS", "former"),
        ("BY", "1991-09-19", "Belarus", "BY", "BLR", "assigned"),
        ("AI", "1975-01-01", "French Afars and Issas", "AI", "AFI", "former"),
        ("AI", "1990-01-01", "Anguilla", "AI", "AIA", "assigned"),
        ("GE", "1975-01-01", "Gilbert and Ellice Islands", "GE", "GEL", "former"),
        ("GE", "1995-01-01", "Georgia", "GE", "GEO", "assigned"),
        ("SK", "1975-01-01", "Sikkim", "SK", "SKM", "former"),
        ("BQ", "1975-01-01", "British Antarctic Territory", "BQ", "ATB", "former"),
        ("ATF", "1978-12-31", "French Southern and Antarctic Territories", "FQ", "ATF", "former"),
        ("ATF", "1979-01-01", "French Southern Territories", "TF", "ATF", "assigned"),
        ("TR", "2022-05-31", "Turkey", "TR", "TUR", "assigned"),
        ("TR", "2022-06-01", "Türkiye", "TR", "TUR", "assigned"),
        ("MK", "2019-02-11", "Macedonia", "MK", "MKD", "assigned"),
        ("SZ", "2018-04-19", "Eswatini", "SZ", "SWZ", "assigned"),
        ("NR", "2026-06-25", "Nauru", "NR", "NRU", "assigned"),
        ("NR", "2026-06-26", "Naoero", "NR", "NRU", "assigned"),
    ],
)
def test_names_and_codes_of_a_day(shared_client, key, day, name, alpha2, alpha3, status):
    found = get(shared_client, f"/countries/{key}?on={day}")
    assert [found[field] for field in ("name", "alpha2", "alpha3", "status")] == [
        name,
        alpha2,
        alpha3,
        status,
    ]


@pytest.mark.parametrize(
    ("key", "day", "capital"),
    [
        ("KZ", "1997-12-09", "Almaty"),
        ("KZ", "1998-05-06", "Astana"),
        ("KZ", "2019-03-23", "Nur-Sultan"),
        ("KZ", "2022-09-17", "Astana"),
        ("MM", "2006-03-26", "Yangon"),
        ("BI", "2018-12-31", "Bujumbura"),
        ("DE", "1990-10-02", "Bonn"),
        ("NG", "1991-12-12", "Abuja"),
    ],
)
def test_capitals_of_a_day(shared_client, key, day, capital):
    assert get(shared_client, f"/countries/{key}?on={day}")["capital"] == capital


@pytest.mark.parametrize(
    ("key", "euro", "before"),
    [
        ("DE", "1999-01-01", "DEM"),
        ("GR", "2001-01-01", "GRD"),
        ("SI", "2007-01-01", "SIT"),
        ("CY", "2008-01-01", "CYP"),
        ("MT", "2008-01-01", "MTL"),
        ("SK", "2009-01-01", "SKK"),
        ("EE", "2011-01-01", "EEK"),
        ("LV", "2014-01-01", "LVL"),
        ("LT", "2015-01-01", "LTL"),
        ("HR", "2023-01-01", "HRK"),
        ("BG", "2026-01-01", "BGN"),
    ],
)
def test_the_euro_came_to_each_on_its_day(shared_client, key, euro, before):
    periods = get(shared_client, f"/countries/{key}?include=dated&fields=name")["dated"][
        "currencies"
    ]
    assert [(period["value"], period.get("to")) for period in periods[-2:]] == [
        ([{"code": before}], euro),
        ([{"code": "EUR"}], None),
    ]


def test_currencies_of_long_ago(shared_client):
    def currency(key, day):
        return [
            each["code"]
            for each in get(shared_client, f"/countries/{key}?on={day}").get("currencies", [])
        ]

    assert [currency("BR", f"{year}-12-31") for year in (1980, 1986, 1989, 1990, 1993, 1994)] == [
        ["BRB"], ["BRC"], ["BRN"], ["BRE"], ["BRR"], ["BRL"]
    ]  # fmt: skip
    assert [currency("CU", f"{year}-01-01") for year in (1990, 2000, 2022)] == [
        ["CUP"],
        ["CUP", "CUC"],
        ["CUP"],
    ]
    assert currency("SU", "1980-01-01") == ["SUR"]
    assert currency("TH", "1900-01-01") == []


def test_the_former_ones_are_filtered_sorted_and_paged_as_any_list(shared_client):
    assert names(shared_client, "status=former&region=Africa&sort=-name") == [
        "Zaire", "Upper Volta", "Rhodesia", "French Afars and Issas", "Dahomey"
    ]  # fmt: skip
    assert names(shared_client, "status=former&q=yugo") == ["Yugoslavia"]
    assert names(shared_client, "status=former&to[lt]=1976") == ["Sikkim"]
    found, path = [], "/countries?status=former&sort=name&limit=7&fields=name"
    while path:
        answer = shared_client.get(path)
        assert answer.headers["X-Total-Count"] == "31"
        found += [each["name"] for each in answer.json]
        link = answer.headers.get("Link", "")
        path = link.split(">")[0][1:] if link else ""
        assert not path or urlsplit(path).path == "/countries"
    assert found == sorted(name for name, _ in WITHDRAWN.values())


def test_the_former_ones_in_every_form(shared_client):
    table = shared_client.get("/countries?status=former&format=csv&fields=alpha4,name").get_data(
        as_text=True
    )
    assert {row["alpha4"] for row in csv.DictReader(io.StringIO(table))} == set(WITHDRAWN)
    assert shared_client.get("/countries?status=former&format=ndjson").data.count(b"\n") == 31
    features = get(shared_client, "/countries?status=former&format=geojson&fields=name")["features"]
    # Anguilla's outline is not that of the French Afars and Issas, whose code it has.
    assert [each["geometry"] for each in features if each["properties"]["name"] == "Sikkim"] == [
        None
    ]
    assert {(each["geometry"] or {"type": "Point"})["type"] for each in features} == {"Point"}
    assert len(features) == 31
    facets = get(shared_client, "/countries/facets?status=former&field=status&field=independent")
    assert facets["status"] == [{"value": "former", "count": 31}]


def test_with_a_day_former_is_a_filter_like_any_other(shared_client):
    listed = names(shared_client, "status=former&on=1985-01-01")
    assert {"Burma", "Soviet Union", "Zaire"} <= set(listed)
    assert not {"Rhodesia", "Upper Volta", "Sikkim"} & set(listed)
    assert names(shared_client, "status=former&on=2020-01-01") == []
    assert (
        shared_client.get("/countries?status[ne]=former&limit=1").headers["X-Total-Count"] == "250"
    )
    assert (
        shared_client.get("/countries?status=former&status=assigned&limit=1").headers[
            "X-Total-Count"
        ]
        == "249"
    )


def test_past_names_stay_in_english(shared_client):
    assert names(shared_client, "status=former&lang=de&alpha4=BUMM") == ["Burma"]
    assert get(shared_client, "/countries/TR?lang=de&on=2000-01-01")["name"] == "Turkey"
    assert get(shared_client, "/countries/MM?lang=fr")["name"] == "Myanmar (Birmanie)"


def test_both_times_at_once(client):
    start = get(client, "/")["entries"]
    assert client.patch("/countries/SUHH", json={"area": 1}).status_code == 200
    assert client.delete("/countries/BU?dependents=remove").status_code == 204
    assert get(client, f"/countries/SU?on=1980-01-01&as_of={start}")["area"] == 22402200
    assert get(client, f"/countries/SU?on=1980-01-01&as_of={start + 1}")["area"] == 1
    assert client.get("/countries/BU?on=1985-01-01").status_code == 404
    assert get(client, f"/countries/BU?on=1985-01-01&as_of={start}")["name"] == "Burma"
    assert len(get(client, "/countries?status=former")) == 30
    assert len(get(client, f"/countries?status=former&as_of={start}")) == 31
    assert len(get(client, f"/countries?status=former&as_of={start}&on=1985-01-01")) == 16
    assert get(client, "/countries?status=former&as_of=0") == []


def test_what_users_make_former_is_listed_too(client):
    body = {
        "name": "Ruritania",
        "alpha2": "QR",
        "alpha4": "QRXX",
        "status": "former",
        "from": "1894",
        "to": "1918",
    }
    assert client.post("/countries", json=body).status_code == 201
    assert get(client, "/countries/qrxx")["id"] == 273
    assert names(client, "status=former&alpha4=QRXX") == ["Ruritania"]
    # What is to be former one day is not yet.
    dated = {"status": [{"value": "former", "from": "2990"}]}
    assert client.post("/countries", json={"name": "Atlantis", "dated": dated}).status_code == 201
    assert "Atlantis" not in names(client, "status=former")
    taken = client.post(
        "/countries", json={"name": "Again", "alpha4": "SUHH", "from": "1950", "to": "1951"}
    )
    assert (taken.status_code, taken.json["details"][0]["field"]) == (409, "alpha4")


@pytest.mark.parametrize("parameter", ["on", "as_of"])
@pytest.mark.parametrize(
    "text", ["", "1990-13-01", "1990-02-30", "yesterday", "1990-1-1", "-1", "10000-01-01"]
)
def test_days_that_are_none(shared_client, parameter, text):
    for path in (
        "/countries?status=former&",
        "/countries/SUHH?",
        "/countries/facets?field=status&",
    ):
        answer = shared_client.get(f"{path}{parameter}={text}")
        assert (answer.status_code, parameter in answer.json["error"]) == (400, True), answer.json

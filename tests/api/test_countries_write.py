"""`/countries`, written: POST, PUT, PATCH and DELETE, what they keep and what they refuse."""

import pytest

from terrafirma.register.model.canonical_json import same
from terrafirma.register.model.validation import MOST_PERIODS


def entries(client):
    return client.get("/").json["entries"]


def stored(client, key):
    """The stored document of a country."""
    return client.get(f"/countries/{key}/entries").json[-1]["after"]


def test_post_answers_with_the_record_and_its_address(client):
    answer = client.post(
        "/countries", json={"name": "Atlantis", "capital": "Poseidonis", "area": 357022}
    )
    assert answer.status_code == 201
    assert answer.json == {"id": 273, "name": "Atlantis", "capital": "Poseidonis", "area": 357022}
    assert answer.headers["Location"] == "/countries/273"
    again = client.get("/countries/273")
    assert (again.json, again.headers["ETag"]) == (answer.json, answer.headers["ETag"])
    assert client.get("/countries").json[-1] == answer.json


def test_ids_come_from_the_server_and_are_never_given_again(client):
    assert client.post("/countries", json={"id": 7, "name": "One"}).json["id"] == 273
    assert client.delete("/countries/273").status_code == 204
    assert client.post("/countries", json={"name": "One"}).json["id"] == 274
    assert client.get("/countries/273").status_code == 404
    assert client.delete("/countries/273").status_code == 404


@pytest.mark.parametrize(
    "number", ["513120", "513120.0", "0", "0.1", "9007199254740992", "1e3", "123456789.125"]
)
def test_numbers_come_back_as_sent(client, number):
    body = f'{{"name":"X","area":{number},"extra":{{"n":{number}}}}}'
    answer = client.post("/countries", data=body, content_type="application/json")
    expected = {"1e3": "1000.0"}.get(number, number)
    for text in (answer.text, client.get("/countries/273").text):
        assert f'"area":{expected},' in text
        assert f'"n":{expected}}}' in text


@pytest.mark.parametrize(
    "text",
    [
        "🏝️ Atlantis",
        "'; DROP TABLE versions; --",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "{{7*7}}",
        "%00",
        "\\0",
        "Côte d’Avril",
        "ไทย",
        "a" * 500,
        "\U0010ffff",
        '"quoted"',
    ],
)
def test_text_is_kept_to_the_letter(client, text):
    answer = client.post("/countries", json={"name": text, "extra": {text: text}})
    assert answer.status_code == 201
    kept = client.get(f"/countries/{answer.json['id']}").json
    assert (kept["name"], kept["extra"]) == (text, {text: text})


def test_long_names_of_letters_that_fold_to_many(client):
    name = "".join(chr(0xFDFA + i % 2) + chr(0x3300 + i * 7 % 88) for i in range(250))
    assert client.post("/countries", json={"name": name}).status_code == 201
    assert client.post("/countries", json={"name": name[:-1]}).status_code == 201
    assert client.post("/countries", json={"name": name}).status_code == 409


@pytest.mark.parametrize("name", ["Thailand", "thailand", "THAILAND", " Thailand ", "Ｔhailand"])
def test_names_are_taken_however_spelt(client, name):
    answer = client.post("/countries", json={"name": name})
    assert answer.status_code == 409
    assert answer.json["details"] == [
        {"field": "name", "message": '"Thailand" belongs to Thailand, id 1', "code": "taken"}
    ]


def test_every_code_that_is_taken_is_told(client):
    before = entries(client)
    answer = client.post(
        "/countries", json={"name": "X", "alpha2": "TH", "alpha3": "EGY", "numeric": "036"}
    )
    assert answer.status_code == 409
    assert {
        each["field"]: each["message"].rpartition(" ")[2] for each in answer.json["details"]
    } == {
        "alpha2": "1",
        "alpha3": "3",
        "numeric": "2",
    }
    assert entries(client) == before


def test_codes_may_be_used_again_on_other_days_only(client):
    assert (
        client.post("/countries", json={"name": "A", "alpha2": "QS", "to": "1993"}).status_code
        == 201
    )
    assert (
        client.post(
            "/countries", json={"name": "B", "alpha2": "QS", "from": "1993", "to": "2006"}
        ).status_code
        == 201
    )
    assert (
        client.post("/countries", json={"name": "C", "alpha2": "QS", "from": "2005"}).status_code
        == 409
    )
    assert (
        client.post("/countries", json={"name": "D", "alpha2": "QS", "from": "2006"}).status_code
        == 201
    )
    assert client.patch("/countries/273", json={"to": "1994"}).status_code == 409
    assert client.patch("/countries/273", json={"to": "1992"}).status_code == 200
    assert client.delete("/countries/274").status_code == 204
    assert (
        client.post(
            "/countries", json={"name": "E", "alpha2": "QS", "from": "1992", "to": "2006"}
        ).status_code
        == 201
    )


def test_codes_of_one_period_are_taken_in_that_period(client):
    timeline = [{"value": "QY", "to": "2000"}, {"value": "QX", "from": "2000"}]
    assert (
        client.post("/countries", json={"name": "A", "dated": {"alpha2": timeline}}).status_code
        == 201
    )
    assert (
        client.post("/countries", json={"name": "B", "alpha2": "QY", "from": "2000"}).status_code
        == 201
    )
    assert (
        client.post("/countries", json={"name": "C", "alpha2": "QX", "from": "2000"}).status_code
        == 409
    )
    assert (
        client.post("/countries", json={"name": "D", "alpha2": "QX", "to": "2000"}).status_code
        == 201
    )


def test_a_deleted_countrys_codes_are_free(client):
    client.delete("/countries/TH?dependents=remove")
    answer = client.post(
        "/countries", json={"name": "Thailand", "alpha2": "TH", "alpha3": "THA", "numeric": "764"}
    )
    assert (answer.status_code, answer.json["id"]) == (201, 273)
    assert client.get("/countries/th").json["id"] == 273


@pytest.mark.parametrize("key", ["1", "TH", "THA", "BG", "ZA", "AQ", "XK", "NL", "BO"])
@pytest.mark.parametrize("query", ["", "?include=dated"])
def test_what_was_read_can_be_sent_back_and_changes_nothing(client, key, query):
    before = entries(client)
    document, etag = (
        client.get(f"/countries/{key}{query}").json,
        client.get(f"/countries/{key}").headers["ETag"],
    )
    answer = client.put(f"/countries/{key}", json=document, headers={"If-Match": etag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == etag
    assert entries(client) == before
    assert same(client.get(f"/countries/{key}{query}").json, document)


def test_every_country_survives_the_round_trip(sqlite_client):
    before = entries(sqlite_client)
    for id in range(1, 273):
        for query in ("", "?include=dated"):
            document = sqlite_client.get(f"/countries/{id}{query}").json
            assert sqlite_client.put(f"/countries/{id}", json=document).status_code == 200, document
    assert entries(sqlite_client) == before


def test_put_replaces_what_holds_today_and_leaves_other_days(client):
    answer = client.put("/countries/BG", json={"name": "Bulgaria", "currencies": [{"code": "XTS"}]})
    assert answer.json.keys() == {"id", "name", "alpha2", "flag", "currencies"}
    assert answer.json["currencies"][0]["code"] == "XTS"
    assert client.get("/countries/BG?on=2025-12-31").json["currencies"][0]["code"] == "BGN"
    assert client.get("/countries/BG?on=2026-01-01").json["currencies"][0]["code"] == "XTS"


def test_put_with_dated_replaces_every_timeline(client):
    dated = {"area": [{"value": 1, "to": "2000", "source": "me"}, {"value": 2.0, "from": "2000"}]}
    answer = client.put("/countries/BG", json={"name": "Bulgaria", "dated": dated})
    assert (answer.status_code, answer.json["area"]) == (200, 2.0)
    assert "currencies" not in client.get("/countries/BG?on=2020").json
    assert client.get("/countries/BG?include=dated").json["dated"] == dated


def test_put_on_a_free_alpha2_makes_a_country(client):
    answer = client.put("/countries/qq", json={"name": "Atlantis"})
    assert (answer.status_code, answer.headers["Location"]) == (201, "/countries/273")
    assert answer.json == {"id": 273, "name": "Atlantis", "alpha2": "QQ", "flag": "🇶🇶"}
    assert client.put("/countries/QQ", json={"name": "Atlantis"}).status_code == 200


@pytest.mark.parametrize("key", ["273", "0", "QQQ", "007", "Q1"])
def test_put_on_other_unknown_keys_is_not_found(client, key):
    before = entries(client)
    assert client.put(f"/countries/{key}", json={"name": "Atlantis"}).status_code == 404
    assert entries(client) == before


def test_put_that_makes_must_agree_with_its_address(client):
    assert client.put("/countries/QQ", json={"name": "X", "alpha2": "QR"}).status_code == 422
    assert client.put("/countries/QQ?effective=2026", json={"name": "X"}).status_code == 422
    assert client.put("/countries/QQ", json=["X"]).json == {
        "error": "A country must be a JSON object."
    }
    assert client.get("/countries/QQ").status_code == 404


def test_put_may_move_a_code_and_is_silent_on_others(client):
    client.post("/countries", json={"name": "New", "alpha2": "QP", "alpha3": "QPX"})
    assert client.put("/countries/QP", json={"name": "Old", "alpha2": "QQ"}).json["alpha2"] == "QQ"
    assert client.get("/countries/QP").status_code == 404
    assert "alpha3" not in client.get("/countries/QQ").json


def test_patch_merges(client):
    answer = client.patch(
        "/countries/TH",
        json={"area": 1.5, "gini": None, "extra": {"a": 1, "b": {"c": 2}}},
        content_type="application/merge-patch+json",
    )
    assert (answer.status_code, answer.json["area"], answer.json["name"]) == (200, 1.5, "Thailand")
    assert "gini" not in answer.json
    client.patch("/countries/TH", json={"extra": {"a": None, "b": {"d": 3}}})
    assert client.get("/countries/TH").json["extra"] == {"b": {"c": 2, "d": 3}}


def test_patch_that_says_nothing_new_writes_nothing(client):
    before, etag = entries(client), client.get("/countries/AQ").headers["ETag"]
    for body in (
        {},
        {"area": 14200000},
        {"dated": None},
        {"dated": {}},
        {"extra": {}},
        {"id": 9, "flag": "x"},
    ):
        answer = client.patch("/countries/AQ", json=body)
        assert (answer.status_code, answer.headers["ETag"]) == (200, etag), body
    assert entries(client) == before
    assert client.patch("/countries/AQ", json={"area": 14200000.0}).headers["ETag"] != etag


def test_patch_whose_result_is_invalid_changes_nothing(client):
    before = entries(client)
    for body in (
        {"name": None},
        {"area": -1},
        {"nme": 1},
        {"from": "2000", "to": "1999"},
        {"capitals": None, "capital": 1},
    ):
        assert client.patch("/countries/TH", json=body).status_code == 422
    assert entries(client) == before


def test_effective_opens_a_new_period(client):
    for day, value in (("2020-01-01", 20), ("2010", 10), ("2030-06-01", 30)):
        assert (
            client.patch(f"/countries/TH?effective={day}", json={"area": value}).status_code == 200
        )
    seen = {
        day: client.get(f"/countries/TH?on={day}").json["area"]
        for day in ("2009", "2010", "2020", "2026", "2031")
    }
    assert seen == {"2009": 513120, "2010": 10, "2020": 20, "2026": 20, "2031": 30}
    assert stored(client, "TH")["dated"]["area"] == [
        {"value": 513120, "to": "2010-01-01"},
        {"value": 10, "from": "2010-01-01", "to": "2020-01-01"},
        {"value": 20, "from": "2020-01-01", "to": "2030-06-01"},
        {"value": 30, "from": "2030-06-01"},
    ]


def test_effective_before_todays_state_is_taken_at_its_word(client):
    client.patch("/countries/BG?effective=2020-01-01", json={"area": 5})
    assert client.get("/countries/BG?on=2019-12-31").json["area"] == 110879
    assert client.get("/countries/BG?on=2020-01-01").json["area"] == 5


def test_put_takes_effect_on_a_day_too(client):
    client.put("/countries/TH?effective=2027-01-01", json={"name": "Muang Thai", "alpha2": "TH"})
    assert client.get("/countries/TH").json["name"] == "Thailand"
    later = client.get("/countries/TH?on=2027-01-01").json
    assert later == {"id": 1, "name": "Muang Thai", "alpha2": "TH", "flag": "🇹🇭"}
    assert client.post("/countries", json={"name": "Muang Thai", "to": "2027"}).status_code == 201
    assert client.post("/countries", json={"name": "muang thai", "from": "2028"}).status_code == 409


def test_effective_and_dated_do_not_go_together(client):
    before = entries(client)
    for method in (client.put, client.patch):
        answer = method("/countries/TH?effective=2026", json={"name": "Thailand", "dated": {}})
        assert answer.status_code == 422
    assert entries(client) == before


def test_effective_lies_within_a_life(client):
    client.post("/countries", json={"name": "A", "alpha2": "QS", "from": "1918", "to": "1993"})
    for day in ("1917-12-31", "1993", "2026"):
        answer = client.patch(f"/countries/QS?effective={day}", json={"area": 1})
        assert (answer.status_code, answer.json["details"][0]["field"]) == (422, "effective")
    assert client.patch("/countries/QS?effective=1950", json={"area": 1}).json["area"] == 1
    assert "area" not in client.get("/countries/QS?on=1949").json


def test_a_former_country_is_edited_as_it_was_last(client):
    client.post("/countries", json={"name": "A", "alpha2": "QS", "to": "1993", "area": 1})
    assert client.patch("/countries/QS", json={"area": 2}).json["area"] == 2
    assert client.put("/countries/QS", json={"name": "A", "to": "1993"}).json == {
        "id": 273,
        "name": "A",
        "alpha2": "QS",
        "flag": "🇶🇸",
        "to": "1993",
    }


def test_capital_and_capitals_are_one_fact(client):
    capitals = client.get("/countries/TH").json["capitals"]
    assert "capital" not in stored(client, "TH")
    same_name = client.patch("/countries/TH", json={"capital": "Bangkok"})
    assert same_name.json["capitals"] == capitals
    renamed = client.patch("/countries/TH", json={"capital": "Ayutthaya"}).json
    assert (renamed["capital"], renamed.get("capitals")) == ("Ayutthaya", None)
    listed = client.patch("/countries/TH", json={"capitals": [{"name": "B", "roles": []}]}).json
    assert (listed["capital"], listed["capitals"]) == ("B", [{"name": "B", "roles": []}])
    both = client.patch(
        "/countries/TH", json={"capital": "A", "capitals": [{"name": "B", "roles": []}]}
    )
    assert (both.status_code, both.json["details"][0]["field"]) == (422, "capital")
    gone = client.patch("/countries/TH", json={"capital": None}).json
    assert not {"capital", "capitals"} & gone.keys()


def test_a_capital_that_moved(client):
    client.patch("/countries/TH?effective=2027-01-01", json={"capital": "Ayutthaya"})
    assert client.get("/countries/TH").json["capitals"][0]["name"] == "Bangkok"
    assert client.get("/countries/TH?on=2027").json["capital"] == "Ayutthaya"
    before, document = entries(client), client.get("/countries/TH?include=dated").json
    assert client.put("/countries/TH", json=document).status_code == 200
    assert entries(client) == before


def test_delete_answers_nothing_and_keeps_the_entries(client):
    answer = client.delete("/countries/TH?dependents=remove")
    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get("/countries/TH").status_code == 404
    log = client.get("/countries/TH/entries").json
    assert [entry["action"] for entry in log] == ["load", "delete"]
    assert same(log[1]["before"], log[0]["after"])
    assert log[1]["after"] is None
    assert client.delete("/countries/TH").status_code == 404


def test_names_of_many_periods_are_held_against_others(sqlite_client):
    years = range(1000, 1000 + MOST_PERIODS)
    name = [{"value": f"Name {year}", "from": str(year), "to": str(year + 1)} for year in years]
    body = {"from": "1000", "to": "2000", "dated": {"name": name}}
    assert sqlite_client.post("/countries", json=body).status_code == 201
    answer = sqlite_client.post("/countries", json=body)
    assert answer.status_code == 409


def test_put_of_a_new_code_makes_a_record_that_the_address_finds(client):
    count = client.get("/").json["entries"]
    answer = client.put("/countries/QQ", json={"name": "Q", "dated": {"alpha2": [{"value": "ZZ"}]}})
    assert (answer.status_code, answer.json["details"][0]["field"]) == (422, "dated.alpha2")
    assert client.get("/").json["entries"] == count
    dated = {"alpha2": [{"value": "QQ", "to": "2000"}, {"value": "ZZ", "from": "2000"}]}
    assert client.put("/countries/QQ", json={"name": "Q", "dated": dated}).status_code == 201
    assert client.get("/countries/QQ").json["name"] == "Q"

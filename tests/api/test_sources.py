"""`include=sources` and `/about`: who says so."""

import pytest

JSON_FIELDS = {"name", "licence"}


def sources_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["sources"]


def test_every_field_but_the_id_has_a_source(client):
    record = client.get("/countries/BG?include=sources").get_json()
    assert set(record) - {"id", "sources"} == set(record["sources"])
    for told in record["sources"].values():
        assert "register" not in told
        assert all(set(source) >= JSON_FIELDS for source in told["dataset"]["sources"])
        assert told["dataset"]["sources"]


@pytest.mark.parametrize(
    ("day", "period"),
    [
        ("2025-12-31", {"from": "1999-07-05", "to": "2026-01-01"}),
        ("2026-01-01", {"from": "2026-01-01"}),
    ],
)
def test_a_dated_value_is_told_with_its_days(client, day, period):
    told = sources_of(
        client, f"/countries/BG?include=sources&fields=currencies,population&on={day}"
    )
    assert set(told) == {"currencies", "population"}
    assert {
        name: told["currencies"][name] for name in ("from", "to") if name in told["currencies"]
    } == period
    assert told["currencies"]["dataset"]["sources"][0]["source"] == "cldr"
    assert told["population"]["date"].isdecimal()


def test_what_was_changed_here_stands_above_the_dataset(client):
    area = client.get("/countries/TH").get_json()["area"]
    client.patch("/countries/TH", json={"area": 5, "extra": {"mine": 1}, "tlds": [".th"]})
    entries = client.get("/countries/TH/entries").get_json()
    told = sources_of(client, "/countries/TH?include=sources")
    register = {"actor": "local", "entry": entries[-1]["number"], "at": entries[-1]["at"]}
    assert told["area"]["register"] == register
    assert told["area"]["dataset"]["value"] == area
    assert told["area"]["dataset"]["sources"][0]["source"] == "factbook"
    assert told["extra.mine"] == {"register": register}
    assert "register" not in told["population"]
    # As of then, nobody here had said anything.
    assert "register" not in sources_of(client, "/countries/TH?include=sources&as_of=250")["area"]


def test_the_last_who_said_it_is_told_and_only_for_their_days(client):
    client.patch("/countries/TH?effective=2030-01-01", json={"population": 1})
    client.patch("/countries/TH?effective=2030-01-01", json={"population": 2})
    client.patch("/countries/TH", json={"area": 3})
    numbers = [entry["number"] for entry in client.get("/countries/TH/entries").get_json()]
    told = sources_of(client, "/countries/TH?include=sources&on=2030-01-01")["population"]
    assert told["register"]["entry"] == numbers[-2]
    assert told["from"] == "2030-01-01"
    assert (
        "register"
        not in sources_of(client, "/countries/TH?include=sources&on=2029-12-31")["population"]
    )


def test_whoever_says_what_the_dataset_says_does_not_stand_above_it(client):
    before = client.get("/countries/TH").get_json()
    client.patch("/countries/TH", json={"area": 1})
    client.patch("/countries/TH", json={"area": before["area"]})
    assert "register" not in sources_of(client, "/countries/TH?include=sources")["area"]


def test_a_source_given_with_a_period_is_repeated(client):
    dated = {"gini": [{"value": 30, "from": "2020", "source": "Our own survey"}]}
    assert client.patch("/countries/TH", json={"dated": dated}).status_code == 200
    told = sources_of(client, "/countries/TH?include=sources&on=2026-01-01")["gini"]
    assert told["register"]["source"] == "Our own survey"
    assert told["from"] == "2020"


def test_a_record_made_here_has_no_other_source(client):
    client.post("/countries", json={"name": "Sealand", "alpha2": "XS"})
    told = sources_of(client, "/countries/XS?include=sources")
    assert set(told) == {"name", "alpha2", "flag"}
    assert all(set(each) == {"register"} for each in told.values())


def test_a_name_in_another_language_has_its_own_source(client):
    client.patch("/countries/TH", json={"name": "Siam"})
    told = sources_of(client, "/countries/TH?include=sources&lang=de")["name"]
    assert told["dataset"]["sources"][0]["source"] == "cldr"
    assert "register" not in told
    assert "register" in sources_of(client, "/countries/TH?include=sources")["name"]


def test_what_was_read_with_its_sources_can_be_sent_back(client):
    record = client.get("/countries/TH?include=sources,dated").get_json()
    assert {"sources", "dated"} <= set(record)
    assert client.put("/countries/TH", json=record).status_code == 200
    assert len(client.get("/countries/TH/entries").get_json()) == 1


def test_sources_in_other_forms(client):
    assert b"factbook" in client.get("/countries/TH?include=sources&format=csv").data
    feature = client.get("/countries/TH?include=sources&format=geojson").get_json()
    assert "area" in feature["properties"]["sources"]


def test_an_unknown_part_is_refused(client):
    answer = client.get("/countries/TH?include=sources,nothing")
    assert answer.status_code == 400
    assert answer.get_json() == {
        "error": 'include must be dated or sources or undated, not "nothing".'
    }


def test_about_credits_every_source(client):
    about = client.get("/about").get_json()
    assert about["dataset"]["name"] == "world"
    assert about["entries"] >= 500
    sources = {source["source"]: source for source in about["sources"]}
    assert sources["geonames"]["licence"].startswith("CC-BY-4.0")
    told = sources_of(client, "/countries/BG?include=sources")
    named = {
        source["source"].partition("/")[0]
        for each in told.values()
        for source in each["dataset"]["sources"]
    }
    assert named <= set(sources)
    assert client.get(about["links"]["openapi"]).status_code == 200


def test_about_the_starter_register(open_app, sqlite_url):
    client = open_app(sqlite_url, dataset="starter").test_client()
    about = client.get("/about").get_json()
    assert (about["dataset"]["name"], about["sources"]) == ("starter", [])
    told = sources_of(client, "/countries/1?include=sources")
    assert told["area"] == {"dataset": {"sources": []}}

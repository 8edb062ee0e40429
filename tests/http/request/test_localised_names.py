"""With `lang`, filters of names and `sort=name` mean the names that the answer shows."""

import pytest

from terrafirma.register.resolve import collation


def names(client, query):
    answer = client.get(f"/countries?{query}")
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("lang=de&sort=name&limit=3", ["Afghanistan", "Ägypten", "Ålandinseln"]),
        ("lang=sv&sort=-name&limit=3", ["Östtimor", "Österrike", "Åland"]),
        ("lang=zh&sort=name&limit=3", ["阿尔巴尼亚", "阿尔及利亚", "阿富汗"]),
        ("lang=de&sort=region,name&region=Europe&limit=2", ["Ålandinseln", "Albanien"]),
        ("lang=de&name=deutschland", ["Deutschland"]),
        ("lang=de&name=Germany", []),
        ("lang=de-AT&name[startswith]=Öst", ["Österreich"]),
        ("lang=de&name[contains]=guinea&sort=name", ["Äquatorialguinea", "Guinea", "Guinea-Bissau", "Papua-Neuguinea"]),
        ("lang=de&name=Deutschland&name=Belgien&sort=-name", ["Deutschland", "Belgien"]),
        ("lang=de&status=former&name[startswith]=Sow", []),
        ("lang=en&name=Germany", ["Germany"]),
    ],
)  # fmt: skip
def test_filters_and_orders_go_by_the_names_of_the_language(shared_client, query, found):
    assert names(shared_client, query) == found


def test_pages_of_an_order_by_language_hold_every_record_once(shared_client):
    pages, address = [], "/countries?lang=cs&sort=name&limit=60"
    while address:
        answer = shared_client.get(address)
        pages += [each["name"] for each in answer.json]
        link = answer.headers.get("Link", "")
        address = link.partition(">")[0].lstrip("<")
    assert len(pages) == 250
    assert pages == names(shared_client, "lang=cs&sort=name&limit=1000")
    # In Czech, ch follows h.
    assert pages.index("Chorvatsko") > pages.index("Honduras")


def test_all_but_a_name_are_found(shared_client):
    assert len(names(shared_client, "lang=de&name[ne]=Deutschland&limit=1000")) == 249


def test_the_header_changes_no_filter(shared_client):
    answer = shared_client.get("/countries?name=Germany", headers={"Accept-Language": "de"})
    assert [each["name"] for each in answer.json] == ["Deutschland"]


def test_a_place_of_another_language_is_refused(shared_client):
    answer = shared_client.get("/countries?lang=de&sort=name&limit=1")
    cursor = answer.headers["Link"].partition("after=")[2].partition("&")[0].partition(">")[0]
    refused = shared_client.get(f"/countries?lang=fr&sort=name&limit=1&after={cursor}")
    assert refused.status_code == 400


def test_a_name_that_was_just_written_is_found(sqlite_client):
    sqlite_client.post("/countries", json={"name": "Ödland", "alpha2": "QF"})
    assert names(sqlite_client, "lang=sv&sort=-name&limit=2") == ["Östtimor", "Österrike"]
    assert "Ödland" in names(sqlite_client, "lang=sv&name[startswith]=Ö")
    assert sqlite_client.get("/countries?lang=sv&sort=-name&limit=4").json[2]["name"] == "Ödland"


def test_without_icu_accents_are_ignored(monkeypatch):
    monkeypatch.setattr(collation, "has_collation", lambda: False)
    place = collation.open_collation("sv")
    assert sorted(["Öland", "Zambia", "Norge"], key=place) == ["Norge", "Öland", "Zambia"]

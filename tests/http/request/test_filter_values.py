"""Values of filters: forgiven where the meaning is certain, refused with the right form where they can never match."""

from urllib.parse import quote

import pytest

from tests.api.test_queries import read_all


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("tlds=fr", ".fr"),
        ("tlds=*.fr", ".fr"),
        ("borders=DEU", "DE"),
        ("borders[ne]=Deutschland", "DE"),
        ("sovereign=United%20Kingdom", "GB"),
        ("languages.code=fra", "fr"),
        ("demonyms.language=fra", "fr"),
        ("currencies.code=Euro", "EUR"),
        ("numeric=4", "004"),
        ("numeric=0004", "004"),
        ("calling_codes=66", "+66"),
        ("calling_codes=0066", "+66"),
        ("timezones=Asia/Calcutta", "Asia/Kolkata"),
        ("timezones=America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("timezones=bangkok", "Asia/Bangkok"),
        ("timezones=Europe/Pari", "Europe/Paris"),
        ("region=Europa", "Europe"),
        ("region=Afrika", "Africa"),
        ("subregion=West%20Europe", "Western Europe"),
        ("continents=Asien", "Asia"),
        ("continents=America", "North America"),
        ("alpha2=UK", "GB"),
        ("alpha2=FRA", "FR"),
        ("alpha3=fr", "FRA"),
        ("cioc=DEU", "GER"),
        ("cioc=Netherlands", "NED"),
        ("fifa=DEU", "GER"),
    ],
)
def test_a_value_that_no_record_has_is_refused_with_the_nearest(shared_client, query, right):
    answer = shared_client.get(f"/countries?{query}")
    assert answer.status_code == 400, answer.json
    assert answer.json["error"].endswith(f'; use "{right}".'), answer.json


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("alpha2=T,H", "two capital letters"),
        ("alpha2=", "two capital letters"),
        ("calling_codes=x", "a plus sign and digits"),
        ("region=Asia,Europe", "repeat it for any of several: region=Asia&region=Europe."),
        (f"extra.{'x' * 500}=1", "too long"),
    ],
)
def test_a_value_that_no_record_may_have_is_refused_by_its_rule(shared_client, query, rule):
    answer = shared_client.get(f"/countries?{query}")
    assert answer.status_code == 400
    assert rule in answer.json["error"]


@pytest.mark.parametrize(
    "query", ["name=Germny", "alpha2=QQ", "currencies.code=QQQ", "capital=Pariss", "name="]
)
def test_a_value_that_a_record_might_have_is_an_empty_list(shared_client, query):
    assert shared_client.get(f"/countries?{query}").json == []


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("landlocked=True", "landlocked=true"),
        ("un_member=FALSE", "un_member=false"),
        ("gini[exists]=False", "gini[exists]=false"),
        ("extra.checked=True", "extra.checked=true"),
        ("calling_codes=+66", "calling_codes=%2B66"),
        ("calling_codes[startswith]=+6", "calling_codes[startswith]=%2B6"),
        ("name=C%C3%B4te%20d%E2%80%99Ivoire", "alpha2=CI"),
        ("name=Cote%20d%60Ivoire", "alpha2=CI"),
        ("name[contains]=d%E2%80%99iv", "alpha2=CI"),
        ("native_names.name=c%C3%B4te%20d%27ivoire", "alpha2=CI"),
    ],
)
def test_another_spelling_means_the_same(client, sent, meant):
    client.patch("/countries/TH", json={"extra": {"checked": True}})
    found = client.get(f"/countries?{sent}&fields=name").json
    assert found
    assert found == client.get(f"/countries?{meant}&fields=name").json


def test_names_with_another_apostrophe_are_taken(client):
    answer = client.post("/countries", json={"name": "Côte d’Ivoire"})
    assert answer.status_code == 409
    assert "Côte d'Ivoire" in answer.json["error"]


def test_texts_are_compared_whole(client):
    long = "Äpfel " * 100
    for code, end in (("TH", "needle"), ("FR", "straw"), ("DE", "needle of another")):
        client.patch(f"/countries/{code}", json={"extra": {"note": f"{long}{end}"}})
    assert find(client, "contains", "NEEDLE") == ["TH", "DE"]
    assert find(client, "contains", "apfel st") == ["FR"]
    assert find(client, "contains", "\ue012") == []
    assert find(client, "startswith", f"{long}n") == ["TH", "DE"]
    assert find(client, "startswith", "ä") == ["TH", "DE", "FR"]
    assert find(client, "eq", f"{long.lower()}straw") == ["FR"]
    assert find(client, "eq", long) == []
    walked = client.get("/countries?extra.note[contains]=needle&sort=name&fields=alpha2").json
    assert [row["alpha2"] for row in walked] == ["DE", "TH"]
    pages = read_all(client, sort="extra.note", limit=1, fields="alpha2", alpha2="TH")
    assert pages == [{"alpha2": "TH"}]


def find(client, operator, text):
    answer = client.get(f"/countries?extra.note[{operator}]={quote(text)}&fields=alpha2")
    assert answer.status_code == 200, answer.json
    return [row["alpha2"] for row in answer.json]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("order=name", "sort"),
        ("order_by=name", "sort"),
        ("page=2", "after"),
        ("per_page=20", "limit"),
        ("search=x", "q"),
        ("date=2020", "on"),
        ("select=name", "fields"),
        ("language=de", "lang"),
    ],
)
def test_the_word_of_another_service_hints_at_ours(shared_client, wrong, right):
    answer = shared_client.get(f"/countries?{wrong}")
    assert answer.status_code == 400
    assert answer.json["error"].endswith(f'; did you mean "{right}"?')

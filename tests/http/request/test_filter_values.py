"""Values of filters: forgiven where the meaning is certain, refused with the right form where they can never match."""

from urllib.parse import quote

import pytest

from terrafirma.register.model.kinds import KINDS
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
        ("languages.code=ger", "de"),
        ("default_locale=th_TH", "th-TH"),
        ("flag=TH", "\U0001f1f9\U0001f1ed"),
        ("wikidata=Thailand", "Q869"),
        ("continents=EU", "Europe"),
        ("continents=NA", "North America"),
        ("region=AM", "Americas"),
        ("subregion=SEA", "South-eastern Asia"),
        ("subregion=LAC", "Latin America and the Caribbean"),
        ("member_of=European Union", "EU"),
    ],
)
def test_a_value_that_no_record_has_is_refused_with_the_nearest(shared_client, query, right):
    check_refused_with(shared_client, f"/countries?{query}", right)


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("/memberships?group=European Union", "EU"),
        ("/memberships?country=UK", "GB"),
        ("/subdivisions?country=DEU", "DE"),
        ("/subdivisions?parent=California", "US-CA"),
        ("/figures?indicator=gpd", "gdp"),
        ("/languages?code=ger", "de"),
        ("/languages?alpha3=fre", "fra"),
        ("/currencies?numeric=EUR", "978"),
        ("/cities?country=DEU", "DE"),
        ("/cities?country=UK", "GB"),
        ("/cities?subdivision=California", "US-CA"),
        ("/countries/US/cities?subdivision=Texas", "US-TX"),
        ("/timezones?country=Nepal", "NP"),
    ],
)
def test_every_list_knows_the_nearest(shared_client, address, right):
    check_refused_with(shared_client, address, right)


def check_refused_with(client, address, right):
    """A 400 whose sentence and hint have the right value; asked with it, the list is not refused."""
    answer = client.get(address)
    assert answer.status_code == 400, answer.json
    assert answer.json["error"].endswith(f'; use "{right}".'), answer.json
    [hint] = answer.json["hints"]
    assert hint["value"] == right
    place = address.partition("?")[0]
    assert client.get(place, query_string={hint["parameter"]: right}).status_code == 200


def test_an_offset_leads_to_its_zones(shared_client):
    answer = shared_client.get("/countries?timezones=UTC%2B07:00")
    assert answer.status_code == 400
    assert '"Antarctica/Davis" or "Asia/Bangkok"' in answer.json["error"]
    zones = [hint["value"] for hint in answer.json["hints"]]
    found = shared_client.get("/countries", query_string={"timezones": zones, "fields": "alpha2"})
    assert {"TH", "VN", "LA", "KH"} <= {each["alpha2"] for each in found.json}
    for other in ("UTC", "GMT-3", "%2B05:45", "UTC%E2%88%9204:00"):
        assert shared_client.get(f"/countries?timezones={other}").json["hints"]


OPEN = {
    *("name", "iso_name", "official_name", "other_names", "native_names.name", "local_name"),
    *("native_names.official_name", "native_name", "local_names.name", "capital", "capitals.name"),
    *("capitals.roles", "currencies.name", "currencies.symbol", "symbol", "languages.name", "type"),
    *("international_prefix", "trunk_prefix", "emergency_numbers", "car_sign", "role", "source"),
    *("postal_code.format", "postal_code.regex", "address_format.lines", "address_format.required"),
    *("demonyms.noun", "demonyms.adjective", "headquarters", "unit"),
}
"""Fields that may hold any text: a value that no record has is an empty list there."""


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_other_field_refuses_what_it_can_never_hold(shared_client, kind):
    for path in kind.catalog.paths:
        answer = shared_client.get(f"/{kind.plural}", query_string={path: "§ 7%", "limit": 1})
        assert answer.status_code == (200 if path in OPEN else 400), (path, answer.json)
        assert path in OPEN or answer.json["error"].startswith(path)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_reference_to_no_record_is_refused(shared_client, kind):
    unknown = {"country": "QQ", "group": "QQ", "subdivision": "US-ZZZ", "region": "999"}
    for reference in kind.references:
        field = reference.field
        answer = shared_client.get(f"/{kind.plural}?{field}={unknown[reference.kind]}")
        assert answer.status_code == 400, field
        assert answer.json["error"].startswith(f"{field} must be the id")


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("alpha2=T,H", "two capital letters"),
        ("alpha2=", "two capital letters"),
        ("calling_codes=x", "a plus sign and digits"),
        ("region=Asia,Europe", "repeat it for any of several: region=Asia&region=Europe."),
        (f"extra.{'x' * 500}=1", "too long"),
        ("timezones=Nowhere/X", "a time zone of IANA"),
        ("region=Middle-earth", "as /regions lists them"),
        ("from=last week", "a date"),
        ("from[gte]=last week", "a date"),
        ("withdrawn=2020-13", "a date"),
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

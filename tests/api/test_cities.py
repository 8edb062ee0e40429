"""`/cities`: read-only cities, of the world and of a country."""

from terrafirma.dataset.files import read_file
from terrafirma.dataset.load import load_cities, read_dataset
from terrafirma.register.model.values import hides_characters
from terrafirma.register.model.zones import find_zone


def names_of(answer):
    return [each["name"] for each in answer.json]


def test_the_cities_of_a_country_come_from_the_largest(shared_client):
    answer = shared_client.get("/countries/TH/cities?limit=3")
    assert answer.status_code == 200
    bangkok = answer.json[0]
    assert (bangkok["id"], bangkok["name"], bangkok["capital"]) == (1609350, "Bangkok", True)
    assert (bangkok["country"], bangkok["timezone"]) == ("TH", "Asia/Bangkok")
    assert "กรุงเทพ" in bangkok["names"]
    people = [each["population"] for each in answer.json]
    assert people == sorted(people, reverse=True)


def test_pages_follow_each_other(shared_client):
    everything = names_of(shared_client.get("/countries/LU/cities"))
    seen, address = [], "/countries/LU/cities?limit=2"
    while address:
        answer = shared_client.get(address)
        assert answer.headers["X-Total-Count"] == str(len(everything))
        seen += names_of(answer)
        address = answer.headers.get("Link", "").removeprefix("<").partition(">")[0]
    assert seen == everything


def test_a_name_finds_its_city_in_any_spelling(shared_client):
    for text, first in [
        ("munchen", "Munich"),
        ("МОСКВА", "Moscow"),
        ("são paulo", "São Paulo"),
        ("new york", "New York City"),
    ]:
        assert names_of(shared_client.get("/cities", query_string={"q": text}))[0] == first
    assert names_of(shared_client.get("/cities?q=paris&country=us"))[0] == "Paris"
    assert shared_client.get("/cities?q=paris&country=us").json[0]["country"] == "US"
    assert names_of(shared_client.get("/cities?q=%2B%2B")) == []


def test_cities_are_placed_where_codes_are_certain(shared_client):
    found = shared_client.get("/cities?subdivision=us-ca&limit=2").json
    assert [each["name"] for each in found] == ["Los Angeles", "San Diego"]
    assert {each["subdivision"] for each in found} == {"US-CA"}
    # GeoNames numbers the provinces of Thailand in its own way.
    assert "subdivision" not in shared_client.get("/cities/1609350").json


def test_what_is_not_there_is_refused_by_name(shared_client):
    for address, status, sentence in [
        ("/cities/1", 404, "No city has the id 1; ids are those of GeoNames."),
        ("/cities?after=x", 400, 'after must be a cursor of this list, not "x".'),
        ("/cities?country=X", 400, 'country must be the code of a country, such as NP, not "X".'),
        ("/cities?subdivision=QQ-1", 400, "subdivision must be the code of a subdivision, such as"),
        ("/timezones?country=QQ", 400, "country must be the code of a country, such as NP"),
        ("/cities?limit=0", 400, "limit must be a whole number"),
        ("/countries/QQ/cities", 404, "QQ"),
        ("/cities?population=1", 400, "population"),
    ]:
        answer = shared_client.get(address)
        assert answer.status_code == status
        assert sentence in answer.json["error"]


def test_every_city_is_sound():
    subdivisions = {
        code
        for code, each in read_dataset("world").records["subdivision"].items()
        if "to" not in each
    }
    cities = load_cities().all
    assert len(cities) == len({city.id for city in cities}) > 30_000
    for city in cities:
        assert -90 <= city.latitude <= 90
        assert -180 <= city.longitude <= 180
        assert not city.subdivision or city.subdivision in subdivisions
    assert all(find_zone(zone) for zone in {city.timezone for city in cities})
    assert len({city.country for city in cities if city.capital}) > 235


def test_the_page_of_a_country_has_its_largest_cities(shared_client):
    page = shared_client.get("/explore/TH", headers={"Accept": "text/html"}).text
    assert "Largest cities" in page
    assert "5,104,476" in page
    past = shared_client.get("/explore/TH?on=1990-01-01", headers={"Accept": "text/html"}).text
    assert "Largest cities" not in past


def test_subdivisions_of_certain_cities_have_a_middle(shared_client):
    answer = shared_client.get("/subdivisions/US-CA?include=sources").json
    assert (round(answer["latitude"]), round(answer["longitude"])) == (35, -119)
    assert answer["sources"]["latitude"]["dataset"]["sources"][0]["source"] == "geonames"
    assert "latitude" not in shared_client.get("/subdivisions/TH-10").json


def test_no_name_has_characters_that_nobody_sees():
    cities = [city for found in read_file("cities").values() for city in found]
    assert len(cities) > 30_000
    assert not [name for city in cities for name in (city[1], *city[-1]) if hides_characters(name)]

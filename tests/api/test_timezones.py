"""Time zones on a day, holidays of a year, and what packages know of countries."""

import pytest

from terrafirma.api import holidays
from terrafirma.deferred import Deferred
from terrafirma.register.model.zones import find_zone, list_aliases, list_zones


@pytest.mark.parametrize(
    ("name", "day", "offset", "standard", "dst"),
    [
        ("Europe/Berlin", "2026-07-01", "+02:00", "+01:00", True),
        ("Europe/Dublin", "2026-07-01", "+01:00", "+00:00", True),
        ("Europe/Dublin", "2026-01-01", "+00:00", "+00:00", False),
        ("Asia/Kathmandu", "2026-01-01", "+05:45", "+05:45", False),
        ("America/St_Johns", "2026-07-01", "-02:30", "-03:30", True),
        # Laws changed what was frozen in a file here once.
        ("Africa/Casablanca", "2026-11-28", "+00:00", "+00:00", False),
        ("America/Vancouver", "2026-11-28", "-07:00", "-07:00", False),
        ("Asia/Almaty", "2020-01-01", "+06:00", "+06:00", False),
        ("Asia/Bangkok", "0001-01-01", "+06:42", "+06:42", False),
    ],
)
def test_an_offset_is_of_the_day(shared_client, name, day, offset, standard, dst):
    zone = shared_client.get(f"/timezones/{name}?on={day}").json
    told = zone["name"], zone["offset"], zone["standard_offset"], zone["dst"]
    assert told == (name, offset, standard, dst)


def test_every_zone_has_an_answer_and_every_country_a_zone(shared_client):
    zones = shared_client.get("/timezones").json
    assert [each["name"] for each in zones] == [*list_zones()]
    assert len(zones) > 400
    nepal = shared_client.get("/timezones?country=np").json
    assert [(each["name"], each["countries"]) for each in nepal] == [("Asia/Kathmandu", ["NP"])]
    used = {code for each in zones for code in each["countries"]}
    assert len(used) >= 247
    assert all(find_zone(meant) for meant in list_aliases().values())


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("europe/kiev", "Europe/Kyiv"),
        ("US/Eastern", "America/New_York"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ],
)
def test_an_older_name_finds_its_zone(shared_client, old, name):
    assert shared_client.get(f"/timezones/{old}").json["name"] == name


def test_a_name_of_no_zone_is_refused_with_the_nearest(shared_client):
    answer = shared_client.get("/timezones/Europe/Pariss")
    assert (answer.status_code, answer.json["error"]) == (
        404,
        'No time zone is called "Europe/Pariss"; did you mean "Europe/Paris"?',
    )
    assert shared_client.get("/timezones/../../etc/passwd").status_code == 404


def test_the_door_of_rest_countries_has_the_offsets_of_the_day(shared_client):
    def ask(code, day):
        return shared_client.get(f"/v3.1/alpha/{code}?fields=timezones,cca2&on={day}").json

    assert ask("MA", "2026-11-28")["timezones"] == ["UTC"]
    assert "UTC-08:00" not in ask("CA", "2026-11-28")["timezones"]


def test_holidays_of_a_year(shared_client):
    found = shared_client.get("/countries/DE/holidays?year=2026").json
    assert found[0] == {"date": "2026-01-01", "name": "New Year's Day", "local_name": "Neujahr"}
    assert [each["date"] for each in found] == sorted(each["date"] for each in found)
    assert shared_client.get("/countries/DEU/holidays").json[0]["name"] == "New Year's Day"
    for year in ("1899", "2101", "x", "", "１９９９"):
        assert shared_client.get(f"/countries/DE/holidays?year={year}").status_code == 400
    assert shared_client.get("/countries/AQ/holidays?year=2026").status_code in (200, 404)


def test_without_the_package_the_way_to_install_it_is_said(shared_client, monkeypatch):
    monkeypatch.setattr(holidays, "EXTRA", "no_such_package")
    monkeypatch.setattr(holidays, "package", Deferred("no_such_package"))
    answer = shared_client.get("/countries/DE/holidays")
    assert answer.status_code == 404
    assert "pip install 'terrafirma[" in answer.json["error"]


def test_what_packages_know_of_a_country(shared_client):
    asked = (
        "international_prefix,trunk_prefix,emergency_numbers,example_number,weekend,hour_cycle,"
        "measurement_system,paper_size,default_locale,literacy,address_format,wikidata,geonames"
    )
    assert shared_client.get(f"/countries/GB?fields={asked}").json == {
        "international_prefix": "00",
        "trunk_prefix": "0",
        "emergency_numbers": ["112", "999"],
        "example_number": "+447400123456",
        "weekend": ["saturday", "sunday"],
        "hour_cycle": "h23",
        "measurement_system": "UK",
        "paper_size": "A4",
        "default_locale": "en-GB",
        "literacy": 99,
        "address_format": {
            "lines": [
                "{name}",
                "{organization}",
                "{street_address}",
                "{locality}",
                "{postal_code}",
            ],
            "required": ["street_address", "locality", "postal_code"],
        },
        "wikidata": "Q145",
        "geonames": 2635167,
    }
    shares = shared_client.get("/countries/CH?fields=languages.code,languages.share").json
    assert shares["languages"][0] == {"code": "de", "share": 76}

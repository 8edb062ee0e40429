"""Our own records beside the recorded ones: every difference is meant, and every field has the type it had."""

from collections.abc import Iterator
from typing import Any

import pytest

from terrafirma.restcountries.eu import EU1, EU2
from terrafirma.restcountries.serialise import show_full
from terrafirma.restcountries.translate import BESIDES
from terrafirma.restcountries.v2 import V2
from terrafirma.restcountries.v3 import V3
from terrafirma.restcountries.v31 import V31
from tests.restcountries.comparison import (
    KEYED,
    OBJECTS,
    RELATIONS,
    REPORT,
    compare,
    list_ours,
    read_differences,
    write_report,
)
from tests.restcountries.recordings import Record, list_complete, read_records

ANTARCTICA, BOUVET = "ATA", "BVT"


@pytest.fixture(scope="module")
def found():
    return compare()


@pytest.fixture(scope="module")
def ours():
    return list_ours()


def test_no_difference_is_left_to_be_explained(found):
    assert not found.unexplained
    assert sum(found.equal.values()) > 8000


def test_every_listed_difference_is_there(found):
    assert not found.stale()


def test_the_list_is_one_of_reasons():
    for each in read_differences():
        assert each.reason
        assert bool(each.countries) != bool(each.relation)
        assert not each.relation or each.relation in RELATIONS


def test_the_report_is_fresh(found):
    assert REPORT.read_text(encoding="utf-8") == write_report(found), "run `make dataset`"


def list_types(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The JSON types in a value, by where they stand; keys that are data count as one place."""
    if isinstance(value, dict):
        yield name, "object"
        for key, each in value.items():
            yield from list_types(
                f"{name}.*" if name in KEYED or "*" in name else f"{name}.{key}".lstrip("."), each
            )
    elif isinstance(value, list):
        yield name, "array"
        for each in value:
            yield from list_types(f"{name}[]", each)
    else:
        yield name, type(value).__name__


def test_every_field_of_all_250_has_a_type_it_had(ours):
    theirs = {place for record in list_complete() for place in list_types("", record)}
    assert len(ours) == 250
    for code, record in ours.items():
        assert set(list_types("", show_full(record, kept=record))) <= theirs, code


def test_all_250_have_every_field(ours):
    fields = {frozenset(record) for record in list_complete()}
    assert {frozenset(record) - {BESIDES} for record in ours.values()} == fields
    assert len(next(iter(fields))) == 35


def list_keys(record: Record) -> set[str]:
    """Return the keys of a record and of its objects: `car`, `car.signs`; keys that are data are left out."""
    objects = (*OBJECTS, "coatOfArms")
    members = {
        f"{name}.{key}"
        for name, value in record.items()
        if name in objects and isinstance(value, dict)
        for key in value
    }
    return set(record) | members


@pytest.mark.parametrize("version", [V31, V3, V2, EU2, EU1], ids=lambda version: version.name)
def test_no_key_of_a_recorded_country_has_vanished(ours, version):
    """Programs do not ask whether a key is there that was always there."""
    vanished: dict[str, set[str]] = {}
    for record in list_complete():
        theirs, shown = (
            version.show_full(version.shape(each, ())) for each in (record, ours[record["cca3"]])
        )
        for name in list_keys(theirs) - list_keys(shown):
            vanished.setdefault(name, set()).add(record["cca3"])
    # The World Bank has no survey of Somalia. The first service had a null then.
    assert vanished == ({} if version.name.startswith("rest") else {"gini": {"SOM"}})


def test_nothing_is_null_that_had_a_value(ours):
    """Programs read `postalCode.format.length`."""
    for code, record in read_records().items():
        shown = V31.show_full(ours[code])
        nulls = {
            f"{name}.{key}"
            for name in OBJECTS
            for key, value in record[name].items()
            if value is not None and shown[name][key] is None
        }
        # North Korea has no postal codes, by the Universal Postal Union.
        assert nulls == ({"postalCode.format", "postalCode.regex"} if code == "PRK" else set()), (
            code
        )


def test_what_nothing_is_known_of_has_the_empty_value_of_its_type(ours):
    shown = [V31.show_full(record) for record in ours.values()]
    assert all(isinstance(record["tld"], list) for record in shown)
    assert all(isinstance(record["languages"], dict) for record in shown)
    assert all(record["timezones"] for record in shown)
    assert all(record["car"]["signs"] for record in shown)
    assert ours["ATA"]["car"]["signs"] == [""]
    assert ours["GUM"]["car"]["signs"] == ["USA"]
    assert ours["UMI"]["tld"] == [".us"]
    assert ours["TKL"]["capital"] == ["Fakaofo"]


def test_antarctica_and_bouvet_island_are_there_though_not_recorded(ours):
    assert ours.keys() - read_records().keys() == {ANTARCTICA, BOUVET}
    assert ours[ANTARCTICA]["name"] == {
        "common": "Antarctica",
        "official": "Antarctica",
        "nativeName": {},
    }
    assert show_full(ours[ANTARCTICA])["name"] == {"common": "Antarctica", "official": "Antarctica"}
    assert ours[ANTARCTICA]["region"] == ours[BOUVET]["region"] == "Antarctic"


def test_every_country_can_be_found_on_a_map(ours):
    for record in ours.values():
        assert record["maps"]["googleMaps"].startswith("https://www.google.com/maps/")
        assert record["maps"]["openStreetMaps"].startswith("https://www.openstreetmap.org/")


def test_calling_codes_are_root_and_suffix(ours):
    for code, number in {
        "DEU": "+49",
        "USA": "+1",
        "RUS": "+7",
        "KAZ": "+7",
        "DOM": "+1809",
        "VAT": "+39",
    }.items():
        idd = ours[code]["idd"]
        assert idd["root"] + idd["suffixes"][0] == number


def test_what_was_stale_there_is_right_here(ours):
    assert list(ours["BGR"]["currencies"]) == ["EUR"]
    assert list(ours["CUW"]["currencies"]) == list(ours["SXM"]["currencies"]) == ["XCG"]
    assert "ZWG" in ours["ZWE"]["currencies"]
    assert ours["TUR"]["name"]["common"] == "Türkiye"
    assert "Turkey" in ours["TUR"]["altSpellings"]

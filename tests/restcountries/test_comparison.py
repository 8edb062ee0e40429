"""Our own records beside the recorded ones: every difference is meant, and every field has the type it had."""

from collections.abc import Iterator
from typing import Any

import pytest

from terrafirma.restcountries.serialise import show_full
from tests.restcountries.comparison import KEYED, RELATIONS, REPORT, compare, list_ours, read_differences, write_report
from tests.restcountries.recordings import list_complete, read_records

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
            yield from list_types(f"{name}.*" if name in KEYED or "*" in name else f"{name}.{key}".lstrip("."), each)
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
        assert set(list_types("", record)) <= theirs, code


def test_all_250_have_every_field(ours):
    fields = {frozenset(record) for record in list_complete()}
    assert {frozenset(record) for record in ours.values()} == fields
    assert len(next(iter(fields))) == 35


# Without `fields`, what is empty is left out. These are shown by us only, or were shown there only; every other field
# is shown of the same countries.
SHOWN_HERE = {
    "capital": "MAC",
    "currencies": "HMD",
    "fifa": "PYF",
    "gini": "BRB GNQ GRD MHL QAT SGP TWN",
}
SHOWN_THERE = {
    # No capital of its own.
    "capital": "TKL UMI",
    # Unsure which of two codes is FIFA's.
    "fifa": "SGP UNK",
    # No figure among the World Factbook's.
    "gini": ("AZE BIH COG COM DZA FSM GUY HTI JOR LBN MAR MDG NIC NRU PNG SDN SLB SOM TKM TLS TTO TUV VEN WSM YEM ZAF"),
    # No official language.
    "languages": "HMD",
    # Nobody lives there.
    "timezones": "HMD",
    # No open domain of its own.
    "tld": "BES BLM ESH MAF UMI",
}


def test_the_same_fields_are_left_out_for_being_empty(ours):
    here: dict[str, set[str]] = {}
    there: dict[str, set[str]] = {}
    for code, record in read_records().items():
        shown = show_full(ours[code]).keys()
        for name in shown - record.keys():
            here.setdefault(name, set()).add(code)
        for name in record.keys() - shown:
            there.setdefault(name, set()).add(code)
    expected = ({name: set(codes.split()) for name, codes in shown.items()} for shown in (SHOWN_HERE, SHOWN_THERE))
    assert [here, there] == [*expected]


def test_antarctica_and_bouvet_island_are_there_though_not_recorded(ours):
    assert ours.keys() - read_records().keys() == {ANTARCTICA, BOUVET}
    assert ours[ANTARCTICA]["name"] == {"common": "Antarctica", "official": "Antarctica", "nativeName": {}}
    assert show_full(ours[ANTARCTICA])["name"] == {"common": "Antarctica", "official": "Antarctica"}
    assert ours[ANTARCTICA]["region"] == ours[BOUVET]["region"] == "Antarctic"


def test_every_country_can_be_found_on_a_map(ours):
    for record in ours.values():
        assert record["maps"]["googleMaps"].startswith("https://www.google.com/maps/")
        assert record["maps"]["openStreetMaps"].startswith("https://www.openstreetmap.org/")


def test_calling_codes_are_root_and_suffix(ours):
    for code, number in {"DEU": "+49", "USA": "+1", "RUS": "+7", "KAZ": "+7", "DOM": "+1809", "VAT": "+39"}.items():
        idd = ours[code]["idd"]
        assert idd["root"] + idd["suffixes"][0] == number


def test_what_was_stale_there_is_right_here(ours):
    assert list(ours["BGR"]["currencies"]) == ["EUR"]
    assert list(ours["CUW"]["currencies"]) == list(ours["SXM"]["currencies"]) == ["XCG"]
    assert "ZWG" in ours["ZWE"]["currencies"]
    assert ours["TUR"]["name"]["common"] == "Türkiye"
    assert "Turkey" in ours["TUR"]["altSpellings"]

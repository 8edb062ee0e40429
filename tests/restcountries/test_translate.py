"""From a country to a v3.1 record: whatever the country lacks, every field is there and has its type."""

import pytest

from terrafirma.register.model.derived import derive
from terrafirma.restcountries.blocs import list_blocs, show_blocs
from terrafirma.restcountries.regions import place_in_region
from terrafirma.restcountries.serialise import show_full
from terrafirma.restcountries.translate import (
    BESIDES,
    TranslationContext,
    list_offsets,
    split_calling_codes,
    translate,
)
from terrafirma.restcountries.v2 import V2
from terrafirma.restcountries.v3 import V3
from tests.restcountries.recordings import list_complete
from tests.restcountries.test_comparison import list_types

CHAINS = {"deu": ["de"], "fra": ["fr-CA", "fr"], "per": ["fa"]}
LENDERS = {
    "US": {
        "alpha2": "US",
        "car_sign": "USA",
        "tlds": [".us"],
        "languages": [{"code": "en", "official": True}],
    }
}
AROUND = TranslationContext(
    {"TH": "THA", "XK": "UNK"}, CHAINS, LENDERS, "/{code}.png", "/{CODE}.svg"
)

BARE = {"id": 1, "name": "Thailand", "capital": "Bangkok", "area": 513120}
ODD = {
    "id": 300,
    "name": "Sealand & Co/?#",
    "alpha2": "QS",
    "borders": ["TH", "XK", "ZZ"],
    "currencies": [{"code": "QQQ"}],
    "languages": [{"code": "qaa", "official": False}, {"code": "zh-Hant", "official": False}],
    "native_names": [{"language": "sr", "name": "Си"}, {"language": "sr-Latn", "name": "Si"}],
    "calling_codes": ["+47", "+1242", "+4779"],
    "timezones": ["Mars/Olympus", "Asia/Kathmandu", "Europe/London", "America/St_Johns"],
    "gini": 30,
    "capitals": [{"name": "Fort", "roles": []}],
    "demonyms": [
        {"language": "fr", "adjective": "sealandais"},
        {"language": "en", "noun": "Sealander"},
    ],
    "latitude": 51,
    "longitude": 1.5,
    "area": 0,
    "postal_code": {"format": "####"},
}


def make(document, names=None):
    return translate(derive(document), names or {}, AROUND)


@pytest.mark.parametrize("document", [BARE, ODD, {"id": 2, "name": "x"}])
def test_every_field_is_there_with_its_type(document):
    known = {place for record in list_complete() for place in list_types("", record)}
    record = make(document)
    assert record.keys() - {BESIDES} == list_complete()[0].keys()
    assert set(list_types("", show_full(record, kept=record))) <= known
    assert V3.shape(record, []).keys() == record.keys()
    assert V2.shape(record, [])["name"] == document["name"]


def test_the_tutorials_countries_can_be_asked_for():
    record = make(BARE)
    assert record["capital"] == ["Bangkok"]
    assert record["area"] == 513120.0
    assert (record["cca2"], record["status"], record["flags"]["png"]) == ("", "user-assigned", "")
    assert record["maps"]["googleMaps"].endswith("query=Thailand")


def test_what_is_odd_is_carried_as_far_as_it_goes():
    record = make(ODD)
    assert record["borders"] == ["THA", "UNK"]
    assert record["currencies"] == {"QQQ": {"name": "QQQ", "symbol": "QQQ"}}
    assert record["languages"] == {"qaa": "qaa", "zho": "Chinese"}
    assert record["name"]["nativeName"] == {"srp": {"official": "Си", "common": "Си"}}
    assert record["timezones"] == ["UTC-03:30", "UTC", "UTC+05:45"]
    assert record["gini"] == {}
    assert record["latlng"] == [51.0, 1.5]
    assert record["capitalInfo"] == {"latlng": []}
    assert record["postalCode"] == {"format": "####", "regex": None}
    assert record["demonyms"]["fra"] == {"f": "sealandais", "m": "sealandais"}
    assert record["flags"] == {
        "png": "/qs.png",
        "svg": "/QS.svg",
        "alt": "The flag of Sealand & Co/?#",
    }


def test_names_come_from_the_nearest_locale_and_from_the_countrys_own_languages():
    natives = [{"language": "fa", "name": "ایران", "official_name": "جمهوری اسلامی ایران"}]
    names = {"de": "Iran (Islamische Republik)", "fr": "Iran", "fr-CA": "L'Iran"}
    record = make({"id": 3, "name": "Iran", "native_names": natives}, names)
    assert record["translations"] == {
        "deu": {"official": "Iran (Islamische Republik)", "common": "Iran (Islamische Republik)"},
        "fra": {"official": "L'Iran", "common": "L'Iran"},
        "per": {"official": "جمهوری اسلامی ایران", "common": "ایران"},
    }


@pytest.mark.parametrize(
    ("codes", "root", "suffixes"),
    [
        ([], "", []),
        (["+49"], "+4", ["9"]),
        (["+1"], "+1", [""]),
        (["+1809", "+1829"], "+1", ["809", "829"]),
        (["+44", "+1"], "+4", ["4"]),
    ],
)
def test_calling_codes_have_a_root_and_suffixes(codes, root, suffixes):
    assert split_calling_codes(codes) == {"root": root, "suffixes": suffixes}


def test_offsets_go_from_west_to_east_each_once():
    zones = [
        "Europe/Paris",
        "Europe/Berlin",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Africa/Abidjan",
    ]
    offsets = ["UTC-11:00", "UTC", "UTC+01:00", "UTC+14:00"]
    assert list_offsets({"timezones": zones}, "2026-07-01") == offsets


@pytest.mark.parametrize(
    ("document", "region", "subregion"),
    [
        ({}, "", ""),
        ({"region": "Africa"}, "Africa", ""),
        ({"region": "Oz", "subregion": "Emerald"}, "Oz", "Emerald"),
        ({"alpha2": "AQ"}, "Antarctic", ""),
        (
            {"alpha2": "CY", "region": "Asia", "subregion": "Western Asia"},
            "Europe",
            "Southern Europe",
        ),
        (
            {"alpha2": "US", "region": "Americas", "subregion": "Northern America"},
            "Americas",
            "North America",
        ),
        (
            {
                "region": "Africa",
                "subregion": "Sub-Saharan Africa",
                "intermediate_region": "Middle Africa",
            },
            "Africa",
            "Middle Africa",
        ),
    ],
)
def test_regions_are_the_old_services(document, region, subregion):
    assert place_in_region(document) == {"region": region, "subregion": subregion}


def test_regional_blocs_are_the_registers_groups_under_their_old_acronyms():
    groups = [
        {"code": "EU", "name": "European Union"},
        {"code": "ARAB-LEAGUE", "name": "League of Arab States"},
        {"code": "CARICOM", "name": "Caribbean Community"},
        {"code": "G7", "name": "Group of Seven"},
    ]
    members = [("EU", "DE"), ("G7", "DE"), ("ARAB-LEAGUE", "EG"), ("NAFTA", "US"), ("AU", "EG")]
    memberships = [{"group": group, "country": country} for group, country in members]
    memberships.append({"group": "CARICOM", "country": "BM", "role": "associate member"})
    blocs = list_blocs(groups, memberships)
    assert {
        country: [bloc["acronym"] for bloc in show_blocs(found)] for country, found in blocs.items()
    } == {
        "DE": ["EU"],
        "EG": ["AL"],
    }
    germany = next(record for record in list_complete() if record["cca2"] == "DE")
    records = [V2.shape(germany, blocs["DE"]), V2.shape(make(BARE), ())]
    assert "regionalBlocs" not in show_full(records[1])
    assert records[0]["regionalBlocs"][0]["name"] == "European Union"
    assert V2.searches["regionalbloc"](records, "eu") == records[:1]
    assert V2.searches["regionalbloc"](records, "nafta") == []


def test_a_former_country_does_not_show_the_flag_of_who_has_its_code_now():
    record = make({"id": 9, "name": "Byelorussian SSR", "alpha2": "BY", "status": "former"})
    assert record["status"] == "formerly-used"
    assert record["flags"] == {"png": "", "svg": "", "alt": ""}
    assert V3.shape(record, [])["flags"] == []


def test_version_2_finds_each_of_several_countries_that_only_have_an_alpha_3_code():
    records = [
        V2.shape(make({"id": number, "name": code, "alpha3": code}), [])
        for number, code in ((1, "QQA"), (2, "QQB"))
    ]
    assert [record["name"] for record in V2.find_codes(records, ["qqb", "QQA", "qqb"])] == [
        "QQB",
        "QQA",
    ]

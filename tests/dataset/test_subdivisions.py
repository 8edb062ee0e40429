"""ISO 3166-2: every code, named in English, placed in its country, and nothing of another licence."""

import re
import unicodedata
from typing import Any

import pytest

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import BuildError, Merged
from terrafirma.dataset.sources.subdivisions import (
    SourceSubdivision,
    list_iso_3166_codes,
    read_iso3166_2,
    split_names,
    strip_notes,
)
from terrafirma.dataset.subdivisions import check_subdivisions, choose_local_name, choose_name
from tests.dataset.conftest import read_data

# Codes that ISO has withdrawn, or never gave to a subdivision, and iso-3166 lists.
WITHDRAWN = {
    *(
        "DK-015",
        "DK-020",
        "DK-025",
        "DK-030",
        "DK-035",
        "DK-040",
        "DK-042",
        "DK-050",
        "DK-055",
        "DK-060",
        "DK-065",
    ),
    *("DK-070", "DK-076", "DK-080", "DK-101", "DK-147"),
    *("GB-EAW", "GB-GBN", "GB-UKM", "GH-BA", "LU-D", "LU-G", "LU-L", "PK-TA"),
}


Records = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def everything() -> Records:
    """The committed records by code, withdrawn codes included."""
    return {record["code"]: record for record in read_data("subdivisions.json")}


@pytest.fixture(scope="module")
def subdivisions(everything: Records) -> Records:
    """Those of today."""
    return {code: record for code, record in everything.items() if "to" not in record}


def test_every_code_stands_once_in_order(everything: Records, subdivisions: Records) -> None:
    assert len(everything) == len(read_data("subdivisions.json"))
    assert list(everything)[:5046] == sorted(subdivisions)
    assert list(everything)[5046:] == sorted(everything.keys() - subdivisions.keys())


def test_each_is_in_a_country_and_in_a_parent_of_it(
    subdivisions: dict[str, dict[str, Any]], documents: dict[str, dict[str, Any]]
) -> None:
    assert len({record["country"] for record in subdivisions.values()}) == 200
    for code, record in subdivisions.items():
        assert record["country"] == code[:2]
        assert record["country"] in documents
        assert (
            "parent" not in record or subdivisions[record["parent"]]["country"] == record["country"]
        )
    assert sum("parent" in record for record in subdivisions.values()) == 1456


def test_no_field_is_empty_and_coordinates_are_whole(
    subdivisions: dict[str, dict[str, Any]],
) -> None:
    needed = {"code", "country", "iso_name", "name", "type"}
    allowed = needed | {"local_name", "local_names", "parent"}
    allowed |= {"from", "replaced_by", "superseded_in_fact"}
    placed = {"latitude", "longitude"}
    for record in subdivisions.values():
        assert needed <= set(record) - placed <= allowed
        assert set(record) & placed in (set(), placed)
        assert all(record.values())


@pytest.mark.parametrize(
    ("code", "name", "local_name"),
    [
        ("TH-10", "Bangkok", "กรุงเทพมหานคร"),
        ("US-CA", "California", None),
        ("ES-CT", "Catalonia", "Catalunya"),
        # ISO gave these codes anew, and CLDR names what they meant before.
        ("IR-23", "Tehran", "تهران"),
        ("MA-06", "Casablanca-Settat", "الدار البيضاء - سطات"),
        # The package's Arabic name is the one of another governorate.
        ("BH-14", "Southern", "Al Janūbīyah"),
        # CLDR has the name of the land, not of the oblast.
        ("UA-51", "Odesa Oblast", "Одеська область"),
        ("KZ-59", "North Kazakhstan Region", "Солтүстік Қазақстан облысы"),
        ("CN-NM", "Inner Mongolia", "内蒙古"),
        ("RS-00", "Belgrade", "Београд"),
        ("FR-PF", "French Polynesia", "Polynésie française"),
        ("LT-57", "Vilnius City", "Vilniaus miestas"),
        # Exchanged in CLDR.
        ("BD-06", "Barishal", "বরিশাল"),
        ("BD-A", "Barishal Division", "বরিশাল"),
        ("TW-CYI", "Chiayi", "嘉義"),
        ("TW-CYQ", "Chiayi County", "嘉義"),
        # Raw or inverted in the package.
        ("MY-08", "Perak", "ڤيراق"),
        ("ES-VC", "Valencian Community", "Comunidad Valenciana"),
        ("BE-WAL", "Wallonia", "Région wallonne"),
        ("MN-053", "Ömnögovi", "Өмнөговь"),
        ("PH-40", "Calabarzon", None),
        ("FR-IDF", "Île-de-France", None),
        ("US-PR", "Puerto Rico", None),
    ],
)
def test_names(
    subdivisions: dict[str, dict[str, Any]], code: str, name: str, local_name: str | None
) -> None:
    assert subdivisions[code]["name"] == name
    assert subdivisions[code].get("local_name") == local_name


def test_names_carry_no_marks(subdivisions: dict[str, dict[str, Any]]) -> None:
    marked = [
        record for record in subdivisions.values() if set("[]†²³&\u2019") & set(record["name"])
    ]
    assert marked == []


def test_local_names_and_types_are_clean(everything: Records) -> None:
    """No brackets, marks or inverted words, and no letters of two scripts in a word."""
    names = {
        (code, name)
        for code, record in everything.items()
        for name in (
            record.get("local_name", ""),
            *(each["name"] for each in record.get("local_names", ())),
        )
    }
    inverted = r", (.* (of|de)|The|County|R.gion|Comunidad|.*\bdin)$"
    assert not {each for each in names if re.search(r"[()\[\]\u200e\u200f]|" + inverted, each[1])}
    mixed = {each for each in names for word in each[1].split() if len(list_scripts(word)) > 1}
    assert mixed == set()
    types = {record["type"] for record in everything.values()}
    assert not {each for each in types if not re.fullmatch(r"[A-Z][a-z-]+( [a-z-]+)*", each)}


def list_scripts(word: str) -> set[str]:
    """The scripts of a word's letters."""
    return {unicodedata.name(letter).split()[0] for letter in word if letter.isalpha()}


def test_words_of_a_local_language_are_no_english_names(subdivisions: Records) -> None:
    foreign = re.compile(r"(\boblysy|shchyna|\bZizhiqu|\bSheng|miestas|\bLandskapet)\b")
    assert not [code for code, record in subdivisions.items() if foreign.search(record["name"])]


def test_names_of_other_scripts_are_in_languages_of_the_country(subdivisions: Records) -> None:
    assert subdivisions["KZ-11"]["local_names"] == [
        {"language": "kk", "name": "Ақмола облысы"},
        {"language": "ru", "name": "Акмолинская область"},
    ]


@pytest.mark.parametrize(
    ("code", "replaced_by", "end"),
    [
        ("MX-DIF", ["MX-CMX"], "2016-11-15"),
        ("IN-OR", ["IN-OD"], "2023-11-23"),
        ("KZ-ALM", ["KZ-19"], "2022-11-29"),
        ("NO-01", ["NO-30"], "2020-01-01"),
        ("FR-A", ["FR-GES"], "2016-01-01"),
    ],
)
def test_a_withdrawn_code_is_kept_with_its_day(
    everything: Records, code: str, replaced_by: list[str], end: str
) -> None:
    assert (everything[code]["replaced_by"], everything[code]["to"]) == (replaced_by, end)


@pytest.mark.parametrize(
    ("country", "day", "count"),
    [("NO", "2010-01-01", 21), ("NO", "2021-01-01", 13), ("KZ", "2020-01-01", 17)],
)
def test_a_country_had_its_divisions_of_the_time(
    everything: Records, country: str, day: str, count: int
) -> None:
    there = [
        code
        for code, record in everything.items()
        if record["country"] == country and record.get("from", "") <= day < record.get("to", "9999")
    ]
    assert len(there) == count


def test_divisions_that_iso_has_not_followed_have_a_note(subdivisions: Records) -> None:
    noted = {
        code: record["superseded_in_fact"]
        for code, record in subdivisions.items()
        if "superseded_in_fact" in record
    }
    assert noted["NO-30"] == "2024-01-01"
    # 63 provinces and cities became 34.
    assert len([code for code in noted if code.startswith("VN-")]) == 63 - 34
    assert subdivisions["VN-03"]["replaced_by"] == ["VN-07"]


def test_iso_3166_lists_only_withdrawn_codes_besides(inputs: Inputs) -> None:
    codes = set(read_iso3166_2(inputs))
    assert list_iso_3166_codes(inputs) - codes == WITHDRAWN
    assert codes <= list_iso_3166_codes(inputs)


def test_the_report_names_what_was_settled_by_hand(built: dict[str, bytes]) -> None:
    report = built["build-report.md"].decode()
    assert "5046 in 200 countries" in report
    assert "IR-23 Tehran" in report
    assert "DK-015" in report


def test_a_local_name_is_in_a_language_of_the_country() -> None:
    entry = SourceSubdivision(
        "Bangkok", "Province", None, [("zho", "曼谷"), ("tha", "กรุงเทพ"), ("tha", "เมืองหลวง")]
    )
    assert choose_local_name("TH-10", entry, {"tha"}, {}) == ("กรุงเทพ", "iso3166-2")
    assert choose_local_name("TH-10", entry, {"lao"}, {}) == ("Bangkok", "iso3166-2")
    kept = {"TH-10": "by hand"}
    assert choose_local_name("TH-10", entry, {"tha"}, kept) == (
        "by hand",
        "facts/subdivision_local_names.toml",
    )


def test_nicknames_are_no_local_names() -> None:
    entry = SourceSubdivision("Paris", "Department", None, split_names("Paris (eng), Paname (fra)"))
    assert entry.names == [("eng", "Paris"), ("fra", "Paname")]
    assert choose_local_name("FR-75C", entry, {"fra"}, {}) == ("Paris", "iso3166-2")


def test_a_name_kept_by_hand_must_change_something() -> None:
    entry = SourceSubdivision("Paris", "Department", None, [])
    with pytest.raises(BuildError, match="FR-75C"):
        choose_name("FR-75C", entry, {}, {"FR-75C": "Paris"})


def test_notes_are_stripped() -> None:
    assert strip_notes("Stockholms län [SE-01]") == "Stockholms län"
    assert strip_notes("Tan-Tan (EH-partial)") == "Tan-Tan"
    assert strip_notes("Ilocos (Region I)") == "Ilocos (Region I)"


def test_what_is_not_sound_is_named() -> None:
    merged: Merged = {
        "AA-1": {"country": ("AA", ""), "parent": ("BB-1", "")},
        "BB-1": {"country": ("BB", "")},
    }
    with pytest.raises(BuildError) as caught:
        check_subdivisions(merged, {"AA"}, {"AA-1"})
    assert str(caught.value).splitlines()[1:] == [
        "  2 subdivisions instead of 5046",
        "  AA-1: parent BB-1 is no subdivision of AA",
        "  BB-1: unknown country BB",
        "  BB-1 is not in iso-3166",
    ]

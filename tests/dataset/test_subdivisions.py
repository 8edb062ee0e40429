"""ISO 3166-2: every code, named in English, placed in its country, and nothing of another licence."""

from typing import Any

import pytest

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import BuildError, Merged
from terrafirma.dataset.sources.subdivisions import (
    Subdivision,
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


@pytest.fixture(scope="module")
def subdivisions() -> dict[str, dict[str, Any]]:
    """The committed records by code."""
    return {record["code"]: record for record in read_data("subdivisions.json")}


def test_every_code_stands_once_in_order(subdivisions: dict[str, dict[str, Any]]) -> None:
    assert len(subdivisions) == len(read_data("subdivisions.json")) == 5046
    assert list(subdivisions) == sorted(subdivisions)


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


def test_no_field_is_empty_and_no_coordinate_is_taken(
    subdivisions: dict[str, dict[str, Any]],
) -> None:
    allowed = {"code", "country", "local_name", "name", "parent", "type"}
    for record in subdivisions.values():
        assert {"code", "country", "name", "type"} <= set(record) <= allowed
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
    entry = Subdivision(
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
    entry = Subdivision("Paris", "Department", None, split_names("Paris (eng), Paname (fra)"))
    assert entry.names == [("eng", "Paris"), ("fra", "Paname")]
    assert choose_local_name("FR-75C", entry, {"fra"}, {}) == ("Paris", "iso3166-2")


def test_a_name_kept_by_hand_must_change_something() -> None:
    entry = Subdivision("Paris", "Department", None, [])
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

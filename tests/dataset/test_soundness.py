"""What must be true of the whole dataset, whatever the sources say."""

import json
import re
from typing import Any

import pytest

from terrafirma.dataset.build import DATA
from terrafirma.dataset.checks import check_timelines
from terrafirma.dataset.former import is_former
from terrafirma.dataset.inputs import LOCK, read_lock
from terrafirma.dataset.load import load_cities, read_borders
from terrafirma.dataset.reference import list_values
from terrafirma.dataset.sources.world_bank import read_series
from terrafirma.register.model.timelines import at
from terrafirma.register.model.zones import list_zones
from tests.dataset.conftest import read_data

Documents = dict[str, dict[str, Any]]


def test_every_iso_country_and_kosovo(documents: Documents) -> None:
    assert len(documents) == 250
    assert [code for code, document in documents.items() if document["status"] != "assigned"] == [
        "XK"
    ]
    assert documents["XK"]["status"] == "user-assigned"
    assert documents["XK"]["alpha3"] == "XKX"
    assert "numeric" not in documents["XK"]


def test_ids_begin_with_the_tutorials_three_and_follow_alpha2(documents: Documents) -> None:
    codes = list(documents)
    assert [documents[code]["id"] for code in codes] == list(range(1, 251))
    assert codes[:3] == ["TH", "AU", "EG"]
    assert codes[3:] == sorted(codes[3:])
    assert codes.index("WS") < codes.index("XK") < codes.index("YE")


@pytest.mark.parametrize("field", ["id", "name", "alpha2", "alpha3", "numeric"])
def test_names_and_codes_are_unique(documents: Documents, field: str) -> None:
    values = [document[field] for document in documents.values() if field in document]
    assert len(values) == len(set(values))
    assert len(values) == (249 if field == "numeric" else 250)


def test_codes_have_their_form(documents: Documents) -> None:
    for document in documents.values():
        assert re.fullmatch("[A-Z]{2}", document["alpha2"])
        assert re.fullmatch("[A-Z]{3}", document["alpha3"])
        assert re.fullmatch(r"\d{3}", document.get("numeric", "000"))
        assert all(re.fullmatch(r"\+\d{1,7}", code) for code in document.get("calling_codes", []))
        assert all(re.fullmatch(r"\.[^.\s]+", domain) for domain in document.get("tlds", []))


def test_no_field_is_empty(stored: Documents) -> None:
    for code, document in stored.items():
        assert not [field for field, value in document.items() if value in (None, "", [], {})], code


def test_no_field_is_worked_out_that_the_register_works_out(stored: Documents) -> None:
    for document in stored.values():
        assert not {"capital", "flag"} & set(document)
        assert all(set(currency) == {"code"} for currency in list_values(document, "currencies"))


def test_names_are_spelled_out(documents: Documents) -> None:
    for document in documents.values():
        assert not re.search(r"&|\bSt\.? |SAR China|\u2019", document["name"])


def test_borders_are_symmetric_and_sorted(documents: Documents) -> None:
    for code, document in documents.items():
        borders = document.get("borders", [])
        assert borders == sorted(set(borders) - {code})
        assert all(code in documents[other]["borders"] for other in borders)


@pytest.mark.parametrize(
    ("one", "other"), [("BW", "ZM"), ("CN", "HK"), ("RS", "XK"), ("MF", "SX"), ("ES", "GI")]
)
def test_borders_that_lists_leave_out(documents: Documents, one: str, other: str) -> None:
    assert other in documents[one]["borders"]


def test_landlocked(documents: Documents) -> None:
    landlocked = {code for code, document in documents.items() if document["landlocked"]}
    assert len(landlocked) == 45
    assert {"AD", "BO", "CH", "KZ", "LA", "LI", "UZ", "VA", "XK", "ZW"} <= landlocked
    # Somebody without a coast has neighbours.
    assert all(documents[code]["borders"] for code in landlocked)


def test_every_code_is_in_its_table(stored: Documents, tables: dict[str, Any]) -> None:
    for document in stored.values():
        for field in ("currencies", "languages"):
            assert {item["code"] for item in list_values(document, field)} <= set(tables[field])
        assert {name["language"] for name in document.get("native_names", [])} <= set(
            tables["languages"]
        )
        assert document.get("sovereign", "TH") in stored
        path = [
            document[field]
            for field in ("region", "subregion", "intermediate_region")
            if field in document
        ]
        assert set(path) <= {node["name"] for node in tables["regions"].values()}


def test_regions_hold_every_country_once(documents: Documents, tables: dict[str, Any]) -> None:
    held = [code for node in tables["regions"].values() for code in node.get("countries", [])]
    # UN M49 puts Antarctica straight under the world.
    assert sorted(held) == sorted(set(documents) - {"AQ"})


def test_currencies_have_iso_numbers_and_digits(tables: dict[str, Any]) -> None:
    currencies = tables["currencies"]
    assert currencies["EUR"] == {
        "name": "Euro",
        "symbol": "€",
        "minor_units": 2,
        "numeric": "978",
        "from": "1999-01-01",
    }
    assert currencies["JPY"]["minor_units"] == 0
    assert currencies["XCG"]["numeric"] == "532"
    assert len(currencies) > 178


def test_past_currencies_end_when_their_successor_came(
    documents: Documents, tables: dict[str, Any]
) -> None:
    currencies = tables["currencies"]
    ends = {code: currencies[code]["to"] for code in ("BGN", "DEM", "HRK", "ZWL", "ANG", "VNN")}
    assert ends == {
        "BGN": "2026-01-01",
        "DEM": "2002-01-01",
        "HRK": "2023-01-01",
        "ZWL": "2024-06-25",
        "ANG": "2025-03-31",
        "VNN": "1985-09-14",
    }
    assert all(
        currency["from"] < currency.get("to", "9999")
        for currency in currencies.values()
        if "from" in currency
    )
    for document in documents.values():
        for item in at(document, "2026-11-22").get("currencies", []):
            assert "to" not in currencies[item["code"]], item


def test_languages_name_themselves(tables: dict[str, Any]) -> None:
    languages = tables["languages"]
    assert languages["th"] == {"name": "Thai", "native_name": "ไทย", "alpha3": "tha"}
    assert languages["zh-Hant"] == {
        "name": "Traditional Chinese",
        "native_name": "繁體中文",
        "alpha3": "zho",
    }
    assert len(languages) > 650
    assert all(re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?", tag) for tag in languages)


def test_regions_are_one_tree(tables: dict[str, Any]) -> None:
    regions = tables["regions"]
    assert [code for code, region in regions.items() if "parent" not in region] == ["001"]
    assert all(region.get("parent", "001") in regions for region in regions.values())


def test_every_postal_expression_matches_its_examples(
    documents: Documents, tables: dict[str, Any]
) -> None:
    checked = 0
    for code, examples in tables["postal_examples"].items():
        regex = documents[code].get("postal_code", {}).get("regex", "^(?:.*)$")
        assert regex.startswith("^(?:")
        assert regex.endswith(")$")
        for example in examples:
            assert re.match(regex, example), (code, example)
            assert not re.match(regex, f"{example}!"), (code, example)
            checked += 1
    assert checked > 350


def test_timelines_are_ordered(stored: Documents) -> None:
    for code, document in stored.items():
        assert check_timelines(document) == [], code
        for field, periods in document.get("dated", {}).items():
            past = field in ("alpha4", "borders", "withdrawn") or is_former(code)
            assert past or "to" not in periods[-1], f"{code}: what holds today?"


def test_capitals_have_roles(documents: Documents) -> None:
    for document in documents.values():
        for capital in document.get("capitals", []):
            assert capital["roles"]
            assert ("latitude" in capital) == ("longitude" in capital)
    assert len([1 for document in documents.values() if "capitals" in document]) >= 244


def test_united_nations(documents: Documents) -> None:
    members = {code for code, document in documents.items() if document["un_member"]}
    assert len(members) == 193
    assert not members & {"VA", "PS", "TW", "XK", "EH", "HK"}
    assert all(documents[code]["independent"] for code in members)


def test_dependent_territories_name_an_independent_state(documents: Documents) -> None:
    for document in documents.values():
        if "sovereign" in document:
            assert documents[document["sovereign"]]["independent"]
            assert not document["un_member"]


def test_figures_are_plausible(documents: Documents) -> None:
    assert sum(document["area"] for document in documents.values()) == pytest.approx(
        150e6, rel=0.02
    )
    populations = [document.get("population", 0) for document in documents.values()]
    assert sum(populations) == pytest.approx(8.15e9, rel=0.03)
    for document in documents.values():
        assert ("gini" in document) == ("gini_year" in document)
        assert "population" in document or "population_year" not in document


@pytest.mark.parametrize("code", ["AU", "GB", "HK", "IN", "JP", "TH", "VI", "ZA"])
def test_driving_on_the_left(documents: Documents, code: str) -> None:
    assert documents[code]["driving_side"] == "left"


def test_starter_is_the_tutorials() -> None:
    assert json.loads((DATA / "starter.json").read_text()) == [
        {"area": 513120, "capital": "Bangkok", "id": 1, "name": "Thailand"},
        {"area": 7617930, "capital": "Canberra", "id": 2, "name": "Australia"},
        {"area": 1010408, "capital": "Cairo", "id": 3, "name": "Egypt"},
    ]


def test_every_value_has_a_source(stored: Documents, tables: dict[str, Any]) -> None:
    records = {
        "city": [city.show() for city in load_cities().all],
        "country": stored.values(),
        "currency": tables["currencies"].values(),
        "figure": read_data("figures.json"),
        "group": read_data("groups.json"),
        "language": tables["languages"].values(),
        "membership": read_data("memberships.json"),
        "names": read_data("names.json"),
        "region": tables["regions"].values(),
        "subdivision": read_data("subdivisions.json"),
    }
    provenance, sources = tables["provenance"], tables["sources"]
    assert set(provenance) == set(records)
    for kind, summary in provenance.items():
        fields = {
            field for record in records[kind] for field in {*record, *record.get("dated", {})}
        }
        # What a record is known by in the dataset is not told of it.
        assert fields - {"id", "dated", "code"} - ({"alpha2"} if kind == "names" else set()) == set(
            summary["defaults"]
        )
        named = {source for listed in summary["defaults"].values() for source in listed}
        for source in {part for each in named for part in each.split("+")}:
            assert source.partition("/")[0] in sources
            assert source.partition("/")[0] != "facts" or (DATA.parent / source).exists()


def test_notice_credits_every_package() -> None:
    notice = (LOCK.parents[2] / "NOTICE").read_text(encoding="utf-8")
    packages, _ = read_lock()
    for package in packages:
        name = (
            "Unicode CLDR" if package.name.startswith("cldr-") else package.name.rpartition("/")[2]
        )
        version = (
            package.version.removesuffix(".0")
            if package.name.startswith("cldr-")
            else package.version
        )
        assert f"{name} {version}" in notice, package.name


def test_files_are_readable_line_by_line(stored: Documents) -> None:
    lines = (DATA / "countries.json").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(stored) + 2
    for path in DATA.iterdir():
        assert path.read_bytes().endswith(b"\n"), path.name


def test_codes_of_sport_are_unique(documents: Documents) -> None:
    """206 Olympic committees; of FIFA's 211 members the United Kingdom has four."""
    for field, count in (("cioc", 206), ("fifa", 207)):
        codes = [document[field] for document in documents.values() if field in document]
        assert len(codes) == len(set(codes)) == count


def test_no_other_name_is_the_name(documents: Documents) -> None:
    for document in documents.values():
        assert document["name"] not in document.get("other_names", [])


def test_every_time_zone_has_an_offset(documents: Documents) -> None:
    named = {zone for each in documents.values() for zone in each.get("timezones", [])}
    assert named <= set(list_zones())


def test_populations_are_the_world_banks_unless_a_fact_says_otherwise(documents: Documents) -> None:
    """No country is more than 5 % off for the same year without a reason named."""
    notes, series = read_data("facts.json"), read_series("population")
    kept = notes["facts/population.toml"]["records"]
    for code, document in documents.items():
        told = series.get(code, {}).get(str(document.get("population_year")))
        if told is None:
            assert code in kept or max(series.get(code, {}), default="") == "", code
        else:
            assert code in kept or abs(document["population"] / told - 1) < 0.05, code


def test_every_currency_in_use_has_a_symbol(documents: Documents, tables: dict[str, Any]) -> None:
    """That of English or of its home; CLDR only repeats the code of the rest."""
    used = {item["code"] for each in documents.values() for item in each.get("currencies", [])}
    lacking = {code for code in used if "symbol" not in tables["currencies"][code]}
    assert lacking == {"CHF", "CVE", "RSD", "TMT", "ZWG"}
    for code, currency in tables["currencies"].items():
        assert re.fullmatch(r"[^\u200b-\u200f]+", currency.get("symbol", "-")), code


# Sign languages are not written, and no source names the country in the others.
UNNAMED = {
    "BO": {"ay", "gn"},
    "BQ": {"pap"},
    "DZ": {"ber"},
    "EC": {"jiv"},
    "ML": {"bmq", "ff", "kao", "mey", "myk", "ses", "snk", "taq"},
    "MP": {"cal", "ch"},
    "NF": {"pih"},
    "NZ": {"nzs"},
    "PE": {"ay"},
    "ZA": {"sfs"},
    "ZW": {"bwg", "kck", "khi", "ndc", "nmq", "ve", "zib"},
}


def test_a_country_has_a_name_in_each_official_language(documents: Documents) -> None:
    lacking = {}
    for code, document in documents.items():
        named = {
            tag
            for name in document.get("native_names", [])
            for tag in (name["language"], name["language"].partition("-")[0])
        }
        spoken = document.get("languages", [])
        if missing := {each["code"] for each in spoken if each["official"]} - named:
            lacking[code] = missing
    assert lacking == UNNAMED


def test_a_form_of_postal_codes_is_accepted_by_its_expression(documents: Documents) -> None:
    """A form is drawn from an example: with digits and letters put in, it is a valid code."""
    refused = []
    for code, document in documents.items():
        postal = document.get("postal_code", {})
        for form in postal.get("format", "").split("|"):
            candidates = (
                form.replace("#", digit).replace("@", letter)
                for digit in "0123456789"
                for letter in "ABCDHNPRSTXZ"
            )
            if form and not any(re.match(postal["regex"], each) for each in candidates):
                refused.append(f"{code} {form}")
    assert refused == FORMS_WITH_NARROW_RANGES


# No single digit and letter in every place makes a code there, though the form is right.
FORMS_WITH_NARROW_RANGES = ["BL 9####", "GP 9####", "MF 9####", "SH @@@@ 1ZZ", "TF #####"]


def test_a_point_is_on_the_land_of_its_country(documents: Documents) -> None:
    """The middle of a box around an archipelago is often at sea, or a neighbour's."""
    borders = read_borders()
    astray = {
        code
        for code, document in documents.items()
        if (place := borders.locate(document["longitude"], document["latitude"])) is None
        or place.country != code
    }
    assert astray == set()


def test_neighbouring_islands_are_on_the_same_continent(documents: Documents) -> None:
    assert documents["CC"]["continents"] == documents["CX"]["continents"] == ["Asia"]

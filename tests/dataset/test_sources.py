"""The readers: what each makes of the odd corners of its package."""

import pytest

from terrafirma.dataset.geometry import Polygon, find_middle
from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.sources.cldr_names import CldrNames, spell_out
from terrafirma.dataset.sources.country_coder import read_country_coder, read_features
from terrafirma.dataset.sources.factbook import pair_demonyms, trim_name
from terrafirma.dataset.sources.iso import read_django_countries, read_iso3166, read_iso_3166
from terrafirma.dataset.sources.iso_tables import read_iso639, read_iso4217
from terrafirma.dataset.sources.phones import expand_digits, read_phonenumbers
from terrafirma.dataset.sources.postal import anchor_regex, describe_format
from terrafirma.dataset.sources.world_atlas import decode_arc, join_arcs


@pytest.mark.parametrize(
    ("noun", "adjective", "expected"),
    [
        ("Thai (singular and plural)", "Thai", [("Thai", "Thai")]),
        (
            "Antiguan(s), Barbudan(s)",
            "Antiguan, Barbudan",
            [("Antiguan", "Antiguan"), ("Barbudan", "Barbudan")],
        ),
        (
            "Motswana (singular), Batswana (plural)",
            "Motswana (singular), Batswana (plural)",
            [("Motswana",) * 2],
        ),
        ("Briton(s), British (collective plural)", "British", [("Briton", "British")]),
        ("Croat(s), Croatian(s)", "Croatian", [("Croat", "Croatian")]),
        (
            "liSwati (singular), emaSwati (plural); note - x",
            "Swati; note - y",
            [("liSwati", "Swati")],
        ),
        ("NA (US citizens)", None, []),
        (None, None, []),
    ],
)
def test_demonyms(noun: str | None, adjective: str | None, expected: list[tuple[str, str]]) -> None:
    assert [
        (pair["noun"], pair["adjective"]) for pair in pair_demonyms(noun, adjective)
    ] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("United Kingdom of Great Britain; note - the island", "United Kingdom of Great Britain"),
        ("Islamic Republic of X (prior to 2021); disputed", "Islamic Republic of X"),
        ("Territory of Cocos (Keeling) Islands", "Territory of Cocos (Keeling) Islands"),
    ],
)
def test_long_names_lose_their_notes(name: str, expected: str) -> None:
    assert trim_name(name) == expected


def test_english_names_are_spelled_out() -> None:
    assert spell_out("St. Kitts & Nevis") == "Saint Kitts and Nevis"
    assert spell_out("Côte d\u2019Ivoire") == "Côte d'Ivoire"
    assert spell_out("Western Sahara") == "Western Sahara"


def test_a_locale_that_only_repeats_the_code_has_no_name() -> None:
    locale = '{"main": {"xx": {"localeDisplayNames": {"territories": {"TH": "TH", "HK": "H", "HK-alt-short": "h"}}}}}'
    names = CldrNames({"main/xx/territories.json": locale})
    assert names.find_name("xx", "TH") is None
    assert names.find_name("xx", "HK") == "h"
    assert names.find_name("yy", "HK") is None


@pytest.mark.parametrize(
    ("pattern", "areas"),
    [("684", ["684"]), ("8001|8[024]9", ["809", "829", "849"]), ("658|876", ["658", "876"])],
)
def test_area_codes(pattern: str, areas: list[str]) -> None:
    assert expand_digits(pattern) == areas


@pytest.mark.parametrize(
    ("regex", "examples", "expected"),
    [
        (r"\d{5}", ["10150", "10210"], "#####"),
        (r"AD[1-7]0\d", ["AD100", "AD501"], "AD#0#"),
        (r"(\d{5})(?:[ \-](\d{4}))?", ["95014", "22162-1010"], "#####"),
        (r"[A-Z]\d[A-Z] ?\d[A-Z]\d", ["H3Z 2Y7"], "@#@ #@#"),
        (r"GIR ?0AA|[A-Z]{1,2}\d \d[A-Z]{2}", ["M2 5BQ", "GIR 0AA"], None),
        (r"\d{5}", [], None),
    ],
)
def test_postal_formats(regex: str, examples: list[str], expected: str | None) -> None:
    assert describe_format(anchor_regex(regex), examples) == expected


def test_bahrains_word_boundaries_are_anchors() -> None:
    assert anchor_regex(r"(?:^|\b)(?:1[0-2]|[1-9])\d{2}(?:$|\b)") == r"^(?:(?:1[0-2]|[1-9])\d{2})$"


def test_a_middle_lies_inside() -> None:
    square = Polygon([[(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]])
    far = Polygon([[(100, 0), (104, 0), (104, 4), (100, 4), (100, 0)]])
    horseshoe = Polygon([[(0, 0), (9, 0), (9, 9), (8, 9), (8, 1), (1, 1), (1, 9), (0, 9), (0, 0)]])
    assert find_middle([square]) == pytest.approx((2, 2))
    assert find_middle([square, far]) in (pytest.approx((2, 2)), pytest.approx((102, 2)))
    assert horseshoe.contains(find_middle([horseshoe]))


def test_a_hole_is_outside() -> None:
    ring = Polygon(
        [[(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)], [(3, 3), (6, 3), (6, 6), (3, 6), (3, 3)]]
    )
    assert ring.contains((1, 1))
    assert not ring.contains((4, 4))


def test_arcs_go_on_past_the_date_line() -> None:
    transform = {"scale": [1, 1], "translate": [-180, -90]}
    assert decode_arc([[350, 90], [5, 1]], transform) == [(170, 0), (175, 1)]
    ring = join_arcs([0, ~1], [[(170, 0), (-170, 0)], [(170, 0), (-170, 5), (-170, 0)]])
    assert ring == [(170, 0), (190, 0), (190, 5), (170, 0)]


def test_three_packages_agree_on_codes(inputs: Inputs) -> None:
    main, others = read_iso3166(inputs), [read_django_countries(inputs), read_iso_3166(inputs)]
    assert len(main) == 250
    for claims in others:
        assert set(claims) == set(main) - {"XK"}
        for code, claim in claims.items():
            assert (claim["alpha3"], claim["numeric"]) == (
                main[code]["alpha3"],
                main[code]["numeric"],
            )


def test_shared_and_whole_calling_codes(inputs: Inputs) -> None:
    claims = read_phonenumbers(inputs)
    codes = {
        code: claims[code]["calling_codes"] for code in ("US", "CA", "AS", "DO", "KZ", "SH", "GG")
    }
    assert codes == {
        "US": ["+1"],
        "CA": ["+1"],
        "AS": ["+1684"],
        "DO": ["+1809", "+1829", "+1849"],
        "KZ": ["+7"],
        "SH": ["+290", "+247"],
        "GG": ["+44"],
    }


def test_states_drawn_in_parts_drive_on_one_side(inputs: Inputs) -> None:
    claims = read_country_coder(read_features(inputs))
    sides = {
        code: claims[code]["driving_side"]
        for code in ("GB", "US", "CN", "AU", "GG", "VI", "FR", "IO")
    }
    assert [code for code, side in sides.items() if side == "left"] == ["GB", "AU", "GG", "VI"]
    assert claims["GF"]["sovereign"] == "FR"
    assert "sovereign" not in claims["TW"]


def test_reference_tables(inputs: Inputs) -> None:
    currencies = read_iso4217(inputs)
    assert currencies["BHD"] == {"name": "Bahraini Dinar", "numeric": "048", "minor_units": 3}
    assert "minor_units" not in currencies["XAU"]
    assert "BGN" not in currencies
    codes, names = read_iso639(inputs)
    assert (codes["th"], codes["tha"], names["th"]) == ("tha", "tha", "Thai")

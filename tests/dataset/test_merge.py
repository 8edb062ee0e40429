"""Sources in order of trust, facts above them, and facts that have had their day."""

from pathlib import Path

import pytest

from terrafirma.dataset.merge import PRECEDENCE, find_disagreements, merge_claims
from terrafirma.dataset.model import BuildError, Claims, Merged
from terrafirma.dataset.overrides import Facts, apply_facts, read_facts

HEAD = 'reason = "why"\nsource = "where"\ndate = 2026-11-22\n'


def write_facts(folder: Path, **files: str) -> Facts:
    for name, content in files.items():
        (folder / f"{name}.toml").write_text(
            f'field = "{name.partition("__")[0]}"\n{HEAD}{content}', encoding="utf-8"
        )
    return read_facts(folder)


def claims_of(**sources: Claims) -> dict[str, Claims]:
    named = {source: {} for listed in PRECEDENCE.values() for source in listed}
    return named | {name.replace("_", "-"): claims for name, claims in sources.items()}


@pytest.fixture
def merged() -> Merged:
    return {
        "FR": {
            "area": (643801, "factbook"),
            "population": (68, "factbook"),
            "population_year": (2025, "factbook"),
            "tlds": ([".fr"], "geonames"),
            "borders": (["ES"], "geonames"),
        },
        "ES": {
            "borders": (["FR"], "geonames"),
            "dated.currencies": ([{"from": "1999-01-01"}], "cldr"),
        },
        "GG": {"region": ("Europe", "un-m49"), "subregion": ("Channel Islands", "un-m49")},
    }


def test_the_first_source_that_knows_wins_and_brings_its_year() -> None:
    claims = claims_of(
        factbook={"FR": {"population": 68, "population_year": 2025}},
        cldr={"FR": {"population": 67}, "AX": {"population": 30}},
        geonames={"AX": {"population": 26}},
    )
    merged = merge_claims(["AX", "FR"], claims)
    assert merged["FR"] == {"population": (68, "factbook"), "population_year": (2025, "factbook")}
    assert merged["AX"] == {"population": (30, "cldr")}


def test_disagreements_are_told_when_they_matter() -> None:
    claims = claims_of(
        factbook={"FR": {"area": 100, "population": 100, "population_year": 2025}},
        geonames={"FR": {"area": 102, "population": 80, "capitals": [{"name": "Paris"}]}},
    )
    assert find_disagreements(merge_claims(["FR"], claims), claims) == [
        ("population", "FR", "100 (factbook)", "80 (geonames)")
    ]


def test_a_fact_stands_above_the_sources(merged: Merged, tmp_path: Path) -> None:
    facts = write_facts(tmp_path, area="[values]\nFR = 551500\n", tlds='[values]\nFR = "absent"\n')
    changes = apply_facts(merged, facts)
    assert merged["FR"]["area"] == (551500, "facts/area.toml")
    assert "tlds" not in merged["FR"]
    assert changes[0] == "FR area: 551500 (facts/area.toml) instead of 643801 (factbook)"


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("area", "[values]\nFR = 643801.0\n", "area of FR"),
        ("area", "[values]\nES = 'absent'\n", "area of ES"),
        ("area", "[values]\nFR = 1\n[[exceptions]]\ncountry = 'FR'\nvalue = 1\n", "area of FR"),
        (
            "m49",
            "[values]\nGG = { region = 'Europe', subregion = 'Channel Islands' }\n",
            "region of GG",
        ),
        ("borders_add", "pairs = ['ES-FR']\n", "ES-FR"),
        ("borders_remove", "pairs = ['ES-GG']\n", "ES-GG"),
    ],
)
def test_a_stale_fact_fails_the_build(
    merged: Merged, tmp_path: Path, name: str, content: str, named: str
) -> None:
    with pytest.raises(BuildError, match=f"facts/{name}.toml: {named}"):
        apply_facts(merged, write_facts(tmp_path, **{name: content}))


def test_exceptions_stand_above_values(merged: Merged, tmp_path: Path) -> None:
    exception = "[[exceptions]]\ncountry = 'FR'\nvalue = 2\nreason = 'another'\n"
    apply_facts(merged, write_facts(tmp_path, area=f"[values]\nFR = 1\n{exception}"))
    assert merged["FR"]["area"][0] == 2


def test_a_year_goes_with_the_figure_it_was_said_of(merged: Merged, tmp_path: Path) -> None:
    apply_facts(merged, write_facts(tmp_path, population="[values]\nFR = 69\n"))
    assert "population_year" not in merged["FR"]


def test_a_year_may_stay_the_same_for_another_figure(merged: Merged, tmp_path: Path) -> None:
    files = {"population": "[values]\nFR = 69\n", "population_year": "[values]\nFR = 2025\n"}
    apply_facts(merged, write_facts(tmp_path, **files))
    assert merged["FR"]["population_year"] == (2025, "facts/population_year.toml")


def test_regions_are_put_right_together(merged: Merged, tmp_path: Path) -> None:
    content = "[values]\nGG = { region = 'Europe', subregion = 'Northern Europe', intermediate_region = 'Islands' }\n"
    apply_facts(merged, write_facts(tmp_path, m49=content))
    assert {field: value for field, (value, _) in merged["GG"].items()} == {
        "region": "Europe",
        "subregion": "Northern Europe",
        "intermediate_region": "Islands",
    }


def test_borders_are_changed_on_both_sides(merged: Merged, tmp_path: Path) -> None:
    apply_facts(
        merged,
        write_facts(
            tmp_path, borders_add="pairs = ['GG-FR']\n", borders_remove="pairs = ['FR-ES']\n"
        ),
    )
    assert merged["FR"]["borders"] == (
        ["GG"],
        "geonames+facts/borders_add.toml+facts/borders_remove.toml",
    )
    assert merged["GG"]["borders"][0] == ["FR"]
    assert merged["ES"]["borders"][0] == []


def test_a_plain_fact_takes_the_place_of_a_timeline(merged: Merged, tmp_path: Path) -> None:
    apply_facts(merged, write_facts(tmp_path, currencies="[values]\nES = [{ code = 'EUR' }]\n"))
    assert merged["ES"]["currencies"][0] == [{"code": "EUR"}]
    assert "dated.currencies" not in merged["ES"]


@pytest.mark.parametrize(
    "content", ["[values]\nQQ = 1\n", "[[exceptions]]\ncountry = 'FR'\n", "[values\n"]
)
def test_a_fact_that_makes_no_sense_is_named(merged: Merged, tmp_path: Path, content: str) -> None:
    with pytest.raises(BuildError, match=r"facts/area\.toml"):
        apply_facts(merged, write_facts(tmp_path, area=content))


def test_one_value_stands_in_one_place(tmp_path: Path) -> None:
    write_facts(tmp_path, area="[values]\nFR = 1\n")
    (tmp_path / "zone.toml").write_text(
        f'field = "area"\n{HEAD}[values]\nFR = 2\n', encoding="utf-8"
    )
    with pytest.raises(
        BuildError, match=r"area of FR stands in facts/area\.toml and facts/zone\.toml"
    ):
        read_facts(tmp_path)

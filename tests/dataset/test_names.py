"""Names in other languages: every one CLDR has, none twice, and English as the records say it."""

from typing import Any

import pytest

from terrafirma.dataset.build import DATA
from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.load import read_locales
from terrafirma.dataset.sources.cldr_names import open_names
from terrafirma.register.model.languages import canonical, parent_of
from tests.dataset.conftest import read_data


@pytest.fixture(scope="module")
def named() -> dict[str, dict[str, str]]:
    """{alpha-2: {locale: name}} as committed."""
    return {record["alpha2"]: record["names"] for record in read_data("names.json")}


@pytest.fixture(scope="module")
def locales() -> dict[str, str | None]:
    """The locales that are offered, each with the one it inherits from."""
    return dict(read_data("locales.json"))


def test_every_country_is_named_in_many_languages(
    named: dict[str, dict[str, str]], documents: dict[str, dict[str, Any]]
) -> None:
    assert [(record["id"], record["alpha2"]) for record in read_data("names.json")] == [
        (document["id"], code) for code, document in documents.items()
    ]
    assert min(len(names) for names in named.values()) > 130
    assert named["TH"]["de"] == "Thailand"
    assert named["CI"]["nn"] == "Elfenbeinskysten"
    assert named["HK"]["zh-Hant"] == "香港"
    assert all(name and name == name.strip() for names in named.values() for name in names.values())


def test_a_locale_says_only_what_it_says_differently(named: dict[str, dict[str, str]]) -> None:
    parents = read_data("parents.json")
    for code, names in named.items():
        for locale, name in names.items():
            inherited = parent_of(locale, parents)
            while inherited and inherited not in names:
                inherited = parent_of(inherited, parents)
            assert not inherited or names[inherited] != name, (code, locale)
    assert "de-AT" in named["SJ"]
    assert "de-AT" not in named["DE"]


def test_english_is_what_the_records_say(named: dict[str, dict[str, str]]) -> None:
    assert all("en" not in names for names in named.values())
    # Names kept by hand hold in every English.
    for code in ("NR", "CD", "CV", "VC"):
        assert not [
            locale for locale in named[code] if locale.startswith("en-") and locale != "en-Dsrt"
        ], code
    assert "en-001" not in named["BL"]


def test_what_is_resolved_is_what_cldr_says(
    inputs: Inputs, named: dict[str, dict[str, str]]
) -> None:
    names, locales = open_names(inputs), read_locales()
    for locale in names.list_locales():
        line = locales.chain(locales.find(locale))
        if locale.partition("-")[0] == "en" or locale == "hi-Latn" or not line:
            continue
        for code, own in named.items():
            said = next((own[each] for each in line if each in own), None)
            assert said == names.find_name(locale, code) or names.find_name(locale, code) is None, (
                locale,
                code,
            )


def test_offered_locales_name_at_least_half(
    named: dict[str, dict[str, str]], locales: dict[str, str | None]
) -> None:
    assert len(locales) > 250
    assert "kw" not in locales
    for locale, parent in locales.items():
        assert canonical(locale) == locale
        assert parent is None or parent in locales
    for locale in ("de", "sw", "zh", "zh-Hant", "sr-Latn", "yi"):
        assert sum(locale in names for names in named.values()) >= 125, locale


def test_inheritance_comes_to_an_end() -> None:
    parents = read_data("parents.json")
    for tag in parents:
        assert canonical(tag), tag
        seen: list[str] = []
        while tag:
            assert tag not in seen
            seen.append(tag)
            tag = parent_of(tag, parents)


def test_the_report_says_how_many() -> None:
    report = (DATA / "build-report.md").read_text(encoding="utf-8")
    assert "## Names in other languages" in report
    assert " kw 1," in report

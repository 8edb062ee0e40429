"""Language tags, what they inherit, and what an Accept-Language comes to."""

import pytest

from terrafirma.dataset.load import read_locales
from terrafirma.register.languages import HEADER, Locales, canonical

LOCALES = read_locales()


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("de", "de"),
        ("DE-at", "de-AT"),
        ("de_AT", "de-AT"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("ZH_HANT_tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("en-001", "en-001"),
        ("de-DE-u-CO-phonebk", "de-DE-u-co-phonebk"),
        ("sl-ROZAJ", "sl-rozaj"),
        ("x-klingon", "x-klingon"),
        ("i-LUX", "i-lux"),
    ],
)
def test_a_tag_is_written_as_cldr_writes_it(text, tag):
    assert canonical(text) == tag


@pytest.mark.parametrize(
    "text",
    ["", "d", "x", "-de", "de-", "de--AT", "de AT", "de,en", "*", "dé", "de\n", "d3", "abcdefghi", "de-" + "a" * 9],
)
def test_what_is_no_tag(text):
    assert canonical(text) is None
    assert canonical("de-" + "-".join(["abcdefgh"] * 5)) is None


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        ("de", ["de"]),
        ("de-AT", ["de-AT", "de"]),
        ("de-LI", ["de"]),
        ("zh-TW", ["zh-Hant"]),
        ("zh-HK", ["zh-Hant-HK", "zh-Hant"]),
        ("zh-CN", ["zh"]),
        ("zh-Hans-SG", ["zh"]),
        ("sr-ME", ["sr-Latn-ME", "sr-Latn"]),
        ("nb-NO", ["no"]),
        ("nn", ["nn", "no"]),
        ("pt-AO", ["pt-PT", "pt"]),
        ("iw", ["he"]),
        ("deu", ["de"]),
        ("en-GB", ["en-001"]),
        ("en-US", []),
    ],
)
def test_a_tag_leads_to_the_nearest_locale_and_what_it_inherits(tag, line):
    assert LOCALES.chain(LOCALES.find(tag)) == line


@pytest.mark.parametrize("tag", ["tlh", "kw", "und", "az-Arab", "x-de", "zz-ZZ"])
def test_what_is_not_spoken(tag):
    assert LOCALES.find(tag) is None


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("de", "de"),
        ("de-LI,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, fr;q=0.9", "fr"),
        ("fr;q=0.9,de;q=0.9", "fr"),
        ("tlh, kw;q=0.9, th;q=0.1", "th"),
        ("de;q=0, th;q=0.1", "th"),
        ("de; q=0.3 , fr ; q = 0.4", "fr"),
        ("*", "en"),
        ("tlh", "en"),
        ("", "en"),
        (";;,,q=1", "en"),
        ("de;q=2, fr;q=0.1", "fr"),
        ("de;q=nan,th", "th"),
        ("x" * HEADER + ",de", "en"),
        ("en-GB,en", "en-001"),
    ],
)
def test_a_header_comes_to_one_locale(header, locale):
    assert LOCALES.negotiate(header) == locale


def test_odd_headers_are_not_remembered_without_end():
    locales = Locales({"de": None}, {})
    assert {locales.negotiate(f"de-{number},de;q=0.{number}") for number in range(5000)} == {"de"}
    assert locales._remembered.cache_info().currsize <= 1000

"""Language tags and what they inherit."""

import pytest

from terrafirma.dataset.load import read_locales
from terrafirma.register.model.languages import canonical

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
    [
        "",
        "d",
        "x",
        "-de",
        "de-",
        "de--AT",
        "de AT",
        "de,en",
        "*",
        "dé",
        "de\n",
        "d3",
        "abcdefghi",
        "de-" + "a" * 9,
    ],
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
    ("tags", "locale"),
    [(["tlh", "*", "fr-CH", "de"], "fr"), (["de_at"], "de-AT"), (["tlh", "d"], "en"), ([], "en")],
)
def test_the_first_tag_that_is_spoken_is_chosen(tags, locale):
    assert LOCALES.choose(tags) == locale

"""The pages in other languages: catalogues are complete, `lang` and browsers choose, Arabic is read from the right."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from terrafirma.web import catalogues

WEB = Path(catalogues.__file__).parent
METHODS = [("templates/**", "jinja2.ext:babel_extract"), ("**.py", "python")]
BROWSER = {"Accept": "text/html"}
OTHERS = [language for language in catalogues.LANGUAGES if language != "en"]


def list_texts():
    """The English texts of templates and of the pages' code, singular of each."""
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(WEB, METHODS, keywords=keywords)
    return {text[0] if isinstance(text, tuple) else text for _file, _line, text, *_ in found}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_text_with_its_places(language):
    catalogue = catalogues.read_catalogue(language)
    for text in list_texts():
        message = catalogue.get(text)
        assert message is not None, text
        strings = [message.string] if isinstance(message.string, str) else message.string
        places = set(re.findall(r"%\(\w+\)s", text))
        assert all(strings), text
        assert places == set(re.findall(r"%\(\w+\)s", strings[-1])), text


def test_lang_chooses_and_else_the_browser(shared_client):
    german = shared_client.get("/explore", headers=BROWSER | {"Accept-Language": "de-AT,de;q=0.9"})
    assert '<html lang="de" dir="ltr"' in german.text
    assert "250 Länder" in german.text
    assert "Deutschland" in german.text
    spanish = shared_client.get("/explore?lang=es", headers=BROWSER | {"Accept-Language": "de"})
    assert "250 países" in spanish.text


def test_arabic_is_read_from_the_right_and_days_are_written_its_way(shared_client):
    page = shared_client.get("/explore/GB?lang=ar", headers=BROWSER).text
    assert '<html lang="ar" dir="rtl"' in page
    assert "31 يناير 2020" in page


def test_a_language_without_a_catalogue_gets_english_words_and_its_own_names(shared_client):
    page = shared_client.get("/explore/TH?lang=th", headers=BROWSER).text
    assert '<html lang="en"' in page
    assert "ไทย" in page


@pytest.mark.parametrize(
    ("language", "number", "form"),
    [("fr", 0, 0), ("de", 0, 1), ("ar", 2, 2), ("ar", 105, 3), ("ar", 250, 4), ("zh", 7, 0)],
)
def test_plurals_follow_the_rules_of_the_language(language, number, form):
    assert catalogues.plural_form(catalogues.read_catalogue(language), number) == form

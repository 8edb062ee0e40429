"""The pages in other languages: catalogues are complete, `lang` and browsers choose, Arabic is read from the right."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from terrafirma.register.model.kinds import EVERY_KIND
from terrafirma.web import catalogues
from terrafirma.web.admin import TITLES
from terrafirma.web.assets import list_script_texts
from terrafirma.web.display import MADE, UNITS, label_of
from terrafirma.web.forms import list_controls
from terrafirma.web.nouns import SIGNS, STATUS
from terrafirma.web.sections import SECTIONS

WEB = Path(catalogues.__file__).parent
METHODS = [("templates/**", "jinja2.ext:babel_extract"), ("**.py", "python")]
BROWSER = {"Accept": "text/html"}
OTHERS = [language for language in catalogues.LANGUAGES if language != "en"]


def list_texts():
    """The English texts of templates, of the pages' code and of scripts, singular of each."""
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(WEB, METHODS, keywords=keywords)
    texts = {text[0] if isinstance(text, tuple) else text for _file, _line, text, *_ in found}
    return texts | list_script_texts()


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


def list_declared_words(control):
    """The label, the help, the unit and the choices of a control and of those inside it."""
    yield from (control.label, control.help, control.unit, *control.choices)
    for part in control.parts:
        yield from list_declared_words(part)


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_what_fields_declare(language):
    controls = [each for kind in EVERY_KIND.values() for each in list_controls(kind).values()]
    words = {word for each in controls for word in list_declared_words(each)}
    words |= {
        label_of(name)
        for kind in EVERY_KIND.values()
        for name in (kind.name, kind.plural, *kind.fields)
    }
    words |= {f"New {kind.name}" for kind in EVERY_KIND.values()}
    words |= {*map(label_of, MADE), *UNITS.values(), *SECTIONS, *STATUS.values(), *SIGNS.values()}
    catalogue = catalogues.read_catalogue(language)
    assert sorted(word for word in words if word and catalogue.get(word) is None) == []


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


UNTRANSLATED = ("reference.js", "handbook.js", "match.js")
"""Scripts of pages that are English, like the API and the handbook, or bring their texts in the page."""
ENGLISH_PAGES = ("handbook", "reference")
WITHOUT_WORDS = {"code", "pre", "kbd", "script", "style", "title"}
SPOKEN = ("aria-label", "placeholder", "alt", "title", "label")
NAMES = re.compile(
    r"Terrafirma|API|UTC|SVG|PNG|Atom|Deutsch|English|Español|Français|JSON|NDJSON|GeoJSON|CSV|TSV|XLSX|Excel|SQLite|Parquet"
    r"|utf-\d+|cp\d+|iso-[\d-]+|mac_roman|shift_jis|gb\d+|[Tt]ab|country/TH|group/EU|population, currencies|ASEAN|YYYY-MM-DD|aria-\w+|https://\S+|\d+[dh]\b"
)


class Words(HTMLParser):
    """The texts of a page that are outside of marks around translations."""

    def __init__(self) -> None:
        super().__init__()
        self.around, self.found = [], []

    def handle_starttag(self, tag, attributes):
        if tag not in (
            "input",
            "meta",
            "link",
            "img",
            "br",
            "path",
            "rect",
            "circle",
            "image",
            "use",
        ):
            self.around.append(tag)
        for name, value in attributes:
            if name in SPOKEN:
                self.see(value)

    def handle_endtag(self, tag):
        while self.around and self.around.pop() != tag:
            pass

    def handle_data(self, data):
        if not WITHOUT_WORDS & {*self.around} and "datalist" not in self.around:
            self.see(data)

    def see(self, text):
        rest = text or ""
        while (without := re.sub("⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = without
        self.found += re.findall(r"[A-Za-z][A-Za-z' ]{2,}", NAMES.sub("", rest))


PLAIN = ("new", "match", "search", "list/fields", "list/fields/new", "list/groups/new")
"""Pages that show no records."""


@pytest.mark.parametrize("page", [*(f"admin/{page}" for page in TITLES), *PLAIN])
def test_every_word_of_a_page_without_data_is_translated(shared_client, monkeypatch, page):
    monkeypatch.setattr(catalogues, "translate", lambda _language, text: f"⟦{text}⟧")
    path = f"/explore/{page}"
    words = Words()
    words.feed(
        shared_client.get(f"{path}?lang=de", headers=BROWSER | {"Cache-Control": "no-cache"}).text
    )
    assert not words.found


def test_templates_have_no_word_that_is_not_translated():
    found = {}
    for path in sorted((WEB / "templates").rglob("*.html")):
        text = re.sub(
            r"\{% block needed %\}admin|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}",
            " ",
            path.read_text("utf-8"),
            flags=re.DOTALL,
        )
        words = Words()
        words.feed(text)
        if words.found and not path.name.startswith(ENGLISH_PAGES):
            found[path.name] = words.found
    assert not found


def test_scripts_have_no_sentence_that_is_not_translated():
    """A text of some words is for readers, and of two if it begins with a capital letter."""
    sentence = re.compile("""["`]((?:[A-Z][a-z']+|[a-z']+ [a-z']+) [a-z][^"`]*)["`]""")
    translated = re.compile(r'(?:_|ngettext|pieces)\((?:"(?:[^"\\]|\\.)*"(?:, )?)+')
    found = [
        f"{path.name}: {text}"
        for path in sorted((WEB / "static").glob("*.js"))
        if path.name not in UNTRANSLATED
        for line in path.read_text("utf-8").splitlines()
        if not line.lstrip().startswith("//") and "throw" not in line
        for text in sentence.findall(translated.sub("", line))
    ]
    assert not found

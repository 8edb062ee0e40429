"""The language of the pages: their words from gettext catalogues, numbers and days as that language writes them.

`lang` decides, as it does for names, else Accept-Language. A language without a catalogue gets English words.
"""

from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from flask import g, has_request_context, request
from werkzeug.datastructures import LanguageAccept

from terrafirma.deferred import Deferred

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog

# A server whose pages nobody opens needs none of it.
babel: Any = Deferred("babel")
dates: Any = Deferred("babel.dates")
catalogs: Any = Deferred("babel.messages.catalog")
pofile: Any = Deferred("babel.messages.pofile")

ENGLISH = "en"
LANGUAGES = (ENGLISH, "de", "fr", "es", "ar", "zh")
"""The languages there are catalogues of: `web/locales/de.po`."""
CATALOGUES = resources.files("terrafirma.web") / "locales"
PARAMETER = "lang"


@cache
def read_catalogue(language: str) -> "Catalog":
    """The catalogue of a language; English has none, since its words are the ids."""
    if language == ENGLISH:
        english: Catalog = catalogs.Catalog(locale=ENGLISH)
        return english
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        found: Catalog = pofile.read_po(file, locale=language)
    return found


@cache
def locale_of(language: str) -> "Locale":
    """How a language writes numbers and days, and what it calls languages."""
    found: Locale = babel.Locale.parse(language)
    return found


def page_language() -> str:
    """The language that the words of this page are in."""
    if not has_request_context():
        return ENGLISH
    language: str | None = g.get("page_language")
    if language is None:
        language = g.page_language = read_page_language()
    return language


def read_page_language() -> str:
    """The language that `lang` or the browser asks for."""
    asked = request.args.get(PARAMETER)
    if asked is not None:
        return find_language(asked) or ENGLISH
    return choose_language(request.accept_languages)


def find_language(tag: str) -> str | None:
    """The language of a tag that has a catalogue: `de` of `de-AT`."""
    primary = tag.replace("_", "-").partition("-")[0].lower()
    return primary if primary in LANGUAGES else None


def choose_language(accepted: LanguageAccept) -> str:
    """The first of a browser's languages that has a catalogue."""
    tags = (tag for tag, quality in accepted if quality > 0)
    return next((found for tag in tags if (found := find_language(tag))), ENGLISH)


def gettext(text: str) -> str:
    """The text in the language of the page."""
    return translate(page_language(), text)


def ngettext(one: str, many: str, number: int) -> str:
    """The text for a number of things in the language of the page."""
    language = page_language()
    catalogue = read_catalogue(language)
    message = catalogue.get(one)
    plural = message.string if message is not None and not message.fuzzy else ""
    if isinstance(plural, tuple | list) and all(plural):
        return str(plural[plural_form(catalogue, number)])
    return one if number == 1 else many


def translate(language: str, text: str) -> str:
    """The text in a language; the text itself where the catalogue has none."""
    if language == ENGLISH:
        return text
    message = read_catalogue(language).get(text)
    found = message.string if message is not None and not message.fuzzy else ""
    return found if isinstance(found, str) and found else text


def plural_form(catalogue: "Catalog", number: int) -> int:
    """The index of a number's plural form in a catalogue."""
    return PLURALS.get(str(catalogue.locale), plural_of_two)(number)


def plural_of_two(number: int) -> int:
    """The form of languages with a singular and a plural."""
    return int(number != 1)


def plural_of_french(number: int) -> int:
    """The form in French, where none is singular too."""
    return int(number > 1)


def plural_of_arabic(number: int) -> int:
    """The form in Arabic: none, one, two, few, many, other."""
    if number < 3:
        return number
    return 3 if 3 <= number % 100 <= 10 else 4 if number % 100 >= 11 else 5


def plural_of_chinese(_number: int) -> int:
    """The only form there is."""
    return 0


PLURALS = {"fr": plural_of_french, "ar": plural_of_arabic, "zh": plural_of_chinese}


def text_direction() -> str:
    """The reading direction of the page: `ltr` or `rtl`."""
    return str(locale_of(page_language()).text_direction)


def name_language(tag: str) -> str:
    """The name of a language in the page's language; the tag itself if there is no name."""
    locale = locale_of(page_language())
    primary, _, rest = tag.partition("-")
    name = locale.languages.get(tag.replace("-", "_")) or locale.languages.get(primary)
    if name is None:
        return tag
    if not rest or tag.replace("-", "_") in locale.languages:
        return str(name)
    part = locale.scripts.get(rest) or locale.territories.get(rest) or rest
    return f"{name} ({part})"


def write_day(text: str) -> str:
    """A day as the page's language writes it: `31 January 2020`; a year or month stays as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    language = page_language()
    return str(
        dates.format_date(day, "d MMMM y" if language == ENGLISH else "long", locale=language)
    )


@cache
def group_mark(language: str) -> str:
    """The separator of thousands."""
    return "," if language == ENGLISH else str(locale_of(language).number_symbols["latn"]["group"])


@cache
def decimal_mark(language: str) -> str:
    """The decimal separator."""
    return (
        "." if language == ENGLISH else str(locale_of(language).number_symbols["latn"]["decimal"])
    )


def localise_number(text: str) -> str:
    """A number written the English way, as the page's language writes it."""
    language = page_language()
    if language == ENGLISH:
        return text
    marks = {",": group_mark(language), ".": decimal_mark(language)}
    return "".join(marks.get(letter, letter) for letter in text)

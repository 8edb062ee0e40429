"""Lists of country names in many languages: countrynames, i18n-iso-countries, django-countries and
Babel, which has the locales that CLDR holds back from its JSON files."""

import ast
import io
import json
import pickle
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.sources.cldr_names import CldrNames

COUNTRYNAMES = "countrynames"
I18N_ISO_COUNTRIES = "i18n-iso-countries"
DJANGO_COUNTRIES = "django-countries"
BABEL = "babel"
CLDR = "cldr"

UNKNOWN = "und"
"""The language of names whose list does not give it."""


class ListedName(NamedTuple):
    """A name of a territory in a source's list."""

    code: str
    text: str
    language: str
    source: str


def read_countrynames(inputs: Inputs) -> Iterator[ListedName]:
    """Names and spellings met in official records; the package gives no languages."""
    tree = ast.parse(inputs.read_text(COUNTRYNAMES, "countrynames/data.py"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Subscript):
            code = ast.literal_eval(target.slice)
            for text in ast.literal_eval(node.value):
                yield ListedName(code, text, UNKNOWN, COUNTRYNAMES)


def read_i18n_iso_countries(inputs: Inputs) -> Iterator[ListedName]:
    """Names in some 80 languages, several of a country in some."""
    for _, text in sorted(inputs.read_texts(I18N_ISO_COUNTRIES, r"langs/[^/]+\.json").items()):
        content = json.loads(text)
        for code, names in content["countries"].items():
            for name in [names] if isinstance(names, str) else names:
                yield ListedName(code, name, content["locale"], I18N_ISO_COUNTRIES)


def read_django_translations(inputs: Inputs) -> Iterator[ListedName]:
    """Translations of ISO's English short names, and of the package's own short names."""
    codes = read_django_messages(inputs)
    catalogs = inputs.read_texts(
        DJANGO_COUNTRIES, r"django_countries/locale/[^/]+/LC_MESSAGES/django\.po"
    )
    for member, text in sorted(catalogs.items()):
        language = member.split("/")[2].replace("_", "-").partition("@")[0]
        for message, name in re.findall(r'^msgid (".*")\nmsgstr (".+")$', text, re.MULTILINE):
            if code := codes.get(ast.literal_eval(message)):
                yield ListedName(code, ast.literal_eval(name), language, DJANGO_COUNTRIES)


def read_django_messages(inputs: Inputs) -> dict[str, str]:
    """Return {English name: alpha-2} of the names that the package translates."""
    patterns = {
        "django_countries/data.py": r'^    "([A-Z]{2})": _\((".*")\),$',
        "django_countries/base.py": r'^ +"([A-Z]{2})": (?:_\()?(".*?")\)?,$',
    }
    found: dict[str, str] = {}
    for member, pattern in patterns.items():
        for code, name in re.findall(
            pattern, inputs.read_text(DJANGO_COUNTRIES, member), re.MULTILINE
        ):
            found[ast.literal_eval(name)] = code
    return found


def read_cldr_variants(names: CldrNames) -> Iterator[ListedName]:
    """All names in all locales, short and variant forms too, of countries and of other places."""
    for locale in names.list_locales():
        names.find_name(locale, "001")
        for key, text in names.parsed[locale].items():
            code = key.partition("-")[0]
            if text != code:
                yield ListedName(code, text, locale, CLDR)


class _LocaleData(pickle.Unpickler):
    """Reads Babel's data without its code: plain values, and anything else as an empty part."""

    def find_class(self, *_: str) -> Any:
        """The stand-in for every class."""
        return _Part


class _Part:
    """A pattern or reference of a locale, which names of territories do not need."""

    def __init__(self, *_: Any) -> None:
        """Leave the part empty."""

    def __setstate__(self, state: Any) -> None:
        """Leave the part empty."""


def read_babel(inputs: Inputs) -> Iterator[ListedName]:
    """Names in all of CLDR's locales, those with few translations too."""
    locales = inputs.read_files(BABEL, r"babel/locale-data/[a-zA-Z_0-9]+\.dat")
    for member, content in sorted(locales.items()):
        locale = member.rpartition("/")[2].removesuffix(".dat").replace("_", "-")
        data = _LocaleData(io.BytesIO(content)).load()
        for code, text in sorted(data.get("territories", {}).items()):
            if len(code) == 2 and text != code:
                yield ListedName(code, text, locale, BABEL)

"""The order of names in a language.

ICU knows the order of every language: Swedish has å behind z, Chinese goes by pinyin. Without the
extra `terrafirma[collation]` letters go by Unicode, accents aside, which is right for English,
German, French, Italian and Portuguese.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from terrafirma.register.resolve.normalise import fold_words

SortKey = Callable[[str], Any]


def has_collation() -> bool:
    """Return True if ICU is installed."""
    return find_spec("icu") is not None


def open_collation(locale: str) -> SortKey:
    """Return the function that gives a name its place in a locale's order."""
    if not has_collation():
        return fold_words
    icu = import_module("icu")
    collator = icu.Collator.createInstance(icu.Locale.forLanguageTag(locale))
    sort_key: SortKey = collator.getSortKey
    return sort_key

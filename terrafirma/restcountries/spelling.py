"""Compare names without accents, apostrophes, order and small words."""

import re
import unicodedata
from functools import lru_cache

KNOWN = 2**16
"""Texts of records whose folded forms are remembered. What clients send is not: it could fill the memory."""

LETTERS = str.maketrans(
    {"‘": "'", "’": "'", "ʻ": "'", "ʼ": "'", "ʾ": "'", "ʿ": "'", "`": "'", "ł": "l", "ø": "o", "đ": "d", "ð": "d",
     "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "‐": "-", "–": "-"}
)  # fmt: skip
"""Letters and signs that Unicode does not decompose."""

WORD = re.compile(r"\w+")
MARKS = re.compile(r"['.]")
"""Signs inside of words: Sana'a, D.C."""

SAME = {
    "st": "saint",
    "sint": "saint",
    "ste": "sainte",
    "&": "and",
    "island": "islands",
    "isles": "islands",
}
COMPASS = {"eastern": "east", "western": "west", "northern": "north", "southern": "south"}
LEFT_OUT = frozenset(("the", "and", "of", "de", "la", "al", "s"))

# English; French, Spanish, Portuguese, Malay and Slavic; romanised Arabic and Persian.
GENERIC_WORDS = """
republic kingdom state states federation federal union commonwealth principality sultanate emirate
duchy grand territory territories collectivity department island islands group islamic arab people
peoples democratic socialist plurinational bolivarian cooperative independent sovereign former
yugoslav
republique royaume collectivite territoriale departement republica reino estado repubblica ripublik
repiblik republik republika respublika respublikasi respublikas negara ng pilipinas
jumhuriyyat jumhuriyyah jumhuriyat jumhuriyah jomhuri mamlakah mamlakat dawlat saltanat islamiyyah
eslami ye as an ar ash at ad
"""
GENERIC = frozenset(GENERIC_WORDS.split())
"""Words of official names that do not identify a country."""


def fold_spelling(text: str) -> str:
    """Return text in small letters, without accents and typographic apostrophes."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(
        LETTERS
    )


def name_key(text: str) -> frozenset[str]:
    """Return the words of a name, in a single spelling each and in no order."""
    words = (SAME.get(word, word) for word in WORD.findall(MARKS.sub("", fold_spelling(text))))
    return frozenset(word for word in words if word not in LEFT_OUT)


def thing_key(text: str) -> frozenset[str]:
    """Return the words of a language's or a currency's name, as `name_key` does: an Eastern
    Caribbean dollar is an East Caribbean dollar, while Southern Africa is not South Africa."""
    return frozenset(COMPASS.get(word, word) for word in name_key(text))


def significant_words(key: frozenset[str]) -> frozenset[str]:
    """The words of a name that identify a country."""
    return key - GENERIC


fold_known = lru_cache(maxsize=KNOWN)(fold_spelling)
name_key_known = lru_cache(maxsize=KNOWN)(name_key)
thing_key_known = lru_cache(maxsize=KNOWN)(thing_key)

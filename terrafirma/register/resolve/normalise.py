"""A single spelling for the many ways a name is written.

`fold` compares letters only: Unicode's compatibility forms, case, accents, punctuation and
invisible characters make no difference. `key_of` goes further and compares words: "&" and every
language's "and", "St." and "Saint", articles and spaces make no difference.
"""

import html
import re
import unicodedata
from urllib.parse import unquote

from terrafirma.register.resolve.words import ABBREVIATIONS, CONJUNCTIONS

LONGEST = 200
"""Characters of a text that are looked at; no name is longer."""

LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ß": "ss",
    "ə": "e", "ǝ": "e", "ɛ": "e", "ɔ": "o", "ŋ": "ng", "ħ": "h", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ɣ": "g", "ƴ": "y",
    "ŧ": "t", "ĸ": "k", "ſ": "s",
    # Arabic letters that languages or keyboards write differently.
    "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك", "ة": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه", "ٱ": "ا",
    "ـ": "",
    # Malayalam letters that were written with a joiner before they had characters of their own.
    "ൺ": "ണ്", "ൻ": "ന്", "ർ": "ര്", "ൽ": "ല്", "ൾ": "ള്",
    # Cyrillic letters that Russian keyboards lack.
    "ґ": "г", "ё": "е",
}  # fmt: skip
"""Letters that Unicode does not take apart into a base and a mark."""

APOSTROPHES = "'’‘ʼʻʹʾʿ`´ˈ′＇ꞌ"
DROPPED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "COMBINING", "ARABIC", "HEBREW")
"""Scripts whose marks are accents or optional vowels. Elsewhere a mark is a vowel and makes a word."""

LINKS = frozenset({"the", "of"})
DROPPED = LINKS | frozenset(CONJUNCTIONS)
"""Words that a key may leave out."""

QUOTES = "\"“”„«»‹›'‘’`"
JOINERS = "\u200c\u200d"
NOTES = re.compile(r"(?:\s*(?:\b\d{1,2}/|\[[0-9a-z]{1,3}\]|\([0-9*]{1,2}\)|[*†‡§¹²³⁴⁵⁶⁷⁸⁹⁰]+))+$")
"""References to notes after a name: "Greece*", "France [1]", "Italy 1/"."""


NUMBERING = re.compile(r"^[0-9]{1,3}[.)]\s+(?=\D)")
"""The number of an item in a list: "12. France"."""


class _Folding(dict[int, str]):
    """The folded form of each character, worked out when it is first met."""

    def __missing__(self, point: int) -> str:
        folded = self[point] = fold_character(chr(point))
        return folded


def fold_character(character: str) -> str:
    """The comparison form of a character: letters and digits, a space, or an empty text."""
    if character in APOSTROPHES:
        return " "
    if "\uac00" <= character <= "\ud7a3":
        return character
    letters = unicodedata.normalize("NFKD", character).casefold()
    letters = unicodedata.normalize("NFKD", letters)
    return "".join(LETTERS.get(each, _fold_part(each)) for each in letters)


def _fold_part(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LN":
        return character
    if category[0] == "M":
        name = unicodedata.name(character, "")
        return "" if name.startswith(DROPPED_SCRIPTS) else character
    return "" if category == "Cf" else " "


FOLDING = _Folding()


def clean(text: str) -> str:
    """Return a cell's text without quotes, note marks, numbering, escapes, underscores, invisible and
    surplus characters."""
    text = text[:LONGEST]
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if "%" in text:
        text = unquote(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(each for each in text if is_visible(each))
    text = " ".join(text.replace("_", " ").split()).strip(QUOTES + " ")
    # A note is no letter, and most cells end in one.
    if not text[-1:].isalpha():
        text = NOTES.sub("", text)
    if text[:1].isdigit():
        text = NUMBERING.sub("", text)
    return text.strip(QUOTES + " ,;:")


def is_visible(character: str) -> bool:
    """Return false for control characters and marks of direction; joiners matter to some scripts."""
    return character.isprintable() or character.isspace() or character in JOINERS


def words_of(text: str) -> list[str]:
    """Return the folded words of a text."""
    return text.translate(FOLDING).split()


def fold_words(text: str) -> str:
    """Return a text in its folded form, words separated by single spaces."""
    return " ".join(words_of(text))


def join(words: list[str]) -> str:
    """Return the key of folded words: abbreviations spelt out, conjunctions and articles left out."""
    letters = "".join(words)
    if len(letters) == len(words):
        # The A of "E.A.U." is no conjunction.
        return letters
    kept = words
    if not DROPPED.isdisjoint(words):
        kept = [
            word
            for place, word in enumerate(words)
            if word not in LINKS and not is_conjunction(words, place)
        ]
    return "".join(map(ABBREVIATIONS.get, kept, kept)) or letters


def is_conjunction(words: list[str], place: int) -> bool:
    """Return true for a word for "and" between two words; not for a letter beside another, as in
    "Macao S.A.R."."""
    word = words[place]
    if word not in CONJUNCTIONS or not 0 < place < len(words) - 1:
        return False
    return len(word) > 1 or all(len(each) > 1 for each in words[place - 1 : place + 2 : 2])


def key_of(text: str) -> str:
    """Return the key under which the index keeps a name."""
    return join(text.translate(FOLDING).split())


def bare_key_of(text: str) -> str:
    """The folded letters of a text, complete."""
    return "".join(words_of(text))

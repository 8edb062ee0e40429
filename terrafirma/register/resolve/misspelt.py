"""The names that a misspelling may mean."""

import unicodedata

from rapidfuzz.distance import Prefix

from terrafirma.register.resolve.fuzzy import LONG
from terrafirma.register.resolve.names import LISTED, WIDESPREAD, Name
from terrafirma.register.resolve.words import split_words

LONGEST_ACRONYM = 6
"""Letters of names in capitals that count as acronyms."""

STRONG = 10
"""The weight from which a name may be meant by a misspelling of it in spite of another as near."""


LONG_ENOUGH = 10
"""Letters from which on a name may have any two errors, in its first letter too."""

VERY_LONG = 20
"""Letters from which on no other name is two errors away."""

ENDINGS = split_words(
    """
    an ans ano ana anos anas ais aise aises en ens ien iens ienne iennes er ern eno ena enos enas
    ese eses ian ians i ita itas ite isch ische ischen ic ico ica iques ique ish
    """
)
"""Endings of adjectives and peoples: "boliviana", "Madagascan", "etiópico"."""


def is_target(name: Name, key: str, other: str, errors: int) -> bool:
    """Return true if a text may be a misspelling of a name: of a short name only if many write it, of
    an acronym never, since a letter makes another acronym."""
    if len(name.text) <= LONGEST_ACRONYM and name.text.isupper():
        return False
    if errors > 1 and not may_have_two(key, other):
        return False
    if len(key) < LONG:
        return name.weight >= STRONG or not WIDESPREAD.isdisjoint(name.languages.split())
    safe = errors == 1 or len(key) >= VERY_LONG or has_vowel_signs(key)
    return name.weight >= LISTED or (name.weight > 0 and safe)


def may_have_two(key: str, other: str) -> bool:
    """Return true if two errors may make a text of a name. Where another letter stands first too, they make
    another name: Ruritania."""
    if max(len(key), len(other)) < LONG:
        return False
    shifted = key[0] in other[:2] or other[0] in key[:2]
    return shifted or min(len(key), len(other)) >= LONG_ENOUGH


def is_adjective_of(key: str, name: str) -> bool:
    """Return true if a text is a name with the ending of an adjective in place of its last letters."""
    stem = Prefix.similarity(key, name)
    return stem >= len(name) - 2 and any(
        key[start:] in ENDINGS for start in range(stem - 1, stem + 1)
    )


def has_vowel_signs(key: str) -> bool:
    """Return true for scripts whose vowels are marks: two of them are a single letter elsewhere."""
    return not key.isalpha() and any(unicodedata.category(each) in ("Mc", "Mn") for each in key)


def score_of(errors: int, length: int) -> float:
    """The score of a misspelling."""
    return round(max(0.5, 0.95 - errors / length), 2)

"""The names that a misspelling may mean."""

import unicodedata

from terrafirma.register.resolve.fuzzy import LONG
from terrafirma.register.resolve.names import LISTED, WIDESPREAD, Name
from terrafirma.register.resolve.normalise import key_of

LONGEST_ACRONYM = 6
"""Letters of names in capitals that count as acronyms."""

STRONG = 10
"""The weight from which a name may be meant by a misspelling of it in spite of another as near."""


def is_target(name: Name, key: str, errors: int) -> bool:
    """Return true if a text may be a misspelling of a name: of a short name only if many write it, of
    an acronym never, since a letter makes another acronym."""
    if len(name.text) <= LONGEST_ACRONYM and name.text.isupper():
        return False
    if errors > 1 and key[0] != key_of(name.text)[0]:
        # Two errors, one of them in the first letter, make another name: Ruritania.
        return False
    if len(key) < LONG:
        return name.weight >= STRONG or not WIDESPREAD.isdisjoint(name.languages.split())
    return name.weight >= LISTED or (name.weight > 0 and (errors == 1 or has_vowel_signs(key)))


def has_vowel_signs(key: str) -> bool:
    """Return true for scripts whose vowels are marks: two of them are a single letter elsewhere."""
    return not key.isalpha() and any(unicodedata.category(each) in ("Mc", "Mn") for each in key)


def score_of(errors: int, length: int) -> float:
    """The score of a misspelling."""
    return round(max(0.5, 0.95 - errors / length), 2)

"""Names and types of subdivisions as people write them: without the marks of the lists they come from."""

import re
import unicodedata

MARKS = re.compile("[\u200e\u200f\u202a-\u202e]")
"""They turn the direction of writing, and are not part of a name."""

LATIN = re.compile("[A-Za-z]")

ALIKE = str.maketrans("aceopxyj", "асеорхуј")
"""Latin letters, and the Cyrillic letters for which they are mistaken."""

CEDILLAS = str.maketrans("şţŞŢ", "șțȘȚ")
"""Turkish letters that old encodings had in place of the Romanian letters."""

TYPES = {
    "Autonomous city in north africa": "Autonomous city",
    "Chain (of islands)": "Group of islands",
    "Districts under republic administration": "District under republic administration",
    "Group of islands (20 inhabited islands)": "Group of islands",
    "Islands, groups of islands": "Group of islands",
    "Pakistan administered area": "Administered area",
}


def tidy_local_name(name: str) -> str:
    """A name without marks, brackets and foreign letters, its words in their natural order."""
    name = MARKS.sub("", name).strip("\u200b\u200c\u200d ")
    name = re.sub(r" \([^)]*\)$", "", name)
    words = [mend_letters(word) for word in turn(name).split()]
    native = not all(map(is_latin, words))
    return " ".join(word for word in words if not (native and LATIN.search(word)))


def turn(name: str) -> str:
    """A name as it is spoken, from a list that puts its distinguishing word first: "Bristol, City of".

    The comma of an enumeration stays.
    """
    head, comma, tail = name.partition(", ")
    if not comma or "," in tail or re.search(r" (and|y|und|et) ", tail):
        return name
    return f"{tail} {head}"


def mend_letters(word: str) -> str:
    """A Cyrillic word without the Latin letters that look like its own."""
    cyrillic = any("CYRILLIC" in unicodedata.name(letter, "") for letter in word)
    return word.translate(ALIKE) if cyrillic else word


def tidy_type(text: str) -> str:
    """The type in a word or two, in the singular."""
    return TYPES.get(text, text)


def is_latin(name: str) -> bool:
    """Return True if all letters of a name are Latin."""
    return all(
        unicodedata.name(letter, "").startswith(("LATIN", "MODIFIER"))
        for letter in name
        if letter.isalpha()
    )

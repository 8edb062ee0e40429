"""Ways of writing a name, worked out from the name: abbreviated, turned round, with or without "Islands".

They justify the texts that facts/names/aliases.toml has without a source of their own.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator

SMALL = 3
"""The most letters of a word that an abbreviation may leave out, such as "of" and "the"."""

LEFT_OUT = {"UNDER"}
JOINS = {"AND", "ET", "Y", "E", "I", "UND", "И"}
ISLANDS = {"ISLAND", "ISLANDS", "IS"}


def is_written_from(text: str, names: Collection[str], capitals: Collection[str] = ()) -> bool:
    """Return true if the text is a way of writing one of the names, or two of them side by side."""
    written, known = list_words(text), [list_words(name) for name in names]
    if any(is_form(written, name) for name in known):
        return True
    ends = known + [list_words(capital) for capital in capitals]
    return any(
        any(is_abbreviation("".join(written[:cut]), name) for name in known)
        and any(is_abbreviation("".join(written[cut:]), name) for name in ends)
        for cut in range(1, len(written))
    )


def list_words(text: str) -> list[str]:
    """The words in capital letters without accents; a sign is no word."""
    text = re.sub(r"\b[dl]['’]", "", text.replace("&", " and "), flags=re.IGNORECASE)
    plain = unicodedata.normalize("NFKD", text).upper()
    words = re.split(r"[\s/,()-]+", plain)
    return [word for each in words if (word := "".join(c for c in each if c.isalnum()))]


def is_form(written: list[str], name: list[str]) -> bool:
    """Return true if the words are the name abbreviated, turned round, or its first or short part."""
    text = "".join(written)
    forms = [name, *turn(name), *first_of_joined(name)]
    if any(is_abbreviation(text, form) for form in forms):
        return True
    return strip_islands(written) == strip_islands(name)


def turn(words: list[str]) -> Iterator[list[str]]:
    """The words begun at each of them: Korea, Republic of."""
    return (words[at:] + words[:at] for at in range(1, len(words)))


def first_of_joined(words: list[str]) -> Iterator[list[str]]:
    """The first of the places that a name joins: Trinidad of Trinidad and Tobago."""
    return (words[:at] for at, word in enumerate(words) if at and word in JOINS)


def strip_islands(words: list[str]) -> str:
    """The name without "Islands" and without the plural of its last word: Falklands, Falkland Is."""
    return " ".join(word for word in words if word not in ISLANDS).removesuffix("S")


def is_abbreviation(text: str, words: list[str]) -> bool:
    """Return true if every word gives its first letter and perhaps more of its letters, in their order.

    Spanish doubles the initials of plurals: EE.UU.
    """
    doubled = text[::2] if text[::2] == text[1::2] else ""
    return covers(text, words) or bool(doubled and covers(doubled, words))


def covers(text: str, words: list[str]) -> bool:
    """Return true if the text is made of the beginnings of the words, one after the other."""
    if not words:
        return not text
    word, rest = words[0], words[1:]
    if (len(word) <= SMALL or word in LEFT_OUT) and covers(text, rest):
        return True
    return any(
        covers(text[length:], rest)
        for length in range(1, min(len(text), len(word)) + 1)
        if text[0] == word[0] and is_part(text[:length], word)
    )


def is_part(letters: str, word: str) -> bool:
    """Return true if the letters stand in the word in this order."""
    rest = iter(word)
    return all(letter in rest for letter in letters)

"""Other ways to read a text: parts in another order, without a note or the form of the state, initials spelt out."""

from collections.abc import Iterator
from itertools import dropwhile
from typing import NamedTuple

from rapidfuzz.distance import OSA

from terrafirma.register.resolve.fuzzy import errors_in
from terrafirma.register.resolve.normalise import join, key_of, words_of
from terrafirma.register.resolve.words import (
    ABBREVIATIONS,
    ADJECTIVE_FORMS,
    ARTICLES,
    CONTRASTED,
    DIRECTIONS,
    FORMS,
    INCLUSIONS,
    INFLECTIONS,
    INITIALS,
    JOINED_BEFORE,
    JOINED_FORMS,
    LINKS,
    REMARKS,
)


def with_abbreviations(forms: frozenset[str]) -> frozenset[str]:
    """The folded words of forms, and the abbreviations of these words."""
    words = frozenset(word for form in forms for word in words_of(form))
    return words | {short for short, word in ABBREVIATIONS.items() if word in words}


ENDINGS = {
    form: frozenset(word for ending in endings.split() for word in words_of(ending))
    for forms, endings in INFLECTIONS.items()
    for form in words_of(forms)
}
"""Endings of a name beside a form, by the form."""

FORM_WORDS = with_abbreviations(FORMS) | ENDINGS.keys()
CONTRAST_WORDS = with_abbreviations(CONTRASTED)
LINK_WORDS = frozenset(word for link in LINKS for word in words_of(link))

SHORTEST_STEM = 4

MARKS = ("/", ";", "|", " & ", " + ")
JOINING_WORDS = ("and", "und", "et", "y", "or", "oder", "ou", "o", "atau", "lub", "ili", "или")
"""Words that join two names in a cell: for different records, or the same record twice."""

SHORTEST_CUT = 4
"""Letters of the shortest form of state that is cut short: "Plurin. State of"."""

SHORTEST = 3
"""Letters that must be left where words are left out."""

REORDERED, SHORTENED = "reordered", "normalised"


class Variant(NamedTuple):
    """Another reading of a text, by its key."""

    key: str
    how: str
    contrast: str = ""
    """Words left out that may tell two records apart."""
    extra: str = ""
    """A part left out, which must mean the same record or the state that it belongs to."""
    adjective: bool = False
    """Also counts the people's name: "Tunisian Republic"."""


def list_variants(text: str) -> Iterator[Variant]:
    """Other readings of a text, the most faithful first."""
    words = words_of(text)
    for head, tail in split_parts(text):
        yield from list_orders(words_of(head), words_of(tail), tail)
        # "China, P.R.: Macao", "FRA - France".
        yield Variant(key_of(tail), REORDERED, extra=head)
    if len(words) > 1:
        if words[0] in ARTICLES:
            yield Variant(join(words[1:]), SHORTENED)
        if key := spell_initial(text):
            yield Variant(key, SHORTENED)
        if words[-1] == "i":
            yield Variant(join([*words[:-1], "island"]), SHORTENED)
        yield from leave_out_code(text)
    yield from leave_out_forms(words)
    yield from leave_out_joined(text)


def leave_out_joined(text: str) -> Iterator[Variant]:
    """A name without the form that is written together with it."""
    for form in JOINED_FORMS:
        if text.endswith(form) and len(text) > len(form):
            name = text.removesuffix(form)
            yield Variant(join(words_of(name)), SHORTENED)
            # The kingdom 泰王国 is the country 泰国.
            yield Variant(join(words_of(name + form[-1])), SHORTENED)
    for form in JOINED_BEFORE:
        if text.startswith(form) and len(text) > len(form):
            yield Variant(join(words_of(text.removeprefix(form))), SHORTENED)


def leave_out_code(text: str) -> Iterator[Variant]:
    """A name without the code before or after it: "FR France", "France (FRA)"."""
    first, _, rest = text.partition(" ")
    start, _, last = text.rpartition(" ")
    for code, name in ((first, rest), (last, start)):
        letters = code.strip("()[]:.-")
        if len(letters) in (2, 3) and letters.isupper():
            yield Variant(key_of(name), REORDERED, extra=letters)


def spell_initial(text: str) -> str:
    """The key of a text whose first word is an initial, with all initials spelt out; empty for any
    other text."""
    words = words_of(text)
    if len(words) < 2 or words[0] not in INITIALS:
        return ""
    return join([*(INITIALS.get(word, word) for word in words[:-1]), words[-1]])


def split_parts(text: str) -> Iterator[tuple[str, str]]:
    """A text as two parts, where a bracket, a comma or a dash divides it."""
    for opening, closing in ("()", "[]", "（）"):
        head, found, tail = text.partition(opening)
        if found and head.strip():
            inside, _, rest = tail.partition(closing)
            yield f"{head} {rest}", inside
    for mark in (",", " - ", " – ", " — ", "、", "،", ";", ":"):
        head, found, tail = text.partition(mark)
        if found and head.strip() and tail.strip():
            yield head, tail


def list_orders(head: list[str], tail: list[str], text: str) -> Iterator[Variant]:
    """Two parts the other way round, joined, and the first alone."""
    if not head or not tail:
        return
    yield Variant(join(tail + head), REORDERED)
    yield Variant(join(head + tail), REORDERED)
    # "Congo (Rép. dém.)"
    yield Variant(join(tail[::-1] + head), REORDERED)
    yield from leave_out_forms(tail + head)
    says_nothing = tail[0] in INCLUSIONS or all(says_little(word) for word in tail)
    contrast = " ".join(word for word in tail if word in CONTRAST_WORDS)
    if says_nothing:
        yield Variant(join(head), REORDERED, contrast)
    else:
        yield Variant(join(head), REORDERED, extra=text)


def says_little(word: str) -> bool:
    """Return true for a word that annotates a name: a form of state, also cut short, or a remark."""
    if word in FORM_WORDS or word in LINK_WORDS or word in REMARKS or word.isdigit():
        return True
    return len(word) >= SHORTEST_CUT and any(form.startswith(word) for form in FORM_WORDS)


def leave_out_forms(words: list[str]) -> Iterator[Variant]:
    """A long form as the short form: "Königreich Belgien" as "Belgien"."""
    if not any(word in FORM_WORDS for word in words):
        return
    if words[0] in FORM_WORDS:
        # The name may have forms of its own: "State of the United Arab Emirates".
        rest = list(dropwhile(LINK_WORDS.__contains__, words[1:]))
        yield Variant(join(rest), SHORTENED, words[0] if words[0] in CONTRAST_WORDS else "")
    contrast = " ".join(word for word in words if word in CONTRAST_WORDS)
    if len("".join(kept := leave_out_links(words))) >= SHORTEST:
        yield Variant(join(kept), SHORTENED, contrast, adjective=words[-1] in ADJECTIVE_FORMS)
    rest = [word for word in words if word not in FORM_WORDS]
    if kept != rest and not contrast:
        # "U-gan-đa" ends in a word that joins names in other languages.
        yield Variant(join(rest), SHORTENED)


def leave_out_links(words: list[str]) -> list[str]:
    """The words of a long form that are neither a form nor join one to the name."""
    kept = [word for word in words if word not in FORM_WORDS]
    while kept and kept[0] in LINK_WORDS:
        kept.pop(0)
    while kept and kept[-1] in LINK_WORDS:
        kept.pop()
    return kept


def is_short_link(word: str) -> bool:
    """Return true for "e" and the like; a longer one is "South" in another language."""
    return len(word) < SHORTEST and word in LINK_WORDS


def list_stems(text: str) -> Iterator[str]:
    """The beginnings of the name that a long form may have in another case or as an adjective."""
    words = words_of(text)
    endings = {ending for word in words for ending in ENDINGS.get(word, ())}
    rest = dropwhile(is_short_link, (word for word in words if word not in FORM_WORDS))
    name = join([*rest]) if endings else ""
    for ending in sorted(endings, key=lambda each: (len(each), each)):
        if name.endswith(ending) and len(name) >= SHORTEST_STEM + len(ending):
            yield name.removesuffix(ending)


def split_cell(text: str) -> list[str]:
    """The parts of a cell that may name several records."""
    for mark in (*MARKS, *(f" {word} " for word in JOINING_WORDS), ", ", "\\"):
        if mark in text:
            parts = [part.strip() for part in text.split(mark)]
            return [part for part in parts if part]
    return []


def points_elsewhere(text: str, name: str) -> bool:
    """Return true if a text has a word such as "west" that a name lacks: no typing error explains
    it."""
    theirs = words_of(name)
    return any(word in DIRECTIONS and word not in theirs for word in words_of(text))


def differs_in_form(text: str, name: str) -> bool:
    """Return true if a text with a form of state differs from a name in more letters of the name
    itself than a word of that length may: "Chad Republic" is no misspelling of "Czech Republic"."""
    words = words_of(text)
    theirs = words_of(name)
    if len(words) == 1 or FORM_WORDS.isdisjoint(words) or FORM_WORDS.isdisjoint(theirs):
        return False
    kept, named = leave_out_links(words), leave_out_links(theirs)
    if len(kept) != len(named):
        # A small word is misspelt: "Republic oof Niger".
        return False
    own, other = join(kept), join(named)
    most = errors_in(min(len(own), len(other)))
    return OSA.distance(own, other, score_cutoff=most) > most

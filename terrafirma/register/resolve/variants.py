"""Other ways to read a text: parts in another order, without a note or the form of the state, initials spelt out."""

from collections.abc import Iterator
from typing import NamedTuple

from terrafirma.register.resolve.normalise import join, words_of
from terrafirma.register.resolve.words import (
    ARTICLES,
    CONTRASTED,
    DIRECTIONS,
    FORMS,
    INITIALS,
    JOINED_FORMS,
    LINKS,
    REMARKS,
)

FORM_WORDS = frozenset(word for form in FORMS for word in words_of(form))
CONTRAST_WORDS = frozenset(word for form in CONTRASTED for word in words_of(form))
LINK_WORDS = frozenset(word for link in LINKS for word in words_of(link))

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


def list_variants(text: str) -> Iterator[Variant]:
    """Other readings of a text, the most faithful first."""
    words = words_of(text)
    for head, tail in split_parts(text):
        yield from list_orders(words_of(head), words_of(tail), tail)
    if len(words) > 1:
        if words[0] in ARTICLES:
            yield Variant(join(words[1:]), SHORTENED)
        if key := spell_initial(text):
            yield Variant(key, SHORTENED)
    yield from leave_out_forms(words)
    for form in JOINED_FORMS:
        if text.endswith(form) and len(text) > len(form):
            yield Variant(join(words_of(text.removesuffix(form))), SHORTENED)


def spell_initial(text: str) -> str:
    """The key of a text whose first word is an initial, spelt out; empty for any other text."""
    words = words_of(text)
    if len(words) < 2 or words[0] not in INITIALS:
        return ""
    return join([INITIALS[words[0]], *words[1:]])


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
    yield from leave_out_forms(tail + head)
    says_nothing = all(
        word in FORM_WORDS or word in LINK_WORDS or word in REMARKS or word.isdigit()
        for word in tail
    )
    contrast = " ".join(word for word in tail if word in CONTRAST_WORDS)
    if says_nothing:
        yield Variant(join(head), REORDERED, contrast)
    else:
        yield Variant(join(head), REORDERED, extra=text)


def leave_out_forms(words: list[str]) -> Iterator[Variant]:
    """A long form as the short form: "Königreich Belgien" as "Belgien"."""
    if not any(word in FORM_WORDS for word in words):
        return
    kept = [word for word in words if word not in FORM_WORDS]
    while kept and kept[0] in LINK_WORDS:
        kept.pop(0)
    while kept and kept[-1] in LINK_WORDS:
        kept.pop()
    if len("".join(kept)) >= SHORTEST:
        contrast = " ".join(word for word in words if word in CONTRAST_WORDS)
        yield Variant(join(kept), SHORTENED, contrast)


def split_cell(text: str) -> list[str]:
    """The parts of a cell that may name several records."""
    for mark in ("/", ";", "|", " & ", " + ", " and ", " und ", " et ", " y ", " or ", ", ", "\\"):
        if mark in text:
            parts = [part.strip() for part in text.split(mark)]
            return [part for part in parts if part]
    return []


def points_elsewhere(text: str, name: str) -> bool:
    """Return true if a text has a word such as "west" that a name lacks: no typing error explains
    it."""
    theirs = words_of(name)
    return any(word in DIRECTIONS and word not in theirs for word in words_of(text))

"""Ranked search: the records that a text finds, best first.

A record matches if every word of the text is in its own names, codes or capitals, or if the text
equals, begins or is a whole word of one of its names in another language. Without a code or name,
the resolver's match is used; its misspellings come last.
"""

from collections.abc import Sequence

from terrafirma.register.resolve.answers import Matched, Question
from terrafirma.register.resolve.index import Index
from terrafirma.register.resolve.matching import Finder
from terrafirma.register.resolve.names import OTHER, Known, Name
from terrafirma.register.resolve.normalise import clean, fold_words, key_of
from terrafirma.register.resolve.weighing import FUZZY

RANKS = 8
EXACT, SPELT, BEGINS, WORDS, FOREIGN, INSIDE, POINTS, MISSPELT = range(RANKS)
"""Ranks: a code or an own name · the same in another spelling or language · the beginning of an own name · whole
words of it · the beginning or words of a name in another language · inside an own name · a capital or people · a
misspelling."""


def rank_records(index: Index, finder: Finder, text: str, question: Question) -> list[list[int]]:
    """The ids of the records that a text finds, a list per rank, each ordered by id."""
    ranks: list[list[int]] = [[] for _ in range(RANKS)]
    words = fold_words(text).split()
    if not words:
        return ranks
    found = rank_exact(index, text, question)
    # The longest is in the fewest records.
    for known in index.texts.find(max(words, key=len)):
        rank = None if known.id in found else rank_of(known, words, question.languages)
        if rank is not None:
            found[known.id] = rank
    if not any(rank <= SPELT for rank in found.values()):
        for id, rank in resolve(finder, text):
            found[id] = min(found.get(id, rank), rank)
    for id in sorted(found):
        ranks[found[id]].append(id)
    return ranks


def rank_exact(index: Index, text: str, question: Question) -> dict[int, int]:
    """The records of which a text is a code or a name."""
    cleaned = clean(text)
    day = question.day
    found: dict[int, int] = {}
    for name in index.names.get(key_of(cleaned), ()):
        found[name.record] = SPELT if 0 < name.weight < OTHER else EXACT if name.weight else POINTS
    for code in index.codes.get(cleaned.upper(), ()):
        if code.start <= day < code.end:
            found[code.record] = EXACT
    return found


def rank_of(known: Known, words: Sequence[str], languages: Sequence[str]) -> int | None:
    """The rank at which words find a record; None if they do not."""
    if not all(word in known.all_text for word in words):
        return None
    named = ((name, folded) for name, folded in known.folded if words[0] in folded)
    ranks = (rank_name(name, folded, words, languages) for name, folded in named)
    best = min((rank for rank in ranks if rank is not None), default=None)
    if best is None and all(word in known.text for word in words):
        return INSIDE
    return best


def rank_name(
    name: Name, folded: str, words: Sequence[str], languages: Sequence[str]
) -> int | None:
    """The rank at which words find a name that has the first of them."""
    own = name.weight >= OTHER or not {*languages}.isdisjoint(name.languages.split())
    padded = f" {folded} "
    if folded.startswith(" ".join(words)):
        return (BEGINS if own else FOREIGN) if name.weight else POINTS
    if all(f" {word} " in padded for word in words):
        return (WORDS if own else FOREIGN) if name.weight else POINTS
    if own and name.weight and all(word in folded for word in words):
        return INSIDE
    return POINTS if not name.weight and all(word in folded for word in words) else None


def resolve(finder: Finder, text: str) -> list[tuple[int, int]]:
    """The ids of the records that a text resolves to, or may resolve to, with their ranks."""
    match = finder.match(text)
    if match.record and match.matched:
        return [(match.record["id"], rank_match(match.matched))]
    return [(each.record["id"], rank_match(each.matched)) for each in match.candidates]


def rank_match(matched: Matched) -> int:
    """The rank of a resolver's match."""
    return MISSPELT if matched.how == FUZZY else SPELT

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
    for id, known in index.records.items():
        if id not in found and (rank := rank_of(known, words, question.languages)) is not None:
            found[id] = rank
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
    # A loop, since this is asked of every record, and almost none has the first word.
    for word in words:
        if word not in known.all_text:
            return None
    best: int | None = None
    for name, folded in known.folded:
        rank = rank_name(name, folded, words, languages)
        if rank is not None and (best is None or rank < best):
            best = rank
    if best is None and all(word in known.text for word in words):
        return INSIDE
    return best


def rank_name(
    name: Name, folded: str, words: Sequence[str], languages: Sequence[str]
) -> int | None:
    """The rank at which words find a name."""
    if words[0] not in folded:
        return None
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

"""Names near a misspelling.

A name cut into more pieces than there are typing errors keeps a whole piece, about in place. So
names are indexed by their pieces, and only names that share a piece with a text are compared with
it.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
"""Letters of the shortest text that may have a typing error."""

LONG = 8
"""Letters from which on there may be two."""


def errors_in(length: int) -> int:
    """How many typing errors a text of a length may have."""
    return 0 if length < SHORTEST else 1 if length < LONG else 2


def list_deletions(key: str) -> list[str]:
    """A key, and what is left of it without any of its letters: two keys a letter apart share one of these."""
    return [key, *(key[:place] + key[place + 1 :] for place in range(len(key)))]


@cache
def cut(length: int) -> list[tuple[int, int, int]]:
    """The pieces of a name by its length, of about equal size: `(number, start, end)`.

    Two transposed letters touch two pieces, any other error a single piece.
    """
    pieces = 4 if length >= LONG - 1 else 3
    bounds = [length * piece // pieces for piece in range(pieces + 1)]
    return [(number, *each) for number, each in enumerate(pairwise(bounds))]


class Nearness:
    """Names by their pieces; those of a length are cut when a text of about that length first comes."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._lengths: dict[int, list[str]] = defaultdict(list)
        for key in keys:
            self._lengths[len(key)].append(key)
        self._pieces: dict[int, dict[str, list[str]]] = {}

    def find(self, text: str, errors: int) -> dict[str, int]:
        """Return {name: errors} for the names from which a text differs by no more errors than these."""
        names = self._share_piece(text, errors)
        near = process.extract_iter(text, names, scorer=OSA.distance, score_cutoff=errors)
        return {name: int(edits) for name, edits, _ in near}

    def _share_piece(self, text: str, errors: int) -> set[str]:
        """The names of about the same length that have a piece in common with a text, at about its place."""
        shared: set[str] = set()
        for length in range(max(len(text) - errors, SHORTEST - 1), len(text) + errors + 1):
            pieces = self._pieces_of(length)
            for number, start, end in cut(length):
                for shift in range(-min(errors, start), errors + 1):
                    piece = text[start + shift : end + shift]
                    if names := pieces.get(f"{number}{piece}"):
                        shared.update(names)
        return shared

    def _pieces_of(self, length: int) -> dict[str, list[str]]:
        if length not in self._pieces:
            pieces: dict[str, list[str]] = {}
            for name in self._lengths.get(length, ()):
                for number, start, end in cut(length):
                    pieces.setdefault(f"{number}{name[start:end]}", []).append(name)
            self._pieces[length] = pieces
        return self._pieces[length]

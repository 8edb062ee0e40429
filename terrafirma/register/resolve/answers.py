"""Questions to an index of names, and its answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from terrafirma.register.model.records import Document

MATCHED, AMBIGUOUS, NONE = "matched", "ambiguous", "none"


@dataclass(frozen=True)
class Question:
    """The context of a text."""

    today: str
    on: str | None = None
    """The day of the records; None: records of today and, less likely, former records."""
    languages: tuple[str, ...] = ()
    """The locales the text is probably in, nearest first."""
    within: str | None = None
    """The country that a subdivision belongs to, by its alpha-2 code."""
    limit: int = 5

    @property
    def day(self) -> str:
        """The day that codes and names are read on."""
        return self.on or self.today


@dataclass(frozen=True)
class Matched:
    """The name or code that a text matched."""

    text: str
    field: str
    language: str | None
    how: str


@dataclass(frozen=True)
class Candidate:
    """A record that a text may mean."""

    record: Document
    score: float
    matched: Matched


@dataclass(frozen=True)
class Match:
    """The answer to a question."""

    query: str
    outcome: str
    kind: str
    score: float = 0.0
    record: Document | None = None
    matched: Matched | None = None
    candidates: Sequence[Candidate] = field(default_factory=tuple)
    suggestion: str | None = None


@dataclass(frozen=True)
class Others:
    """Names of other things than records of the kind."""

    find: Callable[[str], str | None]
    """A sentence about the record of another kind that a key names."""


def describe_pointer(candidate: Candidate) -> str:
    """A sentence about a name that only points to a record: that of its capital or its people."""
    what = "the capital" if candidate.matched.field == "capitals" else "the people"
    return f"{candidate.matched.text} is {what} of {candidate.record.get('name', 'a record')}."

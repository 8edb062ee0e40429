"""The records that names stand for, weighed on the day and in the languages asked for."""

from collections.abc import Iterable

from terrafirma.register.model.records import Document
from terrafirma.register.resolve.answers import Candidate, Matched, Others, Question
from terrafirma.register.resolve.fuzzy import errors_in
from terrafirma.register.resolve.index import Index
from terrafirma.register.resolve.misspelt import STRONG
from terrafirma.register.resolve.names import (
    NAME,
    PAST,
    Code,
    Known,
    Name,
    summarise,
)
from terrafirma.register.resolve.normalise import words_of
from terrafirma.register.resolve.variants import spell_initial

EXACT, NORMALISED, REORDERED, FUZZY, CODE = "exact", "normalised", "reordered", "fuzzy", "code"

SCORES = {EXACT: 1.0, CODE: 1.0, NORMALISED: 0.98, REORDERED: 0.95}

SPOKEN = 100
"""Added weight of a name in the requested language."""

SINGLE = 1
"""The weight of a name in a single language that is written by few."""

LONGEST_NAME = 60
"""Letters of the longest name that a word may begin."""

GONE = 0.05
"""Factor on the weight of a former record's names without a requested day."""

Weighed = list[tuple[float, Candidate]]
"""Records with the weights of their names, the heaviest first."""


class Weigher:
    """Weighs the names of an index for a question."""

    def __init__(self, index: Index, question: Question, others: Others) -> None:
        self.index = index
        self.question = question
        self.others = others

    def weigh(self, names: Iterable[Name], text: str, how: str) -> Weighed:
        """Return candidates for names that a text has, with the weight of each record, the heaviest first."""
        found: dict[int, tuple[float, Candidate]] = {}
        for name in names:
            known = self.index.records[name.record]
            if not self.exists(known) or not self.lies_within(known):
                continue
            weight = self.weight_of(name, known)
            exact = how == NORMALISED and (
                text == name.text or text.casefold() == name.text.casefold()
            )
            if name.record not in found or found[name.record][0] < weight:
                found[name.record] = (weight, self.candidate_of_name(name, EXACT if exact else how))
        return sorted(found.values(), key=lambda each: (-each[0], each[1].record["id"]))

    def weigh_spelt_out(self, text: str) -> Weighed:
        """Candidates for a text that begins with an initial, "S. Sudan", if it is a strong name spelt out."""
        key = spell_initial(text)
        found = self.weigh(self.index.names.get(key, ()), "", NORMALISED) if key else []
        return found if found and found[0][0] >= STRONG else []

    def list_rivals(self, key: str, found: Weighed) -> Weighed:
        """Other records that the text may mean, besides the record it names in some language only."""
        weight, candidate = found[0]
        if weight >= STRONG:
            return []
        if candidate.matched.how == EXACT:
            return self.list_widespread(key, candidate) if weight <= SINGLE else []
        known = {each.record["id"] for weight, each in found if weight}
        near = self.index.find_near(key, 1) if errors_in(len(key)) else {}
        names = [name for other in near for name in self.index.names[other] if name.weight >= NAME]
        pointed = {each.record["id"] for weight, each in found if not weight}
        ids = (
            pointed | {name.record for name in names} | self.index.ids_by_word.get(key, frozenset())
        )
        own = [self.index.own_name(id) for id in sorted(ids - known)]
        return [each for each in self.weigh(own, "", REORDERED) if each[0] >= STRONG]

    def list_widespread(self, key: str, candidate: Candidate) -> Weighed:
        """Other records with a name in very many languages that is a letter from the name of a record in one:
        Kölsch has "Nikaraagua" for Nigeria."""
        names = self.index.find_widespread(key) if errors_in(len(key)) else []
        if any(name.record == candidate.record["id"] for name in names):
            return []
        return self.weigh(names, "", REORDERED)

    def list_begun(self, key: str) -> Weighed:
        """The records with a name of several words, of which a text is the first."""
        keys = self.index.list_keys(key, LONGEST_NAME)
        names = [name for other in keys for name in self.index.names[other] if name.weight]
        return self.weigh((each for each in names if words_of(each.text)[0] == key), "", REORDERED)

    def weight_of(self, name: Name, known: Known) -> float:
        """How strongly a name stands for its record on the day asked for, in the language asked for."""
        day = self.question.day
        weight: float = name.weight if name.start <= day < name.end else min(name.weight, PAST)
        if (
            weight
            and self.question.languages
            and not {*self.question.languages}.isdisjoint(name.languages.split())
        ):
            weight += SPOKEN
        return weight * GONE if not known.start <= day < known.end else weight

    def exists(self, known: Known) -> bool:
        """Return true if a record exists on the day that was asked for."""
        on = self.question.on
        return on is None or known.start <= on < known.end

    def lies_within(self, known: Known) -> bool:
        """Return true if a record belongs to the country asked for, or no country was."""
        return self.question.within is None or known.summary.get("country") == self.question.within

    def candidate_of_name(self, name: Name, how: str, score: float | None = None) -> Candidate:
        """A candidate for a name."""
        spoken = name.languages.split()
        language = next(
            (each for each in (*self.question.languages, "en") if each in spoken), spoken[0]
        )
        matched = Matched(name.text, name.field, None if language == "und" else language, how)
        return Candidate(
            self.summary_of(name.record), SCORES[how] if score is None else score, matched
        )

    def candidate_of_code(self, code: Code) -> Candidate:
        """A candidate for a code."""
        return Candidate(
            self.summary_of(code.record), SCORES[CODE], Matched(code.text, code.field, None, CODE)
        )

    def summary_of(self, id: int) -> Document:
        """The fields that identify a record, on the requested day, else on its last day."""
        return summarise(self.index.records[id], self.question.day)

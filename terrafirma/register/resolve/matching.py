"""The rule by which a text names a record: `matched`, `ambiguous` or `none`.

It prefers to refuse. A code counts if the whole text looks like a code; a name counts as written,
then without regard to case, accents, word order and form of state; a misspelling counts if a single
record is near. Other texts only get candidates.
"""

from collections.abc import Sequence

from terrafirma.register.resolve.answers import (
    AMBIGUOUS,
    MATCHED,
    NONE,
    Candidate,
    Match,
    describe_pointer,
)
from terrafirma.register.resolve.codes import looks_like_code, read_flag_emoji
from terrafirma.register.resolve.fuzzy import SHORTEST, errors_in
from terrafirma.register.resolve.index import KnownPlace
from terrafirma.register.resolve.misspelt import STRONG, is_adjective_of, is_target, score_of
from terrafirma.register.resolve.names import (
    LISTED,
    Name,
)
from terrafirma.register.resolve.normalise import bare_key_of, clean, join, key_of, words_of
from terrafirma.register.resolve.variants import (
    Variant,
    differs_in_form,
    leave_out_links,
    list_stems,
    list_variants,
    points_elsewhere,
    split_cell,
)
from terrafirma.register.resolve.weighing import (
    FUZZY,
    NORMALISED,
    REORDERED,
    Weighed,
    Weigher,
)
from terrafirma.register.resolve.words import CODE_WORDS, LOOKALIKES, PARTS, PLACEHOLDERS

CLEAR = 4
"""How many times as strong as the next record's a name must be, where several records have it."""

LONGEST_ENDING = 3
"""Letters that a name may have after the part that stays in other cases."""


class Finder(Weigher):
    """Finds the record of a text; made for each question."""

    def match(self, query: str) -> Match:
        """Return the meaning of a text."""
        text = clean(query)
        if not text:
            return self.refuse(query, "The text is empty.")
        return self.match_coded(query, text) or self.match_named(query, text)

    def match_coded(self, query: str, text: str) -> Match | None:
        """Return the meaning of a code; None for a text that is no code."""
        coded = self.match_code(text)
        if coded is None:
            place = self.index.places.get(text) if looks_like_code(text) else None
            return place and self.refuse_place(query, place)
        if coded:
            return self.settle(query, coded)
        gone = f"{text} is the code of a {self.index.kind} that did not exist then."
        return self.refuse(query, gone)

    def match_named(self, query: str, text: str) -> Match:
        """Return the meaning of a name, a variant, a part or a misspelling of it."""
        key = key_of(text)
        found = self.weigh(self.index.names.get(key, ()), text, NORMALISED)
        weight = found[0][0] if found else 0
        if weight < STRONG and (spelt := self.weigh_spelt_out(text)):
            return self.settle(query, spelt)
        if not key or (weight < STRONG and not PLACEHOLDERS.isdisjoint((key, bare_key_of(text)))):
            return self.refuse(query, "The text is a placeholder, not a name.")
        if weight:
            return self.refuse_rare(query, key, found) or self.settle(
                query, found + self.list_rivals(key, found)
            )
        if place := self.index.places.get(key):
            return self.refuse_place(query, place)
        if (read := self.match_variants(query, text)) is not None:
            return read
        if found:
            pointers = [candidate for _, candidate in found]
            return self.refuse(query, describe_pointer(pointers[0]), pointers)
        if about := self.others.find(key):
            return self.refuse(query, about)
        return (
            self.match_parts(query, text)
            or self.match_inflected(query, text)
            or self.match_misspelling(query, text, key)
        )

    def refuse_rare(self, query: str, key: str, found: Weighed) -> Match | None:
        """No match, where few call a country so and it is the name of something else: "Hindi"."""
        if found[0][0] > LISTED:
            return None
        place = self.index.places.get(key)
        about = place.describe(self.index.kind) if place else self.others.find(key)
        if about is None and key not in LOOKALIKES:
            return None
        return self.refuse(query, about, [candidate for weight, candidate in found if weight])

    def match_code(self, text: str) -> Weighed | None:
        """The records that a text names by a code: empty if they are of other days; None if it is no code."""
        code = read_flag_emoji(text) or (text if looks_like_code(text) else "")
        holders = self.index.codes.get(code.upper(), ())
        if not holders or (
            code.islower() and (code in CODE_WORDS or key_of(code) in self.index.names)
        ):
            return None
        day = self.question.day
        there = [each for each in holders if self.exists(self.index.records[each.record])]
        chosen = [each for each in there if each.start <= day < each.end]
        if not chosen and there and self.question.on is None:
            chosen = [max(there, key=lambda each: each.end)]
        best = min((each.rank for each in chosen), default=0)
        return [(1.0, self.candidate_of_code(each)) for each in chosen if each.rank == best]

    def match_variants(self, query: str, text: str) -> Match | None:
        """The match of another reading of a text."""
        doubtful: Match | None = None
        for variant in list_variants(text):
            found = self.weigh(self.index.names.get(variant.key, ()), "", variant.how)
            if is_adjective(variant, found):
                return self.accept(query, found[0][1], [])
            if not found or found[0][0] == 0 or not self.allows(variant, found[0][1]):
                continue
            if found[0][0] < STRONG and self.others.find(key_of(text)):
                continue
            read = self.settle(query, found)
            if (
                read.outcome == MATCHED
                and variant.contrast
                and (rivals := self.rivals_of(text, variant, found[0][1]))
            ):
                read = self.doubt(query, [found[0][1], *rivals])
            if read.outcome == MATCHED:
                return read
            doubtful = doubtful or read
        return doubtful

    def allows(self, variant: Variant, candidate: Candidate) -> bool:
        """Return true if the words that a variant leaves out do not contradict its record."""
        if not PARTS.isdisjoint(variant.contrast.split()) and self.others.find(variant.key):
            return False
        if not variant.extra:
            return True
        meant = self.codes_of(clean(variant.extra))
        own = candidate.record
        return own["id"] in meant or own.get("sovereign", 0) in meant

    def codes_of(self, text: str) -> set[object]:
        """The ids and alpha-2 codes of the records that a part of a text names."""
        found = self.match_code(text) or self.weigh(
            self.index.names.get(key_of(text), ()), "", NORMALISED
        )
        records = [candidate.record for weight, candidate in found if weight]
        return {record["id"] for record in records} | {
            record.get("alpha2") for record in records
        } - {None}

    def rivals_of(self, text: str, variant: Variant, candidate: Candidate) -> list[Candidate]:
        """Other records that have the words of a variant, or of the text without its forms: the contrast may
        mean them."""
        named = self.index.names.get(join(leave_out_links(words_of(text))), ())
        ids = {
            name.record
            for name in named
            if name.weight and self.exists(self.index.records[name.record])
        }
        ids |= self.index.ids_by_word.get(variant.key, frozenset())
        own = [self.index.own_name(id) for id in sorted(ids - {candidate.record["id"]})]
        return [self.candidate_of_name(name, REORDERED) for name in own]

    def match_parts(self, query: str, text: str) -> Match | None:
        """The match of a cell with several names: their common record, otherwise no match."""
        parts = split_cell(text)
        found = [self.match_code(part) or self.weigh(self.index.names.get(key_of(part), ()), "", REORDERED)
                 for part in parts]  # fmt: skip
        if len(parts) < 2 or not all(each and each[0][0] for each in found):
            return None
        ids = {each[0][1].record["id"] for each in found}
        if len(ids) == 1:
            return self.settle(query, found[0])
        return self.refuse(
            query, "The text names more than one record.", [each[0][1] for each in found]
        )

    def match_inflected(self, query: str, text: str) -> Match | None:
        """The match of a long form whose name is in another case, or an adjective, of a single record."""
        for stem in list_stems(text):
            keys = self.index.list_keys(stem, len(stem) + LONGEST_ENDING)
            names = [name for key in keys for name in self.index.names[key] if name.weight]
            found = self.weigh(names, "", REORDERED)
            if len(found) == 1:
                return self.accept(query, found[0][1], [])
            if found:
                return self.doubt(query, [candidate for _, candidate in found])
        return None

    def match_misspelling(self, query: str, text: str, key: str) -> Match:
        """The match of a text with typing errors, if a single record is near."""
        # A long name from which letters are missing may be short.
        allowed = errors_in(len(key) + 1) if len(key) >= SHORTEST else 0
        if not allowed or any(letter.isdigit() for letter in key):
            return self.refuse(query, None)
        ranked = self.list_near(text, key, allowed)
        candidates = [candidate for _, _, candidate in ranked]
        if not ranked or key in LOOKALIKES or self.is_people(key, ranked[0][2].matched.text):
            return self.refuse(query, None, candidates)
        begun = self.list_begun(key)
        if len(begun) == 1 and begun[0][1].record["id"] != candidates[0].record["id"]:
            # "Доминикана" begins the long form of one country, and is two letters from another's name.
            named = begun[0][1]
            sure = ranked[0][0] > 1
            return (
                self.accept(query, named, candidates)
                if sure
                else self.doubt(query, [named, *candidates])
            )
        if len(ranked) > 1 and not self.stands_out(ranked[0], ranked[1]):
            return self.doubt(query, candidates)
        return self.accept(query, ranked[0][2], candidates[1:])

    def list_near(self, text: str, key: str, allowed: int) -> list[tuple[int, float, Candidate]]:
        """The records of which a text may be a misspelling: (errors, -weight, candidate), the
        likeliest first."""
        best: dict[int, tuple[int, float, Candidate]] = {}
        for other, errors in self.index.find_near(key, allowed).items():
            for name in self.index.names[other]:
                known = self.index.records[name.record]
                if (
                    not is_target(name, key, other, errors)
                    or not self.exists(known)
                    or not self.lies_within(known)
                    or points_elsewhere(text, name.text)
                    or self.says_more(text, other, name)
                    or differs_in_form(text, name.text)
                ):
                    continue
                weight = self.weight_of(name, known)
                score = score_of(errors, len(key))
                entry = (errors, -weight, self.candidate_of_name(name, FUZZY, score))
                if name.record not in best or entry[:2] < best[name.record][:2]:
                    best[name.record] = entry
        return sorted(best.values(), key=lambda each: each[:2])

    def says_more(self, text: str, key: str, name: Name) -> bool:
        """Return true if a text has a whole name and more, and the name under a key is a single word:
        no typing error explains "Vietnam War"."""
        words = words_of(text)
        if len(words) == 1 or (len(words_of(name.text)) > 1 and key_of(name.text) == key):
            return False
        return any(
            each.weight >= STRONG for word in words for each in self.index.names.get(word, ())
        )

    def is_people(self, key: str, near: str) -> bool:
        """Return true for the name of a people: "Germans" and "boliviana" are no misspellings."""
        names = self.index.names.get(key[:-1], ()) if key.endswith("s") else ()
        return any(name.field == "demonyms" for name in names) or is_adjective_of(key, key_of(near))

    def stands_out(
        self, first: tuple[int, float, Candidate], second: tuple[int, float, Candidate]
    ) -> bool:
        """Return true if the nearest name is clearly meant rather than the next record's."""
        if first[0] < second[0]:
            return True
        return -first[1] >= STRONG and -second[1] <= 2

    def settle(self, query: str, found: Weighed) -> Match:
        """The match of weighed candidates: the heaviest if it is clearly so."""
        first, *rest = found
        second = max((weight for weight, _ in rest), default=0)
        if first[0] < CLEAR * second or not first[0]:
            return self.doubt(query, [candidate for weight, candidate in found if weight])
        return self.accept(query, first[1], [candidate for _, candidate in rest])

    def accept(self, query: str, candidate: Candidate, others: Sequence[Candidate]) -> Match:
        """A match."""
        return Match(
            query, MATCHED, self.index.kind, candidate.score, candidate.record, candidate.matched,
            tuple(others[: self.question.limit]),
        )  # fmt: skip

    def refuse_place(self, query: str, place: KnownPlace) -> Match:
        """No match: the text names a place that is no record of the kind."""
        return self.refuse(query, place.describe(self.index.kind))

    def doubt(self, query: str, candidates: Sequence[Candidate]) -> Match:
        """An ambiguous answer."""
        return Match(
            query, AMBIGUOUS, self.index.kind, candidates=tuple(candidates[: self.question.limit])
        )

    def refuse(
        self, query: str, suggestion: str | None, candidates: Sequence[Candidate] = ()
    ) -> Match:
        """No match."""
        kept = tuple(candidates[: self.question.limit])
        return Match(query, NONE, self.index.kind, candidates=kept, suggestion=suggestion)


def is_adjective(variant: Variant, found: Weighed) -> bool:
    """Return true if a variant is the adjective of a single people before a form of state."""
    return (
        variant.adjective
        and len(found) == 1
        and not found[0][0]
        and found[0][1].matched.field == "demonyms"
    )

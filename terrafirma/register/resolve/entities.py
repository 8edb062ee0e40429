"""Records as entities of a reconciliation service: their ids, candidates of queries, values of
properties.

A country's id is its code and a subdivision's its own (`CI`, `US-CA`). Other kinds put their name
before the code (`currency:EUR`), since their codes may equal a country's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from terrafirma.errors import NotFound
from terrafirma.register.log.identifiers import Moment, find_by_id
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, KINDS, SUBDIVISION
from terrafirma.register.model.records import Document
from terrafirma.register.resolve.answers import Candidate, Match
from terrafirma.register.resolve.normalise import key_of
from terrafirma.register.resolve.resolver import RESOLVED, Resolver
from terrafirma.storage.engine.database import Connection

BARE = (COUNTRY.name, SUBDIVISION.name)
"""Kinds whose codes are ids as they are."""

CODES = ("alpha4", "alpha2", "code")
"""The fields that identify an entity, the first it has; a former country's alpha-2 may be another's now."""

DISAGREES = 0.6
"""Factor on the score of a candidate that has another value in some property."""


class Entity(NamedTuple):
    """A record by its id."""

    kind: str
    document: Document


QUANTIFIERS: Mapping[str, Callable[[Set[str], Set[str]], bool]] = {
    "any": lambda asked, values: not asked.isdisjoint(values),
    "all": lambda asked, values: asked <= values,
    "none": lambda asked, values: asked.isdisjoint(values),
}
"""Comparisons of the texts of a query with the values of a record."""


class Property(NamedTuple):
    """A property of a query: a path, and the texts that its values may be."""

    path: str
    texts: frozenset[str]
    quantifier: str = "any"
    required: bool = False
    """Leaves out candidates with another value, instead of lowering their scores."""

    def holds(self, values: Set[str]) -> bool:
        """Return true if the values of a record, by their keys, are those of the query."""
        return QUANTIFIERS[self.quantifier](self.texts, values)


class EntityRegister(NamedTuple):
    """A register on a day."""

    connection: Connection
    resolver: Resolver
    on: str | None = None

    @property
    def moment(self) -> Moment:
        """The day; without one, today, or the last day of a former record."""
        return Moment(self.on or today(), strict=self.on is not None)

    def find_entity(self, id: str) -> Entity | None:
        """Return the record of an entity's id; None if there is no such record."""
        kind, _, code = id.rpartition(":")
        for name in [kind] if kind else RESOLVED:
            if name not in RESOLVED:
                return None
            holders = self.resolver.find_index(self.connection, name).codes.get(code.upper(), ())
            if holders:
                best = min(holders, key=lambda each: (each.end <= today(), each.rank))
                document = self.read(name, best.record)
                return Entity(name, document) if document else None
        return None

    def read(self, kind: str, id: int) -> Document:
        """Return a record on the day; empty if it did not exist then."""
        try:
            version = find_by_id(self.connection, KINDS[kind], id, self.moment)
        except NotFound:
            return {}
        document: Document = decode(version.document)
        return document

    def rate(self, match: Match, properties: Sequence[Property]) -> list[dict[str, Any]]:
        """Return the candidates of a match with their scores, lower where a property has another value.

        Properties may settle which of several candidates is meant.
        """
        candidates = list(match.candidates)
        if match.record is not None and match.matched is not None:
            candidates.insert(0, Candidate(match.record, match.score, match.matched))
        required = [each for each in properties if each.required]
        if required:
            candidates = [
                each for each in candidates if self._agrees(each.record, match.kind, required)
            ]
        agreeing = [self._agrees(each.record, match.kind, properties) for each in candidates]
        sure = match.record["id"] if match.record is not None else None
        alone = bool(properties) and agreeing.count(True) == 1
        rated = []
        for each, agrees in zip(candidates, agreeing, strict=True):
            rated.append(
                describe_entity(match.kind, each.record)
                | {
                    "score": round(100 * each.score * (1 if agrees else DISAGREES), 1),
                    "match": agrees and (alone or each.record["id"] == sure),
                    "type": [type_of(match.kind)],
                }
            )
        return rated

    def _agrees(self, record: Document, kind: str, properties: Sequence[Property]) -> bool:
        """Return true if a record has a value that was given for each property."""
        if not properties:
            return True
        document = self.read(kind, record["id"])
        return all(each.holds(self._texts_of(kind, document, each.path)) for each in properties)

    def _texts_of(self, kind: str, document: Document, path: str) -> set[str]:
        """The keys of the texts that mean a record's value: for a reference, the names of the record too."""
        cells = [str(each) for each in list_cells(document, path)]
        found = {key_of(each) for each in cells}
        for reference in KINDS[kind].references:
            if reference.field == path and reference.kind in RESOLVED:
                index = self.resolver.find_index(self.connection, reference.kind)
                for holder in (each for cell in cells for each in index.codes.get(cell, ())):
                    known = index.records[holder.record]
                    found |= {*known.names, *(key_of(code.text) for code in known.codes)}
        return found


def read_properties(given: Any) -> list[Property]:
    """Return the properties of a query: `[{"pid": path, "v": value or values}, ...]`."""
    return [ask_property(each["pid"], each["v"]) for each in given]


def ask_property(path: str, value: Any) -> Property:
    """Return a property of a query: a path, and the value or values that are looked for."""
    return Property(path, frozenset(map(key_of, texts_of(value))))


def texts_of(value: Any) -> list[str]:
    """The texts that a query gives for a property; an entity counts by its id."""
    values = value if isinstance(value, list) else [value]
    return [str(each.get("id", "") if isinstance(each, dict) else each) for each in values]


def list_cells(document: Any, path: str) -> list[Any]:
    """The plain values at a path of a document."""
    found = [document]
    for name in path.split("."):
        members = [each.get(name) for each in found if isinstance(each, dict)]
        found = [item for each in members for item in (each if isinstance(each, list) else [each])]
    return [each for each in found if each is not None and not isinstance(each, dict | list)]


def cell_of(value: Any) -> dict[str, Any]:
    """A value as the protocol writes it."""
    if isinstance(value, bool):
        return {"str": str(value).lower()}
    if isinstance(value, int):
        return {"int": value}
    return {"float": value} if isinstance(value, float) else {"str": str(value)}


def describe_entity(kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as an entity."""
    code = str(next((record[name] for name in CODES if name in record), record["id"]))
    id = code if kind in BARE else f"{kind}:{code}"
    return {"id": id, "name": record.get("name", code), "description": f"{kind} {code}"}


def list_types() -> list[dict[str, str]]:
    """The kinds of records, as types."""
    return [type_of(name) for name in RESOLVED]


def type_of(kind: str) -> dict[str, str]:
    """A kind as a type."""
    return {"id": kind, "name": kind.title()}


def list_properties(kinds: Iterable[str]) -> list[dict[str, str]]:
    """The fields of kinds, as properties."""
    paths = dict.fromkeys(path for kind in kinds for path in KINDS[kind].catalog.paths)
    return [{"id": path, "name": path} for path in paths]

"""References between records by code: the referenced record must exist and must not disappear.

Both are checked after a write, in its transaction, so that records written together may refer to
each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from terrafirma.errors import Detail
from terrafirma.register.log.history import Draft
from terrafirma.register.log.identifiers import ID, PLUS
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import CITED, KINDS, Kind, Reference
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.found import list_citing
from terrafirma.storage.register.records import KeySpan


class DanglingReference(NamedTuple):
    """Records whose references would dangle after a draft: the draft's index, the field, and the
    records."""

    place: int
    field: str
    name: str
    others: str

    def describe_fault(self) -> Detail:
        """The fault: the field must not change."""
        return Detail(
            self.field, f'must stay "{self.name}": it is named so by {self.others}', "reference"
        )


def label_citation(reference: Reference, state: Document) -> str:
    """The key by which references name a record whose last state this is."""
    return str(next((state[field] for field in reference.by if field in state), state["id"]))


def find_cited(
    connection: Connection, reference: Reference, values: Iterable[str], as_of: int | None = None
) -> dict[str, int]:
    """The ids that values refer to: the last holder of a code, or the number itself. Unresolved
    values are left out."""
    wanted = {value.upper(): value for value in values}
    found = {value: int(value) for value in wanted.values() if ID.fullmatch(value)}
    for field in reference.by:
        holders = records.list_holders(connection, reference.kind, field, list(wanted), as_of)
        found |= {
            wanted[holder.key]: holder.id
            for holder in sorted(holders, key=lambda each: each.valid_to)
        }
    return found


def list_citations(
    connection: Connection, reference: Reference, ids: Iterable[int]
) -> dict[int, str]:
    """The current reference key of each record that exists."""
    states = records.list_current(connection, reference.kind, sorted(set(ids)))
    return {state.id: label_citation(reference, decode(state.document)) for state in states}


def find_unknown(connection: Connection, kind: Kind, drafts: Sequence[Draft]) -> list[list[Detail]]:
    """By draft: fields that refer to a record that does not exist, or by a code that is not its
    current one."""
    faults: list[list[Detail]] = [[] for _ in drafts]
    for reference in kind.references:
        said = [list_said(draft.after or {}, reference.field) for draft in drafts]
        cited = find_cited(connection, reference, {value for values in said for value in values})
        citations = list_citations(connection, reference, cited.values())
        for draft, values, found in zip(drafts, said, faults, strict=True):
            for value in values:
                id = cited.get(value, 0)
                if reference.kind == kind.name and id == draft.id:
                    found.append(
                        Detail(reference.field, "must not be the record itself", "reference")
                    )
                elif citations.get(id) != value:
                    found.append(
                        Detail(
                            reference.field,
                            describe_fault(reference, value, citations.get(id)),
                            "reference",
                        )
                    )
    return faults


def list_said(document: Document, field: str) -> list[str]:
    """The values of a field on all days."""
    plain = [document[field]] if field in document else []
    return [*plain, *(period["value"] for period in document.get("dated", {}).get(field, []))]


def describe_fault(reference: Reference, value: str, citation: str | None) -> str:
    """The message for a reference to a missing record, or by a code that is not its current one."""
    if citation is not None:
        return f'must be "{citation}", which names the same {reference.kind}'
    plural = KINDS[reference.kind].plural
    return f'"{value}" names no {reference.kind}; /{plural} lists those that there are'


def find_dangling(
    connection: Connection, kind: Kind, drafts: Sequence[Draft]
) -> list[DanglingReference]:
    """Records whose references would dangle after these drafts."""
    found: list[DanglingReference] = []
    for other, reference in CITED[kind.name]:
        lost = [list_lost(reference, draft) for draft in drafts]
        cited = find_cited(connection, reference, {name for names in lost for name in names})
        there = list_citations(connection, reference, cited.values())
        for place, names in enumerate(lost):
            for name, field in names.items():
                gone = cited.get(name) not in there
                if gone and (
                    count := len(
                        list_citing(connection, other.name, reference.field, [sort_key(name)])
                    )
                ):
                    found.append(
                        DanglingReference(
                            place,
                            field,
                            name,
                            f"{count} {other.name if count == 1 else other.plural}",
                        )
                    )
    return found


def list_lost(reference: Reference, draft: Draft) -> dict[str, str]:
    """Keys that named a record on any day before a change and no longer do, with their fields."""
    if draft.before is None:
        return {}
    before, after = (
        {
            str(value): field
            for field in ("id", *reference.by)
            for value in list_said(document or {}, field)
        }
        for document in (draft.before, draft.after)
    )
    return {name: field for name, field in before.items() if name not in after}


def list_referring_names(
    connection: Connection, reference: Reference, id: int, as_of: int | None = None
) -> list[str]:
    """Keys of a record: its id, and every code it was the last to hold."""
    held = records.list_held(connection, reference.kind, id, reference.by, as_of)
    cited = find_cited(connection, reference, held, as_of)
    return [str(id), *(code for code in held if cited[code] == id)]


def respell(
    connection: Connection, kind: Kind, spans: Mapping[int, list[KeySpan]]
) -> dict[int, list[KeySpan]]:
    """Spans under every key of the referenced records, so that the same pair under two codes counts
    as one pair."""
    names: dict[tuple[str, str], list[str]] = {}
    for reference in kind.references:
        said = {
            pair
            for own in spans.values()
            for span in own
            for pair in pairs_of(span)
            if pair[0] == reference.field
        }
        cited = find_cited(connection, reference, (value for _, value in said))
        held = {
            id: [name.upper() for name in list_referring_names(connection, reference, id)]
            for id in set(cited.values())
        }
        names |= {(field, value): held[cited[value]] for field, value in said if value in cited}
    return {
        index: [each for span in own for each in spell_out(span, names)]
        for index, own in spans.items()
    }


def spell_out(span: KeySpan, names: Mapping[tuple[str, str], list[str]]) -> list[KeySpan]:
    """A span, under every combination of the names that its parts have."""
    parts = [{value, *names.get((field, value), [])} for field, value in pairs_of(span)]
    return [span._replace(key=PLUS.join(each)) for each in product(*parts)] if parts else [span]


def pairs_of(span: KeySpan) -> list[tuple[str, str]]:
    """Fields that are unique together, each with its part of the key; empty for single unique
    fields."""
    return (
        list(zip(span.field.split(PLUS), span.key.split(PLUS), strict=True))
        if PLUS in span.field
        else []
    )


def list_dependents(connection: Connection, kind: Kind, id: int) -> list[tuple[Kind, int]]:
    """A record and all its dependents, direct and indirect: referenced records after those that
    refer to them."""
    found = {(kind, id): None}
    waiting = [(kind, id)]
    while waiting:
        named, number = waiting.pop()
        for other, reference in CITED[named.name]:
            names = [sort_key(name) for name in list_referring_names(connection, reference, number)]
            citing = [
                (other, each)
                for each in list_citing(connection, other.name, reference.field, names)
            ]
            waiting += [each for each in citing if each not in found]
            found |= dict.fromkeys(citing)
    return list(reversed(found))

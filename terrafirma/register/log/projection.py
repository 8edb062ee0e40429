"""Project an entry into the states, keys and terms of its record.

A pure function of the entry, so the same rows can be written, verified and rebuilt.
"""

from terrafirma.register.log.identifiers import spans_of
from terrafirma.register.log.sort_keys import terms_of
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.kinds import EVERY_KIND
from terrafirma.register.model.known import known_states
from terrafirma.register.model.members import UNDATED
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import State
from terrafirma.storage.register.entries import EntryRow
from terrafirma.storage.register.projections import KeyRow, Projection, TermRow, VersionRow

KNOWING = 2
"""The shape of documents since which values without dates hold from a day only; before, they held on all."""


def project_entry(row: EntryRow, states: list[State], document: Document | None) -> Projection:
    """The rows of `versions`, `keys` and `terms` that follow from an entry and the states of the document it leaves."""
    kind, owner = EVERY_KIND.get(row.kind), (row.kind, row.id, row.number)
    spans = spans_of(kind, row.id, states) if kind else []
    if document and row.shape >= KNOWING:
        # Codes name a record on days of which the rest is not known, too.
        states = list(known_states(row.kind, document, states, row.at[:10]))
    return Projection(
        [VersionRow(*owner, start, end, encode(state).decode()) for start, end, state in states],
        [KeyRow(*owner, span.valid_from, span.valid_to, span.field, span.key) for span in spans],
        [
            TermRow._make((*owner, start, *term))
            for start, _, state in (states if kind else [])
            for term in terms_of(state)
            if term.field != UNDATED
        ],
    )

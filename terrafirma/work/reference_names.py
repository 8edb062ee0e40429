"""Names in the reference columns of an import: `country` and `group` take names as well as codes.

A name is read by the rule of `/resolve`. A text that could mean several records is a fault of its
row, so that no row is written for a guess.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from terrafirma.dataset.load import open_resolver
from terrafirma.errors import Detail
from terrafirma.register.log.imports import ImportRow
from terrafirma.register.model.kinds import Kind, Reference
from terrafirma.register.model.records import Document
from terrafirma.register.resolve.answers import AMBIGUOUS, Match
from terrafirma.register.resolve.resolver import Resolver
from terrafirma.storage.engine.database import Connection

NEAREST = 3
"""Candidates that a fault names."""

Key = tuple[str, str]
"""A field and the text of its cell."""


class ReferenceNames:
    """Reads the reference fields of rows; equal cells are resolved once."""

    def __init__(self, kind: Kind) -> None:
        # Records of the kind itself may be in the file, where the register does not know them yet.
        self._references = [each for each in kind.references if each.kind != kind.name]
        self._read: dict[Key, str | Detail] = {}

    def read(self, connection: Connection, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """Return rows with codes instead of names, or with the faults of names."""
        if not self._references:
            return list(rows)
        for reference in self._references:
            self._resolve(connection, reference, rows)
        return [self._respell(row) for row in rows]

    def list_read(self) -> list[dict[str, str]]:
        """Return the names that were read as a code: field, text and code."""
        return [
            {"field": field, "text": text, "code": read}
            for (field, text), read in self._read.items()
            if isinstance(read, str) and read != text
        ]

    def _resolve(
        self, connection: Connection, reference: Reference, rows: Sequence[ImportRow]
    ) -> None:
        cells = (row.patch.get(reference.field) for row in rows if isinstance(row.patch, dict))
        texts = {cell for cell in cells if isinstance(cell, str)}
        unknown = sorted(text for text in texts if (reference.field, text) not in self._read)
        if not unknown:
            return
        codes = share_resolver().find_index(connection, reference.kind).codes
        for text in unknown:
            is_code = any(code.field in reference.by for code in codes.get(text, ()))
            self._read[reference.field, text] = (
                text if is_code or text.isdigit() else self._look_up(connection, reference, text)
            )

    def _look_up(self, connection: Connection, reference: Reference, text: str) -> str | Detail:
        match = share_resolver().match(connection, text, reference.kind, limit=NEAREST)
        if match.record is not None:
            return cite(reference, match.record)
        return Detail(reference.field, describe_unknown(reference, match), "reference")

    def _respell(self, row: ImportRow) -> ImportRow:
        if not isinstance(row.patch, dict):
            return row
        patch, faults = dict(row.patch), list(row.faults)
        for reference in self._references:
            text = patch.get(reference.field)
            read = self._read.get((reference.field, text)) if isinstance(text, str) else None
            if isinstance(read, Detail):
                faults.append(read)
            elif read is not None:
                patch[reference.field] = read
        return ImportRow(row.number, patch, faults)


@cache
def share_resolver() -> Resolver:
    """Return the resolver of this process, which keeps its indexes from one import to the next."""
    return open_resolver()


def cite(reference: Reference, record: Document) -> str:
    """Return the code by which a reference names a record."""
    return str(next((record[field] for field in reference.by if field in record), record["id"]))


def describe_unknown(reference: Reference, match: Match) -> str:
    """Return the rule that a text broke: it means several records or no record."""
    near = [describe(reference, each.record) for each in match.candidates]
    if match.outcome == AMBIGUOUS:
        return f'"{match.query[:80]}" may mean {" or ".join(near)}; give the code'
    rule = f'"{match.query[:80]}" names no {reference.kind}'
    if near:
        return f"{rule}; did you mean {' or '.join(near)}?"
    return f"{rule}. {match.suggestion}" if match.suggestion else rule


def describe(reference: Reference, record: dict[str, Any]) -> str:
    """Return a record's name and code."""
    return f"{record.get('name', record['id'])} ({cite(reference, record)})"

"""The log: drafts become hash-chained entries, entries become rows of the register.

An entry's hash is `sha256(previous, number, metadata, payload_hash)` over canonical JSON, so an
entry cannot be altered, dropped or moved without changing every later hash.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from orjson import Fragment

from terrafirma.register.log.projection import project_entry
from terrafirma.register.model.canonical_json import decode, digest, encode
from terrafirma.register.model.clock import now
from terrafirma.register.model.kinds import OWNERS
from terrafirma.register.model.known import EVERY, settle_known
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import KNOWN_FROM, State, render
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import entries as log
from terrafirma.storage.register import projections
from terrafirma.storage.register.entries import EntryRow, Head

SHAPE = 2
"""Version of the stored document's structure; older documents are upgraded when read."""

GENESIS = "0" * 64
"""The previous hash of the first entry."""


@dataclass(frozen=True, eq=False)
class Draft:
    """A change that is about to be written: the stored documents before and after it."""

    action: str
    kind: str
    id: int
    before: Document | None
    after: Document | None

    @cached_property
    def states(self) -> list[State]:
        """The record's states after this entry, rendered once and reused."""
        return render(self.after) if self.after is not None else []


def document_of(text: str | None) -> Document | None:
    """Parse a stored document; None stays None."""
    return decode(text) if text is not None else None


def payload_hash(before: str | None, after: str | None) -> str:
    """Hash of the two documents an entry carries, as their canonical texts."""
    return digest([before, after])


def entry_hash(row: EntryRow) -> str:
    """Hash of an entry, over its content and the previous hash."""
    about = [row.previous, row.number, row.at, row.actor, row.action, row.kind, row.id, row.shape]
    return digest([*about, row.payload_hash])


def chain(head: Head, actor: str, drafts: Iterable[Draft]) -> list[EntryRow]:
    """Make entries from drafts, each chained to the previous entry."""
    rows: list[EntryRow] = []
    number, previous = head.number, head.hash
    # The clock may step back; the log may not.
    at = max(now(), head.at)
    for draft in drafts:
        before, after = (
            encode(one).decode() if one is not None else None for one in (draft.before, draft.after)
        )
        payload = payload_hash(before, after)
        number += 1
        row = EntryRow(
            number,
            at,
            actor,
            draft.action,
            draft.kind,
            draft.id,
            before,
            after,
            SHAPE,
            payload,
            previous,
            "",
        )
        rows.append(row._replace(hash=entry_hash(row)))
        previous = rows[-1].hash
    return rows


def append(connection: Connection, actor: str, drafts: Sequence[Draft]) -> list[EntryRow]:
    """Write drafts to the log and project them into the register, in the caller's transaction."""
    head = log.read_head(connection)
    today = max(now(), head.at)[:10]
    settled = [settle(connection, draft, today) for draft in drafts]
    rows = chain(head, actor, settled)
    log.append_entries(connection, rows)
    projections.close(
        connection, [(row.kind, row.id, row.number) for row in rows if row.before is not None]
    )
    written = zip(rows, drafts, settled, strict=True)
    projections.add(
        connection, [project_entry(row, draft.states, each.after) for row, draft, each in written]
    )
    return rows


def settle(connection: Connection, draft: Draft, today: str) -> Draft:
    """A draft whose document says since when its values are known, where that is another day than it would be."""
    before, after = draft.before, draft.after
    if before is None or after is None or draft.kind not in OWNERS:
        return draft
    if draft.action == "revert" and KNOWN_FROM in after:
        # Restored values are known from the same days as before.
        return draft
    written = (
        "" if is_dated(before) else log.read_last_entry(connection, draft.kind, draft.id).at[:10]
    )
    if written == today and KNOWN_FROM not in after:
        return draft
    return Draft(
        draft.action, draft.kind, draft.id, before, settle_known(before, written, after, today)
    )


def is_dated(document: Document) -> bool:
    """Return True if a document says itself since when its values are known."""
    return "from" in document or EVERY in document.get(KNOWN_FROM, {})


def stored_document(connection: Connection, number: int) -> Document:
    """The stored document that an entry left behind."""
    document: Document = decode(log.read_entry(connection, number).after or "null")
    return document


def show_entry(row: EntryRow) -> dict[str, Any]:
    """An entry as JSON; `before` and `after` are stored documents or null."""
    return row._asdict() | {"before": as_stored(row.before), "after": as_stored(row.after)}


def as_stored(text: str | None) -> Fragment | None:
    """A stored document as it stands: it is canonical JSON already."""
    return Fragment(text) if text is not None else None

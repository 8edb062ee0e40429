"""Verify that the log is complete and that the register's rows follow from it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from terrafirma.errors import ConfigurationError
from terrafirma.register.log import datasets
from terrafirma.register.log.history import GENESIS, entry_hash, payload_hash
from terrafirma.register.log.projection import project_entry
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.records import Document
from terrafirma.register.model.strict_json import DOCUMENT, Unfit, parse
from terrafirma.register.model.timelines import render
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.tables import LATEST
from terrafirma.storage.register import entries as log
from terrafirma.storage.register import projections
from terrafirma.storage.register.entries import EntryRow, Head
from terrafirma.storage.register.projections import KeyRow, Projection, TermRow, VersionRow


@contextmanager
def without_collection() -> Iterator[None]:
    """Garbage collection off: it would visit millions of rows again and again, of which no cycle is made."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@without_collection()
def verify(connection: Connection) -> tuple[Head, list[str]]:
    """The head and every fault: altered, missing or moved entries, rows that do not follow from them."""
    faults: list[str] = []
    last = Head(0, "", GENESIS)
    latest: dict[tuple[str, int], int] = {}
    ends: dict[tuple[str, int, int], int] = {}
    dataset: EntryRow | None = None
    for batch in log.scan_entries(connection):
        broken: set[int] = set()
        for row in batch:
            if found := faults_of(row, last):
                faults += found
                broken.add(row.number)
            elif row.kind == datasets.KIND:
                dataset = row
            last = Head(row.number, row.at, row.hash)
            if row.before is not None and (row.kind, row.id) in latest:
                ends[row.kind, row.id, latest[row.kind, row.id]] = row.number
            latest[row.kind, row.id] = row.number
        faults += compare_rows(connection, batch, broken)
    head = log.read_head(connection)
    if head != last and (head.number or last.number):
        faults.append(
            f"the head names entry {head.number}, but the log ends with entry {last.number}"
        )
    faults += datasets.compare_origins(connection, dataset) if dataset else []
    return head, faults + compare_ends(connection, ends, head.number)


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint of the log: the number of entries, the last hash and its time."""

    entries: int
    hash: str
    at: str


def take_checkpoint(head: Head) -> dict[str, Any]:
    """Make a checkpoint of a head, to be stored elsewhere."""
    return asdict(Checkpoint(head.number, head.hash, head.at))


def read_checkpoint(text: str | bytes) -> Checkpoint:
    """Parse a stored checkpoint. Raise ConfigurationError if it is invalid."""
    try:
        told = decode(text)
        number, hash = told["entries"], told["hash"]
    except (ValueError, TypeError, KeyError):
        number = hash = None
    if type(number) is not int or not 0 <= number < 2**63 or not isinstance(hash, str):
        raise ConfigurationError(
            "The checkpoint is not an answer of GET /checkpoint: it must have entries and hash."
        )
    return Checkpoint(number, hash, str(told.get("at", "")))


def compare_checkpoint(connection: Connection, checkpoint: Checkpoint) -> list[str]:
    """Faults of the log compared with an earlier checkpoint: missing or altered entries."""
    last = log.read_head(connection).number
    if checkpoint.entries > last:
        return [
            f"the log ends with entry {last}, but had {checkpoint.entries} when the checkpoint was taken"
        ]
    if not checkpoint.entries:
        return []
    then = log.find_head(connection, checkpoint.entries)
    if then is None or then.hash != checkpoint.hash:
        return [
            f"entry {checkpoint.entries} is not the one of the checkpoint: the log was written anew"
        ]
    return []


def faults_of(row: EntryRow, last: Head) -> list[str]:
    """Faults of a single entry, given the previous entry."""
    if row.number != last.number + 1:
        return [f"entry {last.number + 1} is missing; entry {row.number} comes next"]
    if row.previous != last.hash:
        return [f"entry {row.number} is broken: it does not chain to entry {last.number}"]
    if row.payload_hash != payload_hash(row.before, row.after):
        return [f"entry {row.number} is broken: its documents were altered"]
    if row.hash != entry_hash(row):
        return [f"entry {row.number} is broken: its own hash does not match"]
    return faults_of_values(row)


def faults_of_values(row: EntryRow) -> list[str]:
    """The fault of an entry whose document no request could have written, such as one with NUL in a
    text."""
    if row.after is None:
        return []
    try:
        document = parse(row.after, DOCUMENT)
    except Unfit as fault:
        return [
            f"entry {row.number} holds a value that is not allowed: {row.kind} {row.id} {fault.rule}"
        ]
    return [] if isinstance(document, dict) else [f"entry {row.number} holds no record"]


def compare_rows(connection: Connection, batch: list[EntryRow], broken: set[int]) -> list[str]:
    """Entries whose rows differ from those that follow from them; broken entries are skipped."""
    following, faults = [], []
    for row in batch:
        if row.number in broken:
            continue
        try:
            following.append(follow(row))
        except Exception as error:
            # A document of another shape than ours can break any step.
            broken.add(row.number)
            faults.append(f"entry {row.number} holds no {row.kind} that can be read: {error!r}")
    expected = set(chain.from_iterable(rows_of(part) for part in following))
    actual = set(rows_of(projections.read_between(connection, batch[0].number, batch[-1].number)))
    wrong = {
        (row.entry_from, row.kind, row.id)
        for row in expected ^ actual
        if row.entry_from not in broken
    }
    return faults + [
        f"{kind} {id} does not say what entry {number} left" for number, kind, id in sorted(wrong)
    ]


def follow(row: EntryRow) -> Projection:
    """The rows that follow from an entry."""
    document: Document | None = decode(row.after) if row.after else None
    return project_entry(row, render(document) if document else [], document)


def rows_of(part: Projection) -> Iterator[VersionRow | KeyRow | TermRow]:
    """The rows of all three tables."""
    yield from part.versions
    yield from part.keys
    yield from part.terms


def compare_ends(
    connection: Connection, ends: dict[tuple[str, int, int], int], head: int
) -> list[str]:
    """Rows that were ended by an entry other than the record's next, or have no entry."""
    actual = projections.list_ends(connection)
    wrong = sorted({row[:3] for row in actual if row[3] != ends.get(row[:3], LATEST)})
    faults = [
        f"{kind} {id} is not ended rightly after entry {number}" for kind, id, number in wrong
    ]
    unknown = {row for row in actual if not 0 < row[2] <= head}
    return faults + [
        f"{kind} {id} comes from entry {number}, which there is not"
        for kind, id, number, _ in unknown
    ]

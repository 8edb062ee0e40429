"""The audit log: sign-ins, refusals and changes of rights, hash-chained like the register's log.

It is stored in the auth database, separate from the register's entries. Personal details are stored
beside each row and only their hash is chained, so they can be redacted without breaking the chain.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from terrafirma.register.log.history import GENESIS
from terrafirma.register.model.canonical_json import decode, digest, encode
from terrafirma.register.model.clock import now
from terrafirma.storage.auth import audit as log
from terrafirma.storage.auth.audit import AuditRow
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import Head

ROW = "row_hash"
"""Detail with the hash of the row that an event left, so that the row can be compared with the log."""
SALT = "salt"
"""Random salt in the personal details, so that redacted values cannot be guessed from their hash.
"""


def record_event(
    connection: Connection,
    actor: str,
    event: str,
    about: str = "",
    details: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the log in the caller's transaction."""
    head = log.read_audit_head(connection)
    at = max(now(), head.at)
    private = encode({SALT: secrets.token_hex(16), **personal}).decode() if personal else None
    hidden = digest(private) if private else ""
    told = encode(details or {}).decode()
    row = AuditRow(head.number + 1, at, actor, event, about, told, private, hidden, head.hash, "")
    log.add_audit(connection, row._replace(hash=row_hash(row)))


def seal_row(row: NamedTuple, fields: Sequence[str]) -> dict[str, str]:
    """The hash of some fields of a row of the auth database, as a detail of the event that left it."""
    return {ROW: digest([getattr(row, name) for name in fields])}


def row_hash(row: AuditRow) -> str:
    """Hash of a row, over its content, the hash of its personal details and the previous hash."""
    return digest([row.previous, *row[:6], row.personal_hash])


def redact(
    connection: Connection, actor: str, about: str, concerns: Callable[[AuditRow], bool]
) -> int:
    """Redact the personal details of matching rows and return their number."""
    numbers = [
        row.number
        for row in log.scan_audit(connection)
        if row.personal is not None and concerns(row)
    ]
    log.forget_personal(connection, numbers)
    record_event(connection, actor, "redacted", about, {"rows": len(numbers)})
    return len(numbers)


class AuditFindings(NamedTuple):
    """The result of verifying the log: its head, the number of redacted rows, and every fault."""

    head: Head
    redacted: int
    faults: list[str]


def verify(connection: Connection) -> AuditFindings:
    """Verify the log. Personal details are either unchanged or redacted."""
    faults: list[str] = []
    redacted, last = 0, Head(0, "", GENESIS)
    for row in log.scan_audit(connection):
        redacted += row.personal is None and row.personal_hash != ""
        if row.number != last.number + 1:
            faults.append(f"row {last.number + 1} is missing; row {row.number} comes next")
        elif row.previous != last.hash or row.hash != row_hash(row):
            faults.append(
                f"row {row.number} is broken: it was altered, or does not chain to row {last.number}"
            )
        elif row.personal is not None and row.personal_hash != digest(row.personal):
            faults.append(f"row {row.number} is broken: what is personal in it was altered")
        last = Head(row.number, row.at, row.hash)
    head = log.read_audit_head(connection)
    if head != last and (head.number or last.number):
        faults.append(f"the head names row {head.number}, but the log ends with row {last.number}")
    return AuditFindings(head, redacted, faults)


@dataclass(frozen=True)
class AuditCheckpoint:
    """A checkpoint of the audit log: the number of lines, the last hash and its time."""

    rows: int
    hash: str
    at: str


def parse_audit_checkpoint(text: str | bytes) -> AuditCheckpoint | None:
    """Parse a stored checkpoint; None if it is not one of the audit log."""
    try:
        told = decode(text)
        rows, hash = told["rows"], told["hash"]
    except (ValueError, TypeError, KeyError):
        return None
    if type(rows) is not int or not 0 <= rows < 2**63 or not isinstance(hash, str):
        return None
    return AuditCheckpoint(rows, hash, str(told.get("at", "")))


def compare_checkpoint(connection: Connection, checkpoint: AuditCheckpoint) -> list[str]:
    """Faults of the log compared with an earlier checkpoint: missing or altered lines."""
    rows, last = checkpoint.rows, log.read_audit_head(connection).number
    if rows > last:
        return [f"it ends with row {last}, but had {rows} when the checkpoint was taken"]
    then = log.list_audit(connection, rows - 1, 1) if rows else []
    if [row.hash for row in then] != ([checkpoint.hash] if rows else []):
        return [f"row {rows} is not the one of the checkpoint: the log was written anew"]
    return []


def show(row: AuditRow) -> dict[str, Any]:
    """A row as JSON; personal details are null if redacted and absent if there were none."""
    told = {
        name: getattr(row, name) for name in ("number", "at", "actor", "event", "about", "hash")
    }
    shown: dict[str, Any] = {name: value for name, value in told.items() if value != ""}
    shown["details"] = decode(row.details)
    if row.personal_hash:
        personal = decode(row.personal) if row.personal else None
        shown["personal"] = personal and {
            name: value for name, value in personal.items() if name != SALT
        }
    return shown

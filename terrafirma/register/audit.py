"""The audit log: who came in, who was kept out, whose rights changed; chained as the register's log is.

It lies in the vault, never among the register's entries. What is personal, such as an address, is kept apart
from the rest of a row, of which the chain holds only a hash: it can be redacted, and the chain still holds.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from terrafirma.register.canonical import digest, encode
from terrafirma.register.history import write_instant
from terrafirma.storage import audit as log
from terrafirma.storage.audit import AuditRow
from terrafirma.storage.database import Connection

SALT = "salt"
"""Stands among the personal details, so that nobody finds out by trying what was redacted."""


def note(
    connection: Connection,
    actor: str,
    event: str,
    about: str = "",
    details: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the log in the caller's transaction."""
    head = log.read_audit_head(connection)
    at = max(write_instant(datetime.now(UTC)), head.at)
    private = encode({SALT: secrets.token_hex(16), **personal}).decode() if personal else None
    hidden = digest(private) if private else ""
    told = encode(details or {}).decode()
    row = AuditRow(head.number + 1, at, actor, event, about, told, private, hidden, head.hash, "")
    log.add_audit(connection, row._replace(hash=row_hash(row)))


def row_hash(row: AuditRow) -> str:
    """Hash of a row, over all it says, the hash of what is personal, and the hash before it."""
    return digest([row.previous, *row[:6], row.personal_hash])

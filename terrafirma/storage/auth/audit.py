"""The audit log: its rows, and the head they chain from."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import insert, select, update

from terrafirma.errors import ConfigurationError
from terrafirma.storage.auth.auth_tables import audit, audit_head
from terrafirma.storage.engine.database import Connection, split_batches
from terrafirma.storage.register.entries import Head

BATCH = 1000
"""Rows in memory at once while the log is scanned."""


class AuditRow(NamedTuple):
    """A row of the audit log: the event, its subject and its actor.

    `details` and `personal` are canonical JSON; the chain covers only a hash of `personal`, so it
    can be redacted (None) without breaking the chain.
    """

    number: int
    at: str
    actor: str
    event: str
    about: str
    details: str
    personal: str | None
    personal_hash: str
    previous: str
    hash: str


def read_audit_head(connection: Connection) -> Head:
    """The last row's number, instant and hash. Unusable where the head is lost."""
    row = connection.execute(
        select(audit_head.c.number, audit_head.c.at, audit_head.c.hash)
    ).first()
    if row is None:
        raise ConfigurationError("The audit log has lost its head; restore the vault.")
    return Head(*row)


def add_audit(connection: Connection, row: AuditRow) -> None:
    """Add a row and move the head to it."""
    connection.execute(insert(audit).values(row._asdict()))
    connection.execute(update(audit_head).values(number=row.number, at=row.at, hash=row.hash))


def forget_personal(connection: Connection, numbers: Sequence[int]) -> None:
    """Redact the personal details of rows."""
    for batch in split_batches(numbers):
        connection.execute(update(audit).where(audit.c.number.in_(batch)).values(personal=None))


def list_audit(connection: Connection, since: int, limit: int) -> list[AuditRow]:
    """Rows with numbers above `since`, oldest first."""
    query = select(audit).where(audit.c.number > since).order_by(audit.c.number).limit(limit)
    return [AuditRow(*row) for row in connection.execute(query)]


def scan_audit(connection: Connection) -> Iterator[AuditRow]:
    """The whole log in order."""
    since = 0
    while batch := list_audit(connection, since, BATCH):
        yield from batch
        since = batch[-1].number

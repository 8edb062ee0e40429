"""Stored answers to requests with an Idempotency-Key, by actor and key.

They are written with the change they report and copied with the register, so a restored register
repeats exactly its own answers.
"""

from typing import NamedTuple

from sqlalchemy import delete, insert, select

from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.tables import idempotency


class KeptAnswer(NamedTuple):
    """An answer, the request it was to (as a hash) and when; headers as a JSON list of pairs."""

    actor: str
    key: str
    at: str
    request_hash: str
    status: int
    headers: str
    body: str


def find_answer(connection: Connection, actor: str, key: str, since: str) -> KeptAnswer | None:
    """The answer kept for a key since an instant."""
    query = select(idempotency).where(idempotency.c.actor == actor, idempotency.c.key == key)
    row = connection.execute(query.where(idempotency.c.at >= since)).first()
    return KeptAnswer(*row) if row else None


def keep_answer(connection: Connection, answer: KeptAnswer, since: str) -> None:
    """Keep an answer, and let go of all that are from before an instant."""
    connection.execute(delete(idempotency).where(idempotency.c.at < since))
    connection.execute(insert(idempotency).values(answer._asdict()))

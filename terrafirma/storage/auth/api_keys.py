"""API keys as stored: only their HMAC under the server's secret."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, or_, select, update

from terrafirma.storage.auth.auth_tables import credentials
from terrafirma.storage.engine.database import Connection


class Credential(NamedTuple):
    """A key; `kinds` and `countries` as JSON lists, empty for all. The old digest counts until it ends."""

    id: int
    prefix: str
    digest: str
    role: str
    kinds: str
    countries: str
    note: str | None
    created: str
    created_by: str
    expires: str | None
    revoked: str | None = None
    used: str | None = None
    old_digest: str | None = None
    old_until: str | None = None
    requests: int | None = None
    writes: int | None = None


FIND = select(credentials).where(
    or_(
        credentials.c.digest == bindparam("digest"), credentials.c.old_digest == bindparam("digest")
    )
)
TOUCH = update(credentials).where(credentials.c.id == bindparam("key")).values(used=bindparam("at"))


def find_digest(connection: Connection, digest: str) -> Credential | None:
    """The key that has, or before it was rotated had, a digest."""
    row = connection.execute(FIND, {"digest": digest}).first()
    return Credential(*row) if row else None


def find_credential(connection: Connection, id: int) -> Credential | None:
    """A key by its id."""
    row = connection.execute(select(credentials).where(credentials.c.id == id)).first()
    return Credential(*row) if row else None


def list_credentials(connection: Connection) -> list[Credential]:
    """Every key there ever was, by id."""
    return [
        Credential(*row)
        for row in connection.execute(select(credentials).order_by(credentials.c.id))
    ]


def has_credentials(connection: Connection) -> bool:
    """Return True if a key was ever created."""
    return connection.scalar(select(credentials.c.id).limit(1)) is not None


def add_credential(connection: Connection, credential: Credential) -> None:
    """Keep a new key."""
    connection.execute(insert(credentials).values(credential._asdict()))


def replace_credential(connection: Connection, credential: Credential) -> None:
    """Keep a key as it is now."""
    connection.execute(
        update(credentials).where(credentials.c.id == credential.id).values(credential._asdict())
    )


def touch_credentials(connection: Connection, used: Mapping[int, str]) -> None:
    """Note when keys were last used."""
    rows: list[dict[str, Any]] = [{"key": id, "at": at} for id, at in used.items()]
    connection.execute(TOUCH, rows)

"""Users who have signed in."""

from typing import NamedTuple

from sqlalchemy import insert, select, update

from terrafirma.storage.auth.auth_tables import people
from terrafirma.storage.engine.database import Connection


class UserRow(NamedTuple):
    """A user by the provider's subject; personal details may have been redacted."""

    id: int
    issuer: str
    subject: str
    email: str | None
    name: str | None
    created: str
    seen: str
    blocked: str | None = None
    claims: str | None = None
    """Values of the claim that roles follow from, as a JSON list."""


def find_user(connection: Connection, id: int) -> UserRow | None:
    """Someone by id."""
    row = connection.execute(select(people).where(people.c.id == id)).first()
    return UserRow(*row) if row else None


def find_subject(connection: Connection, issuer: str, subject: str) -> UserRow | None:
    """Find a user by issuer and subject."""
    query = select(people).where(people.c.issuer == issuer, people.c.subject == subject)
    row = connection.execute(query).first()
    return UserRow(*row) if row else None


def list_users(connection: Connection) -> list[UserRow]:
    """Every user who ever signed in, by id."""
    return [UserRow(*row) for row in connection.execute(select(people).order_by(people.c.id))]


def has_users(connection: Connection) -> bool:
    """Return True if a user ever signed in."""
    return connection.scalar(select(people.c.id).limit(1)) is not None


def add_user(connection: Connection, person: UserRow) -> None:
    """Keep someone new."""
    connection.execute(insert(people).values(person._asdict()))


def replace_user(connection: Connection, person: UserRow) -> None:
    """Keep someone as they are now."""
    connection.execute(update(people).where(people.c.id == person.id).values(person._asdict()))

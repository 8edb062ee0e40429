"""Sessions and pending sign-ins in the auth database, stored as HMACs of their tokens."""

from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, or_, select, update

from terrafirma.storage.auth.auth_database import next_id
from terrafirma.storage.auth.auth_tables import logins, sessions
from terrafirma.storage.engine.database import Connection


class Session(NamedTuple):
    """A user's session in a browser. The digest before the last rotation stays valid briefly."""

    id: int
    person: int
    digest: str
    old_digest: str | None
    rotated: str
    expires: str


class Login(NamedTuple):
    """A pending sign-in: the values its answer must match, and the page to return to."""

    state: str
    nonce: str
    verifier: str
    expires: str
    place: str


FIND = select(sessions).where(
    or_(sessions.c.digest == bindparam("digest"), sessions.c.old_digest == bindparam("digest"))
)


def find_session(connection: Connection, digest: str) -> Session | None:
    """The session that has, or before its last rotation had, a digest."""
    row = connection.execute(FIND, {"digest": digest}).first()
    return Session(*row) if row else None


def add_session(connection: Connection, person: int, digest: str, now: str, expires: str) -> None:
    """Keep a new session, and let go of those that have expired."""
    connection.execute(delete(sessions).where(sessions.c.expires <= now))
    id = next_id(connection, sessions.name)
    connection.execute(
        insert(sessions).values(Session(id, person, digest, None, now, expires)._asdict())
    )


def rotate_session(connection: Connection, session: Session, digest: str, now: str) -> bool:
    """Give a session another digest; False if someone else was first."""
    done = connection.execute(
        update(sessions)
        .where(sessions.c.id == session.id, sessions.c.digest == session.digest)
        .values(digest=digest, old_digest=session.digest, rotated=now)
    )
    return done.rowcount == 1


def end_session(connection: Connection, id: int) -> None:
    """Let go of a session."""
    connection.execute(delete(sessions).where(sessions.c.id == id))


def end_sessions(connection: Connection, person: int) -> None:
    """Let go of all sessions of someone."""
    connection.execute(delete(sessions).where(sessions.c.person == person))


def add_login(connection: Connection, login: Login, now: str) -> None:
    """Add a pending sign-in and delete expired ones."""
    connection.execute(delete(logins).where(logins.c.expires <= now))
    connection.execute(insert(logins).values(login._asdict()))


def take_login(connection: Connection, state: str) -> Login | None:
    """A sign-in under way, which then is no more: its answer counts once."""
    row = connection.execute(
        delete(logins).where(logins.c.state == state).returning(*logins.c)
    ).first()
    return Login(*row) if row else None

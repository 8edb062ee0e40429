"""Sign-ins and sessions: begun, rotated, ended.

Tokens are 256 random bits, known only by their HMAC under the server's secret. A session's token is replaced now
and then; the one before it counts a moment longer, for requests that are under way, and whoever shows it later
ends the session: one of two has a copy that was not theirs.
"""

import hashlib
import hmac
import secrets
from typing import NamedTuple

from terrafirma.register.access.audit import record_event
from terrafirma.register.access.users import name_actor
from terrafirma.register.model.clock import HOUR, MINUTE, later, now
from terrafirma.storage.auth import sessions
from terrafirma.storage.auth.sessions import Login, Session
from terrafirma.storage.auth.users import UserRow
from terrafirma.storage.engine.database import Connection

SIGN_IN = 10 * MINUTE
"""How many seconds someone may take at their provider."""
ROTATION = 15 * MINUTE
"""How many seconds old a token may become before it is replaced."""
OVERLAP = MINUTE
"""How many seconds the one before it counts still."""


class Started(NamedTuple):
    """A sign-in that has begun: what its browser is given to keep, and what its provider is told."""

    state: str
    nonce: str
    verifier: str


def digest(secret: bytes, use: str, token: str) -> str:
    """What a token is known by."""
    return hmac.new(secret, f"{use}:{token}".encode(), hashlib.sha256).hexdigest()


def start(connection: Connection, secret: bytes, place: str) -> Started:
    """Begin a sign-in that leads to a place."""
    started = Started(*(secrets.token_urlsafe(32) for _ in range(3)))
    login = Login(
        digest(secret, "login", started.state),
        started.nonce,
        started.verifier,
        later(SIGN_IN),
        place,
    )
    sessions.add_login(connection, login, now())
    return started


def finish(connection: Connection, secret: bytes, state: str) -> Login | None:
    """The sign-in that was begun with a state; None if there is none, or no longer. Each counts once."""
    login = sessions.take_login(connection, digest(secret, "login", state))
    return login if login and login.expires > now() else None


def begin(connection: Connection, secret: bytes, person: UserRow, hours: int) -> str:
    """A new session of someone; its token."""
    token = secrets.token_urlsafe(32)
    sessions.add_session(
        connection, person.id, digest(secret, "session", token), now(), later(hours * HOUR)
    )
    return token


def is_due(session: Session) -> bool:
    """Whether a session's token is old enough to be replaced."""
    return session.rotated <= later(-ROTATION)


def is_spent(session: Session, shown: str) -> bool:
    """Whether a digest is of a token that was replaced too long ago."""
    return shown == session.old_digest and session.rotated <= later(-OVERLAP)


def rotate(connection: Connection, secret: bytes, session: Session) -> str | None:
    """A new token of a session; None if another request was first."""
    token = secrets.token_urlsafe(32)
    return (
        token
        if sessions.rotate_session(connection, session, digest(secret, "session", token), now())
        else None
    )


def end(connection: Connection, session: Session, event: str) -> None:
    """End a session; the audit log says why."""
    sessions.end_session(connection, session.id)
    record_event(connection, name_actor(session.person), event, name_actor(session.person))

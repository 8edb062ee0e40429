"""Sign-ins and sessions: start, rotate, end.

Tokens are 256 random bits, stored as their HMAC under the server's secret. A session's token is
rotated periodically; the previous token stays valid briefly for concurrent requests. Later use of
it ends the session, because a copy must have been stolen.
"""

import hashlib
import hmac
import secrets
from typing import NamedTuple

from terrafirma.register.access.audit import record_event
from terrafirma.register.access.users import name_user
from terrafirma.register.model.clock import HOUR, MINUTE, later, now
from terrafirma.storage.auth import sessions
from terrafirma.storage.auth.sessions import Login, Session
from terrafirma.storage.auth.users import UserRow
from terrafirma.storage.engine.database import Connection

SIGN_IN = 10 * MINUTE
"""Seconds within which a sign-in must be completed."""
ROTATION = 15 * MINUTE
"""Age in seconds at which a token is rotated."""
OVERLAP = MINUTE
"""Seconds for which the previous token stays valid."""


class Started(NamedTuple):
    """A started sign-in: the values for the browser's cookie and for the provider."""

    state: str
    nonce: str
    verifier: str


def digest(secret: bytes, use: str, token: str) -> str:
    """The digest under which a token is stored."""
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
    """The sign-in with this state; None if unknown or expired. Each can be used once."""
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
    """Return True if a session's token is due for rotation."""
    return session.rotated <= later(-ROTATION)


def is_spent(session: Session, shown: str) -> bool:
    """Return True if a digest belongs to a token that was rotated too long ago."""
    return shown == session.old_digest and session.rotated <= later(-OVERLAP)


def rotate(connection: Connection, secret: bytes, session: Session) -> str | None:
    """Rotate a session's token; None if another request already did."""
    token = secrets.token_urlsafe(32)
    return (
        token
        if sessions.rotate_session(connection, session, digest(secret, "session", token), now())
        else None
    )


def end(connection: Connection, session: Session, event: str) -> None:
    """End a session and record the reason in the audit log."""
    sessions.end_session(connection, session.id)
    record_event(connection, name_user(session.person), event, name_user(session.person))

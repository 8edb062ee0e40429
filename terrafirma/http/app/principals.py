"""Authentication: the principal of a request, from its API key or session cookie."""

import hashlib
from collections.abc import Callable
from threading import Lock
from time import time
from typing import NamedTuple
from urllib.parse import parse_qs

from itsdangerous import BadSignature, Signer
from werkzeug.http import parse_cookie

from terrafirma.errors import Unauthorized
from terrafirma.register.access import sessions
from terrafirma.register.access.actors import takes_no_key
from terrafirma.register.access.api_keys import (
    SHOWN,
    TOKEN,
    digest_token,
    find_end,
    make_key_principal,
)
from terrafirma.register.access.roles import Principal
from terrafirma.register.access.users import Rules, make_user_principal
from terrafirma.register.model.clock import now
from terrafirma.storage.auth.api_keys import find_digest
from terrafirma.storage.auth.key_usage import KeyUsage
from terrafirma.storage.auth.sessions import Session, find_session
from terrafirma.storage.auth.users import find_user
from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.register.guarded import note_guarded
from terrafirma.telemetry import Environ

SCHEME = "bearer"
MOST = 10_000
"""Keys and sessions that each process remembers."""
SECONDS = 10
"""Seconds for which a result is cached at most, in case a process died before announcing a change.
"""

UNKNOWN = "This key is not valid here, or no longer."
NOT_A_KEY = "Authorization must be `Bearer` and a key; `terrafirma keys create`, run on the server, makes one."


ADDRESS_KEY, KEYED_ADDRESSES = "api_key", "/reconcile"
"""The parameter that may hold a key, and the addresses where it may: a reconciliation client such as
OpenRefine knows an address and sends no headers."""

COOKIE = "terrafirma_session"
AUTHENTICATED = "terrafirma.known"
"""Key of the authenticated principal in a request's environ."""


class Authenticated(NamedTuple):
    """A cached authentication: the principal, its expiry, the digest and, for a session, its row."""

    caller: Principal
    end: str | None
    digest: str
    key: int | None = None
    session: Session | None = None


class PrincipalCache:
    """Results cached for a single revision of the auth database; a new revision replaces them."""

    def __init__(self, mark: tuple[bytes, int]) -> None:
        self.mark = mark
        self.known: dict[str, Authenticated] = {}
        self.empty: bool | None = None


class Authenticator:
    """Authenticates requests. Results are cached until the auth database changes."""

    def __init__(self, vault: Database, secret: bytes, rules: Rules, register: Database) -> None:
        self.vault = vault
        self._register = register
        self.secret = secret
        self.rules = rules
        self.usage = KeyUsage(vault)
        self._signer = Signer(secret, salt=COOKIE, digest_method=hashlib.sha256)
        self._shelf = PrincipalCache((b"", 0))
        self._lock = Lock()

    def identify(self, environ: Environ) -> Authenticated | None:
        """Authenticate a request by key or session; None without credentials. Raise Unauthorized
        for an invalid key."""
        header: str | None = environ.get("HTTP_AUTHORIZATION")
        if header is not None and is_bearer(header):
            return self.find_key(read_token(header))
        cookies: str = environ.get("HTTP_COOKIE", "")
        return self.find_session(cookies) if COOKIE in cookies else None

    def find_key(self, token: str) -> Authenticated:
        """The principal of a key; raise Unauthorized, with the same message and timing, for any
        invalid key."""
        instant = now()
        known = self._find(digest_token(self.secret, token), read_key)
        if known is None or known.key is None or (known.end is not None and known.end <= instant):
            raise Unauthorized(UNKNOWN)
        self.usage.note(known.key, instant)
        return known

    def find_session(self, cookies: str) -> Authenticated | None:
        """The principal of a session cookie; None for an ended session, which reads anonymously."""
        try:
            token = self._signer.unsign(parse_cookie(cookies).get(COOKIE, "")).decode()
        except (BadSignature, UnicodeDecodeError):
            return None
        known = self._find(sessions.digest(self.secret, "session", token), self._read_session)
        if known is None or known.session is None or known.session.expires <= now():
            return None
        if sessions.is_spent(known.session, known.digest):
            with self.vault.writing() as connection:
                sessions.end(connection, known.session, "session-reused")
            return None
        return known

    def sign(self, token: str) -> str:
        """A session's token as its cookie has it."""
        return self._signer.sign(token).decode()

    def forget(self, known: Authenticated) -> None:
        """Look something up again."""
        self._shelf.known.pop(known.digest, None)

    def is_open(self) -> bool:
        """Return True if there have never been keys or users, also in a restored register."""
        shelf = self._current()
        if shelf.empty is None:
            with self.vault.reading() as auth, self._register.reading() as register:
                shelf.empty = takes_no_key(auth, register)
        return shelf.empty

    def guard_register(self) -> None:
        """Note in the register that it takes a key, so that a copy of it does too."""
        if not self.is_open():
            note_guarded(self._register)

    def _current(self) -> PrincipalCache:
        mark = self.vault.revision.read(), int(time()) // SECONDS
        if self._shelf.mark != mark:
            self._shelf = PrincipalCache(mark)
        return self._shelf

    def _find(
        self, digest: str, read: Callable[[Connection, str], Authenticated | None]
    ) -> Authenticated | None:
        shelf = self._current()
        if known := shelf.known.get(digest):
            return known
        with self.vault.reading() as connection:
            found = read(connection, digest)
        if found is not None and len(shelf.known) < MOST:
            with self._lock:
                shelf.known[digest] = found
        return found

    def _read_session(self, connection: Connection, digest: str) -> Authenticated | None:
        session = find_session(connection, digest)
        person = find_user(connection, session.person) if session else None
        caller = make_user_principal(person, self.rules) if person else None
        return Authenticated(caller, None, digest, session=session) if caller else None


def adopt_key(environ: Environ) -> None:
    """Move a key from the address of a reconciliation service to the header."""
    query: str = environ.get("QUERY_STRING", "")
    if ADDRESS_KEY not in query or "HTTP_AUTHORIZATION" in environ:
        return
    if environ.get("PATH_INFO", "").startswith(KEYED_ADDRESSES) and (
        keys := parse_qs(query).get(ADDRESS_KEY)
    ):
        environ["HTTP_AUTHORIZATION"] = f"Bearer {keys[0]}"


def read_key(connection: Connection, digest: str) -> Authenticated | None:
    """The authentication of a key with this digest."""
    credential = find_digest(connection, digest)
    if credential is None:
        return None
    return Authenticated(
        make_key_principal(credential), find_end(credential, digest), digest, key=credential.id
    )


def is_bearer(header: str) -> bool:
    """Return True if an Authorization header is for keys. Other schemes are those of a proxy in front."""
    return header.strip().partition(" ")[0].lower() == SCHEME


def name_prefix(header: str) -> str:
    """The recognisable prefix of a key in an Authorization header; empty for other values."""
    token = header.partition(" ")[2].strip()
    return token[:SHOWN] if TOKEN.fullmatch(token) else ""


def read_token(header: str) -> str:
    """The key in an Authorization header; raise Unauthorized if malformed."""
    token = header.strip().partition(" ")[2]
    if not is_bearer(header) or not TOKEN.fullmatch(token.strip()):
        raise Unauthorized(NOT_A_KEY)
    return token.strip()

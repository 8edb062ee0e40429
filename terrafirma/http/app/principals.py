"""Who sends a request, told from what it shows: a key, or the cookie of a session."""

import hashlib
from collections.abc import Callable
from threading import Lock
from time import time
from typing import NamedTuple

from itsdangerous import BadSignature, Signer
from werkzeug.http import parse_cookie

from terrafirma.errors import Unauthorized
from terrafirma.register.access import sessions
from terrafirma.register.access.actors import takes_no_key
from terrafirma.register.access.api_keys import SHOWN, TOKEN, digest_token, find_end, make_principal
from terrafirma.register.access.roles import Principal
from terrafirma.register.access.users import Rules
from terrafirma.register.access.users import make_principal as make_person
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
"""How long anything is remembered, should a process die before it told the others of a change."""

UNKNOWN = "This key is not valid here, or no longer."
NOT_A_KEY = "Authorization must be `Bearer` and a key; `terrafirma keys create`, run on the server, makes one."


COOKIE = "terrafirma_session"
AUTHENTICATED = "terrafirma.known"
"""In a request's environ: what is known of its caller."""


class Authenticated(NamedTuple):
    """What is remembered of a key or session: who sends it, when it ends, its digest and, of a session, the row."""

    caller: Principal
    end: str | None
    digest: str
    key: int | None = None
    session: Session | None = None


class PrincipalCache:
    """What was found out while the vault had one revision; a new one replaces it whole."""

    def __init__(self, mark: tuple[bytes, int]) -> None:
        self.mark = mark
        self.known: dict[str, Authenticated] = {}
        self.empty: bool | None = None


class Authenticator:
    """Tells who sends a request. What it found out holds until the vault changes."""

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
        """Who shows a key, or a session; None where there is none. Unauthorized for a key that is not valid."""
        header: str | None = environ.get("HTTP_AUTHORIZATION")
        if header is not None:
            return self.find_key(read_token(header))
        cookies: str = environ.get("HTTP_COOKIE", "")
        return self.find_session(cookies) if COOKIE in cookies else None

    def find_key(self, token: str) -> Authenticated:
        """Who has a key; Unauthorized, in the same words and time, for whatever is none."""
        instant = now()
        known = self._find(digest_token(self.secret, token), read_key)
        if known is None or known.key is None or (known.end is not None and known.end <= instant):
            raise Unauthorized(UNKNOWN)
        self.usage.note(known.key, instant)
        return known

    def find_session(self, cookies: str) -> Authenticated | None:
        """Who has the session that cookies name; None for one that has ended, which reads like anyone."""
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
        """Return True if nobody was ever let in: there are no keys and no people, and a restored register had none."""
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
        caller = make_person(person, self.rules) if person else None
        return Authenticated(caller, None, digest, session=session) if caller else None


def read_key(connection: Connection, digest: str) -> Authenticated | None:
    """What is known of a key that has a digest."""
    credential = find_digest(connection, digest)
    if credential is None:
        return None
    return Authenticated(
        make_principal(credential), find_end(credential, digest), digest, key=credential.id
    )


def name_prefix(header: str) -> str:
    """What a key in an Authorization is recognised by; nothing for what is none."""
    token = header.partition(" ")[2].strip()
    return token[:SHOWN] if TOKEN.fullmatch(token) else ""


def read_token(header: str) -> str:
    """The key in an Authorization; Unauthorized for whatever does not look like one."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != SCHEME or not TOKEN.fullmatch(token.strip()):
        raise Unauthorized(NOT_A_KEY)
    return token.strip()

"""Who sends a request, told from what it shows: a key."""

from threading import Lock
from time import time
from typing import NamedTuple

from terrafirma.errors import Unauthorized
from terrafirma.register.credentials import TOKEN, digest_token, find_end, make_caller, now
from terrafirma.register.roles import Caller
from terrafirma.storage.credentials import find_digest, has_credentials
from terrafirma.storage.database import Connection, Database
from terrafirma.storage.usage import Usage
from terrafirma.telemetry import Environ

SCHEME = "bearer"
MOST = 10_000
"""Keys that each process remembers."""
SECONDS = 10
"""How long anything is remembered, should a process die before it told the others of a change."""

UNKNOWN = "This key is not valid here, or no longer."
NOT_A_KEY = "Authorization must be `Bearer` and a key; `terrafirma keys create`, run on the server, makes one."


class Known(NamedTuple):
    """What is remembered of a key: its id, who sends it, and when it ends."""

    id: int
    caller: Caller
    end: str | None


class Shelf:
    """What was found out while the vault had one revision; a new one replaces it whole."""

    def __init__(self, mark: tuple[bytes, int]) -> None:
        self.mark = mark
        self.keys: dict[str, Known] = {}
        self.empty: bool | None = None


class Callers:
    """Tells who sends a request. What it found out holds until the vault changes."""

    def __init__(self, vault: Database, secret: bytes) -> None:
        self.vault = vault
        self.secret = secret
        self.usage = Usage(vault)
        self._shelf = Shelf((b"", 0))
        self._lock = Lock()

    def identify(self, environ: Environ) -> Caller | None:
        """Who shows a key, None where there is none. Unauthorized for one that is not valid."""
        header: str | None = environ.get("HTTP_AUTHORIZATION")
        return None if header is None else self.find_key(read_token(header))

    def find_key(self, token: str) -> Caller:
        """Who has a key; Unauthorized, in the same words and time, for whatever is none."""
        shelf, digest = self._current(), digest_token(self.secret, token)
        known = shelf.keys.get(digest) or self._read(shelf, digest)
        instant = now()
        if known is None or (known.end is not None and known.end <= instant):
            raise Unauthorized(UNKNOWN)
        self.usage.note(known.id, instant)
        return known.caller

    def is_open(self) -> bool:
        """Whether nobody was ever let in: there are no keys."""
        shelf = self._current()
        if shelf.empty is None:
            with self.vault.reading() as connection:
                shelf.empty = is_empty(connection)
        return shelf.empty

    def _current(self) -> Shelf:
        mark = self.vault.revision.read(), int(time()) // SECONDS
        if self._shelf.mark != mark:
            self._shelf = Shelf(mark)
        return self._shelf

    def _read(self, shelf: Shelf, digest: str) -> Known | None:
        with self.vault.reading() as connection:
            credential = find_digest(connection, digest)
        if credential is None:
            return None
        known = Known(credential.id, make_caller(credential), find_end(credential, digest))
        with self._lock:
            if len(shelf.keys) < MOST:
                shelf.keys[digest] = known
        return known


def is_empty(connection: Connection) -> bool:
    """Whether a vault knows nobody."""
    return not has_credentials(connection)


def read_token(header: str) -> str:
    """The key in an Authorization; Unauthorized for whatever does not look like one."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != SCHEME or not TOKEN.fullmatch(token.strip()):
        raise Unauthorized(NOT_A_KEY)
    return token.strip()

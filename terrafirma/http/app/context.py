"""What a request stands in: its register, its transaction, its actor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from threading import Event, Semaphore
from typing import cast

from flask import current_app, g, request

from terrafirma.config import Settings
from terrafirma.errors import Malformed
from terrafirma.http.app.count_cache import CountCache
from terrafirma.http.app.memo import Memo
from terrafirma.http.app.oidc import Provider
from terrafirma.http.app.principals import AUTHENTICATED, Authenticator
from terrafirma.http.app.request_counts import RequestCounts
from terrafirma.http.app.routes import Route
from terrafirma.register.access.audit import record_event
from terrafirma.register.access.roles import ANONYMOUS, EVERYTHING, Principal, Scope
from terrafirma.register.access.scopes import check_scope, find_countries
from terrafirma.register.model.clock import today
from terrafirma.register.model.languages import Locales
from terrafirma.register.model.outlines import Outlines
from terrafirma.register.resolve.points import Borders
from terrafirma.register.resolve.resolver import Resolver
from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.register.entries import LAST_NUMBER, EntryRange, read_head, scan_entries
from terrafirma.storage.register.replica import Replica
from terrafirma.storage.work.queue import Queue

EXTENSION = "terrafirma"
SAFE = ("GET", "HEAD")
ENTRY_HEADER = "Terrafirma-Entry"
"""Names the entry that an answer includes, and in a request the one that the answer must include."""
ENTRY_COOKIE = "terrafirma_entry"
READ_HEAD = "terrafirma.head"
"""In a request's environ: the hash of the head that a replica's answer was made at."""
PRINCIPAL = "terrafirma.caller"
"""Who sends a request, in its environ."""
GONE = "terrafirma.gone"
"""An event in the environ of a request, set as soon as its client has hung up."""


@dataclass(frozen=True)
class AppState:
    """What an app holds: its settings, its register, who may come in, its languages, the contract of each endpoint."""

    settings: Settings
    database: Database
    callers: Authenticator
    provider: Provider | None
    """Who vouches for people; None where nobody signs in."""
    locales: Locales
    shapes: Outlines
    resolver: Resolver
    """Finds records by what people call them."""
    read_borders: Callable[[], Borders]
    """Reads the borders that points are looked up in."""
    streams: Semaphore
    """How many lists may be streamed at once: each holds a thread until its reader has it all."""
    followers: Semaphore
    """How many may follow the log at once: each holds a thread for as long as it stays."""
    queue: Queue
    """Wakes workers."""
    requests: RequestCounts
    """Counts what is asked of this server's processes."""
    totals: CountCache = field(default_factory=CountCache)
    """How many records lists have."""
    queries: Memo = field(default_factory=Memo)
    """Queries of lists, parsed."""
    stopping: Event = field(default_factory=Event)
    """Set when this process is asked to end: what would go on for ever ends too."""
    contracts: dict[str, Route] = field(default_factory=dict)
    replica: Replica | None = None
    """A standby that reads are answered from; None without one."""

    @cached_property
    def borders(self) -> Borders:
        """The borders that points are looked up in, read when first needed."""
        return self.read_borders()


def state() -> AppState:
    """The state of the app that serves this request."""
    return cast(AppState, current_app.extensions[EXTENSION])


def principal() -> Principal:
    """Who sends this request."""
    return cast(Principal, request.environ.get(PRINCIPAL, ANONYMOUS))


def actor() -> str:
    """What entries call whoever sends this request."""
    return principal().actor


@contextmanager
def reading() -> Iterator[Connection]:
    """A consistent view of the register, on a replica where that is new enough for the client."""
    replica = state().replica
    if replica is None or request.method not in SAFE:
        with state().database.reading() as connection:
            yield connection
        return
    with replica.reading(find_entry()) as view:
        g.view, request.environ[READ_HEAD] = view, view.head.hash
        yield view.connection


def find_entry() -> int:
    """The number of the entry that the client has seen already, or 0."""
    text = request.headers.get(ENTRY_HEADER) or request.cookies.get(ENTRY_COOKIE) or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Malformed(f"{ENTRY_HEADER} must be the number of an entry.")
    return int(text)


@contextmanager
def writing() -> Iterator[Connection]:
    """The register, to be changed within the caller's scope: committed on leaving, before the reply."""
    scope = principal().scope
    with state().database.writing() as connection:
        connection.info.pop(LAST_NUMBER, None)
        if scope == EVERYTHING:
            yield connection
        else:
            last = read_head(connection).number
            countries = find_countries(connection, scope, today())
            yield connection
            check_written(connection, scope, last, countries)
        g.written = connection.info.get(LAST_NUMBER)


def check_written(connection: Connection, scope: Scope, last: int, before: set[int]) -> None:
    """Forbidden unless every entry after the last one lies within a scope, whose countries were these."""
    after = find_countries(connection, scope, today())
    for row in chain.from_iterable(scan_entries(connection, EntryRange(last))):
        check_scope(scope, row, before, after)


def record_export(details: dict[str, str]) -> None:
    """Tell the audit log that someone who is known takes a whole list."""
    if AUTHENTICATED in request.environ:
        with state().callers.vault.writing() as connection:
            record_event(connection, actor(), "export", details=details)


@contextmanager
def writing_local() -> Iterator[Connection]:
    """What is to be done, to be changed: it is committed on leaving, and no record says anything else."""
    with state().database.writing_local() as connection:
        yield connection

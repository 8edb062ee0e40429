"""The context of a request: its register, transaction and actor."""

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
from terrafirma.http.app.list_caches import CountCache, Memo
from terrafirma.http.app.oidc import Provider
from terrafirma.http.app.prefix import split_public_url
from terrafirma.http.app.principals import AUTHENTICATED, Authenticator
from terrafirma.http.app.request_counts import RequestCounts
from terrafirma.http.app.routes import Route
from terrafirma.http.app.stream_slots import StreamSlots
from terrafirma.register.access.audit import record_event
from terrafirma.register.access.roles import ANONYMOUS, EVERYTHING, Principal, Scope
from terrafirma.register.access.scopes import check_scope, find_countries
from terrafirma.register.model.clock import today
from terrafirma.register.model.languages import Locales
from terrafirma.register.model.outlines import Outlines
from terrafirma.register.resolve.cities import Cities
from terrafirma.register.resolve.points import Borders
from terrafirma.register.resolve.resolver import Resolver
from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.register.entries import LAST_NUMBER, EntryRange, read_head, scan_entries
from terrafirma.storage.register.replica import Replica
from terrafirma.storage.work.queue import Queue

EXTENSION = "terrafirma"
SAFE = ("GET", "HEAD")
ENTRY_HEADER = "Terrafirma-Entry"
"""Names the entry that an answer includes, or that the answer to a request must include."""
ENTRY_COOKIE = "terrafirma_entry"
READ_HEAD = "terrafirma.head"
"""In a request's environ: the hash of the head that a replica's answer was made at."""
PRINCIPAL = "terrafirma.caller"
"""Key of the request's principal in its environ."""
GONE = "terrafirma.gone"
"""An event in the environ of a request, set as soon as its client has hung up."""


DRY_RUN = "terrafirma.dry-run"
"""Set in the environ of an in-process request whose changes are to be undone."""


@dataclass(frozen=True)
class AppState:
    """The state of an app: settings, register, authenticator, languages, the contract of each
    endpoint."""

    settings: Settings
    database: Database
    callers: Authenticator
    provider: Provider | None
    """The sign-in provider; None if sign-in is off."""
    locales: Locales
    shapes: Outlines
    resolver: Resolver
    """Finds records by name."""
    read_borders: Callable[[], Borders]
    """Reads the borders that points are looked up in."""
    load_cities: Callable[[], Cities]
    """Reads the cities."""
    streams: Semaphore
    """Limits streamed lists: each holds a thread until its reader has everything."""
    followers: StreamSlots
    """Limits event streams: each holds a thread while it is open."""
    queue: Queue
    """Wakes workers."""
    requests: RequestCounts
    """Counts requests of all processes of this server."""
    totals: CountCache = field(default_factory=CountCache)
    """Cached counts of lists."""
    queries: Memo = field(default_factory=Memo)
    """Queries of lists, parsed."""
    known_values: set[tuple[str, str, str]] = field(default_factory=set)
    """Values of filters that records have or had: kind, field and text."""
    stopping: Event = field(default_factory=Event)
    """Set when this process must end, so that endless responses end too."""
    contracts: dict[str, Route] = field(default_factory=dict)
    replica: Replica | None = None
    """A standby for reads; None without it."""

    @cached_property
    def origin(self) -> str:
        """The scheme and host of the public URL; empty without one."""
        return split_public_url(self.settings.public_url)[0]

    @cached_property
    def borders(self) -> Borders:
        """The borders that points are looked up in, read when first needed."""
        return self.read_borders()

    @cached_property
    def cities(self) -> Cities:
        """The cities of the dataset, read when first needed."""
        return self.load_cities()


def state() -> AppState:
    """The state of the app that serves this request."""
    return cast(AppState, current_app.extensions[EXTENSION])


def principal() -> Principal:
    """The principal of this request."""
    return cast(Principal, request.environ.get(PRINCIPAL, ANONYMOUS))


def actor() -> str:
    """The actor of this request as entries name it."""
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
    """The register, to be changed within the caller's scope: committed on leaving, before the reply.

    In a dry run it is undone on leaving, so that the reply shows the effect of a change that was not made.
    """
    scope = principal().scope
    with state().database.writing() as connection:
        connection.info.pop(LAST_NUMBER, None)
        savepoint = connection.begin_nested() if DRY_RUN in request.environ else None
        if scope == EVERYTHING:
            yield connection
        else:
            last = read_head(connection).number
            countries = find_countries(connection, scope, today())
            yield connection
            check_written(connection, scope, last, countries)
        if savepoint is not None:
            savepoint.rollback()
        else:
            g.written = connection.info.get(LAST_NUMBER)


def check_written(connection: Connection, scope: Scope, last: int, before: set[int]) -> None:
    """Raise Forbidden unless every entry after `last` lies within a scope, whose countries had
    these ids."""
    after = find_countries(connection, scope, today())
    for row in chain.from_iterable(scan_entries(connection, EntryRange(last))):
        check_scope(scope, row, before, after)


def record_export(details: dict[str, str]) -> None:
    """Record in the audit log that a known principal exports a whole list."""
    if AUTHENTICATED in request.environ:
        with state().callers.vault.writing() as connection:
            record_event(connection, actor(), "export", details=details)


@contextmanager
def reading_local() -> Iterator[Connection]:
    """A consistent view of work to do, on the primary: its changes are no entries, by which a replica is chosen."""
    with state().database.reading() as connection:
        yield connection


@contextmanager
def writing_local() -> Iterator[Connection]:
    """A transaction for work to do: committed on leaving, without changing any record."""
    with state().database.writing_local() as connection:
        yield connection

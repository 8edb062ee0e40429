"""What a request stands in: its register, its transaction, its actor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from threading import Event, Semaphore
from typing import cast

from flask import current_app, request

from terrafirma.config import Settings
from terrafirma.http.callers import KNOWN, Callers
from terrafirma.http.contracts import Contract
from terrafirma.http.oidc import Provider
from terrafirma.http.tally import RequestTally
from terrafirma.http.totals import Totals
from terrafirma.register.audit import note
from terrafirma.register.instants import today
from terrafirma.register.languages import Locales
from terrafirma.register.roles import EVERYTHING, NOBODY, Caller, Scope
from terrafirma.register.scopes import check_scope, find_countries
from terrafirma.register.shapes import Shapes
from terrafirma.storage.database import Connection, Database
from terrafirma.storage.entries import Stretch, read_head, scan_entries
from terrafirma.storage.queue import Queue

EXTENSION = "terrafirma"
CALLER = "terrafirma.caller"
"""Who sends a request, in its environ."""


@dataclass(frozen=True)
class State:
    """What an app holds: its settings, its register, who may come in, its languages, the contract of each endpoint."""

    settings: Settings
    database: Database
    callers: Callers
    provider: Provider | None
    """Who vouches for people; None where nobody signs in."""
    locales: Locales
    shapes: Shapes
    streams: Semaphore
    """How many lists may be streamed at once: each holds a thread until its reader has it all."""
    followers: Semaphore
    """How many may follow the log at once: each holds a thread for as long as it stays."""
    queue: Queue
    """Wakes workers."""
    requests: RequestTally
    """Counts what is asked of this server's processes."""
    totals: Totals = field(default_factory=Totals)
    """How many records lists have."""
    stopping: Event = field(default_factory=Event)
    """Set when this process is asked to end: what would go on for ever ends too."""
    contracts: dict[str, Contract] = field(default_factory=dict)


def state() -> State:
    """The state of the app that serves this request."""
    return cast(State, current_app.extensions[EXTENSION])


def caller() -> Caller:
    """Who sends this request."""
    return cast(Caller, request.environ.get(CALLER, NOBODY))


def actor() -> str:
    """What entries call whoever sends this request."""
    return caller().actor


@contextmanager
def reading() -> Iterator[Connection]:
    """A consistent view of the register."""
    with state().database.reading() as connection:
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """The register, to be changed within the caller's scope: committed on leaving, before the reply."""
    scope = caller().scope
    with state().database.writing() as connection:
        if scope == EVERYTHING:
            yield connection
            return
        last, countries = read_head(connection).number, find_countries(connection, scope, today())
        yield connection
        check_written(connection, scope, last, countries)


def check_written(connection: Connection, scope: Scope, last: int, before: set[int]) -> None:
    """Forbidden unless every entry after the last one lies within a scope, whose countries were these."""
    after = find_countries(connection, scope, today())
    for row in chain.from_iterable(scan_entries(connection, Stretch(last))):
        check_scope(scope, row, before, after)


def note_export(details: dict[str, str]) -> None:
    """Tell the audit log that someone who is known takes a whole list."""
    if KNOWN in request.environ:
        with state().callers.vault.writing() as connection:
            note(connection, actor(), "export", details=details)


@contextmanager
def arranging() -> Iterator[Connection]:
    """What is to be done, to be changed: it is committed on leaving, and no record says anything else."""
    with state().database.arranging() as connection:
        yield connection

"""What a request stands in: its register, its transaction, its actor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Semaphore
from typing import cast

from flask import current_app

from terrafirma.config import Settings
from terrafirma.http.contracts import Contract
from terrafirma.register.languages import Locales
from terrafirma.register.shapes import Shapes
from terrafirma.storage.database import Connection, Database

EXTENSION = "terrafirma"
LOCAL_ACTOR = "local"
"""Who writes while no keys exist: someone at this machine."""


@dataclass(frozen=True)
class State:
    """What an app holds: its settings, its register, the languages it speaks, the contract of each endpoint."""

    settings: Settings
    database: Database
    locales: Locales
    shapes: Shapes
    streams: Semaphore
    """How many lists may be streamed at once: each holds a thread until its reader has it all."""
    contracts: dict[str, Contract] = field(default_factory=dict)


def state() -> State:
    """The state of the app that serves this request."""
    return cast(State, current_app.extensions[EXTENSION])


@contextmanager
def reading() -> Iterator[Connection]:
    """A consistent view of the register."""
    with state().database.reading() as connection:
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """The register, to be changed: committed on leaving, before the reply."""
    with state().database.writing() as connection:
        yield connection


def today() -> str:
    """The day in UTC."""
    return datetime.now(UTC).date().isoformat()

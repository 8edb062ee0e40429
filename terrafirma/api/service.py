"""The server's own routes: `/`, `/health`, `/ready`."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from flask import Response, request

from terrafirma.formats.json import JSON
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.formats import prefers
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.middleware.error_handlers import problem
from terrafirma.http.response.responses import HOT, reply_bytes, reply_json, vary_by
from terrafirma.register.jobs import LEASE_SECONDS
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.clock import later
from terrafirma.register.model.kinds import KINDS
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import OperationalError
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.work.jobs import list_workers
from terrafirma.version import VERSION

door = Door("service")

HTML = "text/html"
ATLAS = "/explore"
LEAST_FREE = 1_000_000
"""Bytes without which a disk is full."""


@dataclass
class About:
    """This server and its main addresses."""

    name: str
    version: str
    dataset: str | None
    entries: int
    links: dict[str, str]


@dataclass
class Health:
    """The liveness of this process."""

    status: Literal["alive"]


@dataclass
class Readiness:
    """The readiness of the database, the log's length, and the number of live workers."""

    status: Literal["ready"]
    schema: str
    entries: int
    workers: int


@door.route("GET", "/", Access.READ, gives=About, statuses=(200, 302))
def index() -> Response:
    """Where everything is; a browser is shown the atlas."""
    if prefers(request.headers.get("Accept", ""), HTML, JSON.media):
        return Response(status=302, headers={"Location": ATLAS, "Vary": "Accept"})
    with reading() as connection:
        head = read_head(connection)
        dataset = schema.read_property(connection, "dataset")
    links = {kind.plural: f"/{kind.plural}" for kind in KINDS.values()} | {
        "atlas": ATLAS,
        "country": "/countries/{id, alpha-2, alpha-3 or alpha-4}",
        "members": "/groups/{id or code}/members?on={day}",
        "resolve": "/resolve?q={name or code}",
        "entries": "/entries?since={number}",
        "me": "/me",
        "login": "/login",
        "keys": "/keys",
        "stream": "/entries/stream?since={number}",
        "checkpoint": "/checkpoint",
        "about": "/about",
        "jobs": "/jobs",
        "webhooks": "/webhooks",
        "health": "/health",
        "ready": "/ready",
        "metrics": "/metrics",
        "openapi": "/openapi.json",
        "docs": "/docs",
        "handbook": "/handbook/",
    }
    links = {name: request.script_root + address for name, address in links.items()}
    about = About("Terrafirma", VERSION, dataset, head.number, links)
    response = reply_json(asdict(about), mark=head.mark)
    vary_by(response, "Accept")
    # What is kept does not tell browsers apart.
    del request.environ[HOT]
    return response


ALIVE = encode(asdict(Health("alive"))) + b"\n"


@door.route("GET", "/health", Access.OPEN, gives=Health)
def health() -> Response:
    """Alive: this process answers."""
    return reply_bytes(ALIVE, JSON.media)


@door.route("GET", "/ready", Access.OPEN, gives=Readiness)
def ready() -> Response:
    """Ready: the database is reached, its schema is this code's, and its disk has space; 503 otherwise."""
    try:
        with reading() as connection:
            current = schema.check(connection)
            head = read_head(connection)
            workers = list_workers(connection, later(-LEASE_SECONDS)) if current else []
    except OperationalError:
        return problem(503, "not-ready", "The database cannot be reached.")
    if not current:
        return problem(
            503, "not-ready", "The database has an older schema; restart the server to upgrade it."
        )
    settings = state().settings
    if is_full(settings.data) or is_full(settings.files_path):
        return problem(503, "not-ready", "The disk is full: reads are answered, writes are not.")
    return reply_json(asdict(Readiness("ready", schema.newest(), head.number, len(workers))))


def is_full(folder: Path) -> bool:
    """Return True if the disk of an existing folder has no space left to speak of."""
    return folder.is_dir() and shutil.disk_usage(folder).free < LEAST_FREE

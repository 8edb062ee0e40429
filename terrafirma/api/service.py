"""What the server says of itself: `/`, `/health`, `/ready`."""

from importlib.metadata import version

from flask import Response

from terrafirma.http.context import reading
from terrafirma.http.contracts import Access, Door
from terrafirma.http.problems import problem
from terrafirma.http.replies import reply_json
from terrafirma.storage import schema
from terrafirma.storage.database import OperationalError
from terrafirma.storage.entries import read_head

door = Door("service")


@door.route("GET", "/", Access.READ)
def index() -> Response:
    """Where everything is."""
    with reading() as connection:
        head = read_head(connection)
        dataset = schema.read_property(connection, "dataset")
    links = {
        "countries": "/countries",
        "country": "/countries/{id, alpha-2 or alpha-3}",
        "entries": "/entries?since={number}",
        "health": "/health",
        "ready": "/ready",
    }
    about = {
        "name": "Terrafirma",
        "version": version("terrafirma"),
        "dataset": dataset,
        "entries": head.number,
    }
    return reply_json(about | {"links": links}, entry=head.number)


@door.route("GET", "/health", Access.OPEN)
def health() -> Response:
    """Alive: this process answers."""
    return reply_json({"status": "alive"})


@door.route("GET", "/ready", Access.OPEN)
def ready() -> Response:
    """Ready: the database is reached and its schema is this code's; 503 otherwise."""
    try:
        with reading() as connection:
            current = schema.check(connection)
            head = read_head(connection)
    except OperationalError:
        return problem(503, "not-ready", "The database cannot be reached.")
    if not current:
        return problem(503, "not-ready", "The database has an older schema; restart the server to upgrade it.")
    return reply_json({"status": "ready", "schema": schema.newest(), "entries": head.number})

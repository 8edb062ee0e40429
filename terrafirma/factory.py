"""The one file that knows every part: an app from settings."""

from flask import Flask

from terrafirma.api import countries, entries, service
from terrafirma.config import Settings
from terrafirma.dataset.load import prepare
from terrafirma.http.access import guard
from terrafirma.http.bodies import offer_patches
from terrafirma.http.context import EXTENSION, State
from terrafirma.http.hot import HotCache
from terrafirma.http.params import check_parameters
from terrafirma.http.problems import handle_errors
from terrafirma.storage.database import open_database
from terrafirma.storage.healer import heal
from terrafirma.telemetry import RequestLog, configure_logs

DOORS = (countries.door, entries.door, service.door)


def create_app(settings: Settings) -> Flask:
    """An app over the register that the settings name, made and filled if it is new."""
    configure_logs()
    database = open_database(settings.url)
    prepare(database, settings.dataset)
    heal(database)
    app = Flask("terrafirma", static_folder=None)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.extensions[EXTENSION] = state = State(settings, database)
    for door in DOORS:
        state.contracts.update(door.mount(app))
    guard(app)
    check_parameters(app)
    offer_patches(app)
    handle_errors(app)
    # From the outside in: request id and log, hot cache, Flask.
    cached = HotCache(app.wsgi_app, database.revision, settings.hot_cache)
    app.wsgi_app = RequestLog(cached, settings.log)  # type: ignore[method-assign]
    return app

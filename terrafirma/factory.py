"""The one file that knows every part: an app from settings."""

from contextlib import closing
from functools import partial
from threading import Semaphore

from flask import Flask

from terrafirma.api import (
    about,
    audit,
    collections,
    countries,
    docs,
    entries,
    exports,
    groups,
    imports,
    jobs,
    keys,
    login,
    me,
    metrics,
    names,
    openapi,
    people,
    service,
    webhooks,
)
from terrafirma.config import Settings
from terrafirma.dataset.load import prepare, read_locales, read_shapes
from terrafirma.errors import Unusable
from terrafirma.http.access import guard
from terrafirma.http.arguments import check_parameters
from terrafirma.http.bodies import offer_patches
from terrafirma.http.callers import Callers
from terrafirma.http.context import EXTENSION, State
from terrafirma.http.cookies import renew_sessions
from terrafirma.http.encodings import finish_answers
from terrafirma.http.gate import Gate
from terrafirma.http.hot import HotCache
from terrafirma.http.languages import negotiate_language
from terrafirma.http.oidc import Provider
from terrafirma.http.problems import handle_errors
from terrafirma.http.surface import tell_browsers
from terrafirma.http.tally import RequestTally, name_routes
from terrafirma.register.kinds import KINDS
from terrafirma.register.people import read_rules
from terrafirma.restcountries import routes as restcountries
from terrafirma.restcountries.host import keep_hosts
from terrafirma.storage.database import Database, open_database
from terrafirma.storage.healer import heal
from terrafirma.storage.queue import Queue
from terrafirma.storage.vault import open_vault, read_secret_of
from terrafirma.telemetry import WSGI, RequestLog, configure_logs
from terrafirma.web import assets, desk, edit, explore, record, reference
from terrafirma.web.errors import show_errors

COLLECTIONS = tuple(map(collections.open_door, KINDS.values()))
RECORDS = (countries.door, groups.door, names.door, entries.door)
CALLERS = (keys.door, login.door, people.door, audit.door, me.door, webhooks.door)
SERVICES = (jobs.door, imports.door, exports.door, service.door, metrics.door, about.door, openapi.door, docs.door)
PAGES = (explore.door, record.door, edit.door, desk.door, reference.door, assets.door)
DOORS = (*COLLECTIONS, *RECORDS, *CALLERS, *SERVICES, restcountries.door, *PAGES)


def open_callers(settings: Settings, database: Database) -> Callers:
    """Who may come in, by the vault of a register."""
    vault = open_vault(database)
    return Callers(vault, read_secret_of(settings, vault), read_rules(settings.oidc_roles))


def find_provider(settings: Settings) -> Provider | None:
    """The provider that people sign in with; None if the settings do not say what it knows this server by."""
    if not settings.oidc_client_id:
        return None
    if not settings.public_url:
        raise Unusable("TERRAFIRMA_OIDC_CLIENT_ID needs TERRAFIRMA_PUBLIC_URL: the provider sends people back there.")
    file = settings.oidc_client_secret_file
    secret = file.read_text(encoding="utf-8").strip() if file else settings.oidc_client_secret
    return Provider(settings.oidc_issuer, settings.oidc_client_id, secret, f"{settings.public_url}/login/callback")


def create_app(settings: Settings) -> Flask:
    """An app over the register that the settings name, made and filled if it is new."""
    configure_logs()
    with closing(open_database(settings.url)) as unhurried:
        prepare(unhurried, settings.dataset)
    database = open_database(settings.url, settings.max_seconds)
    heal(database)
    callers = open_callers(settings, database)
    app = Flask("terrafirma", static_folder=None)
    app.url_map.merge_slashes = False
    # One more, since Werkzeug cuts a chunked body there without a word; bodies.py refuses it.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body + 1
    streams = Semaphore(max(1, settings.threads // 2))
    followers, queue = Semaphore(settings.max_streams), Queue(settings.queue_url)
    contracts = {endpoint: contract for door in DOORS for endpoint, contract in door.mount(app).items()}
    requests, provider = RequestTally(contracts), find_provider(settings)
    doers = (streams, followers, queue, requests)
    app.extensions[EXTENSION] = state = State(
        settings, database, callers, provider, read_locales(), read_shapes(), *doers, contracts=contracts
    )
    name_routes(app, requests)
    guard(app)
    check_parameters(app)
    offer_patches(app)
    renew_sessions(app)
    tell_browsers(app, settings.public_url)
    finish_answers(app)
    restcountries.open_restcountries(app)
    show_errors(app)
    handle_errors(app)
    app.wsgi_app = wrap(app.wsgi_app, state)  # type: ignore[assignment, method-assign]
    return app


def wrap(app: WSGI, state: State) -> WSGI:
    """From the outside in: request id, log and count, the old service's own host name, gate, hot cache, Flask."""
    settings, requests = state.settings, state.requests
    negotiate = partial(negotiate_language, state.locales)
    cached = HotCache(app, state.database.revision, settings.hot_cache, negotiate, requests.tally)
    gate = Gate(cached, app, state.callers, settings)
    return RequestLog(keep_hosts(gate, settings.restcountries_host), settings.log, requests.note)

"""The app factory: the only module that knows every part."""

from contextlib import closing
from functools import partial
from threading import Semaphore

from flask import Flask

from terrafirma.api import (
    about,
    audit,
    cities,
    collections,
    countries,
    docs,
    entries,
    exports,
    groups,
    holidays,
    imports,
    jobs,
    keys,
    locate,
    login,
    me,
    metrics,
    names,
    openapi,
    reconcile,
    reconcile_draft,
    resolve,
    service,
    timezones,
    users,
    webhooks,
)
from terrafirma.assistant import routes as assistant
from terrafirma.config import STARTER, Settings
from terrafirma.dataset.load import (
    load_cities,
    load_outlines,
    open_resolver,
    prepare,
    read_borders,
    read_locales,
)
from terrafirma.dataset.prepared import place_world
from terrafirma.errors import ConfigurationError
from terrafirma.graphql import routes as graphql
from terrafirma.http.app.context import EXTENSION, AppState
from terrafirma.http.app.oidc import Provider
from terrafirma.http.app.prefix import PrefixMiddleware, split_public_url
from terrafirma.http.app.principals import Authenticator
from terrafirma.http.app.request_counts import RequestCounts
from terrafirma.http.app.routes import mount
from terrafirma.http.app.stream_slots import StreamSlots
from terrafirma.http.middleware.authentication import AuthenticationMiddleware
from terrafirma.http.middleware.error_handlers import handle_errors
from terrafirma.http.middleware.lifecycle import follow_requests
from terrafirma.http.middleware.response_cache import ResponseCache
from terrafirma.http.request.languages import negotiate_language
from terrafirma.register.access.first_key import read_token, store_first_key
from terrafirma.register.access.users import read_rules
from terrafirma.register.model.kinds import EVERY_KIND
from terrafirma.restcountries import responses as old_service
from terrafirma.restcountries import routes as restcountries
from terrafirma.restcountries import v5_routes as restcountries_v5
from terrafirma.restcountries.addresses import VERSIONED
from terrafirma.restcountries.middleware import RestCountriesMiddleware
from terrafirma.storage.auth.auth_database import open_auth_database, read_secret_of
from terrafirma.storage.engine.database import Database, open_database
from terrafirma.storage.register.replica import Replica
from terrafirma.storage.register.revision_watcher import watch_revision
from terrafirma.storage.register.state_cache import keep_states
from terrafirma.storage.work.queue import Queue
from terrafirma.telemetry import WSGI, RequestLog, configure_logs
from terrafirma.web import (
    admin,
    api_reference,
    assets,
    changes,
    charts,
    edit,
    entity_card,
    explore,
    find,
    handbook,
    import_pages,
    match,
    record,
    since,
    spreadsheet,
)
from terrafirma.web import errors as pages

COLLECTIONS = tuple(map(collections.open_door, EVERY_KIND.values()))
RECORDS = (
    countries.door,
    groups.door,
    names.door,
    entries.door,
    resolve.door,
    locate.door,
    cities.door,
    timezones.door,
    holidays.door,
    reconcile.door,
    reconcile_draft.door,
)
CALLERS = (keys.door, login.door, users.door, audit.door, me.door, webhooks.door)
SERVICES = (
    jobs.door,
    imports.door,
    exports.door,
    service.door,
    metrics.door,
    about.door,
    openapi.door,
    docs.door,
)
ATLAS = (
    explore.door,
    charts.door,
    find.door,
    record.door,
    changes.door,
    since.door,
    spreadsheet.door,
    match.door,
    entity_card.door,
)
PAGES = (
    *ATLAS,
    edit.door,
    admin.door,
    import_pages.door,
    api_reference.door,
    handbook.door,
    assets.door,
)
DOORS = (
    *COLLECTIONS,
    *RECORDS,
    *CALLERS,
    *SERVICES,
    restcountries.door,
    restcountries_v5.door,
    graphql.door,
    assistant.door,
    *PAGES,
)
for door in PAGES:
    door.blueprint.before_request(pages.forget_empty)


def open_callers(settings: Settings, database: Database) -> Authenticator:
    """Return the authenticator, after storing the admin key of the settings."""
    vault = open_auth_database(database)
    secret = read_secret_of(settings, vault)
    if token := read_token(settings.admin_key, settings.admin_key_file):
        store_first_key(vault, secret, token)
    callers = Authenticator(vault, secret, read_rules(settings.oidc_roles), database)
    callers.guard_register()
    return callers


def find_provider(settings: Settings) -> Provider | None:
    """The sign-in provider; None without a client id in the settings."""
    if not settings.oidc_client_id:
        return None
    if not settings.public_url:
        raise ConfigurationError(
            "TERRAFIRMA_OIDC_CLIENT_ID needs TERRAFIRMA_PUBLIC_URL: the provider sends people back there."
        )
    file = settings.oidc_client_secret_file
    secret = file.read_text(encoding="utf-8").strip() if file else settings.oidc_client_secret
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret,
        f"{settings.public_url}/login/callback",
        trust_email=settings.oidc_trust_email == "yes",
        claim=settings.oidc_claim,
    )


def open_replica(settings: Settings, database: Database) -> Replica | None:
    """Return the standby for reads, if the settings have it."""
    if not settings.read_url or settings.reads_from == "primary" or settings.dataset == STARTER:
        return None
    if database.path is not None:
        raise ConfigurationError("TERRAFIRMA_READ_URL needs PostgreSQL in DATABASE_URL.")
    standby = open_database(settings.read_url, settings.max_seconds)
    return Replica(standby, database, settings.max_lag)


def create_app(settings: Settings) -> Flask:
    """An app over the register that the settings name, made and filled if it is new."""
    configure_logs()
    place_world(settings.url, settings.dataset)
    with closing(open_database(settings.url)) as unhurried:
        prepare(unhurried, settings.dataset)
    database = open_database(settings.url, settings.max_seconds)
    watch_revision(database, lease=settings.holds_lease)
    callers = open_callers(settings, database)
    app = Flask("terrafirma", static_folder=None)
    app.url_map.merge_slashes = False
    # One more, since Werkzeug cuts a chunked body there without a word; bodies.py refuses it.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body + 1
    streams = Semaphore(max(1, settings.threads // 2))
    followers = StreamSlots(settings.max_streams, settings.address_streams)
    queue = Queue(settings.queue_url)
    contracts = mount(app, DOORS)
    requests, provider = RequestCounts(contracts), find_provider(settings)
    keep_states(database, settings.state_cache, requests.count_states)
    doers = (streams, followers, queue, requests)
    app.extensions[EXTENSION] = state = AppState(
        settings,
        database,
        callers,
        provider,
        read_locales(),
        load_outlines(),
        open_resolver(),
        read_borders,
        load_cities,
        *doers,
        contracts=contracts,
        replica=open_replica(settings, database),
    )
    restcountries.open_restcountries(app)
    graphql.open_graphql(app)
    follow_requests(app, state, (old_service.form_error, pages.form_error))
    handle_errors(app)
    app.wsgi_app = wrap(app.wsgi_app, state)  # type: ignore[assignment, method-assign]
    return app


def wrap(app: WSGI, state: AppState) -> WSGI:
    """From the outside in: request id, log and count, the old service's own host name, gate, hot cache, Flask."""
    settings, requests = state.settings, state.requests
    negotiate = partial(negotiate_language, state.locales)
    cached = ResponseCache(
        app,
        state.database.revision,
        settings.hot_cache,
        negotiate,
        requests.tally,
        by_host=() if settings.public_url else VERSIONED,
    )
    gate = AuthenticationMiddleware(cached, app, state.callers, settings)
    _origin, prefix = split_public_url(settings.public_url)
    below = PrefixMiddleware(gate, prefix) if prefix or settings.proxies else gate
    return RequestLog(RestCountriesMiddleware(below, settings), settings.log, requests.note)

"""Fixtures that every test may use: a fresh, empty database of each kind, and a free port.

A test that asks for `database_url` runs twice, on SQLite and on PostgreSQL; in folders that know no
database only with `--every-database`. One PostgreSQL serves a whole run, all its workers included; it
starts when a test first asks and stops when the run ends, however it ends.
"""

import gc
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from filelock import FileLock
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from terrafirma.config import Settings
from terrafirma.dataset import prepared
from terrafirma.factory import create_app
from terrafirma.http.app.context import EXTENSION
from terrafirma.http.middleware.peers import INSIDE
from terrafirma.register.access import api_keys
from terrafirma.register.access.roles import Role, Scope
from terrafirma.register.log.history import GENESIS
from terrafirma.register.log.verification import compare_rows, faults_of
from terrafirma.storage.auth.auth_database import open_auth_database
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.register.backup import copy_contents, reading_backup
from terrafirma.storage.register.entries import (
    ALL,
    Head,
    find_head,
    read_head,
    scan_entries,
)
from tests import postgres_server
from tests.operations.small_world import fill_small_world

# A busy machine is not a defect.
settings.register_profile("terrafirma", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("terrafirma")

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first has no window of its own, which takes as much time again as the pages."""


class InsideClient(FlaskClient):
    """A client within the test's process: it has no socket whose owner could be asked for."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.environ_base[INSIDE] = True


Flask.test_client_class = InsideClient

RUN_FOLDER = pytest.StashKey[Path]()
RUN_OWNER = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Agree on one folder, and one owner, for what all workers of a run share."""
    if hasattr(config, "workerinput"):
        config.stash[RUN_FOLDER] = Path(config.workerinput["run_folder"])
        config.stash[RUN_OWNER] = config.workerinput["run_owner"]
    else:
        config.stash[RUN_FOLDER] = Path(tempfile.mkdtemp(prefix="terrafirma-tests-"))
        config.stash[RUN_OWNER] = os.getpid()


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests out of every garbage collection to come."""
    settle_heap()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Leave out what a module of tests loaded, too: it would be visited at every app of the next."""
    if nextitem is not None and nextitem.path != item.path:
        settle_heap()


def settle_heap() -> None:
    """Leave all objects there are out of every garbage collection to come."""
    gc.collect()
    gc.freeze()


COSTLY_FIXTURES = frozenset(
    {
        "browser", "built", "data", "filled_world", "inputs", "place", "postgresql_server",
        "sqlite_world_url", "world_url",
    }
)  # fmt: skip
COSTLY_FOLDERS = frozenset({"clients", "cluster", "deploy", "fuzz", "operations", "soak"})
COSTLY_FILES = frozenset({"test_docs.py", "test_tutorial.py"})

LONG_TWINS = frozenset(
    {
        "test_audit.py", "test_bulk.py", "test_cities.py", "test_concurrency.py", "test_exports.py",
        "test_fields.py", "test_follow.py", "test_groups.py", "test_history.py", "test_idempotency.py",
        "test_imports.py", "test_job_rights.py", "test_keys.py", "test_kills.py", "test_kinds.py",
        "test_list_caches.py", "test_sources.py", "test_webhooks.py",
    }
)  # fmt: skip
"""Files whose tests take long and use the database as cheaper tests do: on PostgreSQL they are slow."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that `make check` runs."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        folders = set(item.path.relative_to(item.config.rootpath).parts)
        on_server = "postgresql" in item.name
        if on_server and item.path.name in LONG_TWINS and hasattr(item, "callspec"):
            item.add_marker(pytest.mark.slow)
        slow = item.get_closest_marker("slow") or item.get_closest_marker("soak")
        costly = fixtures & COSTLY_FIXTURES or folders & (COSTLY_FOLDERS | COSTLY_FILES)
        if not (on_server or slow or costly):
            item.add_marker(pytest.mark.quick)
    leave_out_twins(config, items)


ABOVE_DATABASES = frozenset({"graphql", "middleware", "response", "restcountries", "web"})
"""Folders of tests of code that asks others for records, whatever database they use."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--every-database`."""
    told = "run all tests of doors on PostgreSQL too"
    parser.addoption("--every-database", action="store_true", help=told)


def leave_out_twins(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run tests above databases on SQLite alone, unless all are asked for."""
    if config.getoption("every_database"):
        return
    config.hook.pytest_deselected(items=[item for item in items if is_twin(item)])
    items[:] = [item for item in items if not is_twin(item)]


def is_twin(item: pytest.Item) -> bool:
    """Return True for a test of a door on PostgreSQL that runs on SQLite too."""
    folders = item.path.relative_to(item.config.rootpath).parts
    chosen = getattr(item, "callspec", None)
    return bool(
        chosen and "postgresql" in chosen.params.values() and ABOVE_DATABASES.intersection(folders)
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["run_folder"] = str(node.config.stash[RUN_FOLDER])
    node.workerinput["run_owner"] = node.config.stash[RUN_OWNER]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop PostgreSQL, if any test started it, and remove what the run shared."""
    folder = config.stash.get(RUN_FOLDER, None)
    if folder is None or hasattr(config, "workerinput"):
        return
    keeper_file = folder / "keeper.pid"
    if keeper_file.exists():
        stop_keeper(int(keeper_file.read_text()))
    shutil.rmtree(folder, ignore_errors=True)


def stop_keeper(pid: int) -> None:
    """End the process that keeps PostgreSQL; it ends the server first."""
    try:
        keeper = psutil.Process(pid)
        family = [keeper, *keeper.children(recursive=True)]
        keeper.send_signal(signal.SIGTERM)
    except psutil.NoSuchProcess:
        return
    _, still_there = psutil.wait_procs(family, timeout=15)
    for process in still_there:
        process.kill()


def start_keeper(folder: Path, owner: int) -> None:
    """Start `postgres_server.py`, which ends with the process that owns the run."""
    command = [sys.executable, str(Path(postgres_server.__file__)), str(folder), str(owner)]
    silence = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    keeper = subprocess.Popen(command, start_new_session=True, **silence)
    (folder / "keeper.pid").write_text(str(keeper.pid))


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> str:
    """The URL of the run's PostgreSQL. Where none can be had: a skip by hand, a failure in CI."""
    folder = request.config.stash[RUN_FOLDER]
    answer = folder / "server.json"
    with FileLock(folder / "server.lock"):
        if not (folder / "keeper.pid").exists():
            start_keeper(folder, request.config.stash[RUN_OWNER])
        deadline = time.monotonic() + 90
        while not answer.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    told = (
        json.loads(answer.read_text())
        if answer.exists()
        else {"error": "nothing was heard for 90 s"}
    )
    if "url" in told:
        return str(told["url"])
    reason = f"PostgreSQL does not start here: {told['error']}"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The SQLAlchemy URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{(tmp_path / 'register.sqlite').as_posix()}"


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh PostgreSQL database, dropped after the test, whoever is connected."""
    with fresh_database(postgresql_server) as url:
        yield url


def write_database_url(server: str) -> str:
    """The URL of a PostgreSQL server for SQLAlchemy, without a database."""
    return server.replace("postgresql://", "postgresql+psycopg://").removesuffix("/postgres")


@contextmanager
def fresh_database(server: str, template: str = "template0") -> Iterator[str]:
    """The URL of a new PostgreSQL database, a copy of a template, dropped on leaving."""
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield f"{write_database_url(server)}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The SQLAlchemy URL of a fresh, empty database; the test runs once for each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now."""
    return postgres_server.find_free_port()


def copy_world(file: Path, url: str) -> None:
    """Make a register that holds what a file does, which is quicker than to fill it again."""
    with closing(open_database(url)) as database:
        schema.upgrade(database)
        with reading_backup(file) as source, database.writing() as connection:
            copy_contents(source, connection)


@pytest.fixture(scope="session")
def world_file(request: pytest.FixtureRequest) -> Path:
    """An SQLite register with the world in it, to be copied; made once for this version."""
    with FileLock(request.config.stash[RUN_FOLDER] / "world.lock"):
        file = prepared.prepared_file()
        return file if file.exists() else prepared.build()


@pytest.fixture(scope="session")
def world_template(request: pytest.FixtureRequest, postgresql_server: str) -> str:
    """The name of a PostgreSQL database with the world in it, to be copied; made once in a run."""
    name, made = "world_template", request.config.stash[RUN_FOLDER] / "world-template"
    with FileLock(request.config.stash[RUN_FOLDER] / "world-template.lock"):
        if not made.exists():
            with psycopg.connect(postgresql_server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            url = f"{write_database_url(postgresql_server)}/{name}"
            copy_world(request.getfixturevalue("world_file"), url)
            with closing(open_database(url)) as database:
                schema.upgrade(database, schema.VAULT)
            made.touch()
    return name


@pytest.fixture(scope="session")
def vault_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty auth database of SQLite, to be copied: its migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("vault")
    with closing(open_database(f"sqlite:///{(folder / 'register.sqlite').as_posix()}")) as register:
        open_auth_database(register).close()
    return folder / "vault-register.sqlite"


class SpareWorld:
    """A copy of the world from an earlier test that did not write to it: most tests only read."""

    def __init__(self, world: Path, spare: Path) -> None:
        self._world, self._spare = world, spare
        self._given: tuple[Path, os.stat_result] | None = None

    def place(self, path: Path) -> None:
        """Put a register with the world in it somewhere."""
        if self._spare.exists():
            shutil.move(self._spare, path)
        else:
            shutil.copyfile(self._world, path)
            with closing(sqlite3.connect(path)) as connection:
                # The first to open it would write this.
                connection.execute("PRAGMA journal_mode=WAL")
        self._given = path, path.stat()

    def take_back(self) -> None:
        """Keep what was given, unless it was written to, or a connection to it is still open."""
        given, self._given = self._given, None
        if given is None or not given[0].exists():
            return
        path, before = given
        now = path.stat()
        same = [now.st_ino, now.st_size, now.st_mtime_ns] == [
            before.st_ino,
            before.st_size,
            before.st_mtime_ns,
        ]
        if same and not path.with_name(f"{path.name}-wal").exists():
            shutil.move(path, self._spare)


@pytest.fixture(scope="session")
def spare_world(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> SpareWorld:
    """The one of this process."""
    return SpareWorld(world_file, tmp_path_factory.mktemp("spare") / "register.sqlite")


@pytest.fixture
def given_world(tmp_path: Path, spare_world: SpareWorld) -> Iterator[SpareWorld]:
    """The one of this process; it takes back what it gave when every app of the test is closed."""
    yield spare_world
    spare_world.take_back()


@pytest.fixture
def sqlite_world_url(
    given_world: SpareWorld, vault_file: Path, sqlite_url: str, tmp_path: Path
) -> str:
    """The URL of an SQLite register of this test, with the world in it."""
    given_world.place(tmp_path / "register.sqlite")
    shutil.copy(vault_file, tmp_path / "vault-register.sqlite")
    return sqlite_url


@pytest.fixture
def postgresql_world_url(postgresql_server: str, world_template: str) -> Iterator[str]:
    """The URL of a PostgreSQL register of this test, with the world in it."""
    with fresh_database(postgresql_server, world_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def world_url(request: pytest.FixtureRequest) -> str:
    """The URL of a register with the world in it; the test runs once for each kind of database."""
    return str(request.getfixturevalue(f"{request.param}_world_url"))


@pytest.fixture(scope="session")
def small_world_file(request: pytest.FixtureRequest) -> Path:
    """An SQLite register with all countries and few facts of each, to be copied: what reads all of it is quick."""
    file = request.config.stash[RUN_FOLDER] / "small-world.sqlite"
    with FileLock(f"{file}.lock"):
        if not file.exists():
            fill_small_world(f"sqlite:///{file.as_posix()}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def small_world_url(request: pytest.FixtureRequest, small_world_file: Path, tmp_path: Path) -> str:
    """The URL of a small world of the test's own, on each kind of database."""
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgresql_url"))
        copy_world(small_world_file, url)
        return url
    shutil.copyfile(small_world_file, tmp_path / "register.sqlite")
    return str(request.getfixturevalue("sqlite_url"))


@pytest.fixture
def open_app(tmp_path: Path, given_world: SpareWorld) -> Iterator[Callable[..., Flask]]:
    """Makes apps: `open_app(url, **settings)`. Their connections are given back after the test."""
    apps: list[Flask] = []

    def make(url: str, **settings: object) -> Flask:
        # Other apps and workers of a test write, and it reads at once.
        strict = {"hot_cache_check": "always"}
        given = {"dataset": "world", "log": "none", "max_seconds": 60, **strict, **settings}
        apps.append(create_app(Settings(data=tmp_path, database_url=url, **given)))
        return apps[-1]

    yield make
    for app in apps:
        close_app(app)


def close_app(app: Flask) -> None:
    """Give back the connections of an app."""
    state = app.extensions[EXTENSION]
    state.callers.vault.close()
    state.database.close()


@contextmanager
def serve_app(app: Flask) -> Iterator[str]:
    """The address on this machine at which a thread serves an app."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def client(open_app: Callable[..., Flask], world_url: str) -> FlaskClient:
    """A client of an app that serves the world, on both kinds of database."""
    return open_app(world_url).test_client()


@pytest.fixture
def small_client(open_app: Callable[..., Flask], small_world_url: str) -> FlaskClient:
    """A client of an app that serves a small world, on both kinds of database."""
    return open_app(small_world_url).test_client()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    """A client of an app that many tests share, on both kinds of database: for what reads or is refused."""
    folder = tmp_path_factory.mktemp("shared")
    with ExitStack() as stack:
        if request.param == "sqlite":
            shutil.copyfile(request.getfixturevalue("world_file"), folder / "register.sqlite")
            url = f"sqlite:///{(folder / 'register.sqlite').as_posix()}"
        else:
            server, template = (
                request.getfixturevalue(name) for name in ("postgresql_server", "world_template")
            )
            url = stack.enter_context(fresh_database(server, template))
        app = create_app(Settings(data=folder, database_url=url, log="none"))
        app.config["SHARED"] = True
        yield app.test_client()
        close_app(app)


@pytest.fixture
def sqlite_client(open_app: Callable[..., Flask], sqlite_world_url: str) -> FlaskClient:
    """A client of an app that serves the world from SQLite: where the database makes no difference."""
    return open_app(sqlite_world_url).test_client()


LAST = 500
"""Entries: more than a test writes, and far fewer than the world has."""


def find_last_faults(url: str) -> list[str]:
    """Faults of the last entries of a register, and of the rows that follow from them: quicker than all."""
    with closing(open_database(url)) as database, database.reading() as connection:
        since = max(read_head(connection).number - LAST, 0)
        last = find_head(connection, since) or Head(0, "", GENESIS)
        faults: list[str] = []
        for batch in scan_entries(connection, ALL._replace(since=since)):
            for row in batch:
                faults += faults_of(row, last)
                last = Head(row.number, row.at, row.hash)
            faults += compare_rows(connection, batch, set())
        return faults


def make_key(app: Flask, role: str = "editor", **scope: Iterable[str]) -> dict[str, str]:
    """Headers with a new key for a role, narrowed to `kinds` and `countries`."""
    assert "SHARED" not in app.config, "a key would end keyless writing for other tests"
    callers = app.extensions[EXTENSION].callers
    narrowed = Scope(**{name: frozenset(part) for name, part in scope.items()})
    with callers.vault.writing() as connection:
        _, token = api_keys.create(connection, callers.secret, "test", Role(role), narrowed)
    return {"Authorization": f"Bearer {token}"}


def find_chromium() -> str | None:
    """Where this machine has Chromium."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Where there is none: a skip by hand, a failure in CI."""
    found = find_chromium()
    if found is None:
        reason = "Chromium is not installed here; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )

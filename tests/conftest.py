"""Fixtures that every test may use: a fresh, empty database of each kind, and a free port.

A test that asks for `database_url` runs twice, on SQLite and on PostgreSQL. One PostgreSQL serves a whole
run, all its workers included; it starts when a test first asks and stops when the run ends, however it ends.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from filelock import FileLock

from tests import postgres_server

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
    told = json.loads(answer.read_text()) if answer.exists() else {"error": "nothing was heard for 90 s"}
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
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
    server = postgresql_server.removeprefix("postgresql://").removesuffix("/postgres")
    yield f"postgresql+psycopg://{server}/{name}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The SQLAlchemy URL of a fresh, empty database; the test runs once for each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now."""
    return postgres_server.find_free_port()

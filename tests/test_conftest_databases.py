"""The fixtures hold what they promise: each test has a fresh, empty database of the kind it asked for."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import sqlalchemy as sa

from tests import postgres_server


@pytest.mark.parametrize("time_around", [1, 2])
def test_database_is_fresh_and_keeps_what_is_written(database_url, time_around):
    engine = sa.create_engine(database_url)
    try:
        assert sa.inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(sa.text("create table places (name text)"))
            connection.execute(sa.text("insert into places values ('Côte d’Ivoire')"))
        with engine.connect() as connection:
            assert connection.scalar(sa.text("select name from places")) == "Côte d’Ivoire"
    finally:
        engine.dispose()


def test_database_url_comes_in_both_kinds(database_url, request):
    kind = request.node.callspec.params["database_url"]
    assert sa.make_url(database_url).get_backend_name() == kind


def test_sqlite_is_a_file_of_this_test(sqlite_url, tmp_path):
    assert sa.make_url(sqlite_url).database == (tmp_path / "register.sqlite").as_posix()
    assert list(tmp_path.iterdir()) == []


def test_postgresql_is_a_recent_one_on_loopback_only(postgresql_url):
    url = sa.make_url(postgresql_url)
    assert (url.drivername, url.host) == ("postgresql+psycopg", "127.0.0.1")
    engine = sa.create_engine(postgresql_url)
    try:
        with engine.connect() as connection:
            assert int(connection.scalar(sa.text("show server_version_num"))) >= 150000
            assert connection.scalar(sa.text("show listen_addresses")) == "127.0.0.1"
            assert connection.scalar(sa.text("show server_encoding")) == "UTF8"
    finally:
        engine.dispose()


def test_postgresql_asks_for_the_password(postgresql_url):
    url = sa.make_url(postgresql_url)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host=url.host, port=url.port, user=url.username, password="guess", dbname=url.database
        )


def test_free_port_can_be_listened_on(free_port):
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port))


@pytest.fixture
def kept_server():
    """A second PostgreSQL as (its folder, its keeper, its owner, its processes)."""
    folder = Path(tempfile.mkdtemp(prefix="terrafirma-tests-"))
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    keeper = subprocess.Popen(
        [sys.executable, postgres_server.__file__, str(folder), str(owner.pid)]
    )
    try:
        deadline = time.monotonic() + 60
        while not (folder / "server.json").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield folder, keeper, owner, psutil.Process(keeper.pid).children(recursive=True)
    finally:
        for process in (owner, keeper):
            process.terminate()
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_ends_when_told(postgresql_server, kept_server):
    _, keeper, _, processes = kept_server
    assert processes
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(20) == 0
    assert not any(process.is_running() for process in processes)


def test_postgresql_ends_with_a_killed_owner(postgresql_server, kept_server):
    folder, keeper, owner, processes = kept_server
    assert processes
    owner.kill()
    owner.wait()
    assert keeper.wait(20) == 0
    assert not any(process.is_running() for process in processes)
    assert not folder.exists()

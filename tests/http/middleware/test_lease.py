"""Cached answers on PostgreSQL under a lease: never older than a commit that the process has heard of."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
from flask import Flask

from terrafirma.http.app.context import ENTRY_HEADER, EXTENSION
from terrafirma.storage.engine import head_revision
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.engine.head_revision import HeadRevision
from terrafirma.storage.register.revision_watcher import watch_revision
from tests.cluster.etcd import find_program
from tests.postgres_server import choose_account, find_free_port

PATIENCE = 20
ADDRESS = "/countries/TH?fields=area"
WRITES = 20


def find_revision(app: Flask) -> HeadRevision:
    """The revision that an app's cached answers depend on."""
    revision = app.extensions[EXTENSION].database.revision
    assert isinstance(revision, HeadRevision)
    return revision


def wait_until(holds: Callable[[], object]) -> None:
    """Wait for something that happens soon."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def write(app: Flask, area: int) -> str:
    """Change a country; the number of the entry."""
    answer = app.test_client().patch("/countries/TH", json={"area": area})
    assert answer.status_code == 200, answer.text
    return answer.headers[ENTRY_HEADER]


def read(app: Flask, **headers: str) -> int:
    """The country's area as an app answers it."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return int(app.test_client().get(ADDRESS, headers=named).json["area"])


def open_pair(open_app: Callable[..., Flask], url: str) -> tuple[Flask, Flask]:
    """Two servers of a register, as two workers are, the second with a lease."""
    one, other = (open_app(url, limit_writes=0, hot_cache_check="lease") for _ in range(2))
    read(other)
    wait_until(lambda: find_revision(other).known() is not None)
    return one, other


def test_no_answer_is_older_than_a_commit_heard_of(open_app, postgresql_world_url) -> None:
    one, other = open_pair(open_app, postgresql_world_url)
    revision, stop, seen = find_revision(other), threading.Event(), list[tuple[float, int]]()

    def read_on() -> None:
        while not stop.is_set():
            begun = time.monotonic()
            seen.append((begun, read(other)))
            time.sleep(0.001)  # The writer and the listener want this process's interpreter, too.

    readers = [threading.Thread(target=read_on) for _ in range(2)]
    for reader in readers:
        reader.start()
    heard, leased = {}, 0
    try:
        for area in range(1, WRITES + 1):
            before = revision.count_changes()
            write(one, area)
            # This one, too, never reads less than it wrote.
            assert read(one) == area
            wait_until(lambda before=before: revision.count_changes() > before)
            heard[area] = time.monotonic()
            wait_until(lambda: revision.known() is not None)
            leased += read(other) == area
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert leased == WRITES
    assert len(seen) > WRITES
    for begun, area in seen:
        newest = max((number for number, at in heard.items() if at < begun), default=0)
        assert area >= newest


def test_those_who_name_their_entry_read_it_even_before_it_is_heard_of(
    open_app, postgresql_world_url
) -> None:
    before = list_listeners()
    one, other = open_pair(open_app, postgresql_world_url)
    revision = find_revision(other)
    token = find_token(revision)
    # Its ears are closed, and the lease is longer than any real one.
    own = {thread for thread in list_listeners() if thread not in before}
    other.extensions[EXTENSION].database.closing.set()
    one.extensions[EXTENSION].database.closing.set()
    for thread in own:
        thread.join(PATIENCE)
    revision.grant(token, time.monotonic() + 3600, revision.count_changes())
    old = read(other)
    entry = write(one, old + 7)
    assert read(other) == old, "there is no lease to speak of"
    assert read(other, Terrafirma_Entry=entry) == old + 7
    # After that the process does not go back for anyone.
    assert read(other) == old + 7


def find_token(revision: HeadRevision) -> bytes:
    """The token of a lease, once there is one."""
    wait_until(lambda: revision.known() is not None)
    token = revision.known()
    assert token is not None
    return token


def list_listeners() -> list[threading.Thread]:
    """The threads of this process that listen."""
    return [thread for thread in threading.enumerate() if thread.name == "listener"]


def test_a_lease_ends_by_itself(open_app, postgresql_world_url, monkeypatch) -> None:
    _, other = open_pair(open_app, postgresql_world_url)
    later = time.monotonic() + head_revision.LEASE_SECONDS
    monkeypatch.setattr(head_revision, "monotonic", lambda: later)
    assert find_revision(other).known() is None
    assert read(other)


def test_a_lost_connection_ends_the_lease_until_there_is_another(
    open_app, postgresql_world_url
) -> None:
    one, other = open_pair(open_app, postgresql_world_url)
    revision = find_revision(other)
    with psycopg.connect(
        postgresql_world_url.replace("+psycopg", ""), autocommit=True
    ) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    wait_until(lambda: revision.known() is None)
    # A write over a connection that was cut is refused with 503, and is made again.
    patch = one.test_client().patch
    wait_until(lambda: patch("/countries/TH", json={"area": 77}).status_code == 200)
    assert read(other) == 77
    wait_until(lambda: revision.known() is not None)
    assert read(other) == 77


def test_the_strict_ask_each_time(open_app, postgresql_world_url) -> None:
    one = open_app(postgresql_world_url)
    strict = open_app(postgresql_world_url)
    for area in range(1, 6):
        write(one, area)
        assert read(strict) == area
        assert find_revision(strict).known() is None


@contextmanager
def open_pooler(folder: Path, url: str) -> Iterator[str]:
    """A pgbouncer before a database; its URL."""
    folder.chmod(0o755)
    program, port, place = find_program("pgbouncer"), find_free_port(), urlsplit(url)
    (folder / "users").write_text(f'"{place.username}" "{place.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={place.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\npool_mode = session\n"
        f"unix_socket_dir =\nauth_type = plain\nauth_file = {folder}/users\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    process = subprocess.Popen(
        [program, folder / "pgbouncer.ini"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **choose_account(),
    )
    pooled = url.replace(f":{place.port}/", f":{port}/")
    try:
        wait_until(lambda: accepts(pooled))
        yield pooled
    finally:
        process.terminate()
        process.wait(PATIENCE)


def accepts(url: str) -> bool:
    """Return True once a database can be reached."""
    with suppress(psycopg.OperationalError):
        psycopg.connect(url.replace("+psycopg", ""), connect_timeout=5).close()
        return True
    return False


def test_behind_a_pooler_every_read_asks(postgresql_world_url) -> None:
    # The pooler runs as another user if this is root, who may not look into folders of tests.
    with (
        TemporaryDirectory() as name,
        open_pooler(Path(name), postgresql_world_url) as url,
    ):
        others = set(threading.enumerate())  # Apps of other tests may listen too.
        database = open_database(url, 5.0)
        try:
            watch_revision(database, lease=True)
            new = set(threading.enumerate()) - others
            listener = next(thread for thread in new if thread.name == "listener")
            listener.join(PATIENCE)
            assert not listener.is_alive()
            assert database.revision.known() is None
            assert len(database.revision.read()) == 64
        finally:
            database.close()

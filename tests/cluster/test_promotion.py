"""A primary that dies or freezes, and a standby that is promoted: nothing lost, nothing doubled, 503 in between."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from terrafirma.config import Settings
from terrafirma.dataset.load import prepare
from terrafirma.factory import create_app
from terrafirma.http.app.context import EXTENSION
from terrafirma.storage.engine.database import open_database
from tests.cluster.replicas import Replicas

SYNCHRONOUS = "ALTER SYSTEM SET synchronous_standby_names = '*'"
KEYED = {"Idempotency-Key": "once"}


@pytest.fixture
def replicas() -> Iterator[Replicas]:
    """A primary and a synchronous standby with the starter register."""
    with Replicas() as made:
        with closing(open_database(made.make_url(made.primary))) as database:
            prepare(database, "starter")
        made.primary.execute(SYNCHRONOUS)
        made.primary.execute("SELECT pg_reload_conf()")
        yield made


def open_server(replicas: Replicas, folder: Path, **settings: object) -> Flask:
    """An app that knows both nodes."""
    url = replicas.make_url(replicas.primary, *replicas.standbys)
    given = {"log": "none", "limit_writes": 0, "limit_requests": 0, **settings}
    return create_app(Settings(folder, database_url=url, **given))


def list_names(client) -> list[str]:
    """The names of all countries."""
    answer = client.get("/countries?fields=name")
    assert answer.status_code == 200, answer.text
    return [country["name"] for country in answer.json]


@pytest.mark.slow
def test_writes_go_on_at_the_standby_that_was_promoted(replicas: Replicas, tmp_path: Path) -> None:
    client = open_server(replicas, tmp_path, max_seconds=3).test_client()
    assert client.post("/countries", json={"name": "First"}, headers=KEYED).status_code == 201
    replicas.primary.kill()

    lost = client.post("/countries", json={"name": "Second"})
    assert (lost.status_code, lost.headers["Retry-After"]) == (503, "1")
    assert client.get("/countries").status_code == 503
    assert client.get("/health").status_code == 200

    replicas.standbys[0].execute("SELECT pg_promote()")
    replicas.standbys[0].execute("ALTER SYSTEM SET synchronous_standby_names = ''")
    replicas.standbys[0].execute("SELECT pg_reload_conf()")
    again = client.post("/countries", json={"name": "First"}, headers=KEYED)
    assert again.status_code == 201
    assert client.post("/countries", json={"name": "Third"}).status_code == 201
    names = list_names(client)
    assert (names.count("First"), names.count("Second"), names.count("Third")) == (1, 0, 1)


@pytest.mark.slow
def test_a_server_that_froze_is_given_up(replicas: Replicas, tmp_path: Path) -> None:
    client = open_server(replicas, tmp_path, max_seconds=1).test_client()
    assert client.get("/countries").status_code == 200
    assert replicas.primary.process is not None
    family = [replicas.primary.process.pid, *list_backends(replicas)]
    for process in family:
        os.kill(process, signal.SIGSTOP)
    try:
        answer = client.post("/countries", json={"name": "Frozen"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    finally:
        for process in family:
            os.kill(process, signal.SIGCONT)
    deadline = time.monotonic() + 20
    while client.post("/countries", json={"name": "Thawed"}).status_code != 201:
        assert time.monotonic() < deadline
    assert list_names(client).count("Thawed") == 1


def list_backends(replicas: Replicas) -> list[int]:
    """The processes that serve clients of the primary."""
    told = replicas.primary.execute(
        "SELECT string_agg(pid::text, ',') FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    return [int(pid) for pid in (told or "").split(",") if pid]


@pytest.mark.slow
def test_a_commit_that_no_standby_has_is_not_acknowledged(
    replicas: Replicas, tmp_path: Path
) -> None:
    """PostgreSQL itself would: the time limit ends its waiting, and it commits with a warning."""
    app = open_server(replicas, tmp_path, max_seconds=1)
    client = app.test_client()
    replicas.standbys[0].stop()
    answer = client.post(
        "/countries", json={"name": "Alone"}, headers={"Accept": "application/problem+json"}
    )
    assert answer.status_code == 503, answer.text
    assert answer.json["type"].endswith("in-doubt")
    replicas.standbys[0].start()
    with app.extensions[EXTENSION].database.reading() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    assert client.post("/countries", json={"name": "Together"}).status_code == 201

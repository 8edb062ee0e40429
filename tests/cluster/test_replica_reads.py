"""Reads from standbys: nobody reads less than they wrote or read, nobody reads older than allowed."""

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from terrafirma.config import Settings
from terrafirma.dataset.load import prepare
from terrafirma.errors import ConfigurationError
from terrafirma.factory import create_app, open_replica
from terrafirma.storage.engine.database import open_database
from tests.cluster.replicas import Node, Replicas

ENTRY = "Terrafirma-Entry"


@pytest.fixture(scope="module")
def replicas() -> Iterator[Replicas]:
    """A primary and two standbys with the starter register."""
    with Replicas(2) as made:
        with closing(open_database(made.make_url(made.primary))) as database:
            prepare(database, "starter")
        yield made


def open_server(replicas: Replicas, folder: Path, **settings: object) -> Flask:
    """An app that writes to the primary and reads from the standbys."""
    urls = {
        "database_url": replicas.make_url(replicas.primary),
        "read_url": replicas.make_url(*replicas.standbys, attributes="prefer-standby")
        + "&load_balance_hosts=random",
    }
    given = {"log": "none", "limit_writes": 0, "limit_requests": 0, **urls, **settings}
    return create_app(Settings(folder, **given))


def pause(node: Node) -> None:
    """Let a standby stand still."""
    node.execute("SELECT pg_wal_replay_pause()")


def resume(node: Node) -> None:
    """Let a standby go on."""
    node.execute("SELECT pg_wal_replay_resume()")


@pytest.mark.slow
def test_who_wrote_reads_it_and_others_read_a_standby(replicas: Replicas, tmp_path: Path) -> None:
    client = open_server(replicas, tmp_path, max_lag=3600, hot_cache=0).test_client()
    before = client.get("/countries").headers[ENTRY]
    for node in replicas.standbys:
        pause(node)
    try:
        written = client.post("/countries", json={"name": "Elsewhere"})
        assert written.status_code == 201
        number = written.headers[ENTRY]
        assert written.headers["ETag"].startswith(f'"{number}.')

        # Others read a standby, which stands still.
        plain = client.get("/countries?name=Elsewhere")
        assert (plain.json, plain.headers[ENTRY]) == ([], before)
        mine = client.get("/countries?name=Elsewhere", headers={ENTRY: number})
        assert (len(mine.json), mine.headers[ENTRY]) == (1, number)
        client.set_cookie("terrafirma_entry", number)
        assert len(client.get("/countries?name=Elsewhere").json) == 1
    finally:
        for node in replicas.standbys:
            resume(node)


@pytest.mark.slow
def test_a_job_is_found_as_soon_as_it_is_made(replicas: Replicas, tmp_path: Path) -> None:
    client = open_server(replicas, tmp_path, max_lag=3600).test_client()
    for node in replicas.standbys:
        pause(node)
    try:
        made = client.post("/exports", json={"format": "csv"})
        assert made.status_code == 202, made.text
        assert client.get(made.headers["Location"]).json["state"] == "queued"
        assert client.get("/jobs").json[0]["id"] == made.json["id"]
    finally:
        for node in replicas.standbys:
            resume(node)


@pytest.mark.slow
def test_a_standby_that_is_too_old_is_not_read(replicas: Replicas, tmp_path: Path) -> None:
    client = open_server(replicas, tmp_path, max_lag=0, hot_cache=0).test_client()
    for node in replicas.standbys:
        pause(node)
    try:
        assert client.post("/countries", json={"name": "Now"}).status_code == 201
        assert len(client.get("/countries?name=Now").json) == 1
    finally:
        for node in replicas.standbys:
            resume(node)


@pytest.mark.slow
@pytest.mark.parametrize("reads", [600, pytest.param(10_000, marks=pytest.mark.soak)])
def test_reads_of_one_client_never_go_back(replicas: Replicas, tmp_path: Path, reads: int) -> None:
    """The client goes from one of two servers to the other, and the standbys stand still now and then."""
    servers = [open_server(replicas, tmp_path / name, max_lag=3600) for name in ("a", "b")]
    clients = [server.test_client() for server in servers]
    chance = random.Random(18)
    paused: Node | None = None
    seen, area, steps = "0", 0, 0
    for count in range(reads):
        if count % 40 == 0:
            if paused is not None:
                resume(paused)
            paused = chance.choice(replicas.standbys)
            pause(paused)
        if count % 7 == 0:
            steps += 1
            answer = clients[0].patch("/countries/1", json={"area": 1_000 + steps})
            assert answer.status_code == 200, answer.text
        answer = chance.choice(clients).get("/countries/1?fields=area", headers={ENTRY: seen})
        assert answer.status_code == 200, answer.text
        assert int(answer.headers[ENTRY]) >= int(seen)
        assert answer.json["area"] >= area or not area
        seen, area = answer.headers[ENTRY], answer.json["area"] if steps else 0
    if paused is not None:
        resume(paused)
    assert steps > reads // 8


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "9" * 30, "٥"])
@pytest.mark.slow
def test_an_entry_that_is_none_is_refused(replicas: Replicas, tmp_path: Path, text: str) -> None:
    client = open_server(replicas, tmp_path).test_client()
    answer = client.get("/countries/1", headers={ENTRY: text.encode().decode("latin-1")})
    assert answer.status_code == 400


@pytest.mark.slow
def test_reads_go_on_while_no_primary_can_be_reached(tmp_path: Path) -> None:
    with Replicas() as replicas:
        with closing(open_database(replicas.make_url(replicas.primary))) as database:
            prepare(database, "starter")
        client = open_server(replicas, tmp_path, max_seconds=1, max_lag=1).test_client()
        assert client.get("/countries").status_code == 200
        replicas.primary.kill()
        answers = [client.get("/countries") for _ in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        assert client.post("/countries", json={"name": "Nowhere"}).status_code == 503


def test_a_file_has_no_standbys(sqlite_url: str, tmp_path: Path) -> None:
    settings = Settings(tmp_path, read_url="postgresql://localhost/x")
    with (
        closing(open_database(sqlite_url)) as database,
        pytest.raises(ConfigurationError, match="PostgreSQL"),
    ):
        open_replica(settings, database)

"""Many clients, two workers: nothing is lost, and what was acknowledged is what the next read says."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.operations import increments
from tests.operations.processes import Client, Server, make_server, run_command, verify

CLIENTS = 8
POSTS = 40
INCREMENTS = 15
READERS = 4
SECONDS = 45
"""How long a busy machine may take for them."""
WRITES = 150
READS, LEAST = 10_000, 500
"""Reads to aim at, and those that a busy machine does in any case."""


def settings_of(kind: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Environment settings for a register on one of the two databases, where each read is of the newest state."""
    if kind == "sqlite":
        return {}
    url = request.getfixturevalue("filled_postgresql_url")
    return {"DATABASE_URL": url, "TERRAFIRMA_HOT_CACHE_CHECK": "always"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_eight_processes_lose_nothing(
    kind: str, data: Path, loaded: int, request: pytest.FixtureRequest
) -> None:
    settings = settings_of(kind, request) | {"TERRAFIRMA_LOG": "none"}
    with make_server(data, workers=2, **settings) as server:
        with server.client() as client:
            before = client.get("/countries/1?fields=area")["area"]
        told, seconds = run_clients(server)
        with server.client() as client:
            countries = client.list_countries()
            after = client.get("/countries/1?fields=area")["area"]
    ids = [id for each in told for id in each["ids"]]
    retries = sum(each["retries"] for each in told)
    print(
        f"{kind}: {len(ids)} posts, {CLIENTS * INCREMENTS} increments, {retries} retries in {seconds:.1f} s"
    )
    assert sorted(ids) == list(range(273, 273 + CLIENTS * POSTS))
    assert [country["id"] for country in countries] == [
        *range(1, 251),
        *range(273, 273 + CLIENTS * POSTS),
    ]
    assert len({country["name"] for country in countries}) == len(countries)
    assert after == before + CLIENTS * INCREMENTS
    assert verify(data, **settings) == loaded + CLIENTS * (POSTS + INCREMENTS)


def run_clients(server: Server) -> tuple[list[dict], float]:
    """What each client process was told, and how long all of them took."""
    begun = time.monotonic()
    command = [sys.executable, str(Path(increments.__file__)), str(server.port)]
    clients = [
        subprocess.Popen(
            [*command, f"client {number}", str(POSTS), str(INCREMENTS)], stdout=subprocess.PIPE
        )
        for number in range(CLIENTS)
    ]
    try:
        outputs = [client.communicate(timeout=60)[0] for client in clients]
    finally:
        for client in clients:
            client.kill()
    assert [client.returncode for client in clients] == [0] * CLIENTS
    return [json.loads(output) for output in outputs], time.monotonic() - begun


def connect_to_both(port: int) -> dict[str, Client]:
    """A connection to each of two workers, by what their request ids begin with."""
    found: dict[str, Client] = {}
    for _ in range(200):
        client = Client(port)
        worker = client.send("GET", "/health").headers["x-request-id"].partition("-")[0]
        if worker in found:
            client.close()
        found.setdefault(worker, client)
        if len(found) == 2:
            return found
    raise AssertionError("only one of two workers answers")


@pytest.mark.slow
def test_every_acknowledged_write_is_seen_by_the_next_read_on_either_worker(data: Path) -> None:
    with make_server(data, workers=2, TERRAFIRMA_LOG="none") as server:
        writer, *_ = connect_to_both(server.port).values()
        readers = [
            client for _ in range(READERS // 2) for client in connect_to_both(server.port).values()
        ]
        acknowledged, reads, stale, done = [0], [], [], threading.Event()

        def read(client: Client, path: str) -> None:
            while not done.is_set():
                known = acknowledged[0]
                value = client.get(path)
                seen = value[0]["area"] if isinstance(value, list) else value["area"]
                reads.append(seen)
                if seen < known:
                    stale.append((path, known, seen))

        assert writer.send("PATCH", "/countries/1", {"area": 0}).status == 200
        paths = [
            "/countries/1",
            "/countries/TH?fields=area",
            "/countries?fields=area&limit=1",
            "/countries/THA",
        ]
        threads = [
            threading.Thread(target=read, args=pair) for pair in zip(readers, paths, strict=True)
        ]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        while (
            acknowledged[0] < WRITES or len(reads) < READS
        ) and time.monotonic() < begun + SECONDS:
            answer = writer.send("PATCH", "/countries/1", {"area": acknowledged[0] + 1})
            assert answer.status == 200, answer
            acknowledged[0] += 1
        done.set()
        for thread in threads:
            thread.join(10)
        for client in [writer, *readers]:
            client.close()
    print(f"{len(reads)} reads, {len(set(reads))} values seen, during {acknowledged[0]} writes")
    assert not stale
    assert len(reads) >= LEAST
    assert len(set(reads)) > 20


@pytest.mark.slow
def test_starting_over_while_others_write_keeps_the_log_whole(
    data: Path, filled_postgresql_url: str
) -> None:
    """The rows that writers queue on must outlive a register that is replaced."""
    settings = {"DATABASE_URL": filled_postgresql_url, "TERRAFIRMA_LOG": "none"}
    # Writers wait for as long as a busy machine takes to fill the register.
    with make_server(data, workers=2, **settings, TERRAFIRMA_MAX_SECONDS="120") as server:
        done, refused = threading.Event(), []

        def write(prefix: int) -> None:
            with server.client() as client:
                number = 0
                while not done.is_set():
                    number += 1
                    answer = client.send("POST", "/countries", {"name": f"{prefix}-{number}"})
                    if answer.status != 201:
                        refused.append(answer)

        threads = [threading.Thread(target=write, args=(prefix,)) for prefix in range(4)]
        for thread in threads:
            thread.start()
        fresh = ("load", "starter", "--fresh", "--data", data)
        started_over = [run_command(*fresh, **settings) for _ in range(3)]
        done.set()
        for thread in threads:
            thread.join(30)
    assert [each.returncode for each in started_over] == [0, 0, 0], started_over
    assert not refused
    assert verify(data, **settings) > 4, "nothing was written since"

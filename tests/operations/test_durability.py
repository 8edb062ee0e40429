"""Acknowledged means kept: kill -9 at random moments under a stream of writes."""

import http.client
import os
import random
import threading
from pathlib import Path

import pytest

from tests.operations.processes import Server, make_server, verify
from tests.work.conftest import wait_until

KILLS = 12
CLIENTS = 4
LONGEST_RUN = 0.4
"""Seconds from the first request to the latest kill."""


class Diary:
    """What a stream of writers was told: `kept` by name, and each record's last promised and last tried area."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.promised: dict[str, int] = {}
        self.tried: dict[str, int] = {}

    def write(self, server: Server, prefix: str) -> None:
        """Post and patch until the server is gone; every write is in the diary before and after."""
        try:
            with server.client() as client:
                for number in range(100_000):
                    name = f"{prefix}-{number}"
                    self.tried[name] = 0
                    answer = client.send("POST", "/countries", {"name": name, "area": 0})
                    assert answer.status == 201, answer
                    self.ids[name], self.promised[name] = answer.json["id"], 0
                    self.tried[name] = 1
                    answer = client.send("PATCH", f"/countries/{self.ids[name]}", {"area": 1})
                    assert answer.status == 200, answer
                    self.promised[name] = 1
        except (OSError, http.client.HTTPException):
            return

    def check(self, server: Server) -> int:
        """Assert that the register holds what was promised and nothing that was never tried; its size."""
        with server.client() as client:
            countries = client.list_countries()
        assert len({country["id"] for country in countries}) == len(countries)
        found = {country["name"]: country for country in countries if country["id"] > 250}
        assert len(found) == len(countries) - 250
        assert self.ids.items() <= {name: country["id"] for name, country in found.items()}.items()
        for name, country in found.items():
            assert self.promised.get(name, 0) <= country["area"] <= self.tried[name]
        return len(found)


@pytest.mark.slow
def test_every_acknowledged_write_survives_kill_9(data: Path, loaded: int) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**32))
    print(f"KILL_SEED={seed}")
    chance, diary, server, found = (
        random.Random(seed),
        Diary(),
        make_server(data, workers=2, TERRAFIRMA_LOG="none"),
        0,
    )
    try:
        for turn in range(KILLS):
            server.start("/health")
            writers = [
                threading.Thread(target=diary.write, args=(server, f"{turn}-{number}"))
                for number in range(CLIENTS)
            ]
            for writer in writers:
                writer.start()
            writers[0].join(chance.uniform(0.01, LONGEST_RUN))
            server.kill()
            for writer in writers:
                writer.join(10)
                assert not writer.is_alive()
            if turn == KILLS // 2:
                server.start()
                found = diary.check(server)
                server.kill()
        server.start()
        found = diary.check(server)
        assert server.stop() == 0
    finally:
        if server.list_processes():
            server.kill()
    assert verify(data) >= loaded + len(diary.ids) + sum(diary.promised.values())
    print(
        f"{KILLS} kills, {len(diary.ids)} posts and {sum(diary.promised.values())} patches acknowledged, {found} found"
    )
    assert len(diary.ids) >= KILLS // 2
    assert len(diary.ids) <= found <= len(diary.ids) + CLIENTS * KILLS


def test_every_acknowledged_write_survives_kill_9_on_postgresql(
    tmp_path: Path, filled_postgresql_url: str, loaded: int
) -> None:
    settings = {"DATABASE_URL": filled_postgresql_url, "TERRAFIRMA_LOG": "none"}
    diary, server = Diary(), make_server(tmp_path / "data", workers=2, **settings)
    try:
        for turn in range(2):
            server.start()
            writers = [
                threading.Thread(target=diary.write, args=(server, f"{turn}-{number}"))
                for number in range(2)
            ]
            for writer in writers:
                writer.start()
            wait_until(lambda: diary.ids)
            writers[0].join(0.2 + turn / 10)
            server.kill()
            for writer in writers:
                writer.join(10)
        server.start()
        assert diary.check(server) >= len(diary.ids) > 0
        assert server.stop() == 0
    finally:
        if server.list_processes():
            server.kill()
    assert verify(tmp_path, DATABASE_URL=filled_postgresql_url) >= loaded + len(diary.ids) + sum(
        diary.promised.values()
    )

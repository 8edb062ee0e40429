"""kill -9 under load, of workers, the server, PostgreSQL and Valkey: work is done, once, whole or not at all."""

import hashlib
import http.client
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from terrafirma.config import read_settings
from terrafirma.register.model.canonical_json import decode
from terrafirma.storage.engine.database import Database, open_database
from terrafirma.storage.engine.tables import jobs
from terrafirma.storage.register.entries import EntryRange, scan_entries
from terrafirma.storage.work.jobs import DONE, ENDED, Job
from tests.operations.backends import Backend, PostgreSQL, Valkey
from tests.operations.busy_threads import BusyThreads, Over
from tests.operations.processes import Server, make_server, verify
from tests.operations.small_world import fill_small_world

BACKENDS = {"sqlite": Backend, "postgresql": PostgreSQL, "valkey": Valkey}
ROOT = Path(__file__).parents[2]
WORKERS = 2
ROWS, BAD = 240, 40
"""Rows of an import; where bad ones are to be skipped, every so many is one."""
SETTLE_SECONDS = 60
LONGEST_RUN = 1.2
"""Seconds from one kill to the next, at most, without the start between them."""
QUIET = {"TERRAFIRMA_LOG": "none", "TERRAFIRMA_LIMIT_REQUESTS": "0", "TERRAFIRMA_LIMIT_WRITES": "0"}


class Load(BusyThreads):
    """Threads that write, import and export, each asking again where nobody answers; and what they were promised."""

    def __init__(self, server: Server) -> None:
        acts = (self.post, self.export, self.import_all, self.import_without_bad)
        super().__init__(acts, SETTLE_SECONDS)
        self._server = server
        self.posted: dict[str, int] = {}
        self.committed: dict[str, str] = {}
        """By the batch that an import's rows name: its commit's job."""

    def ask(self, method: str, path: str, value: Any = None, *, once: bool = False) -> Any:
        """What is answered with success, after as many tries as it takes; None if one must do. Over."""
        while not self._over.is_set():
            try:
                with self._server.client() as client:
                    answer = client.send(method, path, value)
                if answer.status < 300:
                    return answer.json
                if answer.status != 503:
                    self.odd.append((method, path, answer))
            except (OSError, http.client.HTTPException):
                pass
            if once:
                return None
            self._over.wait(0.05)
        raise Over

    def post(self, number: int) -> None:
        """A country; what was not acknowledged is not asked again, since it may have been made."""
        country = self.ask("POST", "/countries", {"name": f"Posted {number}"}, once=True)
        if country:
            self.posted[country["name"]] = country["id"]
        self._over.wait(0.02)

    def export(self, number: int) -> None:
        """A small file."""
        self.ask(
            "POST",
            "/exports",
            {"format": ("csv", "json", "xlsx")[number % 3], "query": "region=Asia"},
        )
        self._over.wait(0.1)

    def import_all(self, number: int) -> None:
        """A file of which every row is good."""
        self.import_rows(f"all-{number}", "refuse", bad=0)

    def import_without_bad(self, number: int) -> None:
        """A file with some bad rows."""
        self.import_rows(f"skip-{number}", "skip", bad=BAD)

    def import_rows(self, batch: str, choice: str, bad: int) -> None:
        """Try out and commit records whose capital names the batch."""
        rows = [
            {
                "name": f"{batch} {row}",
                "capital": batch,
                "area": -1 if bad and not row % bad else row,
            }
            for row in range(ROWS)
        ]
        tried = self.wait(self.ask("POST", "/imports?create=yes", rows)["id"])
        assert tried["state"] == DONE, tried
        self.committed[batch] = self.ask("POST", f"/imports/{tried['id']}/commit?bad={choice}")[
            "id"
        ]
        self.wait(self.committed[batch])

    def wait_for_some(self) -> None:
        """Return once a country was posted and an import committed: a busy machine is slow."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while not (self.posted and self.committed) and time.monotonic() < deadline:
            time.sleep(0.2)

    def wait(self, id: str) -> Any:
        """A job that has ended."""
        while (job := self.ask("GET", f"/jobs/{id}"))["state"] not in ENDED:
            self._over.wait(0.1)
        return job


class Site:
    """A server without a worker of its own, two workers, and what they stand on."""

    def __init__(self, backend: Backend, data: Path) -> None:
        self.backend = backend
        settings = backend.settings | QUIET
        self.server = make_server(data, **settings)
        command = [sys.executable, "-m", "tests.operations.quick_worker"]
        self.workers = [
            Server(
                command,
                0,
                data.parent / f"worker-{number}.log",
                ROOT,
                TERRAFIRMA_DATA=str(data),
                **settings,
            )
            for number in range(WORKERS)
        ]
        self.settings = read_settings({"TERRAFIRMA_DATA": str(data)} | settings)

    def start(self) -> None:
        """Everything."""
        self.backend.start()
        if "DATABASE_URL" in self.backend.settings:
            fill_small_world(self.settings.url)
        self.server.start("/health")
        for worker in self.workers:
            worker.launch()

    def strike(self, victim: str, worker: Server) -> None:
        """Kill something, or all of it at once, and start it again."""
        if victim in ("server", "all"):
            self.server.kill()
        for each in self.workers if victim == "all" else [worker] if victim == "worker" else []:
            each.kill()
        if victim in ("backend", "all"):
            self.backend.kill()
            self.backend.start()
        if victim in ("server", "all"):
            self.server.start("/health")
        for each in self.workers:
            if each.running.poll() is not None:
                each.launch()

    def close(self) -> None:
        """End everything."""
        for each in (self.server, *self.workers):
            if each.process is not None and each.list_processes():
                each.kill()
        self.backend.close()

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The register, as it lies there."""
        with closing(open_database(self.settings.url)) as database:
            yield database


def list_jobs(site: Site) -> list[Job]:
    """Every job there is."""
    with site.database() as database, database.reading() as connection:
        return [Job(*row) for row in connection.execute(select(jobs))]


def count_imported(site: Site, since: int) -> dict[str, Counter[int]]:
    """For each batch of an import, how many entries each of its records has."""
    found: dict[str, Counter[int]] = {}
    with site.database() as database, database.reading() as connection:
        for batch in scan_entries(connection, EntryRange(since, kind="country")):
            for entry in batch:
                capital = decode(entry.after or "{}").get("capital")
                if capital:
                    found.setdefault(capital, Counter())[entry.id] += 1
    return found


def check_whole(site: Site, since: int) -> None:
    """Assert that of an import of all rows there is all or nothing, at any time."""
    halves = {
        batch: len(records)
        for batch, records in count_imported(site, since).items()
        if batch.startswith("all-") and len(records) != ROWS
    }
    assert not halves


def settle(site: Site) -> list[Job]:
    """Every job, once all have ended."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while unfinished := [job for job in list_jobs(site) if job.state not in ENDED]:
        assert time.monotonic() < deadline, unfinished
        time.sleep(0.2)
    return list_jobs(site)


def check_jobs(site: Site, load: Load, done: list[Job]) -> None:
    """Assert that every job was done and came to what it should have, and that what was promised is there."""
    assert not [job for job in done if job.state != DONE]
    known = {job.id: job for job in done}
    for batch, id in load.committed.items():
        result = decode(known[id].result or "null")
        bad = 0 if batch.startswith("all-") else ROWS // BAD
        assert (result["written"], result["skipped"]) == (ROWS - bad, bad), (batch, result)
    for job in done:
        if job.kind == "export":
            result = decode(job.result or "null")
            file = site.settings.exports_path / job.id / result["name"]
            assert hashlib.sha256(file.read_bytes()).hexdigest() == result["sha256"]


def check_register(site: Site, load: Load, since: int) -> Counter[str]:
    """Assert that what was promised is there, and that every row was written once; how much that was."""
    imported = count_imported(site, since)
    assert load.committed.keys() <= imported.keys()
    for batch, records in imported.items():
        assert len(records) == (ROWS if batch.startswith("all-") else ROWS - ROWS // BAD), batch
        assert set(records.values()) == {1}, batch
    with site.server.client() as client:
        found = {country["name"]: country["id"] for country in client.list_countries("id,name")}
    assert load.posted.items() <= found.items()
    return Counter(
        {
            "posts": len(load.posted),
            "imports": len(imported),
            "rows": sum(map(len, imported.values())),
        }
    )


def kill_and_check(
    name: str, data: Path, rounds: int, seed: int, *, few: tuple[str, ...] = ()
) -> str:
    """Kill something in each round, see that nothing was lost, doubled or halved, and say what there was.

    `few`: what is killed, if not everything.
    """
    chance, kills = random.Random(seed), Counter[str]()
    site = Site(BACKENDS[name](data.parent), data)
    victims = [*few] or ["worker", "server", "all", *(["backend"] if name != "sqlite" else [])]
    chance.shuffle(victims)
    try:
        site.start()
        with site.server.client() as client:
            since = client.get("/")["entries"]
        load = Load(site.server)
        with load.going_on():
            for victim in (each for each, _ in zip(cycle(victims), range(rounds), strict=False)):
                time.sleep(chance.uniform(0.1, LONGEST_RUN))
                site.strike(victim, chance.choice(site.workers))
                kills[victim] += 1
                check_whole(site, since)
            load.wait_for_some()
        assert load.odd == []
        done = settle(site)
        check_jobs(site, load, done)
        counts = check_register(site, load, since)
        assert site.server.stop() == 0
        counts["entries"] = verify(data, **site.backend.settings)
    finally:
        site.close()
    counts += Counter(
        jobs=len(done), attempts=sum(job.attempt for job in done), begun_again=again(done)
    )
    assert counts["imports"]
    assert counts["posts"]
    return f"{name}, SEED={seed}: kills {dict(kills)}; {dict(counts)}"


def again(done: list[Job]) -> int:
    """How many jobs were begun more than once."""
    return sum(job.attempt > 1 for job in done)


def choose_seed() -> int:
    """The environment's, or any."""
    return int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))


FEW = {
    "sqlite": ("worker", "server", "all"),
    "postgresql": ("worker", "server", "all", "backend"),
    "valkey": ("all", "backend"),
}
"""What is killed, each once; a worker and a server die in the same way whatever they stand on."""


@pytest.mark.parametrize("name", BACKENDS)
def test_work_survives_kill_9(name: str, data: Path) -> None:
    print(kill_and_check(name, data, len(FEW[name]), choose_seed(), few=FEW[name]))


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", BACKENDS)
def test_work_survives_many_kills(name: str, data: Path) -> None:
    print(
        kill_and_check(name, data, rounds=int(os.environ.get("ROUNDS", "40")), seed=choose_seed())
    )

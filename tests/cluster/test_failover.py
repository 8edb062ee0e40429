"""A whole deployment while its parts die: three PostgreSQL with Patroni, two servers, HAProxy, a worker, a webhook.

What was acknowledged is there, once; jobs were done once; messages came in order; nothing answered 5xx but 503.
"""

import re
import secrets
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from terrafirma.dataset.load import prepare
from terrafirma.register.model.canonical_json import decode
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.register.entries import EntryRange, scan_entries
from tests.cluster.etcd import find_program
from tests.cluster.load import ROWS, Load, find_gap
from tests.cluster.patroni import PatroniCluster, wait_for
from tests.operations.processes import (
    TERRAFIRMA,
    Client,
    Server,
    end_with_parent,
    make_server,
    run_here,
    verify,
)
from tests.postgres_server import find_free_port
from tests.work.receivers import Receiver, receiving

HAPROXY = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"
SETTLE = 2.0
"""Seconds of load before a fault and after it is over."""


class Proxy:
    """deploy/'s HAProxy before two servers."""

    def __init__(self, folder: Path, ports: list[int]) -> None:
        self.port, self._file, self._log = (
            find_free_port(),
            folder / "haproxy.cfg",
            folder / "haproxy.log",
        )
        text = HAPROXY.read_text().replace("bind :8000", f"bind 127.0.0.1:{self.port}")
        for number, port in enumerate(ports, 1):
            text = text.replace(f"server{number}:8000", f"127.0.0.1:{port}")
        text = text.replace("bind 127.0.0.1:8405", f"bind 127.0.0.1:{find_free_port()}")
        # As many files may not be open everywhere.
        text = text.replace("maxconn 10000", "maxconn 1000")
        self._file.write_text(text)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it takes connections once its socket is there."""
        command = [find_program("haproxy"), "-db", "-f", str(self._file)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - it takes no lock
            )
        wait_for(self.is_up, what=self._log)

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def is_up(self) -> bool:
        """Return True once it passes requests on."""
        try:
            with Client(self.port, 5) as client:
                return client.send("GET", "/ready").status == 200
        except OSError:
            return False


class Site:
    """Everything that a cluster runs."""

    def __init__(self, cluster: PatroniCluster, folder: Path, receiver: Receiver) -> None:
        self.cluster, self.receiver = cluster, receiver
        made = run_here("keys", "generate")
        assert made.exit_code == 0, made.output
        self.key = made.stdout.split()[-1]
        standbys = cluster.make_url("prefer-standby") + "&load_balance_hosts=random"
        self.settings = {
            "DATABASE_URL": cluster.make_url(),
            "TERRAFIRMA_READ_URL": standbys,
            "TERRAFIRMA_SECRET": secrets.token_hex(32),
            "TERRAFIRMA_ADMIN_KEY": self.key,
            "TERRAFIRMA_FILES": str(folder / "files"),
            "TERRAFIRMA_PROXIES": "127.0.0.1",
            "TERRAFIRMA_WEBHOOK_NETWORKS": "127.0.0.0/8",
            "TERRAFIRMA_JOB_THREADS": "0",
            "TERRAFIRMA_LOG": "none",
            "TERRAFIRMA_LIMIT_REQUESTS": "0",
            "TERRAFIRMA_LIMIT_WRITES": "0",
        }
        self.servers = [
            make_server(folder / f"server{number}", workers=2, **self.settings)
            for number in range(2)
        ]
        command = [TERRAFIRMA, "worker", "--data", str(folder / "worker")]
        working = self.settings | {"TERRAFIRMA_JOB_THREADS": "2"}
        self.worker = Server(command, 0, folder / "worker.log", **working)
        self.proxy = Proxy(folder, [server.port for server in self.servers])

    @contextmanager
    def running(self) -> Iterator[int]:
        """All of it; yields the entry from which the webhook is told."""
        with ExitStack() as stack:
            for server in self.servers:
                server.start()
                stack.callback(end, server)
            self.worker.launch()
            stack.callback(end, self.worker)
            stack.callback(self.proxy.stop)
            self.proxy.start()
            wait_for(self.has_worker, what=self.worker.log)
            with Client(self.proxy.port) as client:
                bearer = {"Authorization": f"Bearer {self.key}"}
                made = client.send("POST", "/webhooks", {"url": self.receiver.url}, **bearer)
                assert made.status == 201, made
            yield made.json["position"]

    def has_worker(self) -> bool:
        """Return True once the worker is at work."""
        with self.servers[0].client() as client:
            return bool(client.get("/ready")["workers"])

    # Faults, each over when it returns.

    def kill_primary(self) -> None:
        """PostgreSQL of the primary dies; Patroni starts it again, or another leads."""
        self.cluster.find_primary().kill_postgresql()
        time.sleep(1)
        self.cluster.find_primary()

    def kill_server(self) -> None:
        """A server dies and is started again."""
        self.servers[0].kill()
        time.sleep(2)
        self.servers[0].start()

    def restart_proxy(self) -> None:
        """HAProxy dies and is started again."""
        self.proxy.stop()
        self.proxy.start()

    def switch_over(self) -> None:
        """An operator hands the lead over."""
        wait_for(lambda: any(node.is_synchronous() for node in self.cluster.nodes))
        self.cluster.switch_over()

    def freeze_primary(self) -> None:
        """The primary's machine stalls for longer than its lease, and comes back believing it leads."""
        frozen = self.cluster.find_primary()
        family = frozen.freeze()
        wait_for(lambda: any(n.is_primary() for n in self.cluster.nodes if n is not frozen))
        time.sleep(SETTLE)
        for process in family:
            if process.is_running():
                process.resume()
        wait_for(lambda: not frozen.is_primary())

    def lose_etcd(self) -> None:
        """etcd is away for longer than the lease of the primary."""
        self.cluster.etcd.kill()
        time.sleep(25)
        self.cluster.etcd.start()
        self.cluster.find_primary()


def end(server: Server) -> None:
    """End a process and all that it started."""
    if server.process is not None and server.list_processes():
        server.kill()


def count_entries(url: str, since: int) -> tuple[list[int], Counter[int], dict[str, list[int]]]:
    """The numbers of the entries since one, how many each record has, and the records of each import."""
    numbers, entries, imported = list[int](), Counter[int](), dict[str, list[int]]()
    with closing(open_database(url)) as database, database.reading() as connection:
        for batch in scan_entries(connection, EntryRange(since)):
            for entry in batch:
                numbers.append(entry.number)
                entries[entry.id] += 1
                capital = str(decode(entry.after or "{}").get("capital", ""))
                if re.match(r"Import \d", capital):
                    imported.setdefault(capital, []).append(entry.id)
    return numbers, entries, imported


def list_countries(client: Client, entry: int) -> list[dict[str, Any]]:
    """Every country, as of no less than an entry."""
    found, path = [], "/countries?fields=id,name,area&limit=1000"
    while path:
        answer = client.send("GET", path, Terrafirma_Entry=str(entry))
        assert answer.status == 200, answer
        found += answer.json
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    return found


def check_register(site: Site, load: Load, since: int) -> list[int]:
    """Assert that what was acknowledged is there, and all of it once; the numbers of the entries."""
    numbers, entries, imported = count_entries(site.settings["DATABASE_URL"], since)
    assert numbers == list(range(since + 1, since + 1 + len(numbers)))
    with site.servers[0].client() as client:
        found = list_countries(client, numbers[-1])
    assert len({country["id"] for country in found}) == len(found)
    assert max(Counter(country["name"] for country in found).values()) == 1
    named = {country["name"]: country for country in found}
    for name, country in load.promised.items():
        assert named[name]["id"] == country.id
        assert named[name]["area"] >= country.area, (named[name], country)
        assert entries[country.id] <= 2
    assert load.imported.keys() <= imported.keys()
    for name, records in imported.items():
        assert len(records) == len(set(records)) == ROWS, name
    return numbers


def put_through(site: Site, faults: list[Callable[[], None]], minimum: int) -> str:
    """Run the faults under load and count; in a line, what there was."""
    with site.running() as since:
        load, gaps = Load(site.proxy.port, site.key), list[tuple[str, float, float]]()
        with load.going_on():
            for fault in faults:
                time.sleep(SETTLE)
                begun, before = time.monotonic(), len(load.written)
                fault()
                wait_for(lambda before=before: load.odd or len(load.written) > before + 20)
                assert load.odd == []
                time.sleep(SETTLE)
                over = time.monotonic()
                pauses = (find_gap(each, begun, over) for each in (load.written, load.read))
                gaps.append((fault.__name__, *pauses))
            wait_for(lambda: load.odd or load.imported, what="an import")
        assert site.worker.running.poll() is None, site.worker.read_log()
        assert load.odd == []
        assert {status for _, status in load.statuses if status >= 500} <= {502, 503, 504}
        assert not [key for key in load.statuses if key[1] in (500, 502, 504) and key[0] != "proxy"]
        numbers = check_register(site, load, since)
        wait_for(lambda: numbers[-1] in site.receiver.list_entries()[-50:], what="the webhook")
    told = site.receiver.list_entries()
    assert list(dict.fromkeys(told)) == numbers
    verify(Path(site.servers[0].log.parent), DATABASE_URL=site.settings["DATABASE_URL"])
    assert len(load.promised) > minimum
    writes = [write for _, write, _ in gaps]
    pauses = ", ".join(f"{name} {write:.1f} and {read:.1f}" for name, write, read in gaps)
    return (
        f"{len(load.written)} writes acknowledged, {len(load.imported)} imports, {len(numbers)} entries, "
        f"{len(told) - len(numbers)} messages repeated; answers {dict(load.statuses)}; "
        f"seconds without writes: median {median(writes):.1f}, worst {max(writes):.1f}; "
        f"without writes and reads: {pauses}"
    )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A cluster with a starter register, not yet serving."""
    find_program("haproxy")
    with PatroniCluster() as cluster, receiving() as receiver:
        with closing(open_database(cluster.make_url())) as database:
            prepare(database, "starter")
        yield Site(cluster, tmp_path, receiver)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_a_cluster_outlives_its_parts(site: Site) -> None:
    faults = [site.kill_primary, site.kill_server, site.restart_proxy, site.switch_over]
    print(put_through(site, faults, minimum=20))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_cluster_outlives_more(site: Site) -> None:
    faults = [site.freeze_primary, site.lose_etcd, site.kill_primary, site.kill_server]
    faults += [site.switch_over, site.restart_proxy, site.kill_primary, site.freeze_primary]
    print(put_through(site, faults, minimum=100))

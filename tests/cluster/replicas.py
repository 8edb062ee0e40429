"""PostgreSQL with streaming replication, without anything that fails it over: a test promotes by hand."""

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg

from tests.postgres_server import (
    Cluster,
    find_free_port,
    prepare_cluster,
    stop_server,
    wait_until_ready,
)

PATIENCE = 30
REPLICATED = {
    "wal_level": "replica",
    "max_wal_senders": "10",
    "hot_standby": "on",
    "synchronous_commit": "on",
}
NAME = "register"


class Node:
    """One server of a cluster, which may be killed, started again and promoted."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.process: subprocess.Popen[bytes] | None = None
        self.port = int(urlsplit(cluster.url).port or 0)

    def start(self) -> None:
        """Start on the data there is, and wait until it answers."""
        self.process = self.cluster.start()
        wait_until_ready(self.process, self.cluster.url, PATIENCE)

    def stop(self) -> None:
        """End it in order, if it runs."""
        if self.process is not None and self.process.poll() is None:
            stop_server(self.process)
        self.process = None

    def kill(self) -> None:
        """End it, and every backend, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process = None

    def execute(self, statement: str) -> Any:
        """Run a statement as the superuser; the first column of the first row, if there is one."""
        with psycopg.connect(self.cluster.url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


class Replicas:
    """A primary, standbys and the URLs that a server is given; as a context it is up inside and gone after."""

    def __init__(self, standbys: int = 1) -> None:
        # The account that PostgreSQL runs as may not look into a test's folder.
        self._folder = Path(tempfile.mkdtemp(prefix="terrafirma-replicas-"))
        self._stack = ExitStack()
        self.primary = Node(prepare_cluster(self._folder, **REPLICATED))
        self.standbys: list[Node] = []
        self._count = standbys

    def __enter__(self) -> Self:
        self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
        self._stack.callback(self.primary.stop)
        self.primary.start()
        self.primary.execute(f"CREATE DATABASE {NAME}")
        for number in range(self._count):
            self.standbys.append(self._make_standby(number))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _make_standby(self, number: int) -> Node:
        first, data, port = (
            self.primary.cluster,
            self._folder / f"standby{number}",
            find_free_port(),
        )
        data.mkdir(mode=0o700)
        if first.account:
            os.chown(data, first.account["user"], first.account["group"])
        programs = Path(first.command[0]).parent
        command = [
            programs / "pg_basebackup",
            "--pgdata",
            data,
            "--dbname",
            first.url,
            "--write-recovery-conf",
        ]
        command += ["--checkpoint=fast", "--no-sync", "--create-slot", f"--slot=standby{number}"]
        subprocess.run(command, check=True, cwd=data, capture_output=True, **first.account)
        started = [str(data) if part == first.data else part for part in first.command]
        started[started.index("-p") + 1] = str(port)
        url = first.url.replace(f":{self.primary.port}/", f":{port}/")
        node = Node(
            first._replace(command=started, data=data, log=data.with_suffix(".log"), url=url)
        )
        self._stack.callback(node.stop)
        node.start()
        return node

    def make_url(self, *nodes: Node, attributes: str = "read-write") -> str:
        """A URL that names several hosts, as libpq takes it."""
        account = urlsplit(self.primary.cluster.url).netloc.rpartition("@")[0]
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        return f"postgresql://{account}@{hosts}/{NAME}?target_session_attrs={attributes}"

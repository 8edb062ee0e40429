"""Nodes of PostgreSQL that Patroni fails over, configured by deploy/'s own file, on ports of this machine."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg
import yaml

from tests.cluster.etcd import Etcd
from tests.operations.processes import end_with_parent
from tests.postgres_server import choose_account, choose_locale, find_free_port, find_programs

PATRONI = Path(sys.executable).with_name("patroni")
CONFIGURATION = Path(__file__).parents[2] / "deploy" / "patroni" / "patroni.yml"
PATIENCE = 90
DATABASE = "register"


def wait_for(holds: Callable[[], Any], seconds: float = PATIENCE, what: str = "") -> Any:
    """Return what holds, once it does."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, what or holds
        time.sleep(0.1)
    return found


def drop_rights() -> list[str]:
    """A command's beginning that lets root run it as another user, as PostgreSQL demands."""
    account = choose_account()
    if not account:
        return []
    # The interpreter may lie in a folder that only root may look into.
    keep = [f"--{name}-caps=+dac_override" for name in ("inh", "ambient")]
    user = [f"--reuid={account['user']}", f"--regid={account['group']}", "--clear-groups"]
    return ["setpriv", *user, *keep, "--pdeathsig=TERM"]


class Node:
    """A Patroni with its PostgreSQL."""

    def __init__(self, folder: Path, name: str, etcd: str, password: str) -> None:
        self.name, self.folder = name, folder / name
        self.port, self.rest = find_free_port(), find_free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.folder.mkdir()
        if account := choose_account():
            os.chown(self.folder, account["user"], account["group"])
        settings = yaml.safe_load(CONFIGURATION.read_text())
        self._adapt(settings, etcd, password)
        (self.folder / "patroni.yml").write_text(yaml.safe_dump(settings))

    def _adapt(self, settings: dict[str, Any], etcd: str, password: str) -> None:
        """Give the configuration this machine's addresses and folders, and a quicker pulse."""
        settings["name"] = self.name
        address = f"127.0.0.1:{self.rest}"
        settings["restapi"] = {"listen": address, "connect_address": address}
        settings["etcd3"] = {"hosts": etcd}
        settings["bootstrap"]["dcs"] |= {"loop_wait": 1, "retry_timeout": 3}
        locale = [each.removeprefix("--") for each in choose_locale(find_programs())]
        pairs = [dict([each.split("=")]) for each in locale]
        settings["bootstrap"]["initdb"] = [*pairs, "data-checksums", "no-sync"]
        del settings["bootstrap"]["post_bootstrap"]
        address = f"127.0.0.1:{self.port}"
        accounts = settings["postgresql"]["authentication"]
        for account in accounts.values():
            account["password"] = password
        settings["postgresql"] |= {
            "listen": address,
            "connect_address": address,
            "data_dir": str(self.folder / "data"),
            "bin_dir": str(find_programs()),
            "pgpass": str(self.folder / "pgpass"),
            "pg_hba": [
                "host replication replicator 127.0.0.1/32 scram-sha-256",
                "host all all 127.0.0.1/32 scram-sha-256",
            ],
            "parameters": {"unix_socket_directories": "", "fsync": "off"},
        }

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        command = [*drop_rights(), str(PATRONI), str(self.folder / "patroni.yml")]
        with (self.folder / "patroni.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - it takes no lock
            )

    def ask(self, path: str = "/patroni", value: Any = None) -> Any:
        """What Patroni's interface answers; None if it does not."""
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.rest}{path}", body)
        request.add_header("Content-Type", "application/json")
        with suppress(OSError, ValueError):
            try:
                with urllib.request.urlopen(request, timeout=30 if body else 2) as answer:
                    text = answer.read()
            except urllib.error.HTTPError as refusal:
                text = refusal.read()
            return json.loads(text) if body is None else text.decode()
        return None

    def is_primary(self) -> bool:
        """Return True if it leads and takes writes."""
        told = self.ask() or {}
        return told.get("role") in ("primary", "master") and told.get("state") == "running"

    def is_synchronous(self) -> bool:
        """Return True if it is the standby that has every acknowledged write."""
        return bool((self.ask() or {}).get("sync_standby"))

    def is_streaming(self) -> bool:
        """Return True if it is a standby that follows the primary."""
        told = self.ask() or {}
        return told.get("role") == "replica" and told.get("replication_state") == "streaming"

    def list_processes(self) -> list[psutil.Process]:
        """PostgreSQL's processes, the postmaster first."""
        with suppress(OSError, ValueError, psutil.NoSuchProcess):
            pid = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
            postmaster = psutil.Process(pid)
            return [postmaster, *postmaster.children(recursive=True)]
        return []

    def kill_postgresql(self) -> None:
        """End PostgreSQL as a fault of its own would; Patroni goes on."""
        for process in self.list_processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def freeze(self) -> list[psutil.Process]:
        """Stop everything of this node, as a machine that stalls; the processes, to be resumed."""
        assert self.process is not None
        family = [psutil.Process(self.process.pid), *self.list_processes()]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        return family

    def kill(self) -> None:
        """End all of it."""
        if self.process is None:
            return
        for process in [psutil.Process(self.process.pid), *self.list_processes()]:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
                process.kill()
        self.process.wait(PATIENCE)
        self.process = None

    def read_log(self) -> str:
        """The last lines of Patroni's log."""
        return (self.folder / "patroni.log").read_text()[-3000:]


class PatroniCluster:
    """Three nodes and an etcd; as a context they are up inside and gone after."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._password = secrets.token_hex(16)
        self.folder = Path(tempfile.mkdtemp(prefix="terrafirma-cluster-"))
        self.folder.chmod(0o755)
        self.etcd = Etcd(self.folder)
        self.nodes: list[Node] = []

    def __enter__(self) -> Self:
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _start(self) -> None:
        self._stack.enter_context(self.etcd)
        for number in range(3):
            node = Node(self.folder, f"node{number}", self.etcd.address, self._password)
            self.nodes.append(node)
            self._stack.callback(node.kill)
        self.nodes[0].start()
        wait_for(self.nodes[0].is_primary, what=self.nodes[0].folder)
        for node in self.nodes[1:]:
            node.start()
        self.wait_until_whole()
        with psycopg.connect(self.make_url(database="postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def make_url(self, attributes: str = "read-write", database: str = DATABASE) -> str:
        """The URL that a server is given: every node."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        account = f"postgres:{self._password}"
        return f"postgresql://{account}@{hosts}/{database}?target_session_attrs={attributes}"

    def find_primary(self) -> Node:
        """The node that leads, once there is one."""
        node: Node = wait_for(lambda: next((n for n in self.nodes if n.is_primary()), None))
        return node

    def wait_until_whole(self) -> None:
        """Return when two standbys stream, the one of them synchronously."""
        wait_for(lambda: sum(node.is_streaming() for node in self.nodes) == 2, what="streaming")
        wait_for(lambda: any(node.is_synchronous() for node in self.nodes), what="synchronous")

    def switch_over(self) -> None:
        """Hand the lead to the synchronous standby, as an operator does."""
        leader = self.find_primary()
        candidate = wait_for(lambda: next((n for n in self.nodes if n.is_synchronous()), None))
        told = leader.ask("/switchover", {"leader": leader.name, "candidate": candidate.name})
        assert "Successfully" in str(told), told

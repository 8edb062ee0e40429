"""Servers to measure: each a process of its own on a free port, all on Granian with the same settings."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from bench.load import HOST, Client, get

ROOT = Path(__file__).parent.parent
THREADS = 4
START_SECONDS = 180.0
PORT = "{port}"
PROGRAM = str(Path(sys.executable).with_name("terrafirma"))
UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
"""With it Python would compile every module again at each start."""


class Memory(NamedTuple):
    """What a process holds, in MB: resident, and its proportional share of what it shares."""

    rss: float
    pss: float


class Server:
    """A running server."""

    def __init__(
        self, name: str, command: list[str], port: int, environ: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.port = port
        self._log = log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={name: os.environ[name] for name in os.environ if name != UNCOMPILED}
                | dict(environ),
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def wait(self, path: str, pause: float = 0.02) -> None:
        """Return when it has answered."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                client = Client(self.port)
                client.ask(get(path))
                client.close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(
                        f"{self.name} did not start:\n{self._log.read_text()[-2000:]}"
                    ) from None
                time.sleep(pause)

    def fetch(self, path: str) -> bytes:
        """The body of an answer."""
        with urlopen(f"http://{HOST}:{self.port}{path}", timeout=10) as response:
            body: bytes = response.read()
        return body

    def measure_memory(self) -> Memory | None:
        """The worker's memory, where the system tells."""
        found = [memory for pid in list_children(self._process.pid) if (memory := read_memory(pid))]
        return max(found, default=None)

    def stop(self) -> None:
        """Ask it to finish, and wait until it has."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Yard:
    """Starts servers and stops every one of them at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> "Yard":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, name: str, command: list[str], environ: Mapping[str, str]) -> Server:
        """Start a command, a free port in the place of PORT."""
        port, log = find_port(), self.folder / f"{name.replace(' ', '-')}.log"
        words = [word.replace(PORT, str(port)) for word in command]
        server = Server(name, words, port, environ, log)
        self._stack.callback(server.stop)
        return server

    def start_peer(self, module: str, interface: str = "wsgi", **environ: str) -> Server:
        """Start an app of `bench.peers`."""
        command = [sys.executable, "-m", "bench.serve", f"bench.peers.{module}", interface, PORT]
        return self.start(module, command, environ)

    def start_ours(
        self, name: str, data: Path, *, hot: bool = True, database_url: str = ""
    ) -> Server:
        """Start Terrafirma as `terrafirma serve` does."""
        environ = {
            "TERRAFIRMA_THREADS": str(THREADS),
            "TERRAFIRMA_WORKERS": "1",
            "DATABASE_URL": database_url,
        }
        environ |= {"TERRAFIRMA_LOG": "changes"} | ({} if hot else {"TERRAFIRMA_HOT_CACHE": "0"})
        command = [PROGRAM, "serve", "--data", str(data), "--host", HOST, "--port", PORT]
        return self.start(name, command, environ)


def find_port() -> int:
    """A port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def list_children(pid: int) -> list[int]:
    """The processes that a process started, and theirs; none where /proc does not tell."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *list_children(child)]
    return found


def read_memory(pid: int) -> Memory | None:
    """What /proc says of a process; None for one that is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
    return Memory(sizes["Rss"], sizes["Pss"])


def read_peak(pid: int) -> float:
    """The MB that a process held at most until now; 0 where /proc does not tell."""
    try:
        told = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
    except OSError:
        return 0.0
    return int(told.get("VmHWM", "0").split()[0]) / 1024

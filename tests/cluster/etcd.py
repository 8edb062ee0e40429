"""A real etcd with one member, which Patroni keeps its lease in."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

import pytest

from tests.operations.processes import end_with_parent
from tests.postgres_server import find_free_port

PATIENCE = 30


def find_program(name: str) -> str:
    """The path of a program. Where it is missing: a skip by hand, a failure in CI."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    if found := shutil.which(name, path=path):
        return found
    reason = f"{name} is not installed here; .ci/run names its Debian package"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class Etcd:
    """One member on ports of its own; as a context it is up inside and gone after."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"127.0.0.1:{find_free_port()}"
        self._peer = f"http://127.0.0.1:{find_free_port()}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on the data there is, and wait until it answers."""
        url = f"http://{self.address}"
        command = [
            find_program("etcd"),
            "--data-dir",
            str(self._folder / "etcd"),
            "--unsafe-no-fsync",
        ]
        command += ["--listen-client-urls", url, "--advertise-client-urls", url]
        command += ["--listen-peer-urls", self._peer, "--initial-advertise-peer-urls", self._peer]
        command += ["--initial-cluster", f"default={self._peer}"]
        with (self._folder / "etcd.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - it takes no lock
            )
        deadline = time.monotonic() + PATIENCE
        while not self._is_healthy():
            assert time.monotonic() < deadline, (self._folder / "etcd.log").read_text()
            time.sleep(0.05)

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/health", timeout=2) as answer:
                return b"true" in answer.read()
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)
            self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

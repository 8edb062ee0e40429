"""A throw-away PostgreSQL for a run, where the tests' own means of starting one are installed.

It does not wait for the disk, so it is for reads only.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import ROOT

SECONDS = 60.0


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of its maintenance database; RuntimeError where none can be started."""
    # For root, PostgreSQL runs as another user, who has to pass through the run's own folder.
    folder.parent.chmod(0o711)
    folder.mkdir()
    command = [
        sys.executable,
        str(ROOT / "tests" / "postgres_server.py"),
        str(folder),
        str(os.getpid()),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield read_url(folder / "server.json", process)
    finally:
        process.terminate()
        process.wait(30)


def read_url(file: Path, process: "subprocess.Popen[bytes]") -> str:
    """The URL, once it is told."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists():
            told = json.loads(file.read_text())
            if "url" in told:
                return str(told["url"])
            raise RuntimeError(f"PostgreSQL did not start: {told.get('error')}")
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start; `make test` installs what it needs.")

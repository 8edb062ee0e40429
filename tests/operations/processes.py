"""Real processes for the tests of operation: servers, commands, and clients that count what was acknowledged."""

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import psutil
from click.testing import CliRunner, Result

from terrafirma.commands.main import main
from tests.postgres_server import find_free_port

BIN = Path(sys.executable).parent
TERRAFIRMA = str(BIN / "terrafirma")
JSON = {"Content-Type": "application/json"}
START_SECONDS = 150
STOP_SECONDS = 60
"""Seconds that a busy machine may take."""


END_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Have this process asked to end when the one that started it is gone: a run that was killed leaves nothing."""
    # A run in the background of a shell is deaf to SIGINT, and whatever it starts would be, too.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if LIBC is not None:
        LIBC.prctl(END_WITH_PARENT, signal.SIGTERM, 0, 0, 0)


class Answer(NamedTuple):
    """What a server said: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def clean_environment(**settings: str) -> dict[str, str]:
    """This process's environment without anything that configures a register, plus settings."""
    ours = ("TERRAFIRMA_", "FLASK_", "WERKZEUG_", "DATABASE_URL", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PYTHONUNBUFFERED": "1"} | settings


def run_command(*arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `terrafirma ARGUMENTS` to its end."""
    command = [TERRAFIRMA, *map(str, arguments)]
    return subprocess.run(
        command,
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def run_here(*arguments: str | Path, **settings: str) -> Result:
    """Run `terrafirma ARGUMENTS` in this process, which saves the second a new one takes."""
    cleared = dict.fromkeys(("DATABASE_URL", "TERRAFIRMA_DATA", "TERRAFIRMA_DATASET"))
    return CliRunner().invoke(
        main, [str(argument) for argument in arguments], env=cleared | settings
    )


def verify(data: Path, *options: str, **settings: str) -> int:
    """How many entries a register's log has, once `terrafirma verify` found it sound."""
    verified = run_here("verify", *options, "--data", data, **settings)
    assert verified.exit_code == 0, verified.output
    counted, _, rest = verified.output.splitlines()[-1].partition(" ")
    assert rest.startswith("entries, unbroken; head "), verified.output
    return int(counted.replace(",", ""))


def has_group(group: int) -> bool:
    """Whether a process group has any process, a zombie included; cheaper than the list."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def list_group(group: int) -> list[psutil.Process]:
    """The living processes of a process group."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


class Client:
    """One keep-alive connection to a server on this machine."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def send(self, method: str, path: str, value: Any = None, **headers: str) -> Answer:
        """Ask, with a JSON body unless `value` is None; header names are written with underscores."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        body = None if value is None else json.dumps(value)
        self.connection.request(method, path, body, named | (JSON if body else {}))
        response = self.connection.getresponse()
        return Answer(
            response.status,
            {name.lower(): text for name, text in response.getheaders()},
            response.read(),
        )

    def get(self, path: str) -> Any:
        """The JSON of a 200."""
        answer = self.send("GET", path)
        assert answer.status == 200, answer
        return answer.json

    def list_countries(self, fields: str = "id,name,area") -> list[dict[str, Any]]:
        """Every country, page by page."""
        found, path = [], f"/countries?fields={fields}&limit=1000"
        while path:
            answer = self.send("GET", path)
            assert answer.status == 200, answer
            found += answer.json
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        return found

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Server:
    """A server in a process group of its own; as a context it is up inside and gone after."""

    def __init__(
        self, command: list[str], port: int, log: Path, cwd: Path | None = None, **settings: str
    ) -> None:
        self.command = command
        self.port = port
        self.log = log
        self.cwd = cwd
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ready: str = "/ready") -> float:
        """Start, wait for the first 200 from an address, and tell how many seconds that took."""
        begun = time.monotonic()
        self.launch()
        while time.monotonic() < begun + START_SECONDS:
            assert self.running.poll() is None, (
                f"ended with {self.running.returncode}: {self.read_log()}"
            )
            try:
                with Client(self.port, timeout=5) as client:
                    if client.send("GET", ready).status == 200:
                        return time.monotonic() - begun
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
        raise AssertionError(f"not ready after {START_SECONDS} s: {self.read_log()}")

    def launch(self) -> None:
        """Start without waiting."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=clean_environment(**self.settings),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - it takes no lock
            )

    @property
    def running(self) -> "subprocess.Popen[bytes]":
        """The process that was started last."""
        assert self.process is not None
        return self.process

    def client(self) -> Client:
        """A connection to this server."""
        return Client(self.port)

    def read_log(self) -> str:
        """What all its processes said so far."""
        return self.log.read_text()

    def list_processes(self) -> list[psutil.Process]:
        """Its living processes, the first one included."""
        return list_group(self.running.pid)

    def terminate(self, sent: int = signal.SIGTERM) -> None:
        """Ask the main process to end, without waiting."""
        self.running.send_signal(sent)

    def wait(self) -> int:
        """The exit code, once nothing of the group is left."""
        code = self.running.wait(STOP_SECONDS)
        self.wait_until_gone()
        return code

    def wait_until_gone(self) -> None:
        """Return when no process of the group lives."""
        deadline = time.monotonic() + STOP_SECONDS
        while has_group(self.running.pid) and (left := self.list_processes()):
            assert time.monotonic() < deadline, f"left running: {left}"
            time.sleep(0.02)

    def stop(self, sent: int = signal.SIGTERM) -> int:
        """Ask the main process to end; its exit code."""
        self.terminate(sent)
        return self.wait()

    def kill(self) -> None:
        """End every process of the group at once, as a power cut would."""
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait(STOP_SECONDS)
        self.wait_until_gone()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is not None and self.list_processes():
            if kind is None:
                assert self.stop() == 0, self.read_log()
            else:
                self.kill()


WITH_WORKER = {"TERRAFIRMA_JOB_THREADS": "2"}
"""Settings of a server that runs a worker of jobs beside it, as it does by default."""


def make_server(
    data: Path, *arguments: str, workers: int = 1, port: int = 0, **settings: str
) -> Server:
    """`terrafirma serve` over a data directory, not yet started; a free port unless one is named.

    A worker of jobs starts as slowly as the server, so that there is one with `**WITH_WORKER` only.
    """
    port = port or find_free_port()
    command = [
        TERRAFIRMA,
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
        "--workers",
        str(workers),
        *arguments,
    ]
    settings = {"TERRAFIRMA_JOB_THREADS": "0"} | settings
    return Server(command, port, data.parent / f"{data.name}-{port}.log", **settings)


def exchange(port: int, *parts: bytes, timeout: float = 10, pause: float = 0.05) -> bytes:
    """Send raw bytes part by part, then read until the server hangs up or has said what it had to say."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as plug:
        try:
            for part in parts:
                plug.sendall(part)
                time.sleep(pause)
            plug.settimeout(5 if len(parts) == 1 else 1)
            while chunk := plug.recv(65536):
                received += chunk
                plug.settimeout(0.2)
        except (TimeoutError, ConnectionError):
            pass
    return received

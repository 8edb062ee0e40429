"""Addresses to listen on: IPv6, both versions of IP at once, and Unix sockets."""

import json
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.operations.processes import Server, make_server


def write(url: str, **transport: object) -> httpx.Response:
    """Make a country from this machine without a key."""
    with httpx.Client(**transport) as client:
        return client.post(f"{url}/countries", json={"name": "Atlantis"})


def place_server(tmp_path: Path, host: str) -> Server:
    return make_server(tmp_path / "data", TERRAFIRMA_DATASET="starter", TERRAFIRMA_HOST=host)


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_this_machine_may_write_over_ipv6(tmp_path, host):
    if not socket.has_ipv6:
        pytest.skip("There is no IPv6 here.")
    server = place_server(tmp_path, host)
    server.launch()
    try:
        await_answer(url := f"http://[::1]:{server.port}")
        assert write(url).status_code == 201
    finally:
        assert server.stop() == 0


def test_both_versions_of_ip_are_this_machine(tmp_path):
    server = make_server(
        tmp_path / "data",
        TERRAFIRMA_DATASET="starter",
        TERRAFIRMA_HOST="::",
        TERRAFIRMA_LIMIT_REQUESTS="3",
    )
    with server, server.client() as client:
        statuses = {client.send("GET", "/countries/TH").status for _ in range(6)}
    assert statuses == {200}


def test_a_unix_socket_is_listened_on(tmp_path):
    path = tmp_path / "socket"
    for _ in range(2):
        server = place_server(tmp_path, f"unix:{path}")
        server.launch()
        transport = httpx.HTTPTransport(uds=str(path), retries=0)
        await_answer("http://here", transport=transport)
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
            assert client.get("http://here/countries/TH").json()["name"] == "Thailand"
            assert client.post("http://here/countries", json={"name": "X"}).status_code == 401
        # Killed, it leaves the file of its socket behind.
        server.kill()
        assert path.is_socket()


def await_answer(url: str, transport: httpx.HTTPTransport | None = None) -> None:
    command = ["curl", "--silent", "--globoff", "--retry", "60", "--retry-delay", "0"]
    command += ["--retry-all-errors", "--max-time", "30", "--retry-max-time", "30", f"{url}/ready"]
    if transport is not None:
        command += ["--unix-socket", str(transport._pool._uds)]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert json.loads(ended.stdout)

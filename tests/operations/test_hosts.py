"""Addresses to listen on: IPv6, both versions of IP at once, and Unix sockets."""

import socket
import stat
import time
from pathlib import Path

import httpx
import pytest

from tests.operations.processes import START_SECONDS, Server, make_server


def write(url: str, **transport: object) -> httpx.Response:
    """Make a country from this machine without a key."""
    with httpx.Client(**transport) as client:
        return client.post(f"{url}/countries", json={"name": "Atlantis"})


def place_server(tmp_path: Path, host: str) -> Server:
    return make_server(tmp_path / "data", TERRAFIRMA_DATASET="starter", TERRAFIRMA_HOST=host)


@pytest.mark.parametrize("host", ["::1", pytest.param("[::1]", marks=pytest.mark.slow)])
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
        statuses = {client.send("GET", "/countries/1").status for _ in range(6)}
    assert statuses == {200}


def test_a_unix_socket_is_listened_on(tmp_path):
    path = tmp_path / "socket"
    for _ in range(2):
        server = place_server(tmp_path, f"unix:{path}")
        server.launch()
        await_answer("http://here", path)
        # What comes in here is believed where proxies are, so no other user may.
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
            assert client.get("http://here/countries/1").json()["name"] == "Thailand"
            assert client.post("http://here/countries", json={"name": "X"}).status_code == 401
        # Killed, it leaves the file of its socket behind.
        server.kill()
        assert path.is_socket()


def await_answer(url: str, path: Path | None = None) -> None:
    """Return once a server answers; fail if it does not."""
    deadline = time.monotonic() + START_SECONDS
    uds = str(path) if path is not None else None
    while True:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(uds=uds)) as client:
                assert client.get(f"{url}/ready").status_code == 200
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)

"""Lists that are streamed, over the wire: readers who are slow or leave take nothing from the others."""

import socket
import time
from pathlib import Path

from tests.operations.processes import Server, make_server

STREAM = b"GET /countries?format=ndjson&fields=*&id[gt]=250 HTTP/1.1\r\nHost: localhost\r\n\r\n"
CONNECTIONS = 80
"""As many as the pool has."""


def begin_stream(server: Server) -> socket.socket:
    """A reader who asked for everything, and takes little."""
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plug.settimeout(10)
    plug.connect(("127.0.0.1", server.port))
    plug.sendall(STREAM)
    return plug


def test_slow_readers_and_those_who_leave_hold_nobody_up(data: Path) -> None:
    with make_server(data, TERRAFIRMA_MAX_PAGE="1") as server:
        with server.client() as client:
            for number in range(12):
                body = {"name": f"Big {number}", "extra": {"text": "x" * 900_000}}
                assert client.send("POST", "/countries", body).status == 201
        slow = [begin_stream(server) for _ in range(6)]
        statuses = sorted(plug.recv(12) for plug in slow)
        assert statuses == [b"HTTP/1.1 200"] * 2 + [b"HTTP/1.1 503"] * 4
        with server.client() as client:
            assert client.send("GET", "/countries/TH").status == 200
            assert client.send("PATCH", "/countries/TH", {"area": 1}).status == 200
        for plug in slow:
            plug.close()
        for _ in range(CONNECTIONS + 10):
            plug = begin_stream(server)
            assert plug.recv(8) == b"HTTP/1.1"
            plug.close()
        with server.client() as client:
            deadline = time.monotonic() + 10
            while (answer := client.send("GET", STREAM.split()[1].decode())).status == 503:
                assert time.monotonic() < deadline
                time.sleep(float(answer.headers["retry-after"]) / 10)
            assert len(answer.body.splitlines()) == 12

"""Lists that are streamed, over the wire: readers who are slow or leave take nothing from the others."""

import socket
import time
from contextlib import suppress
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


SILENT = 300
MOST_BYTES = 250_000_000
OUTLINES = b"GET /countries?format=geojson&shape=high HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF = (
    b"POST /countries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 99\r\n\r\n{"name'
)


def send(server: Server, request: bytes) -> socket.socket:
    """Send a request and never read the answer."""
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plug.connect(("127.0.0.1", server.port))
    plug.sendall(request)
    return plug


def test_silent_readers_take_little_and_stop_nothing(data: Path) -> None:
    with make_server(data, TERRAFIRMA_LOG="none") as server:
        silent = [send(server, OUTLINES) for _ in range(SILENT)]
        silent += [send(server, STREAM) for _ in range(2)] + [send(server, HALF) for _ in range(2)]
        with server.client() as client:
            for number in range(3):
                assert client.send("PATCH", "/countries/TH", {"area": number + 1}).status == 200
                answer = client.send("GET", "/entries?format=ndjson&kind=language")
                assert answer.status == 200
        used = [process.memory_info().rss for process in server.list_processes()]
        assert max(used) < MOST_BYTES
        # It ends although nobody reads and nobody sends, within the ten seconds of `docker stop`.
        assert server.stop() == 0
        for plug in silent:
            plug.close()


def test_a_reader_who_takes_too_long_is_cut_off(data: Path) -> None:
    with make_server(data, TERRAFIRMA_SEND_SECONDS="1") as server:
        with server.client() as client:
            size = len(client.send("GET", OUTLINES.split()[1].decode()).body)
        with send(server, OUTLINES) as plug:
            plug.settimeout(30)
            plug.recv(1, socket.MSG_PEEK)
            time.sleep(5)
            received = 0
            with suppress(ConnectionError):
                while piece := plug.recv(65_536):
                    received += len(piece)
        assert received < size


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

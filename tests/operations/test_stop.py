"""SIGTERM: what is in flight is finished and answered, then every process ends."""

import json
import signal
import socket
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from tests.operations.processes import WITH_WORKER, Answer, make_server, verify

BODY = json.dumps({"name": "Atlantis"}).encode()
HEAD = (
    b"POST /countries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: " + str(len(BODY)).encode() + b"\r\n\r\n"
)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_write_that_waits_for_its_turn_is_answered_first(
    data: Path, loaded: int, sent: signal.Signals
) -> None:
    server = make_server(data, workers=2)
    answers: list[Answer] = []

    def post() -> None:
        with server.client() as client:
            answers.append(client.send("POST", "/countries", {"name": "Atlantis"}))

    with server:
        blocker = sqlite3.connect(data / "register.sqlite", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        poster = threading.Thread(target=post)
        poster.start()
        time.sleep(0.3)
        server.terminate(sent)
        time.sleep(0.7)
        assert server.running.poll() is None, "it ended with a request in flight"
        assert not answers
        blocker.execute("ROLLBACK")
        blocker.close()
        poster.join(10)
        assert [answer.status for answer in answers] == [201]
        assert server.wait() == 0
    assert verify(data) == loaded + 1


def test_a_body_that_is_still_coming_is_awaited(data: Path, loaded: int) -> None:
    with (
        make_server(data) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as plug,
    ):
        plug.sendall(HEAD + BODY[:5])
        time.sleep(0.3)
        server.terminate()
        time.sleep(0.5)
        assert server.running.poll() is None, "it ended with a request in flight"
        plug.sendall(BODY[5:])
        assert plug.recv(65536).startswith(b"HTTP/1.1 201 ")
        assert server.wait() == 0
    assert verify(data) == loaded + 1


def test_idle_connections_do_not_hold_it_up(data: Path) -> None:
    with make_server(data, workers=2) as server:
        idle = [server.client() for _ in range(20)]
        for client in idle:
            client.get("/health")
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 60


@pytest.mark.parametrize("seconds", [pytest.param(0.1, marks=pytest.mark.slow), 0.4])
def test_it_can_be_stopped_while_it_starts(data: Path, loaded: int, seconds: float) -> None:
    server = make_server(data, workers=2, **WITH_WORKER)
    server.launch()
    try:
        while "Stop with Ctrl+C" not in server.read_log():
            assert server.running.poll() is None
            time.sleep(0.01)
        time.sleep(seconds)
        begun = time.monotonic()
        assert server.stop() in (0, -signal.SIGTERM)
        assert time.monotonic() - begun < 60
    finally:
        if server.list_processes():
            server.kill()
    assert verify(data) == loaded

"""Whoever behaves is served while others do not: bad keys, bodies that never come, connections that say nothing."""

import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.operations.processes import Server, exchange, make_server, run_here

NOISE_SECONDS = 0.01
"""What a busy machine may add to a quiet answer: less than this is not told apart."""
TIMES = 3
IDLE, SLOW, GUESSERS = 150, 40, 2
GUESS = (
    b"GET /countries/TH HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer tf_00000000_%s\r\n\r\n"
    % (b"A" * 43)
)
JSON = b"Content-Type: application/json\r\n"
SLOW_POST = b"POST /countries HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: 9000\r\n\r\n{" % JSON
SLOW_HEAD = b"GET /countries HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


def measure(server: Server, key: str, seconds: float) -> float:
    """The 99th percentile of the seconds that someone with a key waits for a page, at an even pace."""
    waits, end = [], time.monotonic() + seconds
    with server.client() as client:
        number = 0
        while time.monotonic() < end:
            number += 1
            begun = time.monotonic()
            # Another question each time, so that it is not answered from memory.
            answer = client.send(
                "GET", f"/countries?limit=20&area[gte]={number}", Authorization=key
            )
            waits.append(time.monotonic() - begun)
            assert answer.status == 200, answer
            time.sleep(0.005)
    return statistics.quantiles(waits, n=100)[-1]


@contextmanager
def hold(server: Server, count: int, said: bytes) -> Iterator[None]:
    """Connections that say so much, and then no more."""
    with ExitStack() as stack:
        for _ in range(count):
            plug = stack.enter_context(
                socket.create_connection(("127.0.0.1", server.port), timeout=10)
            )
            plug.sendall(said)
        yield


@contextmanager
def repeat(action: Callable[[], object], threads: int, pause: float) -> Iterator[list[object]]:
    """Do something over and over beside everything else; what came of it."""
    stop, found = threading.Event(), []

    def run() -> None:
        while not stop.wait(pause):
            found.append(action())

    workers = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    yield found
    stop.set()
    for worker in workers:
        worker.join(20)


def abuse(data: Path, seconds: float) -> tuple[float, float]:
    """Seconds that someone with a key waits, in quiet and under abuse; each answer must be a 200."""
    made = run_here("keys", "create", "--role", "reader", "--requests", "1000000", "--data", data)
    key = f"Bearer {made.stdout.strip()}"
    with make_server(data) as server:
        measure(server, key, 0.5)
        quiet = measure(server, key, seconds)
        with (
            hold(server, IDLE, b""),
            hold(server, SLOW, SLOW_HEAD),
            hold(server, SLOW, SLOW_POST),
            repeat(lambda: exchange(server.port, GUESS, pause=0)[9:12], GUESSERS, 0.02) as guesses,
        ):
            abused = measure(server, key, seconds)
        assert len(guesses) > 10
        assert set(guesses) <= {b"401", b"429"}
        assert "Traceback" not in server.read_log()
    return quiet, abused


@pytest.mark.slow
def test_abuse_does_not_keep_others_waiting(data: Path) -> None:
    quiet, abused = abuse(data, 3)
    print(f"{abused:.4f} s, and {quiet:.4f} s when it is quiet")


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_abuse_does_not_keep_others_waiting_for_long(data: Path) -> None:
    quiet, abused = abuse(data, float(os.environ.get("SECONDS_OF_ABUSE", "120")))
    assert abused <= TIMES * max(quiet, NOISE_SECONDS)

"""A bounded load generator: one thread, keep-alive connections, every answer checked.

It reads status and length of each answer and nothing more, and says which share of a core it used itself:
well below 1.00 means that the server, not the generator, set the pace.
"""

import selectors
import socket
from collections.abc import Iterator
from time import perf_counter, process_time
from typing import NamedTuple

CONNECTIONS = 16
CHUNK = 262_144
MOST = 1_000_000
"""Requests of one measurement, however fast the server is."""
LENGTH = (b"\ncontent-length: ", b"\nContent-Length: ")
IN_CHUNKS = b"\ntransfer-encoding: chunked"
LAST_CHUNK = b"\r\n0\r\n\r\n"
UNKNOWN = -1
"""Bytes that are missing of an answer in chunks, until the last of them has come."""
HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds that an answer may take."""


class Pace(NamedTuple):
    """Answers a second, and the generator's own share of a core meanwhile."""

    rate: float
    busy: float


def get(path: str) -> bytes:
    """A GET as its bytes."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """A POST of JSON as its bytes."""
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


class Client:
    """One connection, with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.missing = 0
        """Bytes of the answer under way that have not come; 0: nothing has come yet."""
        self.tail = b""
        """The end of an answer in chunks, as far as it has come."""

    def take(self) -> bool:
        """Read what came; whether the answer is whole."""
        data = self.socket.recv(CHUNK)
        if not data:
            raise ConnectionError("the server closed a connection")
        if self.missing == UNKNOWN:
            self.tail = (self.tail + data)[-len(LAST_CHUNK) :]
            self.missing = 0 if self.tail == LAST_CHUNK else UNKNOWN
        elif self.missing:
            self.missing -= len(data)
        elif is_in_chunks(data):
            self.tail = data[-len(LAST_CHUNK) :]
            self.missing = 0 if self.tail == LAST_CHUNK else UNKNOWN
        else:
            self.missing = measure(data) - len(data)
        return not self.missing

    def ask(self, request: bytes) -> float:
        """Send one request, read its answer; the seconds that took."""
        begun = perf_counter()
        self.socket.sendall(request)
        while not self.take():
            pass
        return perf_counter() - begun

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def is_in_chunks(data: bytes) -> bool:
    """Whether an answer is a success whose length only its end tells."""
    return data[9:10] == b"2" and IN_CHUNKS in data[: data.find(b"\r\n\r\n")].lower()


def measure(data: bytes) -> int:
    """The length of an answer, from its head; ValueError if it is not a success that names it."""
    end = data.find(b"\r\n\r\n")
    place = max(data.find(name, 0, end) for name in LENGTH)
    if data[9:10] != b"2" or end < 0 or place < 0:
        raise ValueError(f"not the answer that was expected: {data[:300]!r}")
    return end + 4 + int(data[place + len(LENGTH[0]) : data.index(b"\r", place + 1)])


def pour(
    port: int, requests: Iterator[bytes], seconds: float, connections: int = CONNECTIONS
) -> Pace:
    """Keep every connection busy for a time."""
    clients = [Client(port) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    for client in clients:
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.socket.sendall(next(requests))
    answers, begun, used = 0, perf_counter(), process_time()
    open_answers, last = connections, begun + seconds
    while open_answers:
        ready = selector.select(PATIENCE)
        if not ready:
            raise TimeoutError(f"no answer in {PATIENCE:.0f} s")
        going_on = perf_counter() < last and answers < MOST
        for key, _ in ready:
            if key.data.take():
                answers += 1
                if going_on:
                    key.data.socket.sendall(next(requests))
                else:
                    open_answers -= 1
    taken, own = perf_counter() - begun, process_time() - used
    selector.close()
    for client in clients:
        client.close()
    return Pace(answers / taken, own / taken)


def warm(port: int, requests: Iterator[bytes], count: int = 200) -> None:
    """Let a server meet its first requests before they are counted."""
    client = Client(port)
    for _ in range(count):
        client.ask(next(requests))
    client.close()

"""A receiver of webhooks: a real server on this machine that keeps what it is sent and answers as it is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks import Webhook

from terrafirma.register.model.canonical_json import decode


class Received(NamedTuple):
    """A message as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        """What it says."""
        return decode(self.body)

    @property
    def entry(self) -> int:
        """The number of the entry it tells of."""
        return int(self.json["data"]["number"])

    def check(self, secret: str) -> Any:
        """What it says, once its signature was found good."""
        return Webhook(secret).verify(self.body, self.headers)


Reply = Callable[[BaseHTTPRequestHandler, Received], None]
"""Answers a message."""


def answer(status: int, body: bytes = b"", **headers: str) -> Reply:
    """The same answer to every message."""

    def reply(handler: BaseHTTPRequestHandler, _: Received) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


class Receiver:
    """What was received so far; `reply` says what is answered from now on."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.reply: Reply = answer(204)
        self.together = self.most_together = 0
        self.lock = threading.Lock()
        self.url = ""

    def list_entries(self) -> list[int]:
        """The numbers of the entries told of, in order, repeats and all."""
        with self.lock:
            return [each.entry for each in self.received]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep a message and answer it."""
        size = int(handler.headers["Content-Length"])
        body = handler.rfile.read(size)
        if len(body) < size:  # its sender was killed over it
            return
        message = Received({name.lower(): value for name, value in handler.headers.items()}, body)
        with self.lock:
            self.received.append(message)
            self.together += 1
            self.most_together = max(self.most_together, self.together)
        try:
            self.reply(handler, message)
        finally:
            with self.lock:
                self.together -= 1


class Quiet(ThreadingHTTPServer):
    """A server that says nothing of receivers that hang up."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """What a courier cuts off is no fault."""


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """A receiver, for a while."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            receiver.take(self)

        def log_message(self, *_: Any) -> None:
            """Silence."""

    with Quiet(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()

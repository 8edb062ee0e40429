"""A register with an admin, couriers to start, and a clock that can be moved, for the tests of webhooks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from flask import Flask

from terrafirma.http.app.context import EXTENSION, AppState
from terrafirma.work.webhook_sender import WebhookSender
from tests.conftest import make_key
from tests.work.conftest import wait_until
from tests.work.receivers import Receiver

LOCAL = "127.0.0.0/8"


class Clock:
    """The time couriers go by."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move_to(self, instant: str) -> None:
        """Let it be an instant, and a little more."""
        self.ahead = (
            datetime.fromisoformat(instant) - datetime.now(UTC) + timedelta(milliseconds=10)
        )


class Office:
    """Where webhooks are decided about and served."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.client, self.clock = app.test_client(), clock
        self.state: AppState = app.extensions[EXTENSION]
        self.headers = make_key(app, "admin")

    def ask(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        """What an admin is answered."""
        answer = self.client.open(path, method=method, json=body, headers=self.headers)
        assert answer.status_code == (status or {"POST": 201, "DELETE": 204}.get(method, 200)), (
            answer.json
        )
        return answer.json

    def add(self, receiver: Receiver, **more: Any) -> Any:
        """A new webhook to a receiver."""
        return self.ask("POST", "/webhooks", {"url": receiver.url, **more})

    def look(self, id: int = 1) -> Any:
        """A webhook as it is."""
        return self.ask("GET", f"/webhooks/{id}")

    def list_deliveries(self, id: int = 1, **query: str) -> Any:
        """What was sent, oldest first."""
        rest = "&".join(f"{name}={value}" for name, value in query.items())
        return self.ask("GET", f"/webhooks/{id}/deliveries?{rest}")[::-1]

    def write(self, count: int = 1) -> list[int]:
        """Change Thailand so often; the numbers of the entries."""
        first = self.ask("GET", "/")["entries"] + 1
        for number in range(count):
            self.ask("PATCH", "/countries/TH", {"extra": {"n": first + number}})
        return list(range(first, first + count))

    def courier(self) -> WebhookSender:
        """A courier of this register."""
        callers = self.state.callers
        return WebhookSender(
            self.state.database, callers.vault, callers.secret, (ip_network(LOCAL),)
        )

    def serve(self, id: int = 1) -> None:
        """Have a webhook told what can be told now, if it is its time."""
        courier = self.courier()
        if id in courier.list_due():
            courier.serve(id)

    @contextmanager
    def couriers(self, count: int = 1) -> Iterator[None]:
        """Couriers at work, for a while."""
        stop = threading.Event()
        threads = [threading.Thread(target=self.courier().run, args=(stop,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def wait_for(self, receiver: Receiver, count: int) -> None:
        """Return once so many messages came."""
        wait_until(lambda: len(receiver.received) >= count)

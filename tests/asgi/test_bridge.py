"""The bridge, with clients that do not read: how many lists of theirs go to files."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from terrafirma.asgi import bridge
from terrafirma.asgi.bridge import Bridge
from terrafirma.http.middleware.response_cache import KNOWN_ONLY, NotKnown

SECONDS = 0.4
"""The time a client has for a piece."""


def app(environ: dict[str, Any], start_response: Any) -> Any:
    """A list of three pieces, for the sender that a proxy named."""
    if KNOWN_ONLY in environ:
        raise NotKnown
    environ["REMOTE_ADDR"] = environ["HTTP_X_SENDER"]
    start_response("200 OK", [("Content-Type", "application/x-ndjson")])
    return (b"x" * 100_000 for _ in range(3))


class Client:
    """A client that reads the head of an answer and, if at all, its body once it is let."""

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.received = 0
        self.reads = asyncio.Event()
        self.is_whole = False

    async def ask(self, served: Bridge) -> None:
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "raw_path": b"/",
            "query_string": b"", "server": ("127.0.0.1", "1"), "client": ("127.0.0.1", "2"),
            "headers": [(b"x-sender", self.sender.encode())],
        }  # fmt: skip
        await served(scope, self.receive, self.send)

    async def receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await self.reads.wait()
            self.received += len(message["body"])
            self.is_whole = not message["more_body"]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bridge:
    """A bridge whose patience is short, and which lets an address have two lists in files."""
    monkeypatch.setattr(bridge, "PATIENCE", 0.02)
    monkeypatch.setattr(bridge, "ADDRESS_SPOOLS", 2)
    return Bridge(app, 8, SECONDS, tmp_path)


async def read_late(served: Bridge, *senders: str) -> list[bool]:
    """Clients that begin to read when all of their lists are in files; True for each that got all."""
    clients = [Client(each) for each in senders]
    asking = [asyncio.create_task(client.ask(served)) for client in clients]
    await asyncio.sleep(SECONDS / 2)
    for client in clients:
        client.reads.set()
    await asyncio.gather(*asking)
    return [client.is_whole for client in clients]


def test_an_address_leaves_room_in_files_for_others(served):
    assert asyncio.run(read_late(served, "a", "a", "a", "b")) == [True, True, False, True]
    # All room is given back.
    assert asyncio.run(read_late(served, "a", "a", "b")) == [True] * 3


def test_room_is_given_back_where_the_disk_is_full(served, monkeypatch):
    def fail(**_named: object) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(bridge.tempfile, "TemporaryFile", fail)
        assert asyncio.run(read_late(served, "a", "a")) == [False] * 2
    assert asyncio.run(read_late(served, "a", "a")) == [True] * 2

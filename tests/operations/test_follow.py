"""Following the log over the wire: who follows from 0 has the register, whatever happens to the server meanwhile."""

import json
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from terrafirma.register.log.history import GENESIS, entry_hash, payload_hash
from terrafirma.register.log.projection import project_entry
from terrafirma.register.model.canonical_json import decode, encode, same
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.timelines import render
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.register.entries import EntryRow
from terrafirma.storage.register.projections import read_between
from tests.operations.processes import Client, Server, make_server, verify

PATIENCE = 120


class Follower(threading.Thread):
    """A client of the stream that comes back where it was, as an EventSource does, until it has seen an entry."""

    def __init__(self, port: int, last: int | None = None) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.last = last
        """The entry to wait for; None: to be told."""
        self.entries: list[dict[str, Any]] = []
        self.connections = 0

    def run(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.is_done() and time.monotonic() < deadline:
            try:
                self.read()
            except (OSError, ValueError):
                time.sleep(0.05)

    def is_done(self) -> bool:
        return bool(self.entries) and self.entries[-1]["number"] == self.last

    def read(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as plug:
            seen = self.entries[-1]["number"] if self.entries else 0
            plug.sendall(
                f"GET /entries/stream HTTP/1.0\r\nHost: localhost\r\nLast-Event-ID: {seen}\r\n\r\n".encode()
            )
            lines = plug.makefile("rb")
            if lines.readline().split()[1] != b"200":
                raise ValueError
            self.connections += 1
            for line in lines:
                name, _, value = line.partition(b": ")
                if name == b"data":
                    self.entries.append(json.loads(value))
                    if self.is_done():
                        return


def write_for_a_while(port: int, number: int, done: threading.Event) -> None:
    """Every kind of change, again and again, whatever becomes of it."""
    place = 0
    while not done.is_set():
        place += 1
        try:
            with Client(port, timeout=5) as client:
                made = client.send(
                    "POST", "/countries", {"name": f"New {number} {place}", "area": place}
                )
                key = f"/countries/{made.json['id']}"
                client.send(
                    "PATCH", f"{key}?effective=2030", {"area": place + 1, "extra": {"place": place}}
                )
                client.send("DELETE", key)
                entry = client.get(f"{key}/entries")[0]["number"]
                client.send("POST", f"{key}/revert", {"entry": entry})
                client.send("PATCH", "/countries/TH", {"area": place})
        except (OSError, KeyError, ValueError, AssertionError):
            time.sleep(0.1)


def check_chain(entries: list[dict[str, Any]]) -> list[EntryRow]:
    """The entries as rows, once each was found to follow from the one before."""
    rows, last = [], GENESIS
    for number, entry in enumerate(entries, 1):
        documents = {
            name: entry[name] and encode(entry[name]).decode() for name in ("before", "after")
        }
        row = EntryRow(**entry | documents)
        assert (row.number, row.previous) == (number, last)
        assert row.payload_hash == payload_hash(row.before, row.after)
        assert row.hash == entry_hash(row)
        rows.append(row)
        last = row.hash
    return rows


def check_rebuilt(entries: list[dict[str, Any]], client: Client, url: str) -> None:
    """What the entries alone say is what the server answers, and what stands in its tables."""
    rows = check_chain(entries)
    documents = [decode(row.after) if row.after else None for row in rows]
    made = [
        project_entry(row, render(document) if document else [], document)
        for row, document in zip(rows, documents, strict=True)
    ]
    left = {(row.kind, row.id): part.versions for row, part in zip(rows, made, strict=True)}
    today = time.strftime("%Y-%m-%d", time.gmtime())
    states = [
        state for (kind, _), held in sorted(left.items()) if kind == COUNTRY.name for state in held
    ]
    shown = [
        decode(state.document) for state in states if state.valid_from <= today < state.valid_to
    ]
    assert same(client.list_countries("*"), shown)
    database = open_database(url)
    with database.reading() as connection:
        actual = read_between(connection, 1, rows[-1].number)
    database.close()
    for table in ("versions", "keys", "terms"):
        assert {each for part in made for each in getattr(part, table)} == set(
            getattr(actual, table)
        )


def settings_of(
    kind: str, data: Path, request: pytest.FixtureRequest
) -> tuple[str, dict[str, str]]:
    """Where the register is, and the settings that say so."""
    if kind == "postgresql":
        url = request.getfixturevalue("filled_postgresql_url")
        strict = {"TERRAFIRMA_HOT_CACHE_CHECK": "always"}
        return url, {"DATABASE_URL": url, "TERRAFIRMA_LOG": "none"} | strict
    return f"sqlite:///{data / 'register.sqlite'}", {"TERRAFIRMA_LOG": "none"}


def wait_for_entries(server: Server, count: int) -> None:
    """Return once a log is so long."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with server.client() as client:
            if client.get("/checkpoint")["entries"] >= count:
                return
        time.sleep(0.1)
    raise AssertionError(f"there are no {count} entries after {PATIENCE} seconds")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_who_follows_from_the_beginning_has_the_register(
    kind: str, data: Path, loaded: int, request: pytest.FixtureRequest
) -> None:
    """Two workers, three writers, and every process of the server killed in between."""
    url, settings = settings_of(kind, data, request)
    server = make_server(data, workers=2, **settings)
    done = threading.Event()
    with server:
        followers = [Follower(server.port) for _ in range(3)]
        writers = [
            threading.Thread(target=write_for_a_while, args=(server.port, each, done))
            for each in range(3)
        ]
        for thread in [*followers, *writers]:
            thread.start()
        wait_for_entries(server, loaded + 20)
        server.kill()
        server.start()
        wait_for_entries(server, loaded + 40)
        done.set()
        for thread in writers:
            thread.join(PATIENCE)
        with server.client() as client:
            last = client.get("/checkpoint")["entries"]
            for follower in followers:
                follower.last = last
                follower.join(PATIENCE)
            assert all(follower.is_done() for follower in followers)
            assert all(follower.connections >= 2 for follower in followers)
            assert followers[0].entries == followers[1].entries == followers[2].entries
            check_rebuilt(followers[0].entries, client, url)
    print(f"{kind}: {last} entries")
    assert last > loaded + 30
    assert verify(data, **settings) == last


@pytest.mark.parametrize(
    "sent", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_open_streams_do_not_hold_the_end_up(data: Path, loaded: int, sent: signal.Signals) -> None:
    with make_server(data, workers=2) as server:
        plugs = [open_stream(server, loaded) for _ in range(6)]
        begun = time.monotonic()
        assert server.stop(sent) == 0
        assert time.monotonic() - begun < 60
        for plug in plugs:
            assert read_all(plug).endswith(b"0\r\n\r\n"), "cut off, not ended"
            plug.close()


def test_streams_over_the_cap_are_told_so_and_take_nothing_from_others(
    data: Path, loaded: int
) -> None:
    settings = {"TERRAFIRMA_MAX_STREAMS": "3", "TERRAFIRMA_THREADS": "1"}
    with make_server(data, **settings) as server, server.client() as client:
        plugs = [open_stream(server, loaded) for _ in range(3)]
        refused = client.send("GET", "/entries/stream")
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert refused.json == {
            "error": "3 streams are open, as many as this server takes; try again later."
        }
        assert client.send("PATCH", "/countries/TH", {"area": 1}).status == 200
        for plug in plugs:
            assert b'"number":%d' % (loaded + 1) in plug.recv(100_000)
            plug.close()
        deadline = time.monotonic() + PATIENCE
        while (
            answer := client.send("HEAD", "/countries/TH")
        ).status == 200 and time.monotonic() < deadline:
            # Who left is noticed when there is something to tell.
            client.send("PATCH", "/countries/TH", {"area": time.monotonic()})
            try:
                open_stream(server, loaded + 1).close()
                break
            except AssertionError:
                time.sleep(0.2)
        assert answer.status == 200
        assert time.monotonic() < deadline


def open_stream(server: Server, since: int) -> socket.socket:
    """A stream that was answered."""
    plug = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    plug.sendall(f"GET /entries/stream?since={since} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    told = b""
    while b"retry: " not in told and b"503" not in told:
        told += plug.recv(4096)
    assert told.startswith(b"HTTP/1.1 200 "), told
    return plug


def read_all(plug: socket.socket) -> bytes:
    """What still comes, until the server hangs up."""
    told = b""
    while piece := plug.recv(4096):
        told += piece
    return told

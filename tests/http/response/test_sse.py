"""`/entries/stream`: entries as events, from where a client is, to whom the log goes on for."""

import json
import threading
import time

import pytest

from terrafirma.dataset.load import fill, read_dataset
from terrafirma.http.app.context import EXTENSION
from terrafirma.http.response import sse
from terrafirma.register.log.history import Draft, append
from terrafirma.storage.register.backup import clear_contents

SECONDS = 10


@pytest.fixture
def state(client):
    return client.application.extensions[EXTENSION]


@pytest.fixture
def last(client):
    """The number of the last entry."""
    return client.get("/checkpoint").json["entries"]


class Follower:
    """A client of a stream; `take` waits for events."""

    def __init__(self, client, query="", **headers):
        self.response = client.get(f"/entries/stream{query}", headers=headers)
        self.pieces = self.response.iter_encoded()
        self.text = ""

    def take(self, count):
        """The next events as `{field: value}`."""
        deadline = time.monotonic() + SECONDS
        while self.text.count("\n\n") < count and time.monotonic() < deadline:
            self.text += next(self.pieces, b"").decode()
        *told, self.text = self.text.split("\n\n", count)
        return [dict(line.split(": ", 1) for line in each.splitlines()) for each in told]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.response.close()


def test_events_carry_entries_from_a_number_on(client, last):
    with Follower(client, f"?since={last - 2}") as follower:
        retry, first, second = follower.take(3)
        assert int(retry["retry"]) > 0
        assert (first["id"], second["id"]) == (str(last - 1), str(last))
        assert json.loads(second["data"]) == client.get(f"/entries?since={last - 1}").json[0]
        client.patch("/countries/TH", json={"area": 1})
        client.patch("/countries/TH", json={"area": 2})
        assert [each["id"] for each in follower.take(2)] == [str(last + 1), str(last + 2)]


def test_a_client_that_comes_back_goes_on_where_it_was(client, last):
    with Follower(client, "?since=0", **{"Last-Event-ID": str(last - 1)}) as follower:
        assert [each["id"] for each in follower.take(2)[1:]] == [str(last)]


def test_answers_are_neither_compressed_nor_kept(client, last):
    for _ in range(2):
        with Follower(client, f"?since={last - 1}", **{"Accept-Encoding": "br, gzip"}) as follower:
            headers = follower.response.headers
            assert headers["Content-Type"].startswith("text/event-stream")
            assert headers["Cache-Control"] == "no-store"
            assert not {"Content-Encoding", "ETag", "Content-Length"} & set(headers.keys())
            assert [each["id"] for each in follower.take(2)[1:]] == [str(last)]
        client.patch("/countries/TH", json={"area": 1})


@pytest.mark.parametrize(
    ("query", "kind", "ids"),
    [
        ("?kind=country", "country", {1, 3, 76}),
        ("?kind=names", "names", {1}),
        ("?kind=country&record=th", "country", {1}),
        ("?kind=names&record=1", "names", {1}),
        ("?kind=country&record=3", "country", {3}),
    ],
)
def test_filters(client, last, query, kind, ids):
    with Follower(client, f"{query}&since={last}") as follower:
        follower.take(1)
        for key in ("TH", "EG", "FR"):
            client.patch(f"/countries/{key}", json={"area": 1})
        client.delete("/countries/TH?dependents=remove")
        log = client.get(f"/entries?since={last}").json
        numbers = [entry["number"] for entry in log if entry["kind"] == kind and entry["id"] in ids]
        assert numbers
        assert [int(each["id"]) for each in follower.take(len(numbers))] == numbers
        assert [
            entry["number"] for entry in client.get(f"/entries{query}&since={last}").json
        ] == numbers


def test_a_head_takes_no_place(client, state):
    for _ in range(state.settings.max_streams + 1):
        assert client.head("/entries/stream").status_code == 200


@pytest.mark.parametrize(
    ("query", "headers", "said"),
    [
        ("?since=99999", {}, "since names entry 99999, but the newest is"),
        ("", {"Last-Event-ID": "x"}, "Last-Event-ID must be a whole number"),
        ("?since=-1", {}, "since must be a whole number"),
        ("?kind=county", {}, "kind must be country or "),
        ("?record=TH", {}, "record needs a kind"),
        ("?limit=1", {}, '"limit" is not a parameter here'),
    ],
)
def test_what_cannot_be_followed(client, query, headers, said):
    answer = client.get(f"/entries/stream{query}", headers=headers)
    assert (answer.status_code, said in answer.json["error"]) == (400, True), answer.json


def test_a_record_that_never_was_cannot_be_followed(client):
    assert client.get("/entries/stream?kind=country&record=QQ").status_code == 404


def test_there_may_be_only_so_many_and_who_leaves_makes_room(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, max_streams=2).test_client()
    with Follower(client) as first, Follower(client) as second:
        assert [len(each.take(1)) for each in (first, second)] == [1, 1]
        answer = client.get("/entries/stream")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json == {
            "error": "2 streams are open, as many as this server takes; try again later."
        }
        second.response.close()
        with Follower(client) as third:
            assert third.take(1)


def test_an_address_may_have_only_so_many(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, max_streams=3, address_streams=2).test_client()
    with Follower(client) as first, Follower(client) as second:
        assert [len(each.take(1)) for each in (first, second)] == [1, 1]
        answer = client.get("/entries/stream")
        assert answer.status_code == 503
        assert answer.json["error"].startswith("2 streams are open from your address")
        elsewhere = client.get("/entries/stream", environ_base={"REMOTE_ADDR": "192.0.2.1"})
        assert elsewhere.status_code == 200
        elsewhere.close()


def test_heartbeats_tell_that_the_stream_is_open(client, last, monkeypatch):
    monkeypatch.setattr(sse, "SECONDS_BETWEEN_HEARTBEATS", 0.05)
    with Follower(client, f"?since={last}") as follower:
        follower.take(1)
        pieces = [next(follower.pieces) for _ in range(2)]
    assert pieces == [b":\n\n"] * 2


def test_nothing_is_asked_of_the_log_while_nothing_is_written(client, last, state, monkeypatch):
    asked = []
    read = sse.read_new_entries
    monkeypatch.setattr(sse, "read_new_entries", lambda *given: asked.append(given) or read(*given))
    threading.Timer(1.5, state.stopping.set).start()
    with Follower(client, f"?since={last}") as follower:
        assert list(follower.pieces) == [b"retry: 2000\n\n"]
    assert len(asked) <= 2


def test_a_stream_ends_when_the_server_stops(client, last, state):
    with Follower(client, f"?since={last}") as follower:
        follower.take(1)
        threading.Timer(0.2, state.stopping.set).start()
        assert list(follower.pieces) == []


@pytest.mark.parametrize("grown", [False, True])
def test_a_register_that_is_started_over_ends_the_stream(open_app, database_url, grown):
    """Also where the new log is longer than the old: its entries are others."""
    client = open_app(database_url, dataset="starter").test_client()
    client.patch("/countries/TH", json={"area": 1})
    last = client.get("/checkpoint").json["entries"]
    database = client.application.extensions[EXTENSION].database
    with Follower(client, f"?since={last - 1}") as follower:
        follower.take(1)
        threading.Timer(0.3, start_over, (database, grown)).start()
        told = [piece for piece in follower.pieces if piece != sse.HEARTBEAT]
        assert told[-1] == b"event: replaced\nid:\ndata: {}\n\n"
        assert len(told) <= 2


def start_over(database, grown):
    more = [{"id": 900 + number, "name": f"New {number}"} for number in range(3 if grown else 0)]
    with database.writing() as connection:
        clear_contents(connection)
        fill(connection, read_dataset("starter"))
        if more:
            append(
                connection,
                "test",
                [Draft("create", "country", each["id"], None, each) for each in more],
            )

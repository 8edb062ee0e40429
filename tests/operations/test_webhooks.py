"""Webhooks of real servers and workers: nothing is lost when they are killed; the example receives."""

import sqlite3
import subprocess
import sys
import threading
import time
from itertools import groupby
from pathlib import Path

import pytest

from tests.operations.processes import (
    TERRAFIRMA,
    WITH_WORKER,
    Server,
    clean_environment,
    make_server,
    run_here,
)
from tests.postgres_server import find_free_port
from tests.work.conftest import wait_until
from tests.work.receivers import receiving

EXAMPLE = Path(__file__).parents[2] / "examples" / "webhook_consumer.py"
LOCAL = {"TERRAFIRMA_WEBHOOK_NETWORKS": "127.0.0.0/8"}
WRITERS, WRITES = 3, 60
SECONDS = 90
"""How long the last entry may take on a busy machine."""


def make_bearer(data, **settings):
    """Headers with an admin's key."""
    made = run_here("keys", "create", "--role", "admin", "--data", data, **settings)
    assert made.exit_code == 0, made.output
    return {"Authorization": f"Bearer {made.stdout.strip()}"}


def start_worker(data, number, **settings):
    """A worker in a process of its own."""
    worker = Server(
        [TERRAFIRMA, "worker", "--data", str(data)],
        0,
        data.parent / f"worker-{number}.log",
        **settings,
    )
    worker.launch()
    return worker


def write(server, bearer, number, counted):
    """Make countries, one after another."""
    with server.client() as client:
        for count in range(WRITES):
            answer = client.send("POST", "/countries", {"name": f"W{number}-{count}"}, **bearer)
            assert answer.status == 201, answer
            counted.append(answer.status)


@pytest.mark.parametrize("kills", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_no_entry_is_lost_or_out_of_order_when_workers_are_killed(small_world_url, tmp_path, kills):
    data, settings = tmp_path / "data", {"DATABASE_URL": small_world_url, **LOCAL}
    bearer, counted = make_bearer(data, **settings), []
    with (
        receiving() as receiver,
        make_server(data, **settings) as server,
    ):
        with server.client() as client:
            made = client.send("POST", "/webhooks", {"url": receiver.url}, **bearer)
            assert made.status == 201, made
        workers = [start_worker(data, number, **settings) for number in range(2)]
        writers = [
            threading.Thread(target=write, args=(server, bearer, number, counted))
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        for kill in range(kills):
            came = len(receiver.received)
            wait_until(lambda came=came: len(receiver.received) > came + 10)
            for place in range(2):
                workers[place].kill()
                workers[place] = start_worker(data, 2 * kill + place, **settings)
        for writer in writers:
            writer.join()
        expected = list(range(made.json["position"] + 1, made.json["position"] + len(counted) + 1))
        deadline = time.monotonic() + SECONDS
        while expected[-1] not in receiver.list_entries()[-5:] and time.monotonic() < deadline:
            time.sleep(0.1)
        for worker in workers:
            worker.stop()
    told = receiver.list_entries()
    repeats = len(told) - len(expected)
    print(
        f"{len(expected)} entries, {len(told)} messages, {repeats} repeats, {2 * kills} workers killed"
    )
    assert [number for number, _ in groupby(told)] == expected
    assert repeats <= 2 * kills
    for message in receiver.received:
        assert message.check(made.json["secret"])["data"]["number"] == message.entry


def test_the_example_receives_what_is_written(data, tmp_path):
    bearer, port, copy = make_bearer(data), find_free_port(), tmp_path / "copy.sqlite"
    url = f"http://127.0.0.1:{port}/hook"
    made = run_here("webhooks", "create", url, "--data", data, **LOCAL)
    assert made.exit_code == 0, made.output
    (tmp_path / "secret").write_text(made.stdout)
    command = [sys.executable, str(EXAMPLE), str(tmp_path / "secret"), str(copy), str(port)]
    with make_server(data, **LOCAL, **WITH_WORKER) as server, server.client() as client:
        for area in (1, 2):
            assert client.send("PATCH", "/countries/TH", {"area": area}, **bearer).status == 200
        assert client.send("DELETE", "/countries/BV", **bearer).status == 204
        with (tmp_path / "log").open("wb") as log:
            consumer = subprocess.Popen(command, env=clean_environment(), stdout=log, stderr=log)
        try:
            client.send("POST", "/webhooks/1/test", **bearer)
            wait_until(lambda: client.send("GET", "/webhooks/1", **bearer).json["behind"] == 0)
            records = read_copy(copy)
            assert client.send("POST", "/webhooks/1/replay", {"since": 0}, **bearer).status == 202
            client.send("PATCH", "/webhooks/1", {"paused": True}, **bearer)
            assert post(port, b'{"type": "country.changed"}') == 400
        finally:
            consumer.terminate()
            consumer.wait()
    (thailand,) = [document for kind, id, document in records if document and '"TH"' in document]
    assert '"area": 2' in thailand
    assert [kind for kind, _, document in records if document is None] == ["country", "names"]
    assert "it works" in (tmp_path / "log").read_text()


def post(port, body):
    """What the example answers to someone who signs nothing."""
    with Server([], port, Path()).client() as client:
        client.connection.request("POST", "/hook", body, {"webhook-id": "x"})
        return client.connection.getresponse().status


def read_copy(copy):
    """The records that the example keeps."""
    with sqlite3.connect(copy) as opened:
        return opened.execute("SELECT kind, id, document FROM records ORDER BY kind, id").fetchall()


def test_webhooks_from_the_command_line(data):
    with (
        receiving() as receiver,
        make_server(data, **LOCAL, **WITH_WORKER) as server,
        server.client() as client,
    ):
        bearer = make_bearer(data)

        def run(*arguments):
            ran = run_here("webhooks", *arguments, "--data", data, **LOCAL)
            assert ran.exit_code == 0, ran.output
            return ran.stdout.strip()

        old = run(
            "create",
            receiver.url,
            "--record",
            "country/TH",
            "--field",
            "area",
            "--description",
            "Areas",
        )
        new = run("rotate", "1", "--overlap", "1")
        assert run("list").startswith(f"1  {receiver.url}  active")
        for body in ({"area": 1}, {"population": 1, "population_year": 2026}, {"area": 2}):
            client.send("PATCH", "/countries/TH", body, **bearer)
        wait_until(lambda: len(receiver.received) == 2)
        assert [receiver.received[place].check(secret) for place, secret in ((0, old), (1, new))]
        run("pause", "1")
        run("test", "1")
        wait_until(lambda: len(receiver.received) == 3)
        wait_until(lambda: "3  webhook.test  delivered  1 attempt" in run("deliveries", "1"))
        run("replay", "1", "--since", "0")
        run("resume", "1")
        wait_until(lambda: len(receiver.received) == 6)
        assert [each.json["type"] for each in receiver.received[3:]] == [
            "country.created",
            *["country.changed"] * 2,
        ]
        run("delete", "1")
        assert run("list") == ""


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("create", "http://10.0.0.1/"), "url leads to 10.0.0.1, which is not public"),
        (("create", "nowhere"), "url must be a web address"),
        (("create", "http://8.8.8.8/", "--kind", "planet"), "kinds.0 must be among country, "),
        (
            ("create", "http://8.8.8.8/", "--since", "999999999"),
            "since must be the number of an entry",
        ),
        (("replay", "7", "--since", "0"), "There is no webhook 7."),
        (("delete", "7"), "There is no webhook 7."),
        (("deliveries", "7"), "There is no webhook 7."),
    ],
)
def test_what_cannot_be_done_is_said(filled_world, arguments, fault):
    told = run_here("webhooks", *arguments, "--data", filled_world)
    assert told.exit_code != 0
    assert fault in told.output

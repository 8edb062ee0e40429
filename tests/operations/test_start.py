"""Starting: a full register in seconds, one server to a port and a directory, plain words where it cannot be."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import psutil
import pytest

from terrafirma.commands.main import main
from terrafirma.commands.terminal import Refusing
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from tests.operations.processes import (
    START_SECONDS,
    WITH_WORKER,
    Server,
    make_server,
    run_command,
    run_here,
    verify,
)
from tests.postgres_server import find_free_port

Make = Callable[..., Server]


@pytest.fixture
def make() -> Iterator[Make]:
    """`make_server`, and an end to whatever was started."""
    made: list[Server] = []

    def keep(*arguments: object, **settings: object) -> Server:
        made.append(make_server(*arguments, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield keep
    for server in made:
        if server.process is not None and server.list_processes():
            server.kill()


def refusal(server: Server) -> str:
    """The one line that a server which could not start left behind."""
    assert server.running.wait(START_SECONDS) == 1
    lines = server.read_log().splitlines()
    said = [line for line in lines if line.startswith("Error: ")]
    assert len(said) == 1, lines
    assert "Traceback" not in server.read_log()
    return said[0]


def test_a_fresh_register_holds_the_world(tmp_path: Path, make: Make) -> None:
    server = make(tmp_path / "data")
    first = server.start("/countries")
    with server.client() as client:
        countries = client.list_countries("id,name,alpha2")
        assert client.get("/countries/TH")["capital"] == "Bangkok"
    assert len(countries) == 250
    assert [country["alpha2"] for country in countries[:4]] == ["TH", "AU", "EG", "AD"]
    assert server.stop() == 0
    second = server.start("/countries")
    assert server.stop() == 0
    print(f"first start {first:.2f} s, second {second:.2f} s")


def test_a_second_server_on_the_same_data_says_so(data: Path, make: Make) -> None:
    make(data).start()
    second = make(data)
    second.launch()
    assert "Another server already runs on" in refusal(second)


def test_a_second_server_on_the_same_port_says_so(data: Path, tmp_path: Path, make: Make) -> None:
    first = make(data)
    first.start()
    second = make(tmp_path / "other", port=first.port)
    second.launch()
    assert f"Port {first.port} of 127.0.0.1 is taken" in refusal(second)
    assert not list((tmp_path / "other").glob("*.sqlite")), (
        "a refused start leaves no register behind"
    )


@pytest.mark.parametrize("shared", ["data", "port"])
def test_of_two_servers_started_at_one_instant_one_serves(
    tmp_path: Path, make: Make, shared: str
) -> None:
    port = find_free_port()
    second = {"data": (tmp_path / "data", find_free_port()), "port": (tmp_path / "other", port)}[
        shared
    ]
    servers = [
        make(data, port=port, TERRAFIRMA_DATASET="starter")
        for data, port in ((tmp_path / "data", port), second)
    ]
    for server in servers:
        server.launch()
    deadline = time.monotonic() + START_SECONDS
    while not (ended := [server for server in servers if server.running.poll() is not None]):
        assert time.monotonic() < deadline, "both go on"
        time.sleep(0.05)
    assert len(ended) == 1
    assert ("Another server" if shared == "data" else f"Port {port}") in refusal(ended[0])
    (serving,) = (server for server in servers if server not in ended)
    while "serves starter" not in serving.read_log():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    while True:
        try:
            with serving.client() as client:
                assert len(client.list_countries()) == 3
            break
        except ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert serving.stop() == 0
    folder = Path(serving.command[serving.command.index("--data") + 1])
    assert verify(folder, "--starter") == 4


@pytest.mark.slow
def test_two_servers_may_share_postgresql_from_one_instant_on(
    tmp_path: Path, filled_postgresql_url: str, make: Make, loaded: int
) -> None:
    servers = [make(tmp_path / name, DATABASE_URL=filled_postgresql_url) for name in ("a", "b")]
    for server in servers:
        server.launch()
    for server in servers:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with server.client() as client:
                    assert len(client.list_countries()) == 250
                    break
            except ConnectionError:
                assert server.running.poll() is None, server.read_log()
                time.sleep(0.05)
    with servers[0].client() as one, servers[1].client() as other:
        assert one.send("POST", "/countries", {"name": "Atlantis"}).json["id"] == 273
        assert other.get("/countries/273")["name"] == "Atlantis"
    assert [server.stop() for server in servers] == [0, 0]
    assert verify(tmp_path, DATABASE_URL=filled_postgresql_url) == loaded + 1


def test_a_newer_schema_is_refused_in_a_sentence(data: Path, make: Make) -> None:
    with sqlite3.connect(data / "register.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    server = make(data)
    server.launch()
    said = refusal(server)
    assert "written by a newer Terrafirma (schema 9999" in said
    assert "Upgrade Terrafirma" in said


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_port: int) -> Callable[..., str]:
    """`terrafirma serve` up to where it would serve, in this process: its refusal."""

    def refuse_to_start(**settings: str) -> str:
        monkeypatch.setattr(
            "terrafirma.commands.serve.serve_forever", lambda _: pytest.fail("it serves")
        )
        told = run_here("serve", "--data", tmp_path / "data", "--port", str(free_port), **settings)
        assert told.exit_code == 1, told.output
        assert isinstance(told.exception, SystemExit), told.exception
        said = [line for line in told.output.splitlines() if line.startswith("Error: ")]
        assert len(said) == 1, told.output
        return said[0]

    return refuse_to_start


def test_a_newer_schema_on_postgresql_is_refused_too(
    postgresql_url: str, serve: Callable[..., str]
) -> None:
    database = open_database(postgresql_url)
    schema.upgrade(database)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "schema 9999" in serve(DATABASE_URL=postgresql_url)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"}, "database cannot be used"),
        ({"DATABASE_URL": "mysql://127.0.0.1/x"}, "speaks sqlite and postgresql"),
        ({"DATABASE_URL": "not a url"}, "DATABASE_URL"),
        ({"TERRAFIRMA_WORKERS": "many"}, "TERRAFIRMA_WORKERS must be a whole number"),
        ({"TERRAFIRMA_WORKERS": "0"}, "TERRAFIRMA_WORKERS"),
        ({"TERRAFIRMA_DATASET": "moon"}, "TERRAFIRMA_DATASET"),
    ],
)
def test_settings_that_make_no_sense_are_named(
    serve: Callable[..., str], settings: dict[str, str], said: str
) -> None:
    sentence = serve(**settings)
    assert said in sentence
    assert "secret" not in sentence


def test_a_file_that_is_no_register_is_refused_in_a_sentence(
    tmp_path: Path, serve: Callable[..., str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "register.sqlite").write_bytes(
        b"Dear diary, today I am not a database.\n" * 200
    )
    assert "database cannot be used" in serve()


def test_the_commands_work_beside_a_running_server(
    data: Path, tmp_path: Path, make: Make, loaded: int
) -> None:
    server = make(data)
    server.start()
    with server.client() as client:
        assert client.send("POST", "/countries", {"name": "Atlantis"}).status == 201
        assert verify(data) == loaded + 1
        assert run_command("backup", tmp_path / "b.sqlite", "--data", data).returncode == 0
        assert client.send("DELETE", "/countries/273").status == 204
        assert client.send("GET", "/countries/273").status == 404
        assert run_command("restore", tmp_path / "b.sqlite", "--data", data).returncode == 0
        assert client.get("/countries/273")["name"] == "Atlantis"


def test_a_worker_that_dies_is_replaced(data: Path, make: Make) -> None:
    server = make(data, workers=2)
    server.start()
    victims = [process for process in server.list_processes() if process.pid != server.running.pid]
    assert len(victims) == 2
    for victim in victims:
        victim.send_signal(signal.SIGKILL)
    psutil.wait_procs(victims, timeout=5)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with server.client() as client:
                assert client.send("POST", "/countries", {"name": "Atlantis"}).status == 201
            break
        except ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert server.stop() == 0


def test_workers_end_when_their_main_process_was_killed(data: Path, make: Make) -> None:
    server = make(data, workers=2, **WITH_WORKER)
    server.start()
    os.kill(server.running.pid, signal.SIGKILL)
    server.running.wait(5)
    server.wait_until_gone()
    server.start()
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("name", "needless"),
    [("", {"sqlalchemy", "pydantic", "flask"}), ("keys", {"flask", "granian", "huey"})],
)
def test_a_command_imports_no_others(name: str, needless: set[str]) -> None:
    """So that the shell has its prompt back at once."""
    code = (
        "import sys; from terrafirma.commands.main import main;"
        f" main.get_command(None, {name!r}); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "click" in loaded
    assert not needless & {*loaded}


def test_every_command_refuses_in_a_sentence() -> None:
    context = click.Context(main)
    assert all(
        isinstance(main.get_command(context, name), Refusing)
        for name in main.list_commands(context)
    )

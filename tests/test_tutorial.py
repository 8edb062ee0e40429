"""The tutorial, replayed call by call against `flask run`."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.operations.processes import Answer, Server, run_command
from tests.postgres_server import find_free_port

ROOT = Path(__file__).parent.parent
FLASK = str(Path(sys.executable).parent / "flask")
NONSENSE = "nonsense://nobody@nowhere/nothing"
CURL = shutil.which("curl")

THAILAND = {"area": 513120, "capital": "Bangkok", "id": 1, "name": "Thailand"}
AUSTRALIA = {"area": 7617930, "capital": "Canberra", "id": 2, "name": "Australia"}
EGYPT = {"area": 1010408, "capital": "Cairo", "id": 3, "name": "Egypt"}
GERMANY = {"area": 357022, "capital": "Berlin", "id": 4, "name": "Germany"}
POSTED = '{"name":"Germany", "capital": "Berlin", "area": 357022}'

Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `flask run` as a beginner would, in the clone unless another folder is named."""
    started: list[Server] = []

    def run(*options: str, folder: Path = ROOT, port: int = 0, **settings: str) -> Server:
        port = port or find_free_port()
        given = {
            "TERRAFIRMA_DATA": str(tmp_path / "data"),
            "DATABASE_URL": NONSENSE,
            "FLASK_RUN_PORT": str(port),
        }
        server = Server(
            [FLASK, "run", *options], port, tmp_path / f"{port}.log", folder, **given, **settings
        )
        started.append(server)
        server.start("/countries")
        return server

    yield run
    for server in started:
        if server.list_processes():
            server.kill()


def call(server: Server, path: str, *options: str) -> Answer:
    """`curl -i URL OPTIONS`, the options being the tutorial's: -X, -H and -d."""
    url = f"http://127.0.0.1:{server.port}{path}"
    if CURL is None:
        pairs = dict(zip(options[::2], options[1::2], strict=True))
        headers = dict([pairs["-H"].split(": ", 1)]) if "-H" in pairs else {}
        response = httpx.request(
            pairs.get("-X", "GET"), url, content=pairs.get("-d"), headers=headers
        )
        return Answer(response.status_code, dict(response.headers), response.content)
    done = subprocess.run(
        [CURL, "-isS", url, *options], capture_output=True, timeout=20, check=True
    )
    top, _, body = done.stdout.partition(b"\r\n\r\n")
    status, *lines = top.decode().split("\r\n")
    return Answer(
        int(status.split()[1]),
        {name.lower(): text for name, text in (x.split(": ", 1) for x in lines)},
        body,
    )


def post(server: Server, text: str) -> Answer:
    """The tutorial's own POST."""
    return call(
        server, "/countries", "-X", "POST", "-H", "Content-Type: application/json", "-d", text
    )


def read(answer: Answer, status: int = 200) -> Any:
    """The JSON of an answer as the tutorial shows it: its status, its content type, its keys in order."""
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json")

    def check_sorted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert [name for name, _ in pairs] == ["area", "capital", "id", "name"]
        return dict(pairs)

    return json.loads(answer.body, object_pairs_hook=check_sorted)


@pytest.mark.parametrize(
    "settings", [{"FLASK_APP": "app.py"}, {}], ids=["FLASK_APP=app.py", "bare"]
)
def test_the_tutorial_runs_to_the_letter(
    start: Start, tmp_path: Path, settings: dict[str, str]
) -> None:
    server = start(**settings)
    assert read(call(server, "/countries")) == [THAILAND, AUSTRALIA, EGYPT]
    assert read(call(server, "/country")) == AUSTRALIA
    assert read(post(server, POSTED), 201) == GERMANY
    assert read(call(server, "/countries")) == [THAILAND, AUSTRALIA, EGYPT, GERMANY]
    kept = {
        path.name.removesuffix("-shm").removesuffix("-wal")
        for path in (tmp_path / "data").iterdir()
    }
    registers = {"starter.sqlite", "vault-starter.sqlite"}
    assert kept == {*registers, *(f"{name}-revision" for name in registers), "secret.key"}


def test_an_id_the_client_sends_is_ignored(start: Start) -> None:
    server = start(FLASK_APP="app.py")
    assert read(post(server, POSTED.replace("{", '{"id": 77, ')), 201) == GERMANY
    assert [country["id"] for country in read(call(server, "/countries"))] == [1, 2, 3, 4]


def test_what_is_not_json_is_refused_in_the_tutorials_words(start: Start) -> None:
    server = start(FLASK_APP="app.py")
    for options in ([], ["-H", "Content-Type: text/plain"]):
        answer = call(server, "/countries", "-X", "POST", *options, "-d", POSTED)
        assert (answer.status, answer.headers["content-type"]) == (415, "application/json")
        assert answer.json == {"error": "Request must be JSON"}
    assert len(read(call(server, "/countries"))) == 3


def test_a_restart_keeps_germany_and_fresh_starts_over(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = start(FLASK_APP="app.py")
    post(first, POSTED)
    first.stop(signal.SIGINT)
    server = start(FLASK_APP="app.py")
    assert read(call(server, "/countries"))[-1] == GERMANY

    loaded = run_command("load", "starter", "--fresh", "--data", data, DATABASE_URL=NONSENSE)
    assert loaded.returncode == 0, loaded.stderr
    assert read(call(server, "/countries")) == [THAILAND, AUSTRALIA, EGYPT], (
        "a running server sees it at once"
    )
    assert read(post(server, POSTED.replace("Germany", "France")), 201)["id"] == 4

    (kept,) = data.glob("starter-*.sqlite")
    assert str(kept) in loaded.stderr
    restored = run_command("restore", kept, "--starter", "--data", data, DATABASE_URL=NONSENSE)
    assert restored.returncode == 0, restored.stderr
    assert read(call(server, "/countries")) == [THAILAND, AUSTRALIA, EGYPT, GERMANY]


def test_debug_mode_reloads_a_changed_app(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    shutil.copy(ROOT / "app.py", folder)
    server = start("--debug", folder=folder, FLASK_APP="app.py")
    assert read(post(server, POSTED), 201) == GERMANY
    with (folder / "app.py").open("a") as file:
        file.write(
            '\n\n@app.after_request\ndef mark(reply):\n    reply.headers["X-Reloaded"] = "yes"\n    return reply\n'
        )
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            answer = call(server, "/countries")
        except (subprocess.CalledProcessError, httpx.HTTPError):  # between the two processes
            answer = None
        if answer and "x-reloaded" in answer.headers:
            assert read(answer) == [THAILAND, AUSTRALIA, EGYPT, GERMANY]
            return
        time.sleep(0.2)
    pytest.fail(f"nothing was reloaded: {server.read_log()}")

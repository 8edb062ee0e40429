"""No space left: writes are refused in words, reads go on, and all is well again once there is space."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.operations.processes import START_SECONDS, Client, Server, make_server, verify
from tests.postgres_server import find_free_port

MOST_WRITES = 2000

TODAY, FORMER = 250, 22
"""Countries of the world that exist, and those that no longer do, which have ids too."""


def write_until_refused(client: Client) -> int:
    """Post until an answer is not 201; how many were acknowledged. The refusal must be a good one."""
    for number in range(MOST_WRITES):
        answer = client.send(
            "POST", "/countries", {"name": f"country {number}", "extra": {"note": "x" * 4000}}
        )
        if answer.status != 201:
            assert answer.status == 503, answer
            assert answer.headers["content-type"] == "application/json"
            assert "retry-after" in answer.headers
            assert answer.json == {
                "error": "The database is unavailable; nothing was changed. Try again."
            }
            return number
    raise AssertionError("space for everything")


def check_full(server: Server) -> int:
    """Fill what space there is, read on; how many countries there are now."""
    with server.client() as client:
        written = write_until_refused(client)
        upload = client.send("POST", "/imports", "x" * 400_000)
        assert (upload.status, upload.json["error"]) in [
            (503, "The server's disk is full; nothing was changed. Try again."),
            (503, "The database is unavailable; nothing was changed. Try again."),
        ]
        assert client.get("/countries/TH")["name"] == "Thailand"
        assert len(client.list_countries("id")) == TODAY + written
        assert client.send("PATCH", "/countries/TH", {"area": 1}).status == 503
        assert client.get("/countries/TH")["area"] != 1
        assert client.send("GET", "/health").status == 200
    return TODAY + written


def check_space(server: Server, before: int) -> None:
    """Writes are taken again, and only those that were acknowledged are there."""
    with server.client() as client:
        deadline = time.monotonic() + 5
        while (answer := client.send("POST", "/countries", {"name": "Atlantis"})).status != 201:
            assert time.monotonic() < deadline, answer
            time.sleep(0.1)
        last = before + FORMER + 1
        assert answer.json["id"] == last
        ids = [country["id"] for country in client.list_countries("id")]
        assert ids == [*range(1, TODAY + 1), *range(TODAY + FORMER + 1, last + 1)]


def limit_files(server: Server, size: int) -> None:
    """Let no process of a server write a file beyond a size in bytes; -1: no limit."""
    for process in server.list_processes():
        process.rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))


@pytest.mark.skipif(
    not psutil.LINUX, reason="only Linux limits the files of a process that runs already"
)
def test_a_limit_on_files_is_survived(data: Path, loaded: int) -> None:
    with make_server(data, workers=2, TERRAFIRMA_LOG="none") as server:
        limit_files(server, 300_000)
        count = check_full(server)
        limit_files(server, -1)
        check_space(server, count)
    assert verify(data) == loaded + count - 250 + 1


def fill(file: Path) -> None:
    """Write zeros until the file system refuses them."""
    with file.open("wb", buffering=0) as opened:
        while opened.write(bytes(4096)):
            pass


@contextmanager
def small_disk(filled: Path, place: Path, port: int) -> Iterator[Server]:
    """A server on a file system of 4 MB more than it needs, that only it sees and that is gone with it."""
    ways = [["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]]
    trial = f"mount -t tmpfs -o size=64k tmpfs {place}"
    allowed = [
        way
        for way in ways
        if shutil.which("unshare")
        and subprocess.run([*way, "sh", "-c", trial], capture_output=True, check=False).returncode
        == 0
    ]
    if not allowed:
        pytest.skip("mounting a small file system is not allowed here")
    size = sum(path.stat().st_size for path in filled.iterdir()) + 4_000_000
    inside = make_server(place, port=port, TERRAFIRMA_LOG="none")
    script = f'mount -t tmpfs -o size={size} tmpfs {place} && cp -r {filled}/. {place} && exec "$@"'
    command = [*allowed[0], "sh", "-c", script, "sh", *inside.command]
    with Server(command, port, inside.log, TERRAFIRMA_LOG="none") as server:
        yield server


def test_a_full_disk_is_survived(filled_world: Path, tmp_path: Path, loaded: int) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    with small_disk(filled_world, place, find_free_port()) as server:
        filler = Path(f"/proc/{server.running.pid}/root{place}/filler")
        with pytest.raises(OSError, match="No space left"):
            fill(filler)
        count = check_full(server)
        with server.client() as client:
            assert client.send("GET", "/ready").status == 503
        filler.unlink()
        check_space(server, count)
        # Nobody writes now, so a plain copy is whole.
        shutil.copytree(filler.parent, tmp_path / "copy")
    assert verify(tmp_path / "copy") == loaded + count - 250 + 1


def test_a_log_that_nobody_can_read_any_more_is_no_reason_to_fail(data: Path, loaded: int) -> None:
    server = make_server(data, TERRAFIRMA_LOG="all")
    server.command = ["sh", "-c", '"$@" 2>&1 | sed "/Stop with/q"', "sh", *server.command]
    try:
        server.launch()
        write_five(server)
        for process in server.list_processes():
            with suppress(psutil.NoSuchProcess):
                if "serve" in process.cmdline()[:3]:
                    process.terminate()
        server.wait_until_gone()
    finally:
        if server.list_processes():
            server.kill()
    assert verify(data) == loaded + 5


def write_five(server: Server) -> None:
    """Post five countries as soon as a server answers."""
    deadline = time.monotonic() + START_SECONDS
    with server.client() as client:
        while True:
            try:
                assert client.send("GET", "/ready").status == 200
                break
            except ConnectionError:
                client.close()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        for number in range(5):
            assert client.send("POST", "/countries", {"name": f"country {number}"}).status == 201

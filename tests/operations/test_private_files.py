"""All files of a server and of commands belong to their user only."""

import time
from pathlib import Path

from tests.operations.processes import WITH_WORKER, Client, make_server, run_here

JOBS = (
    ("/imports", "text/csv", "alpha2,area\nTH,x\n"),
    ("/exports", "application/json", '{"format": "xlsx", "query": "limit=5"}'),
)


def finish(client: Client, path: str, form: str, body: str) -> None:
    """Start a job and wait for its end."""
    client.connection.request("POST", path, body, {"Content-Type": form})
    answer = client.connection.getresponse()
    answer.read()
    assert answer.status == 202
    deadline = time.monotonic() + 60
    while client.get(answer.headers["Location"])["state"] not in ("done", "failed"):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def list_open(folder: Path) -> list[str]:
    """Files and folders that other users may read."""
    return [str(path) for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]


def test_files_are_for_their_owner_only(filled_world: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "data"
    with make_server(fresh, **WITH_WORKER) as server, server.client() as client:
        for job in JOBS:
            finish(client, *job)
        assert list_open(fresh) == []
    assert run_here("backup", "--data", filled_world, tmp_path / "copy.sqlite").exit_code == 0
    assert (tmp_path / "copy.sqlite").stat().st_mode & 0o077 == 0
    assert list_open(fresh) == []

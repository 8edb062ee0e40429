"""`terrafirma doctor`: silent about what is in order, exit code 1 for what is not."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from terrafirma.dataset.load import prepare
from terrafirma.storage.engine.database import open_database
from tests.operations.processes import run_here


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory whose register holds the three countries of the tutorial."""
    folder = tmp_path / "data"
    with closing(open_database(f"sqlite:///{folder}/register.sqlite")) as database:
        prepare(database, "starter")
    return folder


def examine(data: Path, **settings: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """The exit code, and by check what was found."""
    told = run_here("doctor", "--json", "--data", data, **settings)
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in json.loads(told.stdout):
        found.setdefault(finding["check"], []).append((finding["state"], finding["sentence"]))
    return told.exit_code, found


def test_a_new_register_lacks_a_key_and_a_backup(data: Path, tmp_path: Path) -> None:
    code, found = examine(data)
    assert code == 0, found
    assert ("warning", "No valid admin key: terrafirma keys create --role admin") in found["keys"]
    assert found["backup"][0][0] == "warning"
    assert {"files", "disk", "database", "clock", "queue"} <= found.keys()

    assert run_here("keys", "create", "--role", "admin", "--data", data).exit_code == 0
    assert run_here("backup", tmp_path / "backup.sqlite", "--data", data).exit_code == 0
    code, found = examine(data)
    assert (code, found["backup"][0][0]) == (0, "ok")
    assert found["keys"] == [("ok", "1 valid keys")]


def test_an_open_register_behind_a_proxy_is_a_failure(data: Path) -> None:
    public = {"TERRAFIRMA_PUBLIC_URL": "https://countries.example.org"}
    code, found = examine(data, **public)
    assert code == 1
    assert "TERRAFIRMA_PROXIES" in found["settings"][0][1]
    names = {"TERRAFIRMA_HOSTS": "countries.example.org", "TERRAFIRMA_PROXIES": "127.0.0.1"}
    code, found = examine(data, **public, **names)
    assert (code, found.get("settings")) == (0, None)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has modes")
def test_a_secret_that_others_may_read_is_told(data: Path) -> None:
    assert run_here("keys", "create", "--role", "admin", "--data", data).exit_code == 0
    (data / "secret.key").chmod(0o644)
    _, found = examine(data)
    assert found["files"][0][0] == "warning"


def test_a_register_that_is_not_there_is_a_failure_and_is_not_made(tmp_path: Path) -> None:
    code, found = examine(tmp_path / "nowhere")
    assert code == 1
    assert not (tmp_path / "nowhere").exists()
    assert found["database"][0][0] == "failure"
    code, found = examine(tmp_path, DATABASE_URL="postgresql://127.0.0.1:1/x")
    assert (code, found["database"][0][0]) == (1, "failure")


def test_people_read_lines(data: Path) -> None:
    told = run_here("doctor", "--strict", "--data", data)
    assert told.exit_code == 1
    assert "WARNING  backup: " in told.stdout

"""`terrafirma verify --against`: a checkpoint that was kept elsewhere."""

import json
from pathlib import Path

import pytest

from tests.operations.processes import make_server, run_here

LOADED = 4
"""Entries of the starter register, which is verified in an instant."""


@pytest.fixture
def kept(starter_data: Path, tmp_path: Path) -> Path:
    """What a server's /checkpoint said."""
    with (
        make_server(starter_data, TERRAFIRMA_DATASET="starter") as server,
        server.client() as client,
    ):
        client.send("PATCH", "/countries/1", {"area": 1})
        file = tmp_path / "checkpoint.json"
        file.write_bytes(client.send("GET", "/checkpoint").body)
        client.send("PATCH", "/countries/1", {"area": 2})
    return file


def test_a_log_that_went_on_agrees(starter_data: Path, kept: Path) -> None:
    verified = run_here("verify", "--starter", "--data", starter_data, "--against", kept)
    assert verified.exit_code == 0, verified.output
    assert f"{LOADED + 2:,} entries, unbroken" in verified.output
    assert f"They go on from the checkpoint at entry {LOADED + 1:,}." in verified.output


def test_a_register_that_was_started_over_does_not(starter_data: Path, kept: Path) -> None:
    assert run_here("load", "starter", "--fresh", "--data", starter_data).exit_code == 0
    assert run_here("verify", "--starter", "--data", starter_data).exit_code == 0
    verified = run_here("verify", "--starter", "--data", starter_data, "--against", kept)
    assert verified.exit_code == 1
    said = f"the log ends with entry {LOADED}, but had {LOADED + 1} when the checkpoint was taken"
    assert said in verified.output


@pytest.mark.parametrize("text", [None, "", "{}", json.dumps({"entries": True, "hash": "x"})])
def test_what_is_no_checkpoint_is_one_sentence(
    starter_data: Path, tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "kept.json"
    if text is not None:
        file.write_text(text)
    verified = run_here("verify", "--starter", "--data", starter_data, "--against", file)
    assert verified.exit_code == 1
    assert verified.output.startswith("Error: ")
    assert "Traceback" not in verified.output

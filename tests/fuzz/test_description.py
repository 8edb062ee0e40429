"""The description at /openapi.json against a running server: what it allows is taken, what it forbids is refused."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.operations.processes import BIN, clean_environment, make_server, run_command

ROOT = Path(__file__).parents[2]
SEED = "20261122"


def fuzz(folder: Path, examples: int, seconds: int) -> None:
    """Run every check of schemathesis, in every phase, and say what it found."""
    data = folder / "data"
    loaded = run_command("load", "world", "--data", data)
    assert loaded.returncode == 0, loaded.stderr
    made = run_command("keys", "create", "--role", "editor", "--data", data)
    unlimited = {
        f"TERRAFIRMA_LIMIT_{name}": "0" for name in ("REQUESTS", "WRITES", "FAILURES", "SIGN_INS")
    }
    with make_server(data, **unlimited) as server:
        command = [
            BIN / "schemathesis", "--config-file", Path(__file__).with_name("schemathesis.toml"),
            "run", f"http://127.0.0.1:{server.port}/openapi.json",
            "--seed", os.environ.get("SEED", SEED), "--max-examples", str(examples), "--max-time", str(seconds),
            "--header", f"Authorization: Bearer {made.stdout.strip()}", "--no-color",
        ]  # fmt: skip
        whole = {"capture_output": True, "text": True, "timeout": seconds + 60}
        told = subprocess.run(command, cwd=ROOT, env=clean_environment(), check=False, **whole)
    if told.returncode:
        pytest.fail(told.stdout + told.stderr, pytrace=False)


def test_schemathesis_finds_nothing_at_first(tmp_path):
    fuzz(tmp_path, examples=1, seconds=20)


@pytest.mark.slow
def test_schemathesis_finds_nothing(tmp_path):
    fuzz(tmp_path, examples=4, seconds=45)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
def test_schemathesis_finds_nothing_for_long(tmp_path):
    fuzz(tmp_path, examples=int(os.environ.get("EXAMPLES", "400")), seconds=2 * 3600)

"""The description at /openapi.json against a running server: what it allows is taken, what it forbids is refused."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.operations.processes import BIN, clean_environment, make_server, run_here

ROOT = Path(__file__).parents[2]
SEED = "20261122"


def fuzz(data: Path, examples: int, seconds: int) -> None:
    """Run every check of schemathesis, in every phase, and say what it found."""
    made = run_here("keys", "create", "--role", "editor", "--data", data)
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


@pytest.fixture
def world(world_file, tmp_path):
    """A data directory with the world in it."""
    shutil.copy(world_file, tmp_path / "register.sqlite")
    return tmp_path


def test_schemathesis_finds_nothing_at_first(world):
    fuzz(world, examples=1, seconds=10)


@pytest.mark.slow
def test_schemathesis_finds_nothing(world):
    fuzz(world, examples=4, seconds=45)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
def test_schemathesis_finds_nothing_for_long(world):
    fuzz(world, examples=int(os.environ.get("EXAMPLES", "400")), seconds=2 * 3600)

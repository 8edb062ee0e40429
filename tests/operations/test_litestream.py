"""Litestream's copy of a register and its auth database: a machine that is lost is restored from it."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from terrafirma.dataset.load import prepare
from terrafirma.storage.engine.database import open_database
from tests.operations.processes import end_with_parent, make_server, verify

ROOT = Path(__file__).parent.parent.parent
CONFIGURATION = ROOT / "deploy" / "litestream" / "litestream.yml"
LITESTREAM = Path(sys.executable).parent / "litestream"
SYNCED_SECONDS = 4
"""Longer than the interval of the configuration, which is a second."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory whose register holds the three countries of the tutorial."""
    folder = tmp_path / "data"
    with closing(open_database(f"sqlite:///{folder}/register.sqlite")) as database:
        prepare(database, "starter")
    return folder


def run_litestream(*arguments: str | Path, **environment: str) -> None:
    """Run Litestream to its end."""
    command = [LITESTREAM, *arguments]
    done = subprocess.run(
        command,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_lost_machine_is_restored_from_its_copy(data: Path, tmp_path: Path) -> None:
    copies = f"file://{tmp_path / 'copies'}"
    environment = {"DATA": str(data), "COPY_URL": copies}
    with make_server(data) as server, server.client() as client:
        assert client.send("POST", "/countries", {"name": "Before"}).status == 201
        with (tmp_path / "litestream.log").open("wb") as log:
            replicating = subprocess.Popen(
                [LITESTREAM, "replicate", "-config", CONFIGURATION],
                env=os.environ | environment,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - it takes no lock
            )
        try:
            numbers = []
            for count in range(20):
                answer = client.send("POST", "/countries", {"name": f"Country {count}"})
                assert answer.status == 201
                numbers.append(answer.json["id"])
            time.sleep(SYNCED_SECONDS)
        finally:
            # Neither is asked to finish: the machine is gone.
            replicating.kill()
            replicating.wait()
            server.kill()
    shutil.rmtree(data)

    restored = tmp_path / "restored"
    restored.mkdir()
    for name in ("register", "vault-register"):
        run_litestream("restore", "-o", restored / f"{name}.sqlite", f"{copies}/{name}")
    assert verify(restored) > 0
    with make_server(restored) as server, server.client() as client:
        names = {country["name"] for country in client.list_countries("id,name")}
    assert {"Before", *(f"Country {count}" for count in range(20))} <= names

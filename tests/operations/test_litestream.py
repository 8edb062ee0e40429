"""Litestream's copy of a register and its auth database: a machine that is lost is restored from it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import takewhile
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from terrafirma.dataset.load import prepare
from terrafirma.storage.engine.database import open_database
from tests.operations.processes import end_with_parent, make_server, verify

ROOT = Path(__file__).parent.parent.parent
CONFIGURATION = ROOT / "deploy" / "litestream" / "litestream.yml"
LITESTREAM = Path(sys.executable).parent / "litestream"
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
COPIED, WRITES = 20, 40
"""Writes that are given time to be copied, and all of them."""
SYNCED_SECONDS = 4
"""Longer than the interval of the configuration, which is a second."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory whose register holds the three countries of the tutorial."""
    folder = tmp_path / "data"
    with closing(open_database(f"sqlite:///{folder}/register.sqlite")) as database:
        prepare(database, "starter")
    return folder


@pytest.fixture(params=["folder", "bucket"])
def copies(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where Litestream puts its copies: a folder, or a bucket of an S3 on this machine."""
    if request.param == "folder":
        yield f"file://{tmp_path / 'copies'}"
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", **KEYS
    )
    client.create_bucket(Bucket="copies")
    yield f"s3://copies.localhost:{port}/terrafirma"
    server.stop()


def make_environment(**settings: str) -> dict[str, str]:
    """This process's environment without its own account of any S3, plus the test's and settings."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    return kept | {name.upper(): text for name, text in KEYS.items()} | settings


def run_litestream(*arguments: str | Path) -> None:
    """Run Litestream to its end."""
    done = subprocess.run(
        [LITESTREAM, *arguments],
        env=make_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_lost_machine_is_restored_from_its_copy(copies: str, data: Path, tmp_path: Path) -> None:
    with make_server(data) as server, server.client() as client:
        with (tmp_path / "litestream.log").open("wb") as log:
            replicating = subprocess.Popen(
                [LITESTREAM, "replicate", "-config", CONFIGURATION],
                env=make_environment(DATA=str(data), COPY_URL=copies),
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - it takes no lock
            )
        try:
            for count in range(WRITES):
                if count == COPIED:
                    time.sleep(SYNCED_SECONDS)
                answer = client.send("POST", "/countries", {"name": f"Country {count}"})
                assert answer.status == 201
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
    written = [f"Country {count}" for count in range(WRITES)]
    there = list(takewhile(names.__contains__, written))
    print(f"{WRITES - len(there)} of {WRITES - COPIED} writes of the last moments are lost")
    # The last ones may be, but none before one that is there.
    assert COPIED <= len(there) == len(names & set(written))

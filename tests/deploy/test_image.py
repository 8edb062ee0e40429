"""The Dockerfile: what it says holds, and its steps make something that serves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.etcd import find_program
from tests.deploy.image import read_instructions

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
INSTRUCTIONS = list(read_instructions(DOCKERFILE))


def list_copied() -> list[str]:
    """What is copied from the clone."""
    copied = [
        rest.split()[:-1] for word, rest in INSTRUCTIONS if word == "COPY" and "--from" not in rest
    ]
    return [name for names in copied for name in names]


def test_everything_it_copies_is_there_and_let_in() -> None:
    admitted = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    for name in list_copied():
        assert (ROOT / name).exists()
        assert f"!{name.rstrip('/')}" in admitted


def test_it_installs_nothing_unhashed_and_runs_as_nobody_in_particular() -> None:
    installs = [rest for word, rest in INSTRUCTIONS if word == "RUN" and "pip install" in rest]
    assert installs
    assert all("--require-hashes" in rest or "--no-index" in rest for rest in installs)
    words = dict(INSTRUCTIONS)
    assert words["USER"] == "10001:10001"
    assert "HEALTHCHECK" in words


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_its_steps_make_a_server_that_is_healthy(tmp_path: Path) -> None:
    """Without the base image, which this system stands for: see image.py."""
    unshare = find_program("unshare")
    if os.geteuid() or subprocess.run([unshare, "--mount", "true"], check=False).returncode:
        pytest.skip("only root may lay one file system over another here")
    context = tmp_path / "context"
    names = [name.rstrip("/") for name in list_copied()]
    listed = subprocess.run(
        ["git", "ls-files", *names], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in listed.splitlines():
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_bytes((ROOT / name).read_bytes())
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = ROOT / "tests" / "deploy" / "image.py"
    command = [unshare, "--mount", sys.executable, script, DOCKERFILE, context, scratch]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1100, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "healthy; ended with 0" in done.stdout

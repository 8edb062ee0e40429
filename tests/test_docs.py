"""Every example in the documentation is run, on a register of its own page, and prints what the page says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.operations.processes import BIN, TERRAFIRMA, Server, clean_environment
from tests.postgres_server import find_free_port

ROOT = Path(__file__).parent.parent
ADDRESS = "127.0.0.1:5000"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = tuple(f".venv/bin/terrafirma {name}" for name in ("verify", "keys create", "webhooks"))
"""Commands beside curl that are run where the page shows what they print; others need a terminal of their own."""


def list_examples(page: Path) -> list[tuple[str, str]]:
    """The commands of a page and what they print. Sections on the tutorial are another test's."""
    sections = re.split(r"^#+ ", page.read_text(), flags=re.MULTILINE)
    found = []
    for section in sections:
        if "tutorial" in section.partition("\n")[0]:
            continue
        for block in BLOCK.findall(section):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.replace("\\\n", "").partition("\n")
                if command.startswith("curl ") or (output.strip() and command.startswith(SHOWN)):
                    found.append((command, output.strip()))
    return found


def matches(expected: str, printed: str) -> bool:
    """Whether a command printed what a page says, `…` standing for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, printed.replace("\r", "").strip(), re.DOTALL) is not None


PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if list_examples(page)
]


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_examples_print_what_the_page_says(page: Path, world_file: Path, tmp_path: Path) -> None:
    """Commands run in the order of the page; each may build on those above it."""
    shutil.copyfile(world_file, tmp_path / "register.sqlite")
    port = find_free_port()
    command = [TERRAFIRMA, "serve", "--data", str(tmp_path), "--port", str(port)]
    settings = {"TERRAFIRMA_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    environment = clean_environment(TERRAFIRMA_DATA=str(tmp_path), **settings)
    with Server(command, port, tmp_path / "log", **settings):
        for line, expected in list_examples(page):
            shell = line.replace(ADDRESS, f"127.0.0.1:{port}").replace(".venv/bin/", f"{BIN}/")
            shell = shell.replace("curl ", "curl -sS ", 1)
            whole = {
                "env": environment,
                "cwd": tmp_path,
                "capture_output": True,
                "text": True,
                "timeout": 120,
            }
            ran = subprocess.run(["bash", "-c", shell], check=False, **whole)
            printed = (ran.stdout + ran.stderr).replace(f"127.0.0.1:{port}", ADDRESS)
            assert matches(expected, printed), f"$ {line}\nsays:   {expected}\nprints: {printed}"

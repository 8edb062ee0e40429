"""Every example in the documentation is run, on a register of its own page, and prints what the page says."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import filterfalse
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import serve_app
from tests.operations.processes import BIN, TERRAFIRMA, Server, clean_environment
from tests.operations.small_world import fill_small_world
from tests.postgres_server import find_free_port

ROOT = Path(__file__).parent.parent
ADDRESS = "127.0.0.1:5000"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = tuple(
    f".venv/bin/terrafirma {name}"
    for name in ("verify", "keys create", "webhooks", "import", "backup", "restore")
)
"""Commands that are run where the page shows what they print, or keeps it in a file; others need a terminal of their
own."""
ALWAYS = ("curl ", "printf ")
STARTER = "tutorial"
"""The page whose examples are of the register that `flask run` serves."""
SMALL = ("backup",)
"""Pages whose examples say nothing of what a register holds, and read all of it."""
SCRIPTS = ("analysis", "python")
"""Pages whose Python runs as it is, against a server of the world."""


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
                shown = output.strip() or " > " in command
                if command.startswith(ALWAYS) or (shown and command.startswith(SHOWN)):
                    found.append((command, output.strip()))
    return found


def matches(expected: str, printed: str) -> bool:
    """Whether a command printed what a page says, `…` standing for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, printed.replace("\r", "").strip(), re.DOTALL) is not None


PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if list_examples(page) or page.stem in SCRIPTS
]


NAME = attrgetter("stem")
RAW = re.compile(r"^curl.* -(\w*[iI]|D)\b|^curl [^{]*[^\x00-\x7f]")
"""Commands that show headers as the server sends them, or send an address that is not escaped."""


def list_scripts(page: Path) -> str:
    """The Python of a page."""
    return "\n".join(PYTHON.findall(page.read_text()))


def serve_page(page: Path, world_file: Path, folder: Path) -> Server:
    """The process that the examples of a page ask."""
    port = find_free_port()
    if page.stem == STARTER:
        command = [f"{BIN}/flask", "run", "--port", str(port)]
        return Server(command, port, folder / "log", ROOT, TERRAFIRMA_DATA=str(folder))
    if page.stem in SMALL:
        fill_small_world(f"sqlite:///{folder / 'register.sqlite'}")
    else:
        shutil.copyfile(world_file, folder / "register.sqlite")
    command = [TERRAFIRMA, "serve", "--data", str(folder), "--port", str(port)]
    return Server(command, port, folder / "log", TERRAFIRMA_WEBHOOK_NETWORKS="127.0.0.0/8")


def needs_process(page: Path) -> bool:
    """Return True for a page whose commands use the register beside its server, or need that server."""
    commands = [command for command, _ in list_examples(page)]
    beside = any("terrafirma" in command or RAW.search(command) for command in commands)
    return beside or page.stem in (STARTER, *SMALL, *SCRIPTS)


@pytest.mark.parametrize("page", [*filter(needs_process, PAGES)], ids=NAME)
def test_examples_print_what_the_page_says(page: Path, world_file: Path, tmp_path: Path) -> None:
    """Commands run in the order of the page; each may build on those above it."""
    with serve_page(page, world_file, tmp_path) as server:
        address = f"127.0.0.1:{server.port}"
        run_examples(page, address, tmp_path)
        if page.stem == STARTER:
            # `flask run` knows no SIGTERM.
            server.kill()


@pytest.mark.parametrize("page", [*filterfalse(needs_process, PAGES)], ids=NAME)
def test_requests_are_answered_as_the_page_says(
    page: Path, open_app: Callable[..., Flask], sqlite_world_url: str, tmp_path: Path
) -> None:
    """Requests alone need no process of their own, which takes longer than they do."""
    with serve_app(open_app(sqlite_world_url)) as address:
        run_examples(page, address.removeprefix("http://"), tmp_path)


def run_examples(page: Path, address: str, folder: Path) -> None:
    """Run every example of a page, against a server at an address, and compare what it prints."""
    environment = clean_environment(
        TERRAFIRMA_DATA=str(folder), TERRAFIRMA_WEBHOOK_NETWORKS="127.0.0.0/8"
    )
    whole = {
        "env": environment,
        "cwd": folder,
        "capture_output": True,
        "text": True,
        "timeout": 120,
    }
    for line, expected in list_examples(page):
        shell = line.replace(ADDRESS, address).replace(".venv/bin/", f"{BIN}/")
        shell = shell.replace("curl ", "curl -sS ", 1)
        ran = subprocess.run(["bash", "-c", shell], check=False, **whole)
        printed = (ran.stdout + ran.stderr).replace(address, ADDRESS)
        assert matches(expected, printed), f"$ {line}\nsays:   {expected}\nprints: {printed}"
    if page.stem in SCRIPTS:
        script = list_scripts(page).replace(ADDRESS, address)
        ran = subprocess.run([sys.executable, "-c", script], check=False, **whole)
        assert ran.returncode == 0, ran.stderr


def test_the_tutorials_own_app_does_what_ours_does() -> None:
    names: dict[str, Any] = {"__name__": __name__}
    exec(PYTHON.search((ROOT / "docs" / "tutorial.md").read_text())[1], names)
    client = names["app"].test_client()
    assert [each["name"] for each in client.get("/countries").json][-1] == "Egypt"
    posted = client.post("/countries", json={"name": "Germany"})
    assert (posted.status_code, posted.json["id"]) == (201, 4)
    assert client.post("/countries", data="x").status_code == 415


@pytest.mark.parametrize(
    ("language", "file"), [("nginx", "nginx/terrafirma.conf"), ("caddy", "caddy/Caddyfile")]
)
def test_configurations_in_the_docs_are_those_that_are_checked(language: str, file: str) -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    lines = re.search(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[
        1
    ].splitlines()
    checked = [line.strip() for line in (ROOT / "deploy" / file).read_text().splitlines()]
    assert not [line for line in lines if line.strip() not in checked]

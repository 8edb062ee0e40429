"""Whatever a command is given, it answers with a sentence and an exit code, never with a traceback."""

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from terrafirma.commands.main import PLACES, main
from tests.operations.processes import run_here

TURNS = 5
ENDLESS = {"serve", "worker", "mcp"}
"""Commands that go on until they are stopped; `test_start.py` gives them odd settings."""
TEXTS = [
    "", " ", "x" * 5000, "-1", "0", "9" * 30, "1e400", "TH", "1", "a:b", "id", "../../etc/passwd", "a\nb",
    "\udcff", "\u202e", "*", "%00", "'; DROP TABLE entries; --", "2024-13-01", "9999-12-31", "{", "[]", "json",
    "editor", "country", "http://[", "http://127.0.0.1:1/x", "key:1", "countries", "name=x", "sort=name",
]  # fmt: skip


def write_files(folder: Path) -> list[str]:
    """The names of files that are none of what a command expects, of a folder and of what is missing."""
    contents = {
        "empty": b"",
        "junk": os.urandom(3000),
        "text": b"Dear diary",
        "half.json": b'[{"name": "X"',
        "number.json": b"5",
        "deep.json": b"[" * 5000,
        "late.csv": b"name,area\nX,1\n\xff\xfe\n",
        "header.sqlite": b"SQLite format 3\0" + b"\0" * 4080,
        "latin": "Süd\n".encode("latin-1"),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    with sqlite3.connect(folder / "other.sqlite") as connection:
        connection.execute("CREATE TABLE entries (number TEXT, after BLOB)")
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.close()
    (folder / "closed").touch(0o000)
    names = [*contents, "other.sqlite", "closed", "missing", "missing/below", "text/below", "."]
    return [str(folder / name) for name in names] + ["/dev/null", "/proc/self/mem", "-"]


def list_commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from list_commands(command, (*path, name))
        else:
            yield (*path, name)


COMMANDS = [each for each in list_commands(main) if each[0] not in ENDLESS]


def find_command(path: tuple[str, ...]) -> click.Command:
    command: click.Command | None = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None
    return command


def draw_arguments(
    command: click.Command, data: Path, odd: list[str], chance: random.Random
) -> list[str]:
    """Odd arguments of a command: each of the right number, now and then an option of none."""
    drawn: list[str] = []
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            drawn += chance.choices(odd, k=chance.choice([1, 1, 2]) if parameter.nargs < 0 else 1)
        elif parameter.name == "data":
            drawn += ["--data", str(data)]
        elif parameter.name == "starter":
            drawn += ["--starter"]
        elif chance.random() < 0.35 and isinstance(parameter, click.Option):
            drawn += [parameter.opts[-1]] + ([] if parameter.is_flag else [chance.choice(odd)])
    return [*drawn, *(["--wrong"] if chance.random() < 0.05 else [])]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a starter register in `data`."""
    made = tmp_path_factory.mktemp("odd")
    assert run_here("load", "starter", "--data", made / "data").exit_code == 0
    return made


def test_all_commands_are_tried():
    assert {each[0] for each in COMMANDS} | ENDLESS == set(PLACES)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_odd_arguments_get_a_sentence(path, folder, monkeypatch):
    chance = random.Random(" ".join(path))
    command, data = find_command(path), folder / "data"
    work = folder / "work"
    for _ in range(TURNS):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        monkeypatch.chdir(work)
        arguments = draw_arguments(command, data, TEXTS + write_files(work), chance)
        result = run_here(*path, *arguments)
        told = f"terrafirma {' '.join(path)} {arguments!r}: {result.output[-2000:]}"
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            told,
            result.exception,
        )
        assert result.exit_code in (0, 1, 2), told
        assert "Traceback" not in result.output, told
        # The report of `doctor` itself says what is wrong.
        assert result.exit_code == 0 or "Error: " in result.output or path == ("doctor",), told

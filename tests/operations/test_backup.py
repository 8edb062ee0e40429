"""Backups: taken while others write, moved between databases, and refused whole when they are not sound."""

import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.operations.processes import make_server, run_command, run_here, verify

Spoil = Callable[[Path], None]


def read_tables(file: Path) -> dict[str, list[Any]]:
    """Every row of every table of a SQLite register, in one order."""
    with sqlite3.connect(file) as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        tables = {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names
        }
    connection.close()
    return tables


def read_head(data: Path, **settings: str) -> str:
    """What `verify` says of a sound register, its head's hash included."""
    verified = run_here("verify", "--data", data, **settings)
    assert verified.exit_code == 0, verified.output
    assert "unbroken" in verified.output
    return verified.output.splitlines()[-1]


@pytest.fixture(scope="session")
def filled_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose register holds three countries, so that copying it is quick; not to be changed."""
    folder = tmp_path_factory.mktemp("small")
    for command in (
        ["load", "starter", "--data", folder / "starter"],
        ["backup", folder / "backup.sqlite", "--starter", "--data", folder / "starter"],
        ["restore", folder / "backup.sqlite", "--data", folder / "data"],
    ):
        done = run_here(*command)
        assert done.exit_code == 0, done.output
    return folder / "data"


@pytest.fixture
def small(filled_small: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own, with the small register in it."""
    return Path(shutil.copytree(filled_small, tmp_path / "data"))


@pytest.fixture
def written(small: Path) -> Path:
    """A data directory whose register was changed since it was filled."""
    new = {"name": "Atlantis", "alpha2": "QX", "area": 7, "extra": {"ø": ["é", 1.5]}}
    with make_server(small) as server, server.client() as client:
        assert client.send("POST", "/countries", new).status == 201
        assert client.send("PATCH", "/countries/4", {"capital": "Poseidonia"}).status == 200
        assert client.send("DELETE", "/countries/3").status == 204
    return small


def test_backups_taken_while_others_write_are_whole(small: Path, tmp_path: Path) -> None:
    done, acknowledged = threading.Event(), [0]
    with make_server(small, workers=2, TERRAFIRMA_LOG="none") as server:

        def write() -> None:
            with server.client() as client:
                while not done.is_set():
                    number = acknowledged[0] + 1
                    assert (
                        client.send("POST", "/countries", {"name": f"country {number}"}).status
                        == 201
                    )
                    acknowledged[0] = number
                    time.sleep(0.01)

        writer = threading.Thread(target=write)
        writer.start()
        bounds = []
        for number in range(2):
            least = acknowledged[0]
            taken = run_command("backup", tmp_path / f"{number}.sqlite", "--data", small)
            assert taken.returncode == 0, taken.stderr
            bounds.append((least, acknowledged[0] + 1))
        done.set()
        writer.join(10)
    for number, (least, most) in enumerate(bounds):
        restored = run_here(
            "restore", tmp_path / f"{number}.sqlite", "--data", tmp_path / f"restored-{number}"
        )
        assert restored.exit_code == 0, restored.output
        assert least <= verify(tmp_path / f"restored-{number}") - 3 <= most
    assert bounds[0][0] < bounds[-1][1] - 2
    assert not list(tmp_path.glob(".backup-*"))


def test_a_restored_register_is_the_one_that_was_backed_up(written: Path, tmp_path: Path) -> None:
    file, fresh = tmp_path / "backup.sqlite", tmp_path / "fresh"
    assert run_here("backup", file, "--data", written).exit_code == 0
    assert file.read_bytes()[18:20] == b"\x01\x01", "not in WAL mode, so the one file is everything"
    assert run_here("restore", file, "--data", fresh).exit_code == 0
    assert read_head(fresh) == read_head(written)
    assert read_tables(fresh / "register.sqlite") == read_tables(written / "register.sqlite")
    assert {path.name.partition(".sqlite")[0] for path in fresh.iterdir()} == {
        "register",
        "vault-register",
    }
    with make_server(fresh) as server, server.client() as client:
        assert client.get("/countries/4")["capital"] == "Poseidonia"
        assert client.send("POST", "/countries", {"name": "Mu"}).json["id"] == 5


def test_a_restore_keeps_what_was_there_in_a_file_beside(
    written: Path, filled_small: Path, tmp_path: Path
) -> None:
    file, before = tmp_path / "backup.sqlite", read_head(written)
    assert run_here("backup", file, "--data", filled_small).exit_code == 0
    assert run_here("restore", file, "--data", written).exit_code == 0
    assert read_head(written) == read_head(filled_small)
    (kept,) = written.glob("register-*.sqlite")
    assert run_here("restore", kept, "--data", written).exit_code == 0
    assert read_head(written) == before


def test_a_register_moves_to_postgresql_and_back_unchanged(
    written: Path, tmp_path: Path, postgresql_url: str
) -> None:
    first, second, back = tmp_path / "1.sqlite", tmp_path / "2.sqlite", tmp_path / "back"
    there = {"DATABASE_URL": postgresql_url}
    assert run_here("backup", first, "--data", written).exit_code == 0
    moved = run_here("restore", first, "--data", tmp_path / "pg", **there)
    assert moved.exit_code == 0, moved.output
    assert read_head(tmp_path / "pg", **there) == read_head(written)
    assert run_here("backup", second, "--data", tmp_path / "pg", **there).exit_code == 0
    assert read_tables(second) == read_tables(first)
    assert run_here("restore", second, "--data", back).exit_code == 0
    assert read_head(back) == read_head(written)
    assert read_tables(back / "register.sqlite") == read_tables(written / "register.sqlite")


@pytest.mark.slow
def test_postgresql_can_start_over_and_keeps_what_was_there(
    filled_small: Path, tmp_path: Path, postgresql_url: str
) -> None:
    there, file = {"DATABASE_URL": postgresql_url}, tmp_path / "backup.sqlite"
    assert run_here("backup", file, "--data", filled_small).exit_code == 0
    assert run_here("restore", file, "--data", tmp_path / "pg", **there).exit_code == 0
    fresh = run_here("load", "world", "--fresh", "--data", tmp_path / "pg", **there)
    assert fresh.exit_code == 0, fresh.output
    (kept,) = (tmp_path / "pg").glob("register-*.sqlite")
    assert run_here("restore", kept, "--data", tmp_path / "pg", **there).exit_code == 0
    assert read_head(tmp_path / "pg", **there) == read_head(filled_small)


def test_a_backup_does_not_overwrite_unless_told_to(written: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.sqlite"
    file.write_text("my only copy")
    refused = run_here("backup", file, "--data", written)
    assert refused.exit_code == 1
    assert "exists already" in refused.output
    assert file.read_text() == "my only copy"
    assert run_here("backup", file, "--data", written, "--overwrite").exit_code == 0
    assert run_here("restore", file, "--data", tmp_path / "fresh").exit_code == 0
    nowhere = run_here("backup", tmp_path / "missing" / "backup.sqlite", "--data", written)
    assert nowhere.exit_code == 1
    assert "is not a directory" in nowhere.output


def statement(sql: str) -> Spoil:
    """Spoils a backup with an SQL statement that changes one row at least."""

    def spoil(file: Path) -> None:
        with sqlite3.connect(file) as connection:
            assert connection.execute(sql).rowcount > 0
        connection.close()

    return spoil


def cut(size: int) -> Spoil:
    """Spoils a backup by cutting it off; from its end if `size` is negative."""

    def spoil(file: Path) -> None:
        with file.open("r+b") as opened:
            opened.truncate(size if size >= 0 else file.stat().st_size + size)

    return spoil


def scribble(file: Path) -> None:
    """Spoils a backup by overwriting all its pages but the first."""
    size = file.stat().st_size - 4096
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xa5" * size)


def replace_by_another_database(file: Path) -> None:
    """A sound SQLite file that is no register."""
    file.unlink()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE diary (day)")
    connection.close()


SPOILED: dict[str, Spoil] = {
    "a document": statement(
        "UPDATE entries SET after = replace(after, 'Thailand', 'Siam') WHERE number = 1"
    ),
    "a document that is no JSON": statement("UPDATE entries SET after = 'x' WHERE number = 3"),
    "a lost document": statement("UPDATE entries SET after = NULL WHERE number = 3"),
    "an actor": statement("UPDATE entries SET actor = 'nobody' WHERE number = 2"),
    "a lost entry": statement("DELETE FROM entries WHERE number = 2"),
    "a lost last entry": statement(
        "DELETE FROM entries WHERE number = (SELECT max(number) FROM entries)"
    ),
    "all entries": statement("DELETE FROM entries"),
    "the head": statement("UPDATE head SET hash = 'f' || substr(hash, 2), number = 2"),
    "no head": statement("DELETE FROM head"),
    "a version": statement(
        "UPDATE versions SET document = replace(document, 'Thailand', 'Siam') WHERE id = 1"
    ),
    "a lost version": statement("DELETE FROM versions WHERE id = 2"),
    "an invented version": statement(
        "INSERT INTO versions SELECT kind, 999, entry_from, valid_from, entry_to, valid_to, document "
        "FROM versions WHERE id = 1"
    ),
    "a key": statement("UPDATE keys SET key = 'siam' WHERE key = 'thailand'"),
    "a lost key": statement("DELETE FROM keys WHERE id = 2"),
    "a newer schema": statement("UPDATE alembic_version SET version_num = '9999'"),
    "no schema": statement("DELETE FROM alembic_version"),
    "cut to nothing": cut(0),
    "cut to a magic number": cut(16),
    "cut to a page": cut(4096),
    "cut in half": cut(-20_000),
    "cut by a page": cut(-4096),
    "cut by a byte": cut(-1),
    "scribbled on": scribble,
    "text": lambda file: file.write_text("Dear diary, "),
    "another database": replace_by_another_database,
    "a missing file": Path.unlink,
}


@pytest.fixture(scope="module")
def sound_backup(filled_small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup, not to be changed."""
    file = tmp_path_factory.mktemp("backup") / "sound.sqlite"
    assert run_here("backup", file, "--data", filled_small).exit_code == 0
    return file


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_backup_changes_nothing(how: str, sound_backup: Path, tmp_path: Path) -> None:
    file, target = tmp_path / "backup.sqlite", tmp_path / "data"
    shutil.copy(sound_backup, file)
    SPOILED[how](file)
    assert run_here("load", "starter", "--data", target).exit_code == 0
    before = read_tables(target / "starter.sqlite")
    refused = run_here("restore", file, "--starter", "--data", target)
    assert refused.exit_code == 1, refused.output
    assert isinstance(refused.exception, SystemExit), refused.exception
    assert refused.output.startswith("Error: ")
    assert len(refused.output.splitlines()) == 1
    assert read_tables(target / "starter.sqlite") == before
    assert not list(target.glob("starter-*.sqlite"))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_place_that_cannot_be_written_is_told_in_a_sentence(small: Path) -> None:
    done = run_here("backup", "/proc/register.sqlite", "--data", small)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Error: /proc/")


@pytest.mark.parametrize(
    "command", [("verify",), ("backup", "copy.sqlite"), ("verify", "--starter")]
)
def test_a_mistyped_directory_is_told_and_not_filled(tmp_path, command):
    missing = tmp_path / "mistyped"
    arguments = [str(tmp_path / part) if part.endswith(".sqlite") else part for part in command]
    ran = run_command(*arguments, "--data", missing)
    assert ran.returncode == 1
    assert "There is no register in" in ran.stderr
    assert not missing.exists()
    assert not (tmp_path / "copy.sqlite").exists()

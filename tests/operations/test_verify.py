"""`terrafirma verify` finds damage that changes an answer, in any page of either database."""

import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from terrafirma.storage.auth import auth_tables
from terrafirma.storage.engine import tables
from tests.operations.processes import run_here

FLIPS = 100
UNCOVERED = {
    "jobs", "job_runs", "workers", "idempotency", "properties", "counters", "sessions", "logins", "deliveries",
}  # fmt: skip
"""Tables whose contents `verify` says it does not cover."""
LIVELY = {"used", "name", "seen", "position", "mark", "sent", "failures", "next_at", "reason"}
LIVELY |= {"lease", "lease_until", "version", "personal"}
"""Columns of covered tables that change without an entry in the audit log."""
REGISTER, VAULT = "starter.sqlite", "vault-starter.sqlite"
METADATA = {REGISTER: tables.metadata, VAULT: auth_tables.metadata}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A starter register with keys, each database a single file."""
    folder = tmp_path_factory.mktemp("verify") / "data"
    assert run_here("load", "starter", "--data", folder).exit_code == 0
    options = ("--starter", "--data", folder)
    for role in ("editor", "admin"):
        assert run_here("keys", "create", "--role", role, *options).exit_code == 0
    assert run_here("keys", "revoke", "1", *options).exit_code == 0
    for name in METADATA:
        with closing(sqlite3.connect(folder / name)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    assert run_here("verify", *options).exit_code == 0
    return folder


def verify(folder: Path) -> str:
    """The faults that are found; empty for none."""
    found = run_here("verify", "--starter", "--data", folder)
    return found.output or repr(found.exception) if found.exit_code else ""


def read_everything(folder: Path, name: str) -> object:
    """All that answers are made of: each covered table in the order of each of its indexes."""
    answers = []
    with closing(sqlite3.connect(folder / name)) as connection:
        for table in METADATA[name].tables.values():
            if table.name in UNCOVERED:
                continue
            columns = ", ".join(each.name for each in table.columns if each.name not in LIVELY)
            # A partial index has not every row.
            whole = [
                each for each in table.indexes if each.dialect_kwargs.get("sqlite_where") is None
            ]
            for index in (None, *sorted(str(each.name) for each in whole)):
                way = f"INDEXED BY {index}" if index else ""
                query = f"SELECT {columns} FROM {table.name} {way}"
                answers.append(sorted(map(repr, connection.execute(query))))
    return answers


@pytest.mark.parametrize("name", METADATA)
def test_no_flipped_bit_that_changes_an_answer_is_missed(
    small: Path, tmp_path: Path, name: str
) -> None:
    before, content = read_everything(small, name), (small / name).read_bytes()
    # Most of the small file is empty space, where nothing is found since nothing is lost.
    places = [place for place, byte in enumerate(content) if byte]
    chance, found = random.Random(12), 0
    for number in range(FLIPS // len(METADATA)):
        folder = Path(shutil.copytree(small, tmp_path / str(number)))
        place, bit = chance.choice(places), chance.randrange(8)
        with (folder / name).open("r+b") as file:
            file.seek(place)
            file.write(bytes([content[place] ^ 1 << bit]))
        if verify(folder):
            found += 1
        else:
            assert read_everything(folder, name) == before, f"byte {place}, bit {bit} of {name}"
        shutil.rmtree(folder)
    assert found > 20


VAULT_CHANGES = {
    "UPDATE credentials SET role = 'admin' WHERE id = 1": "key:1 is not as",
    "UPDATE credentials SET revoked = NULL WHERE id = 1": "key:1 is not as",
    "UPDATE credentials SET digest = old_digest || 'x' , digest = 'x' WHERE id = 2": "key:2 is not as",
    "DELETE FROM credentials WHERE id = 2": "key:2 is missing",
    "UPDATE credentials SET id = 3 WHERE id = 2": "key:3 is not in the audit log",
    "INSERT INTO people VALUES (1, 'i', 's', 'a@b', NULL, '', '', '2026', NULL)": "person:1 is blocked",
    "UPDATE audit SET event = 'x' WHERE number = 2": "row 2 is broken",
    "CREATE TRIGGER t AFTER INSERT ON audit BEGIN SELECT 1; END": "is a trigger",
}


@pytest.mark.parametrize("change", VAULT_CHANGES)
def test_rows_of_the_auth_database_that_were_altered_are_named(
    small: Path, tmp_path: Path, change: str
) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "data"))
    with closing(sqlite3.connect(folder / VAULT, isolation_level=None)) as connection:
        connection.execute(change)
    assert VAULT_CHANGES[change] in verify(folder)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("DROP INDEX terms_by_key", "terms_by_key of terms is missing"),
        ("CREATE TRIGGER t AFTER INSERT ON entries BEGIN SELECT 1; END", "t is a trigger"),
        ("CREATE VIEW v AS SELECT 1", "v is a trigger, view or rule"),
    ],
)
def test_another_schema_is_a_fault(small: Path, tmp_path: Path, change: str, named: str) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "data"))
    with closing(sqlite3.connect(folder / REGISTER, isolation_level=None)) as connection:
        connection.execute(change)
    assert named in verify(folder)


def test_a_row_that_an_index_lost_is_named(small: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "data"))
    content = bytearray((folder / REGISTER).read_bytes())
    found = [match.end() for match in re.finditer(b"countryname", content)]
    content[found[0]] ^= 1
    (folder / REGISTER).write_bytes(content)
    assert verify(folder)


def test_an_audit_log_that_was_cut_off_is_found_by_its_checkpoint(
    small: Path, tmp_path: Path
) -> None:
    folder, kept = Path(shutil.copytree(small, tmp_path / "data")), tmp_path / "kept.json"
    printed = run_here("audit", "checkpoint", "--starter", "--data", folder)
    kept.write_text(printed.stdout)
    options = ("verify", "--starter", "--data", folder, "--against", kept)
    sound = run_here(*options)
    assert (sound.exit_code, "the end of both logs" in sound.output) == (0, False)
    with closing(sqlite3.connect(folder / VAULT, isolation_level=None)) as connection:
        connection.execute("DELETE FROM credentials WHERE id = 2")
        connection.execute("DELETE FROM audit WHERE number >= 2")
        connection.execute(
            "UPDATE audit_head SET (number, at, hash) = (SELECT number, at, hash FROM audit)"
        )
        connection.execute("UPDATE credentials SET revoked = NULL")
    assert verify(folder) == ""
    assert "when the checkpoint was taken" in run_here(*options).output


def test_what_is_not_covered_is_said(small: Path) -> None:
    said = run_here("verify", "--starter", "--data", small).output
    assert "Not covered: jobs" in said
    assert "the end of both logs, without --against" in said

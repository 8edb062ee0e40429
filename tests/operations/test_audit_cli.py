"""`terrafirma audit`, and what other commands tell it."""

import json
import sqlite3

import pytest

from tests.operations.processes import run_here


@pytest.fixture
def data(tmp_path):
    """The data directory of a starter register: these tests verify and replace it many times."""
    assert run_here("load", "starter", "--data", tmp_path / "data").exit_code == 0
    return tmp_path / "data"


def read_log(data):
    """The lines of a register's audit log."""
    listed = run_here("audit", "list", "--starter", "--data", data)
    assert listed.exit_code == 0, listed.output
    return [json.loads(line) for line in listed.stdout.splitlines()]


def test_backups_and_what_replaces_a_register_are_told(data, tmp_path):
    for command in (
        ("keys", "create", "--role", "editor", "--note", "CI"),
        ("backup", tmp_path / "b.sqlite"),
        ("restore", tmp_path / "b.sqlite"),
        ("load", "starter", "--fresh"),
    ):
        chosen = () if command[0] == "load" else ("--starter",)
        assert run_here(*command, *chosen, "--data", data).exit_code == 0
    told = [(row["event"], row["actor"]) for row in read_log(data)]
    assert told == [
        (event, "cli") for event in ("key-created", "backup", "restored", "started-over")
    ]
    verified = run_here("verify", "--starter", "--data", data).output
    assert "Audit log: 4 lines, unbroken.\n" in verified


def test_verify_says_redacted_or_broken(data):
    run_here("keys", "create", "--role", "editor", "--starter", "--data", data)
    file = next(data.glob("vault-*.sqlite"))
    assert (
        run_here("audit", "redact", "--before", "2999-01-01", "--starter", "--data", data).exit_code
        == 0
    )
    assert (
        "Audit log: 2 lines, unbroken.\n" in run_here("verify", "--starter", "--data", data).output
    )
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE audit SET actor = 'key:9' WHERE number = 1")
    connection.close()
    verified = run_here("verify", "--starter", "--data", data)
    assert verified.exit_code == 1
    assert "audit log: row 1 is broken" in verified.output


def test_what_is_redacted_must_be_said(data):
    for arguments in ((), ("--person", "1", "--before", "2026-01-01")):
        told = run_here("audit", "redact", *arguments, "--starter", "--data", data)
        assert (told.exit_code, "Give either --person or --before" in told.output) == (2, True)
    assert (
        "There is no person 7"
        in run_here("audit", "redact", "--person", "7", "--starter", "--data", data).output
    )

"""`terrafirma audit`, and what other commands tell it."""

import json
import sqlite3

from tests.operations.processes import run_here


def read_log(data):
    """The lines of a register's audit log."""
    listed = run_here("audit", "list", "--starter", "--data", data)
    assert listed.exit_code == 0, listed.output
    return [json.loads(line) for line in listed.stdout.splitlines()]


def test_backups_and_what_replaces_a_register_are_told(starter_data, tmp_path):
    for command in (
        ("keys", "create", "--role", "editor", "--note", "CI"),
        ("backup", tmp_path / "b.sqlite"),
        ("restore", tmp_path / "b.sqlite"),
        ("load", "starter", "--fresh"),
    ):
        chosen = () if command[0] == "load" else ("--starter",)
        assert run_here(*command, *chosen, "--data", starter_data).exit_code == 0
    told = [(row["event"], row["actor"]) for row in read_log(starter_data)]
    assert told == [
        (event, "cli") for event in ("key-created", "backup", "restored", "started-over")
    ]
    verified = run_here("verify", "--starter", "--data", starter_data).output
    assert "Audit log: 4 lines, unbroken.\n" in verified


def test_verify_says_redacted_or_broken(starter_data):
    run_here("keys", "create", "--role", "editor", "--starter", "--data", starter_data)
    file = next(starter_data.glob("vault-*.sqlite"))
    assert (
        run_here(
            "audit", "redact", "--before", "2999-01-01", "--starter", "--data", starter_data
        ).exit_code
        == 0
    )
    assert (
        "Audit log: 2 lines, unbroken.\n"
        in run_here("verify", "--starter", "--data", starter_data).output
    )
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE audit SET actor = 'key:9' WHERE number = 1")
    connection.close()
    verified = run_here("verify", "--starter", "--data", starter_data)
    assert verified.exit_code == 1
    assert "audit log: row 1 is broken" in verified.output


def test_what_is_redacted_must_be_said(starter_data):
    for arguments in ((), ("--person", "1", "--before", "2026-01-01")):
        told = run_here("audit", "redact", *arguments, "--starter", "--data", starter_data)
        assert (told.exit_code, "Give either --person or --before" in told.output) == (2, True)
    assert (
        "There is no person 7"
        in run_here("audit", "redact", "--person", "7", "--starter", "--data", starter_data).output
    )

"""Backups that bring everything back: keys, users, webhooks, the audit log and the secret."""

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terrafirma.config import Settings
from terrafirma.factory import create_app
from tests.conftest import close_app
from tests.operations.processes import Result, run_here

PASSPHRASE = "correct horse battery staple"
HOOK = {"url": "https://192.0.43.8/receiver", "description": "of the test"}


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    """A file with the passphrase."""
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    return file


@pytest.fixture
def token(starter_data: Path) -> str:
    """An admin's key of a starter register, which has a webhook too."""
    made = run_here("keys", "create", "--role", "admin", "--starter", "--data", starter_data)
    assert made.exit_code == 0, made.output
    key = made.stdout.strip()
    ask(starter_data, lambda client: client.post("/webhooks", json=HOOK, headers=bearer(key)))
    return key


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def ask(data: Path, request: Callable[[Any], Any], **settings: Any) -> Any:
    """The answer of a server on a data directory."""
    app = create_app(Settings(**{"data": data, "dataset": "starter", "log": "none"} | settings))
    try:
        answer = request(app.test_client())
        assert answer.status_code < 300, answer.json
        return answer.json
    finally:
        close_app(app)


def run(command: str, file: Path, data: Path, *more: str | Path, **settings: str) -> Result:
    return run_here(command, file, "--starter", "--data", data, *more, **settings)


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def refused(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert len(result.output.splitlines()) == 1, result.output
    return result.output


def test_everything_comes_back_on_another_machine(starter_data, token, tmp_path, passphrase):
    file, there = tmp_path / "backup.sqlite", tmp_path / "there"
    more = ("--with-auth", "--passphrase-file", passphrase)
    done(run("backup", file, starter_data, *more))
    assert "Restart the servers" in done(run("restore", file, there, *more))
    me = ask(there, lambda client: client.get("/me", headers=bearer(token)))
    assert (me["role"], me["actor"]) == ("admin", "key:1")
    [hook] = ask(there, lambda client: client.get("/webhooks", headers=bearer(token)))
    assert hook["url"] == HOOK["url"]
    assert (there / "secret.key").read_bytes() == (starter_data / "secret.key").read_bytes()
    done(run_here("verify", "--starter", "--data", there))
    audit = done(run_here("audit", "list", "--starter", "--data", there))
    assert '"created"' in audit or "key" in audit


def test_it_moves_to_postgresql_and_back(starter_data, token, tmp_path, postgresql_url):
    first, second, back = tmp_path / "1.sqlite", tmp_path / "2.sqlite", tmp_path / "back"
    there = {"DATABASE_URL": postgresql_url}
    done(run("backup", first, starter_data, "--with-auth"))
    done(run("restore", first, tmp_path / "pg", "--with-auth", **there))
    settings = {"database_url": postgresql_url}
    me = ask(tmp_path / "pg", lambda client: client.get("/me", headers=bearer(token)), **settings)
    assert me["role"] == "admin"
    done(run("backup", second, tmp_path / "pg", "--with-auth", **there))
    done(run("restore", second, back, "--with-auth"))
    assert ask(back, lambda client: client.get("/me", headers=bearer(token)))["role"] == "admin"


def test_nothing_of_it_can_be_read_without_the_passphrase(
    starter_data, token, tmp_path, passphrase
):
    clear, closed = tmp_path / "clear.sqlite", tmp_path / "closed.sqlite"
    assert "in clear" in done(run("backup", clear, starter_data, "--with-auth"))
    done(run("backup", closed, starter_data, "--with-auth", "--passphrase-file", passphrase))
    secrets = [(starter_data / "secret.key").read_bytes().strip(), HOOK["url"].encode()]
    assert all(each in clear.read_bytes() for each in secrets)
    assert not any(each in closed.read_bytes() for each in secrets)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (clear, closed)} == {0o600}


def test_it_is_restored_only_where_that_is_asked_for(starter_data, token, tmp_path):
    file, there = tmp_path / "backup.sqlite", tmp_path / "there"
    done(run("backup", file, starter_data, "--with-auth"))
    made = run_here("keys", "create", "--role", "admin", "--starter", "--data", there)
    kept = made.stdout.strip()
    assert "--with-auth restores" in done(run("restore", file, there))
    ask(there, lambda client: client.get("/me", headers=bearer(kept)))
    done(run("restore", file, there, "--with-auth"))
    ask(there, lambda client: client.get("/me", headers=bearer(token)))
    # What was replaced is beside it, with its keys.
    (aside,) = there.glob("starter-*.sqlite")
    done(run("restore", aside, there, "--with-auth"))
    ask(there, lambda client: client.get("/me", headers=bearer(kept)))


def damage(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE auth_copy SET content = 'x' || content WHERE name = 'database'")
    connection.close()


def test_what_cannot_be_restored_changes_nothing(starter_data, token, tmp_path, passphrase):
    plain, closed, there = tmp_path / "plain.sqlite", tmp_path / "closed.sqlite", tmp_path / "there"
    wrong, short = tmp_path / "wrong", tmp_path / "short"
    wrong.write_text("another horse battery staple")
    short.write_text("short")
    done(run("backup", plain, starter_data))
    assert "at least 12" in refused(
        run("backup", closed, starter_data, "--with-auth", "--passphrase-file", short)
    )
    assert not closed.exists()
    done(run("backup", closed, starter_data, "--with-auth", "--passphrase-file", passphrase))
    with_auth = ("restore", closed, there, "--with-auth")
    assert "without --with-auth" in refused(run("restore", plain, there, "--with-auth"))
    assert "is encrypted" in refused(run(*with_auth))
    assert "not the one" in refused(run(*with_auth, "--passphrase-file", wrong))
    other = run(*with_auth, "--passphrase-file", passphrase, TERRAFIRMA_SECRET="s" * 40)
    assert "another secret than TERRAFIRMA_SECRET" in refused(other)
    damage(closed)
    assert "damaged" in refused(run(*with_auth, "--passphrase-file", passphrase))
    assert not there.exists()


def test_a_backup_is_checked_without_being_restored(starter_data, token, tmp_path, passphrase):
    file, more = tmp_path / "backup.sqlite", ("--with-auth", "--passphrase-file", passphrase)
    done(run("backup", file, starter_data, *more))
    assert "with the auth database, encrypted" in done(run_here("backup", file, "--verify"))
    assert "lines in its audit log" in done(run_here("backup", file, "--verify", *more))
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE entries SET actor = 'nobody' WHERE number = 2")
    connection.close()
    assert "entry 2 is broken" in refused(run_here("backup", file, "--verify"))

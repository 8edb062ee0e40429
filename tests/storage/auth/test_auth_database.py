"""The vault: its schema, its secret, and that it is none of the register's business."""

import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from terrafirma.errors import ConfigurationError
from terrafirma.http.app.context import EXTENSION
from terrafirma.register.access.api_keys import create
from terrafirma.register.access.roles import EVERYTHING, Role
from terrafirma.storage.auth.auth_database import check_secret, open_auth_database
from terrafirma.storage.auth.auth_tables import metadata
from terrafirma.storage.auth.secret import read_secret
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.register.backup import clear_contents, write_backup
from tests.conftest import make_key

SECRET = b"s" * 32


@pytest.fixture
def register(database_url):
    """An empty register on each kind of database."""
    register = open_database(database_url)
    schema.upgrade(register)
    yield register
    register.close()


@pytest.fixture
def vault(register):
    """Its vault."""
    vault = open_auth_database(register)
    yield vault
    vault.close()


def add_key(vault, secret=SECRET):
    with vault.writing() as connection:
        return create(connection, secret, "test", Role.EDITOR, EVERYTHING)


def test_its_schema_is_the_declared_one(register, vault):
    def is_ours(_object, name, type, _reflected, _compared):
        return type != "table" or name in metadata.tables

    for _ in range(2):
        open_auth_database(register)
    with vault.engine.connect() as connection:
        options = {
            "compare_type": True,
            "include_object": is_ours,
            "version_table": "vault_version",
        }
        assert (
            compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        )
    assert set(metadata.tables) <= set(sa.inspect(vault.engine).get_table_names())


def test_a_newer_vault_is_refused(register, vault):
    with vault.engine.begin() as connection:
        connection.execute(sa.text("UPDATE vault_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer Terrafirma"):
        open_auth_database(register)


def test_writers_of_the_vault_and_of_the_register_do_not_wait_for_each_other(register, vault):
    with register.writing():
        add_key(vault)
        with vault.writing_quietly() as connection:
            connection.execute(sa.text("UPDATE credentials SET used = 'now'"))
        with vault.reading() as connection:
            assert connection.scalar(sa.text("SELECT used FROM credentials")) == "now"


def test_its_revision_changes_with_every_right(vault):
    seen = [vault.revision.read()]
    for _ in range(3):
        add_key(vault)
        seen.append(vault.revision.read())
    assert len(set(seen)) == 4


def test_no_backup_holds_it_and_none_replaces_it(register, vault, tmp_path):
    add_key(vault)
    with register.writing() as connection:
        write_backup(connection, tmp_path / "backup.sqlite")
        clear_contents(connection)
    with vault.reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM credentials")) == 1
    copy = open_database(f"sqlite:///{tmp_path / 'backup.sqlite'}")
    assert not set(metadata.tables) & set(sa.inspect(copy.engine).get_table_names())
    copy.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such bits")
def test_its_files_are_its_owners_only(open_app, sqlite_world_url, tmp_path):
    app = open_app(sqlite_world_url)
    make_key(app)
    app.extensions[EXTENSION].callers.usage.flush()
    secret = [
        path for path in tmp_path.iterdir() if "vault" in path.name or path.name == "secret.key"
    ]
    assert len(secret) >= 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_an_empty_vault_takes_any_secret_and_one_with_keys_its_own(vault):
    check_secret(vault, b"another" * 8)
    check_secret(vault, SECRET)
    add_key(vault)
    check_secret(vault, SECRET)
    with pytest.raises(ConfigurationError, match="not the secret of this register's keys"):
        check_secret(vault, b"another" * 8)


def test_a_secret_is_made_once(tmp_path):
    first = read_secret("", None, tmp_path / "new")
    assert len(first) == 64
    assert read_secret("", None, tmp_path / "new") == first
    assert read_secret("", None, tmp_path / "other") != first
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret.key"]


def test_a_secret_is_given(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"f" * 40 + b"\n")
    assert read_secret("t" * 32, None, tmp_path) == b"t" * 32
    assert read_secret("", file, tmp_path) == b"f" * 40
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.parametrize(
    ("text", "file", "fault"),
    [
        ("short", None, "TERRAFIRMA_SECRET has 5 bytes"),
        ("t" * 32, Path("file"), "are both set"),
        ("", Path("nowhere"), "cannot be read"),
    ],
)
def test_a_secret_that_cannot_be_used_is_said(tmp_path, text, file, fault):
    with pytest.raises(ConfigurationError, match=fault):
        read_secret(text, file and tmp_path / file, tmp_path)

"""The auth database and the server's secret inside a backup of a register.

They are rows of a table that no register has. With a passphrase they are encrypted (Fernet, with a
key by scrypt); without one, the file must stay with its owner. Sessions, sign-ins under way and
counters are left out: people sign in again.
"""

import base64
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, delete, insert, inspect, select
from sqlalchemy import update as change

from terrafirma.deferred import Deferred
from terrafirma.errors import ConfigurationError
from terrafirma.storage.auth.auth_database import open_auth_database
from terrafirma.storage.auth.auth_tables import audit_head, counters, logins, metadata, sessions
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Connection, open_database
from terrafirma.storage.register.backup import finish_backup

fernet: Any = Deferred("cryptography.fernet")

BATCH = 1000
LEAST = 12
"""Characters of a passphrase."""
SALT, DATABASE, SECRET = "salt", "database", "secret"
PASSING = (sessions, logins, counters)
COPIED = [each for each in metadata.sorted_tables if each not in (audit_head, *PASSING)]
"""Tables with rows that a backup brings back; the head's single row stays, as writers queue on it."""

auth_copy = Table(
    "auth_copy",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)


class AuthCopy(NamedTuple):
    """The auth database of a backup, and the secret that its keys were made with."""

    connection: Connection
    secret: bytes


def copy_auth(source: Connection, target: Connection) -> None:
    """Replace an auth database by another; everyone who is signed in must sign in again."""
    for table in PASSING:
        target.execute(delete(table))
    for table in COPIED:
        target.execute(delete(table))
        rows = source.execute(select(table).execution_options(yield_per=BATCH)).mappings()
        for batch in rows.partitions(BATCH):
            target.execute(insert(table), [dict(row) for row in batch])
    head = source.execute(select(audit_head)).mappings().one()
    target.execute(change(audit_head).values(**head))


def put_auth(source: AuthCopy, backup: Connection, passphrase: str) -> None:
    """Put an auth database and its secret into a backup, encrypted if there is a passphrase."""
    with tempfile.TemporaryDirectory(prefix="terrafirma-") as folder:
        register = open_database(f"sqlite:///{Path(folder) / 'register.sqlite'}")
        copy = open_auth_database(register)
        with copy.writing() as connection:
            copy_auth(source.connection, connection)
        finish_backup(copy)
        register.close()
        contents = {
            DATABASE: (Path(folder) / "vault-register.sqlite").read_bytes(),
            SECRET: source.secret,
        }
    if passphrase:
        salt = secrets.token_bytes(16)
        cipher = make_cipher(passphrase, salt)
        contents = {name: cipher.encrypt(content) for name, content in contents.items()}
        contents[SALT] = salt
    auth_copy.create(backup)
    backup.execute(
        insert(auth_copy), [{"name": name, "content": each} for name, each in contents.items()]
    )


def make_cipher(passphrase: str, salt: bytes) -> Any:
    """Return the cipher of a passphrase. Raise ConfigurationError for one that is too short."""
    if len(passphrase) < LEAST:
        raise ConfigurationError(f"A passphrase has at least {LEAST} characters.")
    key = hashlib.scrypt(passphrase.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)
    return fernet.Fernet(base64.urlsafe_b64encode(key))


def has_auth(backup: Connection) -> bool:
    """Return True if a backup has an auth database."""
    return inspect(backup).has_table(auth_copy.name)


def describe_auth(backup: Connection) -> str:
    """Say in a few words if a backup has an auth database."""
    if not has_auth(backup):
        return "without the auth database"
    return f"with the auth database, {'encrypted' if SALT in read_copy(backup) else 'in clear'}"


def read_copy(backup: Connection) -> dict[str, bytes]:
    """Return the rows that `put_auth` wrote. Raise ConfigurationError for others."""
    contents = {name: content for name, content in backup.execute(select(auth_copy))}  # noqa: C416
    if not contents.keys() >= {DATABASE, SECRET} or any(
        not isinstance(each, bytes) for each in contents.values()
    ):
        raise ConfigurationError("The auth database in the backup is damaged.")
    return contents


@contextmanager
def reading_auth(backup: Connection, passphrase: str) -> Iterator[AuthCopy]:
    """The auth database in a backup. Raise ConfigurationError if there is none, or it stays closed."""
    if not has_auth(backup):
        raise ConfigurationError(
            "The backup has no auth database: it was made without --with-auth."
        )
    contents = open_copy(read_copy(backup), passphrase)
    with tempfile.TemporaryDirectory(prefix="terrafirma-") as folder:
        path = Path(folder) / "vault.sqlite"
        path.write_bytes(contents[DATABASE])
        database = open_database(f"sqlite:///{path}")
        try:
            schema.upgrade(database, schema.VAULT)
            with database.reading() as connection:
                yield AuthCopy(connection, contents[SECRET])
        finally:
            database.close()


def open_copy(contents: dict[str, bytes], passphrase: str) -> dict[str, bytes]:
    """Decrypt what is encrypted."""
    if SALT not in contents:
        return contents
    if not passphrase:
        raise ConfigurationError(
            "The auth database in the backup is encrypted: give its passphrase by --passphrase-file."
        )
    cipher = make_cipher(passphrase, contents[SALT])
    try:
        return {name: cipher.decrypt(contents[name]) for name in (DATABASE, SECRET)}
    except fernet.InvalidToken:
        raise ConfigurationError(
            "The passphrase is not the one of this backup, or the backup is damaged."
        ) from None


def replace_secret(place: Path, secret: bytes) -> None:
    """Put a secret into its file, in a single step."""
    part = place.with_name(f".{place.name}-{secrets.token_hex(8)}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(secret + b"\n")
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(part, place)

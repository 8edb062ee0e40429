"""The auth database: keys, users, sessions and webhooks, separate from the register.

A backup of the register therefore contains no keys or personal data, and the writers of both do not
wait for each other. On PostgreSQL it is a set of tables beside the register's; its writers queue on
their own head row.
"""

import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, func, insert, select

from terrafirma.config import Settings
from terrafirma.errors import ConfigurationError
from terrafirma.storage.auth.api_keys import has_credentials
from terrafirma.storage.auth.auth_tables import audit_head, metadata, seal
from terrafirma.storage.auth.secret import read_secret
from terrafirma.storage.auth.webhooks import has_webhooks
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Connection, Database, open_database
from terrafirma.storage.engine.head_revision import HeadRevision
from terrafirma.storage.engine.schema import VAULT


def open_auth_database(register: Database) -> Database:
    """Open the auth database of a register, creating it if missing. Its revision changes with every
    entry of the audit log."""
    vault = connect_auth_database(register)
    schema.upgrade(vault, VAULT)
    return vault


def connect_auth_database(register: Database) -> Database:
    """Open the auth database of a register, of whatever schema it is."""
    if register.path is None:
        return Database(
            register.engine,
            HeadRevision(register.engine, audit_head),
            None,
            register.seconds,
            audit_head,
            # Nobody listens: keys are asked for each time. And one commit at a time may announce something.
            is_announced=False,
        )
    path = register.path.with_name(f"vault-{register.path.stem}.sqlite")
    vault = open_database(f"sqlite:///{path}", register.seconds)
    # SQLite gives the files beside it the same permissions.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return vault


@contextmanager
def opened_auth_database(register: Database) -> Iterator[Database]:
    """The vault of a register, for a while."""
    vault = open_auth_database(register)
    try:
        yield vault
    finally:
        if vault.engine is not register.engine:
            vault.close()


def next_id(connection: Connection, table: str) -> int:
    """The id of the next row of a table. It does not return for as long as rows stay."""
    return (connection.scalar(select(func.max(metadata.tables[table].c.id))) or 0) + 1


def read_secret_of(settings: Settings, vault: Database) -> bytes:
    """The secret that keys and webhooks were made with. Raise ConfigurationError if it differs or
    is missing."""
    secret = read_secret(settings.secret, settings.secret_file, settings.data)
    check_secret(vault, secret)
    return secret


def check_secret(vault: Database, secret: bytes) -> None:
    """Raise ConfigurationError unless keys and webhooks were made with this secret; an empty
    database accepts any."""
    mark = hmac.new(secret, b"vault", hashlib.sha256).hexdigest()
    with vault.reading() as connection:
        known = connection.scalar(select(seal.c.mark))
    if known == mark:
        return
    with vault.writing() as connection:
        used = has_credentials(connection) or has_webhooks(connection)
        if connection.scalar(select(seal.c.mark)) is not None and used:
            raise ConfigurationError(
                "The secret is not the secret of this register's keys. Give every server the same "
                "TERRAFIRMA_SECRET or TERRAFIRMA_SECRET_FILE, or put the old secret.key back."
            )
        connection.execute(delete(seal))
        connection.execute(insert(seal).values(lock=1, mark=mark))

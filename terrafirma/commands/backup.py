"""`terrafirma backup` and `restore`: a whole register as a file, with its auth database if asked for."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, Any

import click

from terrafirma.commands.audit import find_auth_faults, record_locally
from terrafirma.commands.terminal import Command, choose, found, print_status, with_register
from terrafirma.config import STARTER, Settings
from terrafirma.errors import ConfigurationError
from terrafirma.register.log.history import GENESIS
from terrafirma.register.log.verification import Checkpoint, compare_checkpoint, verify
from terrafirma.register.model.clock import now
from terrafirma.storage.auth.audit import read_audit_head
from terrafirma.storage.auth.auth_backup import (
    AuthCopy,
    copy_auth,
    describe_auth,
    has_auth,
    put_auth,
    reading_auth,
    replace_secret,
)
from terrafirma.storage.auth.auth_database import opened_auth_database, read_secret_of
from terrafirma.storage.auth.secret import read_secret
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Connection, Database, open_database
from terrafirma.storage.engine.integrity import check_database
from terrafirma.storage.engine.tables import metadata
from terrafirma.storage.private_files import make_folder
from terrafirma.storage.register.backup import copy_contents, reading_backup, write_backup
from terrafirma.storage.register.entries import Head, read_head

UNSOUND = "{} is not sound, so nothing was changed: {}."
Put = Callable[[Connection], None]

with_passphrase = click.option(
    "--passphrase-file",
    type=click.File(encoding="utf-8"),
    show_default="not encrypted",
    help="File whose first line encrypts the auth database; - is standard input.",
)


@click.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_register
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@click.option(
    "--with-auth",
    is_flag=True,
    help="Include keys, users, webhooks, the audit log and the server's secret.",
)
@with_passphrase
@click.option("--verify", "checks", is_flag=True, help="Check FILE instead of writing it.")
def backup(
    file: Path,
    overwrite: bool,
    with_auth: bool,
    passphrase_file: IO[str] | None,
    checks: bool,
    **given: Any,
) -> None:
    """Copy the register as it is this instant into FILE; servers go on."""
    passphrase = read_passphrase(passphrase_file)
    if passphrase and not with_auth:
        raise click.UsageError("--passphrase-file encrypts the auth database: add --with-auth.")
    if checks:
        print_status(check_backup(file, with_auth, passphrase))
        return
    settings = choose(**given)
    with found(settings) as database, database.reading() as connection:
        put = partial(put_auth_of, settings, database, passphrase) if with_auth else None
        write_backup(connection, file, overwrite=overwrite, more=put)
        record_locally(settings, "backup", {"file": str(file), "auth": with_auth})
        print_status(f"Backed up {read_head(connection).number:,} entries to {file}.")
    if with_auth and not passphrase:
        print_status("It has the server's secret in clear. Keep it where only you can read it.")


@click.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_register
@click.option(
    "--with-auth", is_flag=True, help="Replace keys, users, webhooks, audit log and secret, too."
)
@with_passphrase
def restore(file: Path, with_auth: bool, passphrase_file: IO[str] | None, **given: Any) -> None:
    """Replace the register by FILE, a backup; the previous register is saved in a file beside it."""
    settings, passphrase = choose(**given), read_passphrase(passphrase_file)
    with ExitStack() as opened:
        source = opened.enter_context(reading_backup(file))
        head = check_sound(file, *find_faults(source, []))
        auth = None
        if with_auth:
            auth = opened.enter_context(reading_auth(source, passphrase))
            check_sound(file, head, find_auth_faults(auth.connection).faults)
            check_secret_place(settings, auth.secret)
        elif has_auth(source):
            print_status(
                "Keys and users stay as they are; --with-auth restores those of the backup."
            )
        database = open_database(settings.url)
        schema.upgrade(database)
        kept = replace_register(settings, database, source, auth)
        database.close()
    record_locally(settings, "restored", {"file": str(file), "head": head.hash, "auth": with_auth})
    print_status(
        f"Restored {head.number:,} entries."
        + (f" What was there is kept in {kept}." if kept else "")
    )
    if with_auth:
        print_status("Restart the servers and workers: they have the secret in memory.")


def read_passphrase(file: IO[str] | None) -> str:
    """Return the first line of a file; empty without one."""
    if file is None:
        return ""
    passphrase = file.readline().strip()
    if not passphrase:
        raise ConfigurationError(f"{file.name} has no passphrase in its first line.")
    return passphrase


def check_backup(file: Path, with_auth: bool, passphrase: str) -> str:
    """Describe a sound backup. Raise ConfigurationError for any other."""
    with ExitStack() as opened:
        source = opened.enter_context(reading_backup(file))
        head = check_sound(file, *find_faults(source, []))
        about = describe_auth(source)
        if with_auth:
            auth = opened.enter_context(reading_auth(source, passphrase))
            found = find_auth_faults(auth.connection)
            check_sound(file, head, found.faults)
            about += f", {found.head.number:,} lines in its audit log"
        return f"{file}: {head.number:,} entries, unbroken, {about}; head {head.hash}"


def check_sound(file: Path, head: Head, faults: list[str]) -> Head:
    """Return the head of a backup. Raise ConfigurationError with its first fault."""
    if faults:
        raise ConfigurationError(UNSOUND.format(file, faults[0]))
    return head


def find_faults(
    connection: Connection, checkpoints: Iterable[Checkpoint]
) -> tuple[Head, list[str]]:
    """The head of the register's log, and every fault of its database and log."""
    faults = check_database(connection, metadata)
    head = Head(0, "", GENESIS)
    try:
        head, broken = verify(connection)
        faults += broken
        for checkpoint in checkpoints:
            faults += compare_checkpoint(connection, checkpoint)
    except Exception as error:
        # A damaged row can break any step that reads it; that is a fault like others.
        faults.append(f"the log cannot be read: {error}")
    return head, faults


def put_auth_of(
    settings: Settings, database: Database, passphrase: str, backup: Connection
) -> None:
    """Put the auth database of a register into a backup of it."""
    with opened_auth_database(database) as vault:
        secret = read_secret_of(settings, vault)
        with vault.reading() as connection:
            put_auth(AuthCopy(connection, secret), backup, passphrase)


def check_secret_place(settings: Settings, secret: bytes) -> None:
    """Raise ConfigurationError if the settings give another secret than a backup has."""
    if (settings.secret or settings.secret_file) and secret != read_secret(
        settings.secret, settings.secret_file, settings.data
    ):
        raise ConfigurationError(
            "The backup has another secret than TERRAFIRMA_SECRET or TERRAFIRMA_SECRET_FILE. "
            "Restore without this setting: the secret then goes to secret.key in the data directory."
        )


def replace_register(
    settings: Settings, database: Database, source: Connection, auth: AuthCopy | None
) -> Path | None:
    """Put the contents of a backup in the place of a register's; return the file with those before."""
    with database.writing() as connection:
        put = partial(keep_auth, settings, database) if auth else None
        kept = set_aside(connection, settings, put) if read_head(connection).number else None
        copy_contents(source, connection)
    if auth is not None:
        replace_auth(settings, database, auth)
    return kept


def keep_auth(settings: Settings, database: Database, backup: Connection) -> None:
    """Put an auth database that is to be replaced into the copy of its register, with whatever secret is there."""
    secret = read_secret(settings.secret, settings.secret_file, settings.data)
    with opened_auth_database(database) as vault, vault.reading() as connection:
        if read_audit_head(connection).number:
            put_auth(AuthCopy(connection, secret), backup, "")


def replace_auth(settings: Settings, database: Database, auth: AuthCopy) -> None:
    """Put the auth database and the secret of a backup in the place of a register's."""
    with opened_auth_database(database) as vault, vault.writing() as connection:
        copy_auth(auth.connection, connection)
    if not (settings.secret or settings.secret_file):
        replace_secret(settings.data / "secret.key", auth.secret)


def set_aside(connection: Connection, settings: Settings, put: Put | None = None) -> Path:
    """Copy a register into a dated file of the data directory before it is replaced."""
    name = STARTER if settings.dataset == STARTER else "register"
    stamp = now().translate({ord("-"): "", ord(":"): ""})
    make_folder(settings.data)
    file = settings.data / f"{name}-{stamp}.sqlite"
    write_backup(connection, file, more=put)
    return file

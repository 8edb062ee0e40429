"""The checks of `terrafirma doctor`: each looks at a single thing and reports what it found."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from sqlalchemy import text

from terrafirma.config import Settings
from terrafirma.http.middleware.ownership import is_local_name
from terrafirma.register.model.clock import later, moment, now, write_instant
from terrafirma.storage.auth.api_keys import Credential, list_credentials
from terrafirma.storage.auth.audit import scan_audit
from terrafirma.storage.auth.auth_database import open_auth_database
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import (
    Connection,
    Database,
    OperationalError,
    has_file,
    open_database,
)
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.work.jobs import list_workers, measure_queue

State = Literal["ok", "warning", "failure"]

LEAST_BYTES = 100_000_000
LITTLE_BYTES = 1_000_000_000
"""Free bytes of the disk below which writes will soon fail, and below which it is time to look."""
OLDEST_SQLITE = (3, 37)
OLDEST_POSTGRESQL = 140_000
SKEW_SECONDS = 2
WAIT_SECONDS = 300
WORKER_SECONDS = 30
KEY_DAYS = 14
BACKUP_DAYS = 7
SHARED = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"})
"""File systems on which SQLite's locks do not work."""


class Finding(NamedTuple):
    """The result of a single look."""

    check: str
    state: State
    sentence: str


def examine(settings: Settings) -> list[Finding]:
    """Run every check; those of the database end at the first failure to reach it."""
    found = [finding for check in OUTSIDE for finding in check(settings)]
    if not has_file(settings.url):
        return [*found, Finding("database", "failure", f"There is no register in {settings.data}.")]
    try:
        with closing(open_database(settings.url, settings.max_seconds)) as database:
            found += [finding for look in INSIDE for finding in look(settings, database)]
    except OperationalError as error:
        found.append(Finding("database", "failure", f"It cannot be used: {error.orig}"))
    return found


def check_files(settings: Settings) -> Iterator[Finding]:
    """Look at the data directory and the secret in it."""
    if not settings.data.is_dir():
        yield Finding("files", "failure", f"The data directory {settings.data} does not exist.")
        return
    if not os.access(settings.data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("files", "failure", f"This account may not write to {settings.data}.")
    secret = settings.secret_file or settings.data / "secret.key"
    if os.name == "posix" and secret.is_file() and secret.stat().st_mode & 0o077:
        sentence = f"Other accounts may read {secret}: chmod 600 {secret}"
        yield Finding("files", "warning", sentence)
    if not settings.database_url and (kind := find_file_system(settings.data)) in SHARED:
        sentence = f"{settings.data} is on {kind}, where SQLite's locks do not work."
        yield Finding("files", "failure", sentence)
    yield Finding("files", "ok", f"Data directory: {settings.data}")


def find_file_system(path: Path) -> str:
    """Return the type of the file system that a path is on, or an empty text where the system does
    not tell."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    whole = path.resolve()
    holding = [(place, kind) for place, kind in mounts if whole.is_relative_to(place)]
    return max(holding, key=lambda each: len(each[0]), default=("", ""))[1]


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Look at the space that is left."""
    if settings.data.is_dir():
        free = shutil.disk_usage(settings.data).free
        state: State = "ok" if free >= LITTLE_BYTES else "warning"
        if free < LEAST_BYTES:
            state = "failure"
        yield Finding("disk", state, f"{free / 1e9:.1f} GB are free.")


def check_combinations(settings: Settings) -> Iterator[Finding]:
    """Look for settings that are safe apart and unsafe together."""
    public = bool(settings.public_url) or not is_local_name(settings.host)
    if settings.public_url and is_local_name(settings.host) and not settings.proxies:
        sentence = (
            "TERRAFIRMA_PUBLIC_URL is set and TERRAFIRMA_PROXIES is not: behind a proxy on this machine all requests "
            "seem to come from the machine itself, so limits and rights take strangers for local programs."
        )
        yield Finding("settings", "failure", sentence)
    if public and not settings.hosts:
        sentence = "TERRAFIRMA_HOSTS is empty: the server answers to any host name."
        yield Finding("settings", "warning", sentence)
    if settings.public_url.startswith("http://"):
        sentence = "TERRAFIRMA_PUBLIC_URL is not https: keys and sessions are sent unencrypted."
        yield Finding("settings", "warning", sentence)
    if public and settings.metrics == "open":
        sentence = "TERRAFIRMA_METRICS=open: strangers read /metrics unless the proxy refuses it."
        yield Finding("settings", "warning", sentence)
    if settings.database_url.startswith("postgresql") and not settings.files:
        sentence = (
            "TERRAFIRMA_FILES is empty: workers on other machines do not see this one's imports."
        )
        yield Finding("settings", "warning", sentence)


def check_version(_: Settings, database: Database) -> Iterator[Finding]:
    """Look at the database's version and at the schema in it."""
    with database.reading() as connection:
        if database.path is not None:
            good, version = sqlite3.sqlite_version_info >= OLDEST_SQLITE, sqlite3.sqlite_version
            name = "SQLite"
        else:
            number = int(connection.scalar(text("SHOW server_version_num")) or 0)
            good, version = number >= OLDEST_POSTGRESQL, f"{number // 10_000}"
            name = "PostgreSQL"
        current = schema.current(connection)
    state: State = "ok" if good else "failure"
    yield Finding("database", state, f"{name} {version}")
    if current != schema.newest():
        sentence = (
            f"The schema is {current or 'missing'}; the server upgrades it to {schema.newest()}."
        )
        yield Finding("database", "warning", sentence)


def check_clock(_: Settings, database: Database) -> Iterator[Finding]:
    """Compare this machine's clock with the database's, and with the last entry."""
    with database.reading() as connection:
        if schema.current(connection) is None:
            return
        last = read_head(connection).at
        there = connection.scalar(text("SELECT now()")) if database.path is None else moment()
    skew = abs((moment() - there).total_seconds())
    if skew > SKEW_SECONDS:
        sentence = f"This machine's clock and the database's differ by {skew:.0f} seconds."
        yield Finding("clock", "failure", sentence)
    elif last > now():
        yield Finding("clock", "warning", f"The last entry is of {last}, which is yet to come.")
    else:
        yield Finding("clock", "ok", f"Last entry: {last or 'none'}")


def check_replication(settings: Settings, database: Database) -> Iterator[Finding]:
    """Look at the standbys of PostgreSQL."""
    if database.path is not None:
        return
    with database.reading() as connection:
        standby = connection.scalar(text("SELECT pg_is_in_recovery()"))
        rows = connection.execute(
            text("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")
        ).fetchall()
    if standby:
        yield Finding(
            "replication", "failure", "DATABASE_URL leads to a standby; it takes no writes."
        )
    elif not rows:
        yield Finding("replication", "warning", "No standby: what this machine loses is lost.")
    else:
        synchronous = sum(row[0] in ("sync", "quorum") for row in rows)
        state: State = "ok" if synchronous else "warning"
        sentence = f"{len(rows)} standbys, {synchronous} of them synchronous."
        yield Finding("replication", state, sentence)
    yield from check_standby(settings, database)


def check_standby(settings: Settings, database: Database) -> Iterator[Finding]:
    """Compare the standby that reads are answered from with the primary."""
    if not settings.read_url:
        return
    with database.reading() as connection:
        written = read_head(connection).number
    try:
        with (
            closing(open_database(settings.read_url, settings.max_seconds)) as standby,
            standby.reading() as connection,
        ):
            behind = written - read_head(connection).number
    except OperationalError as error:
        yield Finding("replication", "failure", f"TERRAFIRMA_READ_URL: {error.orig}")
        return
    state: State = "ok" if behind <= 0 else "warning"
    sentence = f"The standby for reads is {max(behind, 0)} entries behind."
    yield Finding("replication", state, sentence)


def check_queue(_: Settings, database: Database) -> Iterator[Finding]:
    """Look whether jobs wait, and for whom."""
    with database.reading() as connection:
        if schema.current(connection) != schema.newest():
            return
        waiting, since = measure_queue(connection, now())
        workers = len(list_workers(connection, later(-WORKER_SECONDS)))
    late = bool(since) and str(since) < later(-WAIT_SECONDS)
    state: State = "failure" if late else "ok"
    yield Finding("queue", state, f"{waiting} jobs wait; {workers} workers were heard of lately.")


def check_keys(settings: Settings, database: Database) -> Iterator[Finding]:
    """Look at the API keys: an admin's there, none forgotten, and when the last backup was made."""
    with database.reading() as connection:
        if schema.current(connection) != schema.newest():
            # Opening the auth database would upgrade it under a server of the older version.
            return
    vault = open_auth_database(database)
    try:
        with vault.reading() as connection:
            keys = [key for key in list_credentials(connection) if key.revoked is None]
            backup = find_backup(connection)
    finally:
        if vault.engine is not database.engine:
            vault.close()
    yield from examine_keys(keys)
    snapshots = sorted((settings.files_path / "snapshots").glob("*.sqlite"))
    newest = max([backup, *(find_time(path) for path in snapshots[-1:])])
    if newest < later(-BACKUP_DAYS * 86_400):
        told = f"the last one is of {newest}" if newest else "none is known"
        sentence = (
            f"No backup within {BACKUP_DAYS} days: {told}. Litestream's copies are not seen here."
        )
        yield Finding("backup", "warning", sentence)
    else:
        yield Finding("backup", "ok", f"Last backup: {newest}")


def examine_keys(keys: list[Credential]) -> Iterator[Finding]:
    """Look at keys that are not revoked."""
    instant, soon = now(), later(KEY_DAYS * 86_400)
    valid = [key for key in keys if key.expires is None or key.expires > instant]
    ending = [key.id for key in valid if key.expires and key.expires < soon]
    if not any(key.role == "admin" for key in valid):
        yield Finding("keys", "warning", "No valid admin key: terrafirma keys create --role admin")
    if len(valid) < len(keys):
        yield Finding(
            "keys", "warning", f"{len(keys) - len(valid)} keys have expired; revoke them."
        )
    if ending:
        listed = ", ".join(map(str, ending))
        yield Finding("keys", "warning", f"These keys expire within {KEY_DAYS} days: {listed}")
    yield Finding("keys", "ok", f"{len(valid)} valid keys")


def find_backup(connection: Connection) -> str:
    """Return the time of the last backup that the audit log has, or an empty text."""
    return max((row.at for row in scan_audit(connection) if row.event == "backup"), default="")


def find_time(path: Path) -> str:
    """Return the time of a file's last change."""
    return write_instant(datetime.fromtimestamp(path.stat().st_mtime, UTC))


OUTSIDE: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    check_files,
    check_disk,
    check_combinations,
)
"""Checks that need no database."""
INSIDE: tuple[Callable[[Settings, Database], Iterator[Finding]], ...] = (
    check_version,
    check_clock,
    check_replication,
    check_queue,
    check_keys,
)

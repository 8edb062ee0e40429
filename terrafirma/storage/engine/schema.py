"""The schema's version: made, upgraded, or refused when it is newer than this code."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import column, inspect, select, table, text

from terrafirma.deferred import Deferred
from terrafirma.errors import ConfigurationError
from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.engine.tables import properties

command, config = map(Deferred, ("alembic.command", "alembic.config"))

MIGRATIONS = Path(__file__).parent / "migrations"

PG_SETUP_LOCK = 0x7E88AF18
"""Advisory lock for setting up a register: one PostgreSQL client at a time."""


@dataclass(frozen=True)
class MigrationChain:
    """A chain of migrations: their folder, and the table with the database's version."""

    folder: str
    table: str


REGISTER = MigrationChain("versions", "alembic_version")
VAULT = MigrationChain("vault", "vault_version")


@cache
def migrations(chain: MigrationChain = REGISTER) -> Any:
    """Alembic, pointed at this package's migrations; it has no file of its own."""
    pointed = config.Config()
    pointed.set_main_option("script_location", str(MIGRATIONS))
    pointed.set_main_option("path_separator", "newline")
    pointed.set_main_option("version_locations", str(MIGRATIONS / chain.folder))
    pointed.set_main_option("version_table", chain.table)
    return pointed


@cache
def list_known(chain: MigrationChain = REGISTER) -> tuple[str, ...]:
    """The schema versions this code can upgrade from, the last being its own, read from the file
    names."""
    return tuple(
        sorted(
            path.name.partition("_")[0] for path in (MIGRATIONS / chain.folder).glob("[0-9]*.py")
        )
    )


def newest(chain: MigrationChain = REGISTER) -> str:
    """The schema version this code writes."""
    return list_known(chain)[-1]


def current(connection: Connection, chain: MigrationChain = REGISTER) -> str | None:
    """The schema version of a database; None if it has no schema."""
    if not inspect(connection).has_table(chain.table):
        return None
    version: str | None = connection.scalar(
        select(column("version_num")).select_from(table(chain.table))
    )
    return version


def check(connection: Connection, chain: MigrationChain = REGISTER) -> bool:
    """Return True if the schema is current; raise ConfigurationError if it is newer than this code."""
    version = current(connection, chain)
    if version is not None and version not in list_known(chain):
        raise ConfigurationError(
            f"This register was written by a newer Terrafirma (schema {version}; this one knows {newest(chain)}). "
            "Upgrade Terrafirma, or restore a backup made with this version."
        )
    return version == newest(chain)


def list_missing(connection: Connection, chain: MigrationChain = REGISTER) -> list[str]:
    """The migrations that a database lacks, by their file names; ConfigurationError if it is newer than this code."""
    check(connection, chain)
    there = current(connection, chain) or ""
    files = sorted((MIGRATIONS / chain.folder).glob("[0-9]*.py"))
    return [path.stem for path in files if path.name.partition("_")[0] > there]


def upgrade(database: Database, chain: MigrationChain = REGISTER) -> None:
    """Upgrade a database to this code's schema, in a single process at a time and one transaction."""
    with database.reading() as connection:
        if check(connection, chain):
            return
    with database.setting_up() as connection:
        _migrate(database, connection, chain)


@contextmanager
def trying_upgrade(database: Database, chain: MigrationChain = REGISTER) -> Iterator[Connection]:
    """A database as it will be after an upgrade, which is undone on leaving."""
    with suppress(Undone), database.setting_up() as connection:
        _migrate(database, connection, chain)
        yield connection
        raise Undone


class Undone(Exception):
    """Ends a transaction without its effects."""


def _migrate(database: Database, connection: Connection, chain: MigrationChain) -> None:
    if database.path is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PG_SETUP_LOCK})
    if not check(connection, chain):
        migrations(chain).attributes["connection"] = connection
        command.upgrade(migrations(chain), "head")


def read_property(connection: Connection, name: str) -> str | None:
    """A fact about the register itself, such as the dataset it was filled with."""
    value: str | None = connection.scalar(
        select(properties.c.value).where(properties.c.name == name)
    )
    return value


def write_property(connection: Connection, name: str, value: str) -> None:
    """Keep a fact about the register itself."""
    connection.execute(properties.delete().where(properties.c.name == name))
    connection.execute(properties.insert().values(name=name, value=value))

"""`terrafirma upgrade`: bring the databases of an older version to this one's schema, or see whether that works."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from terrafirma.commands.backup import find_faults
from terrafirma.commands.terminal import Command, choose, print_status, with_register
from terrafirma.config import Settings
from terrafirma.errors import ConfigurationError
from terrafirma.storage.auth.auth_database import connect_auth_database
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Database, has_file, open_database


@click.command(cls=Command)
@with_register
@click.option("--dry-run", is_flag=True, help="Upgrade, verify, and undo it.")
def upgrade(dry_run: bool, data: Path | None, starter: bool) -> None:
    """Bring the databases of an older version to this one's schema, as a server does when it starts."""
    with opened_as_is(choose(data=data, starter=starter)) as databases:
        for name, (database, chain) in databases.items():
            with database.reading() as connection:
                before = schema.current(connection, chain)
                missing = schema.list_missing(connection, chain)
            print_status(describe(name, before, missing))
            if missing and dry_run:
                try_out(name, database, chain)
            elif missing:
                schema.upgrade(database, chain)
                print_status(f"{name}: upgraded.")


@contextmanager
def opened_as_is(
    settings: Settings,
) -> Iterator[dict[str, tuple[Database, schema.MigrationChain]]]:
    """The databases of a register, by name, of whatever schema they are."""
    if not has_file(settings.url):
        raise ConfigurationError(f"There is no register in {settings.data}; name another --data.")
    with closing(open_database(settings.url)) as register:
        databases = {"register": (register, schema.REGISTER)}
        path = register.path and register.path.with_name(f"vault-{register.path.stem}.sqlite")
        if path is not None and not path.is_file():
            # The first releases had none.
            yield databases
            return
        with closing(connect_auth_database(register)) as vault:
            yield databases | {"auth database": (vault, schema.VAULT)}


def describe(name: str, before: str | None, missing: list[str]) -> str:
    """The state of a database's schema, in a sentence."""
    if not missing:
        return f"{name}: schema {before}, which is current."
    return f"{name}: schema {before or 'none'}; to do: {', '.join(missing)}."


def try_out(name: str, database: Database, chain: schema.MigrationChain) -> None:
    """Upgrade a database and undo it; ClickException if the register is not sound in between."""
    with schema.trying_upgrade(database, chain) as connection:
        head, faults = find_faults(connection, ()) if chain is schema.REGISTER else (None, [])
    for fault in faults:
        print_status(fault)
    if faults:
        raise click.ClickException(f"{name}: {len(faults)} faults after the upgrade; it is undone.")
    verified = f" {head.number:,} entries, unbroken;" if head else ""
    print_status(f"{name}: the upgrade works:{verified} it is undone.")

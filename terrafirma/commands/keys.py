"""`terrafirma keys`: manage API keys from the command line, where the first key is made."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from terrafirma.commands.terminal import (
    ID,
    CommandGroup,
    choose,
    print_all,
    print_status,
    with_json,
    with_register,
)
from terrafirma.config import MOST, Settings
from terrafirma.register.access import api_keys
from terrafirma.register.access.roles import Role, Scope
from terrafirma.register.model.clock import HOUR
from terrafirma.storage.auth.api_keys import Credential, list_credentials
from terrafirma.storage.auth.auth_database import opened_auth_database, read_secret_of
from terrafirma.storage.engine.database import Database, open_database
from terrafirma.storage.register.guarded import note_guarded

CLI = "cli"
"""The actor of keys made here: a user who can read the data directory."""


@click.group(cls=CommandGroup)
def keys() -> None:
    """Manage API keys, which are required for writing and, if reading is closed, for reading."""


@keys.command()
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    required=True,
    help="The role of the key.",
)
@click.option(
    "--expires",
    show_default="never",
    help="When it ends: a time from now (90d, 12h), a day or an instant.",
)
@click.option("--note", show_default="none", help="Its purpose, for people.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    show_default="all",
    help="A kind of record it writes. May be repeated.",
)
@click.option(
    "--country",
    "countries",
    multiple=True,
    show_default="all",
    help="A country it writes, by alpha-2 code. May be repeated.",
)
@click.option(
    "--requests",
    type=click.IntRange(1, MOST),
    show_default="as many as any key",
    help="Requests a minute.",
)
@click.option(
    "--writes",
    type=click.IntRange(1, MOST),
    show_default="as many as any key",
    help="Writes a minute.",
)
@with_register
def create(
    role: str,
    kinds: tuple[str, ...],
    countries: tuple[str, ...],
    data: Path | None,
    starter: bool,
    **given: Any,
) -> None:
    """Make a key. It is printed once, to standard output."""
    settings = choose(data=data, starter=starter)
    scope = Scope(frozenset(kinds), frozenset(code.upper() for code in countries))
    about = {name: value for name, value in given.items() if value is not None}
    with closing(open_database(settings.url)) as register, opened_auth_database(register) as vault:
        secret = read_secret_of(settings, vault)
        with vault.writing() as connection:
            made = api_keys.create(connection, secret, CLI, Role(role), scope, **about)
        note_guarded(register)
    show_new(*made)


@keys.command()
def generate() -> None:
    """Print a new key without storing it: for TERRAFIRMA_ADMIN_KEY or its file."""
    click.echo(api_keys.make_token()[0])


@keys.command("list")
@with_json
@with_register
def list_all(as_json: bool, **given: Any) -> None:
    """List all keys, current and past, without their secrets."""
    with open_keys(choose(**given)) as vault, vault.reading() as connection:
        credentials = list_credentials(connection)
    shown = map(api_keys.show, credentials) if as_json else credentials
    print_all(shown, describe, as_json=as_json)


@keys.command()
@click.argument("id", type=ID)
@click.option(
    "--overlap",
    default=24,
    type=click.IntRange(0, 8760),
    help="Hours for which the old key stays valid.",
)
@with_register
def rotate(id: int, overlap: int, **given: Any) -> None:
    """Give key ID new random bits; it keeps its id, role and scope."""
    settings = choose(**given)
    with open_keys(settings) as vault:
        secret = read_secret_of(settings, vault)
        with vault.writing() as connection:
            made = api_keys.rotate(connection, secret, CLI, id, overlap * HOUR)
    show_new(*made)


@keys.command()
@click.argument("id", type=ID)
@with_register
def revoke(id: int, **given: Any) -> None:
    """Take key ID back, at once."""
    with open_keys(choose(**given)) as vault, vault.writing() as connection:
        api_keys.revoke(connection, CLI, id)
    print_status(f"Key {id} is no longer taken.")


@contextmanager
def open_keys(settings: Settings) -> Iterator[Database]:
    """The vault of a register, which need not be there yet."""
    with closing(open_database(settings.url)) as register, opened_auth_database(register) as vault:
        yield vault


def show_new(credential: Credential, token: str) -> None:
    """A key, this once."""
    print_status(
        f"Key {credential.id}, {credential.role}. It is shown once; send it as `Authorization: Bearer KEY`:"
    )
    click.echo(token)


def describe(credential: Credential) -> str:
    """A key as a line of text."""
    parts = [f"{credential.id}", credential.prefix, credential.role]
    parts += [
        f"{name} {value}"
        for name, value in api_keys.show(credential).items()
        if name not in ("id", "prefix")
    ]
    return "  ".join(part for part in parts if not part.startswith("role "))

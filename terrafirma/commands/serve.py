"""`terrafirma serve` and `terrafirma worker`: the commands that run until stopped."""

import getpass
from contextlib import suppress
from importlib.metadata import version
from typing import Any

import click

from terrafirma.commands.config import hide
from terrafirma.commands.register import opened
from terrafirma.commands.terminal import (
    Command,
    choose,
    found,
    print_status,
    with_data,
    with_register,
)
from terrafirma.config import Settings, read_settings
from terrafirma.factory import open_callers
from terrafirma.http.middleware.ownership import is_local_name
from terrafirma.server import alone
from terrafirma.server import serve as serve_forever
from terrafirma.storage.engine import schema
from terrafirma.storage.register.entries import read_head
from terrafirma.worker import work_until_told


@click.command(cls=Command)
@with_data
@click.option(
    "--host",
    show_default="TERRAFIRMA_HOST, else 127.0.0.1",
    help="Address to listen on, or unix:PATH of a socket.",
)
@click.option(
    "--port", type=int, show_default="TERRAFIRMA_PORT, else 5000", help="Port to listen on."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    show_default="TERRAFIRMA_WORKERS, else 1",
    help="Processes.",
)
def serve(**given: Any) -> None:
    """Serve the register, filling it with the world if it is new."""
    settings = read_settings(**given)
    with alone(settings):
        with opened(settings) as database, database.reading() as connection:
            dataset, entries = (
                schema.read_property(connection, "dataset"),
                read_head(connection).number,
            )
            unguarded = open_callers(settings, database).is_open()
        print_status(
            f"Terrafirma {version('terrafirma')} serves {dataset} ({entries:,} entries) at {name_place(settings)}"
        )
        print_status(
            f"Data: {hide('database_url', settings.database_url) or settings.data}. Stop with Ctrl+C."
        )
        print_status(describe_rights(settings, is_local_name(settings.host) and unguarded))
        serve_forever(settings)


def name_place(settings: Settings) -> str:
    """The address that a server listens on."""
    if settings.socket_path is not None:
        return settings.host
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{name}:{settings.port}"


def describe_rights(settings: Settings, unguarded: bool) -> str:
    """A sentence about the rights to read and write."""
    who = "Everyone who reaches it may read" if settings.reads == "open" else "Reading takes a key"
    if unguarded:
        user = "who runs this server"
        with suppress(OSError, KeyError):
            user = getpass.getuser()
        return f"{who}. Until the first key is made, programs of the user {user} on this machine write without one."
    return f"{who}. Writing takes a key, from here too: terrafirma keys create --role editor."


@click.command(cls=Command)
@click.option(
    "--threads",
    "job_threads",
    type=click.IntRange(1, 256),
    show_default="TERRAFIRMA_JOB_THREADS, else 2",
    help="Jobs done at once.",
)
@with_register
def worker(**given: Any) -> None:
    """Do jobs until stopped, beside those that the server's own worker does."""
    settings = choose(**given)
    with found(settings, filled=False):
        print_status(f"Doing jobs of {settings.database_url or settings.data}. Stop with Ctrl+C.")
    work_until_told(settings)

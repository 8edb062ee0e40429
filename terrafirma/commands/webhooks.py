"""`terrafirma webhooks`: manage webhooks from the command line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from terrafirma.commands.keys import CLI
from terrafirma.commands.terminal import (
    COUNT,
    ID,
    CommandGroup,
    choose,
    found,
    print_status,
    with_register,
)
from terrafirma.config import Settings
from terrafirma.outbound_targets import check_target
from terrafirma.register.model.clock import HOUR, today
from terrafirma.register.webhooks import webhooks as rules
from terrafirma.register.webhooks.filters import ACTIONS, WebhookFilters, check_filters
from terrafirma.storage.auth.auth_database import opened_auth_database, read_secret_of
from terrafirma.storage.auth.deliveries import STATES, Delivery, list_deliveries
from terrafirma.storage.auth.webhooks import WebhookRow, list_webhooks
from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.register.entries import Head, read_head

Command = Callable[..., Any]


@click.group(cls=CommandGroup)
def webhooks() -> None:
    """Manage webhooks, which receive changes of the register."""


def with_filters(command: Command) -> Command:
    """Add the filter options of webhooks to a command."""
    for names, meaning in (
        (
            ("--field", "fields"),
            "A field; only entries in which it differs. May be repeated, as those above.",
        ),
        (("--group", "groups"), "A group, by code: its members' records, its memberships, itself."),
        (("--record", "records"), "A record, as country/TH."),
        (("--kind", "kinds"), "A kind of record."),
    ):
        command = click.option(*names, multiple=True, show_default="all", help=meaning)(command)
    actions = click.option(
        "--action",
        "actions",
        multiple=True,
        type=click.Choice(ACTIONS),
        show_default="all",
        help="The kind of event.",
    )
    return actions(command)


@webhooks.command()
@click.argument("url")
@with_filters
@click.option(
    "--since",
    type=ID,
    show_default="the newest",
    help="The entry after which it begins.",
)
@click.option("--description", show_default="none", help="Its purpose, for people.")
@with_register
def create(url: str, since: int | None, description: str | None, **given: Any) -> None:
    """Have messages sent to URL. The secret that signs them is printed once, to standard output."""
    filters = WebhookFilters(*(given.pop(part) for part in WebhookFilters._fields))
    settings = choose(**given)
    check_target("url", url, settings.webhook_networks)
    with both(settings) as (register, vault):
        secret = read_secret_of(settings, vault)
        with register.reading() as connection:
            check_filters(connection, filters, today())
            place = rules.find_place(connection, since)
        with vault.writing() as connection:
            made = rules.create(connection, secret, CLI, url, filters, place, description)
    show_new(*made)


@webhooks.command("list")
@with_register
def list_all(**given: Any) -> None:
    """List all webhooks, one per line, without their secrets."""
    with both(choose(**given)) as (register, vault):
        with register.reading() as connection:
            head = read_head(connection)
        with vault.reading() as connection:
            for webhook in list_webhooks(connection):
                click.echo(describe(webhook, head))


@webhooks.command()
@click.argument("id", type=ID)
@click.option(
    "--state", type=click.Choice(STATES), show_default="all", help="Only those of a state."
)
@click.option("--limit", type=COUNT, default=20, help="How many, the newest first.")
@with_register
def deliveries(id: int, state: str | None, limit: int, **given: Any) -> None:
    """List deliveries of webhook ID, one per line."""
    with both(choose(**given)) as (_, vault), vault.reading() as connection:
        rules.find_webhook(connection, id)
        for delivery in list_deliveries(connection, id, limit, state):
            click.echo(describe_delivery(delivery))


@webhooks.command()
@click.argument("id", type=ID)
@with_register
def test(id: int, **given: Any) -> None:
    """Send a test message to webhook ID; `deliveries` shows the result."""
    made = change(given, lambda connection: rules.test(connection, CLI, id))
    print_status(f"Delivery {made.number} of webhook {id} waits for a worker.")


@webhooks.command()
@click.argument("id", type=ID)
@click.option("--since", type=ID, required=True, help="The entry after which it begins.")
@with_register
def replay(id: int, since: int, **given: Any) -> None:
    """Resend the entries after a given entry to webhook ID, in order."""
    settings = choose(**given)
    with both(settings) as (register, vault):
        with register.reading() as connection:
            place = rules.find_place(connection, since)
        with vault.writing() as connection:
            rules.replay(connection, CLI, id, place)
    print_status(f"Webhook {id} goes on after entry {place.number}.")


@webhooks.command()
@click.argument("id", type=ID)
@with_register
def pause(id: int, **given: Any) -> None:
    """Pause webhook ID; entries written meanwhile are sent after it is resumed."""
    change(given, lambda connection: rules.change(connection, CLI, id, paused=True))
    print_status(f"Webhook {id} is paused.")


@webhooks.command()
@click.argument("id", type=ID)
@with_register
def resume(id: int, **given: Any) -> None:
    """Let webhook ID go on where it was paused."""
    change(given, lambda connection: rules.change(connection, CLI, id, paused=False))
    print_status(f"Webhook {id} goes on.")


@webhooks.command()
@click.argument("id", type=ID)
@click.option(
    "--overlap",
    default=24,
    type=click.IntRange(0, 8760),
    help="Hours for which the old secret signs too.",
)
@with_register
def rotate(id: int, overlap: int, **given: Any) -> None:
    """Give webhook ID a new secret, printed once to standard output."""
    settings = choose(**given)
    with both(settings) as (_, vault):
        secret = read_secret_of(settings, vault)
        with vault.writing() as connection:
            made = rules.rotate(connection, secret, CLI, id, overlap * HOUR)
    show_new(*made)


@webhooks.command()
@click.argument("id", type=ID)
@with_register
def delete(id: int, **given: Any) -> None:
    """Delete webhook ID and its deliveries."""
    change(given, lambda connection: rules.delete(connection, CLI, id))
    print_status(f"Webhook {id} is no more.")


def change(given: dict[str, Any], do: Callable[[Connection], Any]) -> Any:
    """Change the auth database of a register and return the result."""
    with both(choose(**given)) as (_, vault), vault.writing() as connection:
        return do(connection)


@contextmanager
def both(settings: Settings) -> Iterator[tuple[Database, Database]]:
    """A register that is there already, and its vault."""
    with found(settings) as register, opened_auth_database(register) as vault:
        yield register, vault


def show_new(webhook: WebhookRow, secret: str) -> None:
    """A webhook's secret, this once."""
    print_status(
        f"Webhook {webhook.id}, to {webhook.url}. Its messages are signed with this secret, shown once:"
    )
    click.echo(secret)


def describe(webhook: WebhookRow, head: Head) -> str:
    """A webhook as a line of text."""
    shown = rules.show(webhook, head)
    first = [str(shown.pop(part)) for part in ("id", "url", "state")]
    return "  ".join([*first, *(f"{part} {value}" for part, value in shown.items())])


def describe_delivery(delivery: Delivery) -> str:
    """A delivery as a line of text."""
    about = f"entry {delivery.entry}" if delivery.entry is not None else ""
    tried = f"{delivery.attempts} attempt{'' if delivery.attempts == 1 else 's'}"
    parts = [
        str(delivery.number),
        delivery.type,
        about,
        delivery.state,
        tried,
        delivery.error or "",
    ]
    return "  ".join(part for part in parts if part)

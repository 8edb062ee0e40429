"""What every command shares: one-sentence refusals, the option that names the data, lines for a person."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from terrafirma.config import STARTER, WORLD, Settings, read_settings
from terrafirma.errors import Refusal
from terrafirma.storage.database import OperationalError

Command = Callable[..., Any]


class Group(click.Group):
    """Commands whose refusals are one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(tell(refusal)) from None
        except OperationalError as error:
            raise click.ClickException(f"The database cannot be used: {error.orig}") from None
        except OSError as error:
            # Click itself ends quietly where nobody reads its output any more.
            if error.errno == errno.EPIPE:
                raise
            raise click.ClickException(f"{error.filename or 'The disk'}: {error.strerror or error}.") from None


def tell(refusal: Refusal) -> str:
    """A refusal's sentence, and what is wrong with each field."""
    return " ".join([refusal.sentence, *(f"{each.field} {each.message}." for each in refusal.details)])


def with_data(command: Command) -> Command:
    """Give a command the option that names the data directory."""
    path = click.Path(file_okay=False, path_type=Path)
    return click.option("--data", type=path, help="Directory of everything that is kept.")(command)


def with_register(command: Command) -> Command:
    """Give a command the options that name a register."""
    starter = click.option("--starter", is_flag=True, help="The starter register instead of the world's.")
    return with_data(starter(command))


def choose(*, starter: bool, **given: Any) -> Settings:
    """The settings of the register that a command's options name; options that are None say nothing."""
    return read_settings(dataset=STARTER if starter else WORLD, **given)


def say(sentence: str) -> None:
    """One line for the person at the terminal."""
    click.echo(sentence, err=True)

"""Shared parts of commands: one-sentence errors, the option for the data directory, status lines."""

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from terrafirma.config import STARTER, Settings, read_settings
from terrafirma.errors import ApiError, ConfigurationError
from terrafirma.register.model.canonical_json import encode
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Database, OperationalError, has_file, open_database

Function = Callable[..., Any]
LARGEST = 2**63 - 1
"""The largest number that a database takes."""
MOST_FAULTS = 10
"""Faults that an error's line has."""
ID = click.IntRange(0, LARGEST)
COUNT = click.IntRange(1, LARGEST)


class Refusing(click.Command):
    """A command that prints errors as one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        try:
            return super().invoke(ctx)
        except ApiError as refusal:
            raise click.ClickException(format_error(refusal)) from None
        except OperationalError as error:
            raise click.ClickException(f"The database cannot be used: {error.orig}") from None
        except UnicodeDecodeError as error:
            # SQLite's driver raises it even for a damaged schema.
            raise click.ClickException(f"A text that was read is not UTF-8: {error}.") from None
        except UnicodeEncodeError as error:
            raise click.ClickException(f"A text that was given is not UTF-8: {error}.") from None
        except OSError as error:
            # Click itself ends quietly where nobody reads its output any more.
            if error.errno == errno.EPIPE:
                raise
            raise click.ClickException(
                f"{error.filename or 'The disk'}: {error.strerror or error}."
            ) from None


class Command(Refusing):
    """A command with one-sentence errors."""


class CommandGroup(Refusing, click.Group):
    """Several under a name."""


def format_error(refusal: ApiError) -> str:
    """An error's sentence with the first faults of its fields."""
    faults = [f"{each.field} {each.message}." for each in refusal.details[:MOST_FAULTS]]
    more = len(refusal.details) - len(faults)
    return " ".join([refusal.sentence, *faults, *([f"And {more:,} more."] if more else [])])


def with_data(command: Function) -> Function:
    """Give a command the option that names the data directory."""
    path = click.Path(file_okay=False, path_type=Path)
    return click.option(
        "--data",
        type=path,
        show_default="TERRAFIRMA_DATA, else your user's data directory",
        help="Directory of everything that is kept.",
    )(command)


def with_register(command: Function) -> Function:
    """Give a command the options that name a register."""
    starter = click.option(
        "--starter", is_flag=True, help="The starter register instead of the world's."
    )
    return with_data(starter(command))


with_json = click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")


def print_all(shown: Iterable[Any], describe: Callable[[Any], str], *, as_json: bool) -> None:
    """Print each of a list on a line, or all as a JSON array."""
    if as_json:
        click.echo(encode(list(shown)))
        return
    for each in shown:
        click.echo(describe(each))


def choose(*, starter: bool, **given: Any) -> Settings:
    """Settings of the register that a command's options select; options that are None are ignored."""
    return read_settings(dataset=STARTER if starter else None, **given)


@contextmanager
def found(settings: Settings, *, filled: bool = True) -> Iterator[Database]:
    """Open an existing register; raise ConfigurationError if it is missing, so that a mistyped
    --data creates no new register.

    Without `filled` it may still lack its dataset.
    """
    missing = ConfigurationError(
        f"There is no register in {settings.database_url or settings.data}; name another --data."
    )
    if not has_file(settings.url):
        raise missing
    database = open_database(settings.url)
    try:
        schema.upgrade(database)
        with database.reading() as connection:
            if filled and schema.read_property(connection, "dataset") is None:
                raise missing
        yield database
    finally:
        database.close()


def print_status(sentence: str) -> None:
    """Print a status line to standard error."""
    # A server goes on where nobody reads its output any more.
    with suppress(BrokenPipeError):
        click.echo(sentence, err=True)

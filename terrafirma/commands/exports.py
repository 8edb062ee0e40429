"""`terrafirma export FILE`: a list in a file, of the form that the file's name ends in."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from terrafirma.commands.terminal import Command, choose, found, print_status, with_register
from terrafirma.errors import ConfigurationError
from terrafirma.factory import create_app
from terrafirma.formats.offered import find_format, name_formats
from terrafirma.http.app.api_client import call_api
from terrafirma.register.model.kinds import KINDS
from terrafirma.work.exports import write_export, write_rows

STDOUT = "-"
"""The name of standard output."""


@click.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(name_formats()),
    show_default="by the end of FILE's name; csv for -",
    help="The format of the file.",
)
@click.option(
    "--query", default="fields=*", help="As in a list's address: 'region=Asia&fields=name'."
)
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="country",
    help="The kind of records to export.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@with_register
def export(
    file: str, form: str | None, query: str, kind: str, overwrite: bool, **given: Any
) -> None:
    """Write records into FILE: .csv, .tsv, .xlsx, .json, .ndjson, .geojson, .sqlite or .parquet; - is
    standard output."""
    form = form or find_form(file)
    find_format(form).check()
    if file != STDOUT and Path(file).exists() and not overwrite:
        raise ConfigurationError(f"{file} exists already; name another file, or use --overwrite.")
    settings = choose(**given)
    with found(settings):
        ask = partial(call_api, create_app(settings))
        if file == STDOUT:
            with click.open_file(file, "wb") as stream:
                count = write_rows(stream, kind, form, query, ask, print_progress)
        else:
            count = write_export(Path(file), kind, form, query, ask, print_progress)
    place = "standard output" if file == STDOUT else file
    print_status(f"Wrote {count:,} {KINDS[kind].plural} to {place}.")


def find_form(file: str) -> str:
    """The format that a file's name ends in. Raise ConfigurationError if there is none of that name."""
    form = "csv" if file == STDOUT else Path(file).suffix.removeprefix(".").lower()
    if form not in name_formats():
        ends = ", ".join(f".{name}" for name in name_formats())
        raise ConfigurationError(f"{Path(file).name} must end in {ends}; or use --format.")
    return form


def print_progress(count: int) -> None:
    """Print the number of rows so far."""
    print_status(f"{count:,} …")

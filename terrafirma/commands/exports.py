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
from terrafirma.work.exports import write_export


@click.command(cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--query",
    default="fields=*",
    help="As in a list's address: 'region=Asia&fields=name'; all by default.",
)
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="country",
    help="The kind of records to export; country.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@with_register
def export(file: Path, query: str, kind: str, overwrite: bool, **given: Any) -> None:
    """Write records into FILE: .csv, .tsv, .xlsx, .json, .ndjson, .geojson, .sqlite or .parquet."""
    form = file.suffix.removeprefix(".").lower()
    if form not in name_formats():
        ends = ", ".join(f".{name}" for name in name_formats())
        raise ConfigurationError(f"{file.name} must end in {ends}.")
    find_format(form).check()
    if file.exists() and not overwrite:
        raise ConfigurationError(f"{file} exists already; name another file, or use --overwrite.")
    settings = choose(**given)
    with found(settings):
        ask = partial(call_api, create_app(settings))
        count = write_export(
            file, kind, form, query, ask, lambda count: print_status(f"{count:,} …")
        )
    print_status(f"Wrote {count:,} {KINDS[kind].plural} to {file}.")

"""`terrafirma handbook`: write the handbook as files."""

from pathlib import Path

import click

from terrafirma.commands.terminal import Command
from terrafirma.web.handbook import write_site


@click.command(cls=Command)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def handbook(folder: Path) -> None:
    """Write the handbook into FOLDER, as pages for any web server or for reading from the disk.

    A running server has the same pages at /handbook/.
    """
    count = write_site(folder)
    click.echo(f"Wrote {count} pages; begin with {folder / 'index.html'}")

"""`terrafirma mcp`: tools for assistants that speak the Model Context Protocol, over standard input and output."""

from pathlib import Path

import click

from terrafirma.assistant.tools import build_server
from terrafirma.commands.records import open_source
from terrafirma.commands.terminal import Command, with_data
from terrafirma.deferred import check_extra


@click.command(cls=Command)
@with_data
def mcp(data: Path | None) -> None:
    """Serve tools for an assistant over standard input and output (MCP), until it ends them.

    They read the register in the data directory; without one, the world that is shipped. Nothing is written.
    """
    check_extra("mcp", "mcp", "`terrafirma mcp`")
    with open_source(data) as register:
        build_server(register).run("stdio")

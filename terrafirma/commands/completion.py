"""`terrafirma completion`: the script that lets a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from terrafirma.commands.terminal import Command

PROGRAM = "terrafirma"
VARIABLE = "_TERRAFIRMA_COMPLETE"
"""The environment variable by which the script asks for completions, as Click names it."""


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script for SHELL, for its start-up file: eval "$(terrafirma completion bash)"."""
    group = context.find_root().command
    if kind := get_completion_class(shell):
        click.echo(kind(group, {}, PROGRAM, VARIABLE).source())

"""The page of the handbook on commands, from what they declare: `python -m terrafirma.commands.command_reference`."""

from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click

from terrafirma.commands.main import main

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
HEAD = """# Commands

Every command has `--help`. Exit codes: 0 for success, 1 for a refusal or a fault that the command reports, 2 for
arguments that it does not take. Commands read the [settings](settings.md) too.
[Python, the shell, assistants](python.md) has examples.

This page is written from the code by `python -m terrafirma.commands.command_reference`.
"""


def write_page() -> str:
    """The page as Markdown."""
    context = click.Context(main, info_name="terrafirma", show_default=True)
    parts = [part for command in list_commands(main, context) for part in describe(*command)]
    return "\n".join([HEAD, *parts])


def list_commands(
    group: click.Group, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield the commands of a group and of the groups in it, each with its context."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            inner = click.Context(command, info_name=name, parent=context)
            yield command, inner
            if isinstance(command, click.Group):
                yield from list_commands(command, inner)


def describe(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the parts of a page on a command: its name, its help, its options."""
    yield f"## {context.command_path}\n"
    yield f"```text\n{context.command_path} {' '.join(command.collect_usage_pieces(context))}\n```\n"
    yield f"{cleandoc(command.help or '')}\n"
    options = [each for each in command.params if isinstance(each, click.Option)]
    if options:
        yield "| option | use |\n|---|---|"
        yield from (describe_option(each, context) for each in options)
        yield ""


def describe_option(option: click.Option, context: click.Context) -> str:
    """A line of the table of options."""
    names, use = option.get_help_record(context) or (", ".join(option.opts), option.help or "")
    return f"| `{names.replace('|', chr(92) + '|')}` | {use.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    PAGE.write_text(write_page())

"""The page of the handbook on commands, and the help that it is made of."""

import click
import pytest
from click.shell_completion import BashComplete

from terrafirma.commands.command_reference import PAGE, list_commands, write_page
from terrafirma.commands.completion import PROGRAM, VARIABLE
from terrafirma.commands.main import PLACES, main


def test_the_page_says_what_the_commands_declare():
    page = write_page()
    assert PAGE.read_text() == page, "python -m terrafirma.commands.command_reference"
    assert not [name for name in PLACES if f"## terrafirma {name}\n" not in page]


def test_every_option_says_its_default():
    top = click.Context(main, info_name="terrafirma", **main.context_settings)
    silent = [
        f"{context.command_path} {option.opts[0]}"
        for command, context in list_commands(main, top)
        for option in command.params
        if isinstance(option, click.Option) and not option.is_flag and not option.required
        if "[default: " not in option.get_help_record(context)[1]
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        ([], "ex", ["export"]),
        (["fields"], "", ["add", "delete", "list", "show"]),
        (["fields", "add", "x", "--type"], "n", ["number"]),
        (["export", "-", "--format"], "nd", ["ndjson"]),
        (["webhooks", "create", "https://example.org"], "--si", ["--since"]),
    ],
)
def test_a_shell_completes_commands_options_and_choices(words, incomplete, expected):
    shell = BashComplete(main, {}, PROGRAM, VARIABLE)
    assert [each.value for each in shell.get_completions(words, incomplete)] == expected

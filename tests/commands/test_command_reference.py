"""The page of the handbook on commands."""

from terrafirma.commands.command_reference import PAGE, write_page
from terrafirma.commands.main import PLACES


def test_the_page_says_what_the_commands_declare():
    page = write_page()
    assert PAGE.read_text() == page, "python -m terrafirma.commands.command_reference"
    assert not [name for name in PLACES if f"## terrafirma {name}\n" not in page]

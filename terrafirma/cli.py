"""`terrafirma`: the register from the command line. Only the command that is called is imported."""

from importlib.metadata import version
from pkgutil import resolve_name

import click

PLACES = {
    "serve": "serve_cli:serve",
    "worker": "serve_cli:worker",
    "load": "register_cli:load",
    "backup": "register_cli:backup",
    "restore": "register_cli:restore",
    "verify": "register_cli:verify",
    "import": "imports_cli:import_file",
    "export": "exports_cli:export",
    "jobs": "jobs_cli:jobs",
    "webhooks": "webhooks_cli:webhooks",
    "keys": "keys_cli:keys",
    "audit": "audit_cli:audit",
}
"""Where each command is."""


class Commands(click.Group):
    """Commands by name, each imported when it is asked for."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Their names, in the order of their use."""
        return list(PLACES)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """A command; None if there is none of that name."""
        place = PLACES.get(name)
        command: click.Command | None = resolve_name(f"terrafirma.{place}") if place else None
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("terrafirma"), prog_name="terrafirma")
def main() -> None:
    """The country register you run yourself."""

"""`terrafirma`: the register from the command line. Only the command that is called is imported."""

import os
from functools import partial
from pkgutil import resolve_name

import click

from terrafirma.storage.private_files import keep_for_owner
from terrafirma.version import VERSION

PLACES = {
    "serve": "serve:serve",
    "worker": "serve:worker",
    "get": "records:get",
    "list": "records:list_records",
    "find": "records:find",
    "changes": "recent_changes:changes",
    "load": "register:load",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "verify": "register:verify",
    "upgrade": "schema_upgrade:upgrade",
    "resolve": "resolve:resolve",
    "import": "imports:import_file",
    "export": "exports:export",
    "jobs": "jobs:jobs",
    "webhooks": "webhooks:webhooks",
    "keys": "keys:keys",
    "fields": "own_fields:fields",
    "audit": "audit:audit",
    "mcp": "mcp:mcp",
    "doctor": "doctor:doctor",
    "config": "config:show_config",
    "handbook": "handbook:handbook",
    "completion": "completion:completion",
}
"""Where each command is."""


class Commands(click.Group):
    """Commands by name, each imported when it is asked for."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Their names, in the order of their use."""
        return list(PLACES)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """A command; None if it is missing of that name."""
        place = PLACES.get(name)
        command: click.Command | None = (
            resolve_name(f"terrafirma.commands.{place}") if place else None
        )
        return command


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@click.version_option(VERSION, prog_name="terrafirma")
def main() -> None:
    """The country register you run yourself."""
    click.get_current_context().call_on_close(partial(os.umask, keep_for_owner()))

"""`terrafirma doctor`: whether a register and what it stands on are in order."""

import json
from pathlib import Path

import click

from terrafirma.commands.diagnosis import examine
from terrafirma.commands.terminal import Command, choose, with_register

SIGNS = {"ok": "ok", "warning": "WARNING", "failure": "FAILURE"}


@click.command(cls=Command)
@with_register
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
def doctor(data: Path | None, starter: bool, as_json: bool, strict: bool) -> None:
    """Check settings, files, disk, clock, database, standbys, queue, keys and backups.

    Exits with 1 if a check fails, with 0 otherwise.
    """
    found = examine(choose(data=data, starter=starter))
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in found], ensure_ascii=False))
    else:
        for finding in found:
            click.echo(f"{SIGNS[finding.state]:<8} {finding.check}: {finding.sentence}")
    wrong = {"failure", "warning"} if strict else {"failure"}
    if any(finding.state in wrong for finding in found):
        raise click.exceptions.Exit(1)

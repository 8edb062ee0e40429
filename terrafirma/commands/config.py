"""`terrafirma config`: the settings that hold, and where each comes from."""

import json
import os
from pathlib import Path
from typing import Any

import click

from terrafirma.commands.terminal import Command, with_data
from terrafirma.config import check_settings, find_given, list_fields, name_variable

SECRET = frozenset({"secret", "oidc_client_secret", "admin_key"})
"""Settings whose values are not printed."""
ADDRESSES = frozenset({"database_url", "queue", "read_url"})
"""Settings that may have a password in them."""


@click.command("config", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_data
def show_config(as_json: bool, data: Path | None) -> None:
    """Print every setting, its value and where it comes from."""
    given = find_given(os.environ, {"data": data})
    settings = check_settings(given)
    rows = [
        {
            "name": name_variable(name),
            "value": hide(name, getattr(settings, name)),
            "source": given[name].source if name in given else "default",
        }
        for name in list_fields()
    ]
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=2))
    else:
        print_table(rows)


def hide(name: str, value: Any) -> Any:
    """Return a setting's value as it may be printed."""
    if name in SECRET:
        return "(set)" if value else ""
    if name in ADDRESSES and "@" in value:
        scheme, _, rest = value.partition("://")
        account, _, place = rest.rpartition("@")
        return f"{scheme}://{account.partition(':')[0]}:…@{place}" if ":" in account else value
    return [str(part) for part in value] if isinstance(value, tuple) else value


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print settings in columns."""
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        value = ",".join(row["value"]) if isinstance(row["value"], list) else row["value"]
        shown = "" if value is None else str(value)
        click.echo(f"{row['name']:<{width}}  {row['source']:<12} {shown}".rstrip())

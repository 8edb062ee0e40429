"""`terrafirma get`, `list` and `find`: read records from the command line, as tables, JSON or CSV.

They read the register in the data directory; without one, the world that is shipped.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from terrafirma.commands.terminal import COUNT, Command, print_status, with_data
from terrafirma.config import read_settings
from terrafirma.errors import Malformed
from terrafirma.formats.csv import CSV, write_cell
from terrafirma.library import Collection, Register, find_collection
from terrafirma.library import open as open_register
from terrafirma.register.model.canonical_json import encode
from terrafirma.storage.engine.database import has_file

NOT_FOUND = 1
"""Exit code if no record matches."""

SHOWN = ("alpha2", "code", "name", "capital", "region", "population")
"""Columns of a table by default, where a kind has them."""

FOUND = ("alpha2", "alpha3", "code", "name")
"""Columns of what a name finds, where its kind has them."""

Function = Callable[..., Any]


def with_output(command: Function) -> Function:
    """Add the options of the output format and of the register."""
    options = (
        click.option("--json", "form", flag_value="json", help="Print JSON instead of a table."),
        click.option("--csv", "form", flag_value="csv", help="Print CSV instead of a table."),
        click.option(
            "--on",
            metavar="DAY",
            show_default="today",
            help="The facts of a day, such as 2025-12-31.",
        ),
        with_data,
    )
    for option in options:
        command = option(command)
    return command


@click.command(cls=Command)
@click.argument("key")
@click.option("--kind", default="countries", help="The kind of record.")
@click.option("--fields", show_default="all", help="Fields to print, separated by commas.")
@with_output
def get(key: str, kind: str, fields: str | None, **output: Any) -> None:
    """Print the record with an id or code, such as DE.

    Exit code 1 if it is missing.
    """
    with open_source(output["data"]) as register:
        record = choose_collection(register, kind, output["on"]).get(key)
        if record is None:
            print_status(f"No record of {kind} has the id or code {key!r}.")
            sys.exit(NOT_FOUND)
        print_record(pick(record, split_fields(fields)), output["form"])


@click.command("list", cls=Command)
@click.argument("kind", default="countries")
@click.argument("filters", nargs=-1, metavar="[FIELD=VALUE]... [sort=FIELDS]")
@click.option(
    "--fields",
    show_default="code, name and some more",
    help="Fields to print, separated by commas.",
)
@click.option("--limit", type=COUNT, show_default="all", help="Records to print.")
@with_output
def list_records(
    kind: str, filters: tuple[str, ...], fields: str | None, limit: int | None, **output: Any
) -> None:
    """List the records of a kind that match filters: `list countries region=Asia sort=-population`.

    Repeat a filter for any of several values; operators follow the field in brackets: `area[gte]=500000`.
    """
    where, sort = read_filters(filters)
    with open_source(output["data"]) as register:
        collection = choose_collection(register, kind, output["on"])
        try:
            found = collection({name: convert(values) for name, values in where.items()}, sort=sort)
        except ValueError as error:
            raise Malformed(f"{error}.") from None
        names = split_fields(fields) or default_fields(collection)
        print_records([pick(record, names) for record in found[:limit]], names, output["form"])


@click.command(cls=Command)
@click.argument("text")
@click.option("--kind", default="country", help="The kind of record.")
@click.option("--json", "form", flag_value="json", help="Print JSON instead of a table.")
@click.option("--on", metavar="DAY", show_default="today", help="The names of a day.")
@with_data
def find(text: str, kind: str, form: str | None, on: str | None, data: Path | None) -> None:
    """Find a record by any of its names, in any language: `find "Cote d'Ivoire"`.

    Exit code 1 if the text names no record, or several.
    """
    with open_source(data) as register:
        match = register.match(text, kind, on=on)
    candidates = [candidate.record for candidate in match.candidates]
    records = [match.record] if match.record else candidates
    if form == "json":
        click.echo(encode({"outcome": match.outcome, "score": match.score, "records": records}))
    else:
        if match.record is None:
            near = "; the nearest are:" if candidates else ""
            print_status(match.suggestion or f"{text!r} is {match.outcome}{near}")
        names = [name for name in FOUND if any(name in record for record in records)]
        print_records(records, names, None)
    sys.exit(0 if match.record else NOT_FOUND)


def open_source(data: Path | None) -> Register:
    """Open the register of a data directory or of the settings; without one, the shipped world."""
    settings = read_settings(data=data)
    if data is None and not has_file(settings.url):
        return open_register()
    return open_register(settings.url)


def choose_collection(register: Register, kind: str, on: str | None) -> Collection:
    """The records of a kind on a day. Raise Malformed for an unknown kind."""
    try:
        plural = find_collection(kind).plural
    except ValueError as error:
        raise Malformed(f"{error}.") from None
    chosen: Collection = getattr(register.on(on) if on else register, plural)
    return chosen


def read_filters(filters: Iterable[str]) -> tuple[dict[str, list[str]], str]:
    """Filters by field, and the sort order. Raise Malformed for an argument without `=`."""
    where: dict[str, list[str]] = {}
    for text in filters:
        name, sign, value = text.partition("=")
        if not sign:
            raise Malformed(f"{text!r} is not a filter such as region=Asia.")
        where.setdefault(name, []).append(value)
    return where, ",".join(where.pop("sort", []))


def convert(values: list[str]) -> list[Any]:
    """Values of filters as numbers and booleans where they are such in JSON, as well as text."""
    return [each for value in values for each in (value, *read_json(value))]


def read_json(text: str) -> list[Any]:
    """The number or boolean that a text is in JSON, if it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return [value] if isinstance(value, int | float) else []


def split_fields(fields: str | None) -> list[str]:
    """Names between commas."""
    return [name for name in (fields or "").split(",") if name]


def default_fields(collection: Collection) -> list[str]:
    """The columns of a table of a kind."""
    return [name for name in SHOWN if name in collection.kind.fields]


def pick(record: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The named fields of a record; all without names."""
    names = list(names) or list(record)
    return {name: record[name] for name in names if name in record}


def print_record(record: dict[str, Any], form: str | None) -> None:
    """Print a record: a line per field for people."""
    if form:
        print_records([record], list(record), form, single=True)
        return
    table = Table.grid(padding=(0, 2))
    for name, value in record.items():
        table.add_row(name, write_value(value))
    Console().print(table)


def print_records(
    records: list[dict[str, Any]], names: list[str], form: str | None, *, single: bool = False
) -> None:
    """Print records as JSON, CSV or a table."""
    if form == "json":
        click.echo(encode(records[0] if single else records))
    elif form == "csv":
        paths = [name.split(".") for name in names]
        rows = ([write_cell(record, path) for path in paths] for record in records)
        click.echo(CSV.write_lines([names, *rows]), nl=False)
    else:
        table = Table(*names, box=None)
        for record in records:
            table.add_row(*(write_value(record.get(name)) for name in names))
        Console().print(table)


def write_value(value: Any) -> str:
    """A value for people: text as it is, everything else as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return encode(value).decode()

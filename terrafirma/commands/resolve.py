"""`terrafirma resolve FILE`: a column of names, or of points, to records."""

import csv
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.progress import track

from terrafirma.commands.terminal import Command, choose, found, print_status, with_register
from terrafirma.dataset.load import open_resolver, read_borders
from terrafirma.errors import ConfigurationError
from terrafirma.formats.detect import open_rows
from terrafirma.formats.source_file import Hints
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.clock import today
from terrafirma.register.model.csv_cells import guard_cells
from terrafirma.register.model.records import Document
from terrafirma.register.model.values import check_date, first_day
from terrafirma.register.resolve.answers import AMBIGUOUS, MATCHED, NONE, Candidate, Match, Question
from terrafirma.register.resolve.points import Borders
from terrafirma.register.resolve.resolver import ALIASES, canonical_kind

CODES = ("alpha2", "alpha4", "code")
"""The fields that name a record, the first it has."""

ADDED = ("alpha2", "matched_name", "score", "outcome")
"""Columns that are added. `alpha2` has the code of whatever kind is asked for."""

SHOWN = 20
"""Unmatched texts that are printed, with what is near."""

PLACES = ("longitude", "latitude")

Answer = tuple[str, str, float, str]


class TextTable(NamedTuple):
    """The rows of a file as objects, with their columns and about how many there are."""

    headers: list[str]
    rows: Iterator[Document]
    size: int | None


@click.command("resolve", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--column", default="", show_default="the first", help="The column of names.")
@click.option(
    "--points", is_flag=True, help="Resolve points, in the columns longitude and latitude."
)
@click.option(
    "--kind",
    type=click.Choice(list(ALIASES)),
    default="country",
    help="The kind of record that the names mean.",
)
@click.option("--on", "day", default="", show_default="today", help="The day of the records.")
@click.option(
    "--lang", default="", show_default="any", help="The language that the names are probably in."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default="standard output",
    help="Where to write: NDJSON if its name ends so, else CSV.",
)
@click.option("--interactive", is_flag=True, help="Ask where a name could mean several records.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a name is not matched.")
@with_register
def resolve(file: Path, points: bool, strict: bool, output: Path | None, **given: Any) -> None:
    """Add to each row of FILE the record that a column names.

    FILE is CSV, TSV, XLSX, JSON or NDJSON; - reads standard input.
    """
    names = ("column", "kind", "day", "lang", "interactive")
    asked = {name: given.pop(name) for name in names}
    settings = choose(**given)
    with ExitStack() as stack:
        table = stack.enter_context(open_table(file))
        if points:
            answer = point_answers(read_borders())
        else:
            database = stack.enter_context(found(settings))
            connection = stack.enter_context(database.reading())
            question = Question(
                today(), read_day(asked["day"]), tuple(filter(None, [asked["lang"]]))
            )
            finder = open_resolver().open_finder(
                connection, canonical_kind(asked["kind"]), question
            )
            column = find_column(table, asked["column"])
            answer = name_answers(column, finder.match, interactive=asked["interactive"])
        counts, missed = write_rows(table, answer, output)
    report(counts, missed)
    if strict and sum(counts.values()) > counts[MATCHED]:
        raise click.exceptions.Exit(1)


@contextmanager
def open_table(file: Path) -> Iterator[TextTable]:
    """The rows of a file, or of standard input."""
    with tempfile.TemporaryDirectory() as folder:
        if str(file) == "-":
            file = Path(folder) / "input"
            with file.open("wb") as copy:
                shutil.copyfileobj(sys.stdin.buffer, copy)
        elif not file.exists():
            raise ConfigurationError(
                f"There is no file {file}. A single name is looked up by `terrafirma find {shlex.quote(str(file))}`."
            )
        shape, lines = open_rows(file, Hints(), sys.maxsize)
        values = (line.value for line in lines)
        if shape.headers:
            headers = shape.headers
            rows = (dict(zip(headers, value, strict=False)) for value in values)
            yield TextTable(headers, rows, shape.rows)
            return
        objects = [value for value in values if isinstance(value, dict)]
        headers = list(dict.fromkeys(name for row in objects for name in row))
        yield TextTable(headers, iter(objects), len(objects))


def find_column(table: TextTable, name: str) -> str:
    """The column of names. ConfigurationError if the file has no such column."""
    if not name and table.headers:
        return table.headers[0]
    if name not in table.headers:
        known = ", ".join(table.headers) or "none"
        raise ConfigurationError(f'The file has no column "{name}"; its columns are: {known}.')
    return name


def read_day(text: str) -> str | None:
    """`--on` as a day. ConfigurationError for another text."""
    try:
        return first_day(check_date(text)) if text else None
    except ValueError:
        raise ConfigurationError(f'--on takes a date such as 1985-01-01, not "{text}".') from None


def name_answers(
    column: str, match: Callable[[str], Match], *, interactive: bool
) -> Callable[[Document], tuple[Answer, Match | None]]:
    """Resolve the column of each row; equal cells are resolved once, and asked about once."""
    known: dict[str, Match] = {}

    def answer(row: Document) -> tuple[Answer, Match | None]:
        cell = row.get(column)
        text = "" if cell is None else str(cell)
        if text not in known:
            known[text] = ask(match(text)) if interactive else match(text)
        found = known[text]
        if found.record is None or found.matched is None:
            return ("", "", 0.0, found.outcome), found
        return (code_of(found.record), found.matched.text, found.score, MATCHED), None

    return answer


def point_answers(borders: Borders) -> Callable[[Document], tuple[Answer, Match | None]]:
    """Resolve the point of each row."""

    def answer(row: Document) -> tuple[Answer, Match | None]:
        try:
            longitude, latitude = (float(row[name]) for name in PLACES)
        except (KeyError, TypeError, ValueError):
            return ("", "", 0.0, NONE), None
        sound = -180 <= longitude <= 180 and -90 <= latitude <= 90
        part = borders.locate(longitude, latitude) if sound else None
        if part is None or part.country is None:
            return ("", part.name if part else "", 0.0, NONE), None
        return (part.country, part.name, 1.0, MATCHED), None

    return answer


def ask(found: Match) -> Match:
    """Ask which of its candidates an ambiguous text means; the match as it is without an answer."""
    if found.outcome != AMBIGUOUS:
        return found
    click.echo(f'"{found.query}" may be:', err=True)
    for number, each in enumerate(found.candidates, 1):
        click.echo(f"  {number} {describe(each)}", err=True)
    range_ = click.IntRange(0, len(found.candidates))
    chosen = click.prompt("Which? 0 for none", type=range_, default=0, err=True)
    if not chosen:
        return found
    each = found.candidates[chosen - 1]
    return Match(found.query, MATCHED, found.kind, each.score, each.record, each.matched)


def write_rows(
    table: TextTable, answer: Callable[[Document], tuple[Answer, Match | None]], output: Path | None
) -> tuple[Counter[str], dict[str, Match]]:
    """Write the rows with what was found; how many had each outcome, and the texts that were not matched."""
    counts: Counter[str] = Counter()
    missed: dict[str, Match] = {}
    console = Console(stderr=True)
    with ExitStack() as stack:
        stream = (
            stack.enter_context(output.open("w", encoding="utf-8", newline=""))
            if output
            else sys.stdout
        )
        as_json = output is not None and output.suffix in {".ndjson", ".jsonl"}
        writer = csv.writer(stream, lineterminator="\n")
        if not as_json:
            writer.writerow([*guard_cells(table.headers), *ADDED])
        rows = track(
            table.rows,
            "Resolving",
            table.size,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        for row in rows:
            added, match = answer(row)
            counts[added[3]] += 1
            if match is not None:
                missed.setdefault(match.query, match)
            if as_json:
                stream.write(
                    encode({**row, **dict(zip(ADDED, added, strict=True))}).decode() + "\n"
                )
            else:
                writer.writerow(
                    guard_cells([*(row.get(name, "") for name in table.headers), *added])
                )
    return counts, missed


def report(counts: Counter[str], missed: dict[str, Match]) -> None:
    """Print how many were matched, and what was not, with the nearest candidates."""
    for match in list(missed.values())[:SHOWN]:
        near = "; ".join(describe(each) for each in match.candidates[:3])
        reason = f" {match.suggestion}" if match.suggestion else ""
        print_status(f'{match.outcome}: "{match.query}"{reason}{f" Near: {near}." if near else ""}')
    if len(missed) > SHOWN:
        print_status(f"… and {len(missed) - SHOWN:,} more.")
    print_status(
        f"{counts[MATCHED]:,} matched, {counts[AMBIGUOUS]:,} ambiguous, {counts[NONE]:,} not matched."
    )


def describe(candidate: Candidate) -> str:
    """A candidate in a few words."""
    return f"{candidate.record.get('name', '?')} ({code_of(candidate.record)})"


def code_of(record: Document) -> str:
    """The key of a record: its code, else its id."""
    return next((str(record[name]) for name in CODES if name in record), str(record["id"]))

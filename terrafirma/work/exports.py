"""Exports: the rows of a list in a file of any format; and daily snapshots of the register.

Every format is made from the list's own CSV or NDJSON, streamed from a single state of the
register, so rows are never all in memory and all show the same instant. GeoJSON, which is paged, is
pinned to an entry.
"""

import csv
import hashlib
import io
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from terrafirma.deferred import Deferred, check_parquet
from terrafirma.errors import Invalid
from terrafirma.http.app.api_client import InProcessAnswer
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.catalog import EXTRA
from terrafirma.register.model.clock import today
from terrafirma.register.model.csv_cells import read_own
from terrafirma.register.model.kinds import KINDS
from terrafirma.storage.engine.sqlite_export import write_flat
from terrafirma.storage.private_files import make_folder
from terrafirma.storage.register.backup import write_backup
from terrafirma.storage.register.entries import read_head
from terrafirma.work.parquet import write_groups
from terrafirma.work.spreadsheets import read_cell
from terrafirma.work.task import Task

xlsxwriter = Deferred("xlsxwriter")

SNAPSHOTS = "snapshots"
FORMATS = ("csv", "tsv", "xlsx", "json", "ndjson", "geojson", "sqlite", "parquet")
BATCH = 1000
MARK = "\ufeff"
"""The byte order mark."""
LONGEST_CELL = 32_767
"""Characters of a cell of a spreadsheet."""

Ask = Callable[[str], InProcessAnswer]
ReportProgress = Callable[[int], None]


def address_of(kind: str, query: str, form: str, **more: str | int) -> str:
    """The address of the list that an export is made of."""
    asked = "&".join(part for part in (query, urlencode({"format": form, **more})) if part)
    return f"/{KINDS[kind].plural}?{asked}"


def export(task: Task) -> dict[str, Any]:
    """Make the file of an export; its name, size and checksum."""
    task.find_writer()
    given = task.arguments
    folder = task.settings.exports_path / task.job.id
    make_folder(folder)
    path = folder / f"{KINDS[given['kind']].plural}.{given['format']}"
    total = count_rows(given["kind"], given["query"], task.ask)
    tell = partial(task.tell, total=total)
    rows = write_export(path, given["kind"], given["format"], given["query"], task.ask, tell)
    task.tell(rows, rows)
    return {"file": f"/exports/{task.job.id}/file", "name": path.name, "rows": rows} | measure(path)


def count_rows(kind: str, query: str, ask: Ask) -> int | None:
    """The number of rows of a list now; None if the query itself limits or counts them."""
    if parse_qs(query).keys() & {"limit", "after", "count"}:
        return None
    counted = ask(address_of(kind, query, "json", limit=1, count="exact")).headers.get(
        "X-Total-Count"
    )
    return int(counted) if counted else None


def write_export(
    path: Path, kind: str, form: str, query: str, ask: Ask, tell: ReportProgress
) -> int:
    """Write a list into a file, which has its name only once it is whole; how many rows."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    rows = WRITERS[form](part, kind, query, ask, tell)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    return rows


def measure(path: Path) -> dict[str, Any]:
    """A file's size and checksum."""
    with path.open("rb") as file:
        return {
            "bytes": path.stat().st_size,
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
        }


def write_lines(path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress) -> int:
    """NDJSON, as it is answered."""
    count = 0
    with path.open("wb") as file:
        for line in read_lines(ask(address_of(kind, query, "ndjson")).pieces):
            file.write(line)
            count += 1
            report_some(tell, count)
    return count


def write_json(path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress) -> int:
    """One JSON array."""
    lines = (
        line.rstrip(b"\n") for line in read_lines(ask(address_of(kind, query, "ndjson")).pieces)
    )
    with path.open("wb") as file:
        return write_joined(file, b"[", lines, b"]\n", tell)


def write_geojson(path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress) -> int:
    """Write one collection of features, from all pages as of a single entry."""
    with path.open("wb") as file:
        features = read_features(kind, query, ask)
        return write_joined(
            file, b'{"features":[', features, b'],"type":"FeatureCollection"}\n', tell
        )


def write_joined(
    file: io.BufferedWriter, start: bytes, items: Iterable[bytes], end: bytes, tell: ReportProgress
) -> int:
    """Items with commas between them; how many."""
    count = 0
    file.write(start)
    for item in items:
        file.write(b"," + item if count else item)
        count += 1
        report_some(tell, count)
    file.write(end)
    return count


def read_features(kind: str, query: str, ask: Ask) -> Iterator[bytes]:
    """The features of every page."""
    head = decode(b"".join(ask("/").pieces))["entries"]
    given = parse_qs(query)
    pinned = {
        name: value for name, value in (("as_of", head), ("on", today())) if name not in given
    }
    address: str | None = address_of(kind, query, "geojson", **({} if "as_of" in given else pinned))
    while address:
        answer = ask(address)
        body = decode(b"".join(answer.pieces))
        yield from (encode(feature) for feature in body["features"])
        link = answer.headers.get("Link", "")
        next_page = urlsplit(link.partition(">")[0].removeprefix("<"))
        address = next_page._replace(scheme="", netloc="").geturl() or None


def write_table(path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress) -> int:
    """CSV, as it is answered."""
    return copy_table(path, kind, query, ask, tell, ",")


def write_tabs(path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress) -> int:
    """The same with tabs."""
    return copy_table(path, kind, query, ask, tell, "\t")


def copy_table(
    path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress, delimiter: str
) -> int:
    """A table with another delimiter."""
    count = -1
    encoding = "utf-8-sig" if parse_qs(query).get("bom") else "utf-8"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        for cells in read_table(kind, query, ask):
            writer.writerow(cells)
            count += 1
            report_some(tell, count)
    return count


def write_workbook(path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress) -> int:
    """Write a spreadsheet: numbers as numbers, other values as text, no formulas."""
    table = read_table(kind, query, ask)
    columns = next(table)
    count = 0
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(KINDS[kind].plural[:31])
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column)
        for count, cells in enumerate(table, 1):
            for place, (cell, column) in enumerate(zip(cells, columns, strict=True)):
                if cell:
                    write_typed(sheet, count, place, type_cell(kind, column, cell))
            report_some(tell, count)
    return count


def type_cell(kind: str, column: str, cell: str) -> str | int | float | bool:
    """Return a cell of CSV as a spreadsheet has it: a number or boolean of its own kind, else the text."""
    if is_number(kind, column):
        # A spreadsheet has one kind of number: what it would give back otherwise, such as 28.0, is text.
        return float(cell) if str(read_cell(float(cell))) == cell else cell
    if not column.startswith(f"{EXTRA}."):
        return cell
    value = read_own(cell)
    return value if isinstance(value, int | float) else cell


def write_typed(sheet: Any, row: int, column: int, cell: str | float) -> None:
    """Write a cell. Invalid for text that a spreadsheet would cut or leave out."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    elif len(cell) <= LONGEST_CELL:
        sheet.write_string(row, column, cell)
    else:
        told = f"Row {row + 1} has a text of {len(cell):,} characters in column {column + 1}"
        raise Invalid(f"{told}; a spreadsheet holds {LONGEST_CELL:,}. Export CSV or JSON.")


def write_database(path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress) -> int:
    """Write a SQLite file with a single table; absent values are NULL."""
    table = read_table(kind, query, ask)
    columns, counted = next(table), itertools.count(1)

    def tell_rows() -> Iterator[list[str]]:
        for cells in table:
            report_some(tell, next(counted))
            yield cells

    write_flat(
        path, KINDS[kind].plural, {name: is_number(kind, name) for name in columns}, tell_rows()
    )
    return next(counted) - 1


def write_parquet(path: Path, kind: str, query: str, ask: Ask, tell: ReportProgress) -> int:
    """Write a typed Parquet file in row groups. Raise Invalid if pyarrow is not installed."""
    check_parquet()
    columns = next(read_table(kind, query, ask))
    counted = itertools.count(1)

    def tell_rows() -> Iterator[dict[str, Any]]:
        for line in read_lines(ask(address_of(kind, query, "ndjson")).pieces):
            report_some(tell, next(counted))
            yield decode(line)

    write_groups(path, KINDS[kind], columns, tell_rows())
    return next(counted) - 1


def is_number(kind: str, column: str) -> bool:
    """Return True if a column has at most one number per cell."""
    path = KINDS[kind].catalog.find(column)
    return path is not None and path.type == "number" and not path.many


def read_table(kind: str, query: str, ask: Ask) -> Iterator[list[str]]:
    """The rows of a list's CSV, its columns first."""
    lines = (line.decode() for line in read_lines(ask(address_of(kind, query, "csv")).pieces))
    return csv.reader(skip_mark(lines), strict=True)


def skip_mark(lines: Iterator[str]) -> Iterator[str]:
    """Lines without the byte order mark that a query may ask for."""
    yield from (next(lines, "").removeprefix(MARK),)
    yield from lines


def read_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Bytes as lines, each with its end."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).splitlines(keepends=True) or [b""]
        if rest.endswith(b"\n"):
            lines, rest = [*lines, rest], b""
        yield from lines
    if rest:
        yield rest


def report_some(tell: ReportProgress, count: int) -> None:
    """Report an export's progress periodically."""
    if count > 0 and count % BATCH == 0:
        tell(count)


WRITERS = {
    "csv": write_table,
    "tsv": write_tabs,
    "xlsx": write_workbook,
    "json": write_json,
    "ndjson": write_lines,
    "geojson": write_geojson,
    "sqlite": write_database,
    "parquet": write_parquet,
}
"""By the name of a form, which is also the end of its files' names."""


def snapshot(task: Task) -> dict[str, Any]:
    """Copy the register into a dated backup file and delete the oldest ones."""
    folder = task.settings.files_path / SNAPSHOTS
    make_folder(folder)
    path = folder / f"register-{task.job.at[:10]}.sqlite"
    with task.database.reading() as connection:
        write_backup(connection, path, overwrite=True)
        entries = read_head(connection).number
    for old in sorted(folder.glob("register-*.sqlite"))[: -task.settings.snapshot_keep]:
        old.unlink()
    return {"file": str(path), "entries": entries} | measure(path)

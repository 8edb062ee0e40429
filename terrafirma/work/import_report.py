"""The report of a dry run, and the table of refused rows."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from terrafirma.errors import Detail, Hint, write_detail, write_hint
from terrafirma.formats.source_file import SourceShape
from terrafirma.register.log import imports
from terrafirma.register.log.imports import (
    CHANGED,
    CREATED,
    REFUSED,
)
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.cells import find_field
from terrafirma.register.model.csv_cells import guard_cells
from terrafirma.register.model.kinds import Kind
from terrafirma.storage.work.import_staging import StagedRow, Staging

TOLD = 1000
"""Faults and changes that a report lists."""
ADDED_HEADERS, WHOLE = ("row", "error"), "record"
"""The columns that a table of refused rows begins with, and the column of a row that has no cells."""
UNTOLD = ("headers", "rows")
"""Properties of a file that the report shows elsewhere."""
WRITTEN = (CREATED, CHANGED)


def describe_unclear(
    kind: Kind, shape: SourceShape, given: dict[str, Any], faults: Sequence[Detail]
) -> dict[str, Any]:
    """The report of a file with unclear columns: its properties, and the faults without a row."""
    chosen = given["columns"]
    paths = [
        chosen[header] if header in chosen else find_field(kind, header) for header in shape.headers
    ]
    errors = [{"row": None, "column": each.field, **write_detail(each)} for each in faults]
    nothing = {"counts": dict.fromkeys(imports.OUTCOMES, 0), "changes": [], "lock_seconds": 0.0}
    nothing |= {"notes": [], "hints": [], "names": [], "refused": []}
    return describe(kind, shape, paths, given["filename"]) | nothing | {"errors": errors}


def describe(
    kind: Kind, shape: SourceShape, paths: Sequence[str | None], file: str
) -> dict[str, Any]:
    """The properties of a file, and the field of each column."""
    return {
        "kind": kind.name,
        "file": ({"name": file} if file else {})
        | {
            name: value
            for name, value in vars(shape).items()
            if name not in UNTOLD and value is not None
        },
        "columns": {
            header: path or None for header, path in zip(shape.headers, paths, strict=True)
        },
    }


def tell_reading(kind: Kind, shape: SourceShape, unnamed: int, *, finding: bool) -> dict[str, Any]:
    """Further notes on how a file was read, in sentences, and the ways to read it otherwise.

    unnamed: its rows with values in a column without a heading. finding: names only find records.
    """
    notes = []
    if unnamed:
        rows = "1 row has" if unnamed == 1 else f"{unnamed:,} rows have"
        notes.append(f"{rows} values in a column without a heading; those were left out.")
    if finding:
        notes.append(
            f"Names find a {kind.name} here and do not change it; the heading name changes it too."
        )
    if shape.merged:
        ranges = ", ".join(shape.merged[:5])
        notes.append(f"Merged cells ({ranges}) have their value in the first cell only.")
    sheets, hints = describe_sheets(shape)
    return {"notes": [*notes, *([sheets] if sheets else [])], "hints": list(map(write_hint, hints))}


def describe_sheets(shape: SourceShape) -> tuple[str, list[Hint]]:
    """Return which of several sheets was read, in a sentence, and the ways to the others."""
    if not shape.sheets or len(shape.sheets) < 2:
        return "", []
    hints = [Hint("sheet", name, "reads it") for name in shape.sheets if name != shape.sheet]
    return f"Sheet {shape.sheet} of {', '.join(shape.sheets)} was read.", hints


def spell_faults(faults: Iterable[Detail]) -> str:
    """Faults as they are staged."""
    return encode([write_detail(fault) for fault in faults]).decode()


def make_report(
    kind: Kind, shape: SourceShape, paths: list[str], staging: Staging, file: str
) -> dict[str, Any]:
    """The report of a dry run: the file, the number of rows by outcome, the first faults and
    changes."""
    columns = {path: header for path, header in zip(paths, shape.headers, strict=True) if path}
    counted = staging.count()
    return describe(kind, shape, paths, file) | {
        "counts": {outcome: counted.get(outcome, 0) for outcome in imports.OUTCOMES},
        "errors": list(islice(list_faults(columns, shape.headers, staging), TOLD)),
        "refused": [
            {"row": row.number, "cells": list_cells(source, shape.headers), "source": source}
            for row in staging.list_rows((REFUSED,), limit=TOLD)
            for source in [decode(row.source)]
        ],
        "changes": [
            {"row": row.number, "outcome": row.outcome, "id": row.id, "fields": decode(row.changes)}
            for row in staging.list_rows(WRITTEN, limit=TOLD)
        ],
    }


def list_faults(
    columns: dict[str, str], headers: Sequence[str], staging: Staging
) -> Iterator[dict[str, Any]]:
    """Every fault, by row and column."""
    for row in scan(staging, (REFUSED,)):
        for fault in decode(row.faults):
            column = name_column(columns, fault["field"])
            value = find_value(row, headers, column, fault["field"])
            yield {"row": row.number, "column": column, "value": value, **fault}


def list_cells(source: Any, headers: Sequence[str]) -> dict[str, Any]:
    """The cells of a row as it was sent, by column; the members of an object."""
    if isinstance(source, list):
        named = {header: cell for header, cell in zip(headers, source, strict=False) if header}
        return {name: named[name] for name in named if name not in ADDED_HEADERS}
    return source if isinstance(source, dict) else {}


def find_value(row: StagedRow, headers: Sequence[str], column: str, field: str) -> Any:
    """Return what a row has where its fault is; None where that cannot be told."""
    source = decode(row.source)
    if isinstance(source, list):
        return source[headers.index(column)] if column in headers[: len(source)] else None
    for name in field.split(".") if field else ():
        try:
            source = source[int(name)] if isinstance(source, list) else source.get(name)
        except (ValueError, IndexError, AttributeError):
            return None
    return source if field else None


def name_column(columns: dict[str, str], field: str) -> str:
    """The column that a fault's path refers to; the field itself if there is no such column."""
    path = ".".join(part for part in field.split(".") if not part.isdecimal())
    known = [
        path,
        *(name for name in columns if name.startswith(f"{path}.") or path.startswith(f"{name}.")),
    ]
    return next((columns[name] for name in known if name in columns), path)


def scan(staging: Staging, outcomes: Sequence[str]) -> Iterator[StagedRow]:
    """All rows of some outcomes, in order."""
    after = 0
    while rows := staging.list_rows(outcomes, after):
        yield from rows
        after = rows[-1].number


def write_errors(path: Path, shape: SourceShape, paths: list[str], staging: Staging) -> None:
    """Write a table of the refused rows as received, each preceded by its faults, to be corrected
    and sent again."""
    columns = {name: header for name, header in zip(paths, shape.headers, strict=True) if name}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*ADDED_HEADERS, *guard_cells(shape.headers or [WHOLE])])
        for row in scan(staging, (REFUSED,)):
            faults = decode(row.faults)
            told = "; ".join(
                f"{name_column(columns, each['field'])} {each['message']}".strip()
                for each in faults
            )
            source = decode(row.source)
            cells = source if isinstance(source, list) else [row.source]
            writer.writerow([row.number, *guard_cells([told, *cells])])

"""Corrections of a file's rows: cells that were put right after a dry run, and the table of refused rows."""

from collections.abc import Iterator, Sequence
from typing import Any

from terrafirma.formats.source_file import SourceLine, SourceShape
from terrafirma.register.log.imports import Corrections, Scalar
from terrafirma.register.model.canonical_json import decode
from terrafirma.work.import_report import ADDED_HEADERS, WHOLE


def is_refused_file(headers: Sequence[str]) -> bool:
    """Return True for the columns of a table of refused rows."""
    return tuple(headers[: len(ADDED_HEADERS)]) == ADDED_HEADERS


def correct_lines(
    shape: SourceShape, lines: Iterator[SourceLine], rows: Corrections
) -> Iterator[SourceLine]:
    """The lines of a file with its corrections."""
    whole = is_refused_file(shape.headers) and shape.headers[len(ADDED_HEADERS) :] == [WHOLE]
    headers = list(shape.headers)
    if whole:
        shape.headers.clear()
    return (
        correct_line(headers, restore_line(line) if whole else line, rows.get(str(line.number), {}))
        for line in lines
        if rows.get(str(line.number), {}) is not None
    )


def restore_line(line: SourceLine) -> SourceLine:
    """The record of a line that has it as JSON."""
    value = line.value[len(ADDED_HEADERS)] if isinstance(line.value, list) else None
    return line._replace(value=decode(value) if isinstance(value, str) else None)


def correct_line(
    headers: Sequence[str], line: SourceLine, cells: dict[str, Scalar] | None
) -> SourceLine:
    """A line with some other cells."""
    if not cells:
        return line
    if isinstance(line.value, list):
        padded = [*line.value, *[""] * (len(headers) - len(line.value))]
        named = zip(headers, padded, strict=False)
        fixed = [cells.get(header, cell) for header, cell in named] + padded[len(headers) :]
        return SourceLine(line.number, fixed)
    if isinstance(line.value, dict):
        return SourceLine(line.number, line.value | {name: read_own(cells[name]) for name in cells})
    return line


def read_own(cell: Scalar) -> Any:
    """The value of a member of an object that was written as text: JSON where it is that."""
    try:
        return decode(cell) if isinstance(cell, str) else cell
    except ValueError:
        return cell

"""XLSX: the table of `csv.py` as a spreadsheet, numbers as numbers, without formulas."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from terrafirma.deferred import Deferred
from terrafirma.errors import Invalid
from terrafirma.formats.csv import write_cells
from terrafirma.formats.format import FileFormat, Table
from terrafirma.formats.selection import Row, Selection
from terrafirma.formats.source_file import SourceFile, SourceLine, SourceShape
from terrafirma.formats.spreadsheets import read_workbook
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.csv_cells import read_own
from terrafirma.register.model.members import EXTRA

xlsxwriter = Deferred("xlsxwriter")

LONGEST_CELL = 32_767
"""Characters of a cell."""
LONGEST_NAME = 31
"""Characters of a sheet's name."""
OPTIONS = {"constant_memory": True, "strings_to_urls": False}
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a spreadsheet's days have no zone
"""In each file, so that the same rows are the same bytes."""


class ExactNumber(float):
    """A number with all its digits: XlsxWriter formats 16, of which some numbers need 17."""

    def __format__(self, _: str) -> str:
        return repr(float(self)).upper()


class Xlsx(FileFormat):
    """A workbook with a single sheet."""

    name = "xlsx"
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    signature = b"PK\x03\x04"

    def write_row(self, row: Row, selection: Selection) -> bytes:
        """Cells as a JSON array."""
        cells = zip(selection.columns, write_cells(row, selection), strict=True)
        return encode([type_cell(column, cell, selection) for column, cell in cells])

    def write_file(self, path: Path, rows: Iterator[bytes], selection: Selection) -> None:
        """Write the headings, then a line for each row."""
        with xlsxwriter.Workbook(path, OPTIONS) as book:
            book.set_properties({"created": CREATED})
            sheet = book.add_worksheet(selection.name[:LONGEST_NAME])
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(selection.columns):
                sheet.write_string(0, place, column)
            for number, row in enumerate(rows, 1):
                for place, cell in enumerate(decode(row)):
                    write_typed(sheet, number, place, cell)

    def read(self, file: SourceFile) -> Table:
        """Read the rows of a sheet as lists of cells."""
        if file.packed:
            raise Invalid("A spreadsheet is packed already; send it without gzip.")
        table = read_workbook(file.path, file.hints.sheet, file.most)
        shape = SourceShape("xlsx", headers=table.headers, rows=table.height)
        shape.sheet, shape.sheets, shape.merged = table.sheet, table.sheets, table.merged or None
        return shape, (SourceLine(number, cells) for number, cells in table.rows)


def type_cell(column: str, cell: str, selection: Selection) -> str | int | float | bool:
    """A cell of CSV as a spreadsheet has it: a number or boolean of its own kind, else the text."""
    if not cell:
        return cell
    if column in selection.numbers:
        number = float(cell)
        # A spreadsheet gives back 28.0 as 28 and rounds long numbers: those are text.
        read = int(number) if number.is_integer() and abs(number) <= 2**53 else number
        return number if str(read) == cell else cell
    if not column.startswith(f"{EXTRA}."):
        return cell
    value = read_own(cell)
    return value if isinstance(value, int | float) else cell


def write_typed(sheet: Any, row: int, column: int, cell: str | float) -> None:
    """Write a cell. Raise Invalid for text that a spreadsheet would cut or leave out."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, ExactNumber(cell))
    elif len(cell) > LONGEST_CELL:
        found = f"Row {row + 1} has a text of {len(cell):,} characters in column {column + 1}"
        raise Invalid(f"{found}; a spreadsheet holds {LONGEST_CELL:,}. Use CSV or JSON.")
    elif cell:
        sheet.write_string(row, column, cell)


XLSX = Xlsx()

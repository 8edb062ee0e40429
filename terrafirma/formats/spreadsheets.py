"""Spreadsheets (XLSX): the table of a single sheet, wherever it begins, with the values and the
faults of its cells.

Values are read by calamine, which knows neither formulas nor errors: an error is an empty cell to
it. Those, and merged cells, are found in the sheet's own XML first.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from xml.parsers import expat

from terrafirma.deferred import Deferred
from terrafirma.errors import Invalid, TooLarge
from terrafirma.register.model.csv_cells import CellError, TextCell

python_calamine = Deferred("python_calamine")

PIECE = 65_536
BOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
FORMULA = "is a formula; save the sheet with values only, or as CSV"
ROWS, COLUMNS, DIGITS = 1_048_576, 16_384, 7
"""The most rows and columns of a sheet, and the most digits of a row's number."""
MOST_MARKED = 100_000
"""Formulas and errors that are remembered of a single sheet."""


class Marks(NamedTuple):
    """Details of a sheet's XML beside its values: errors and formulas by cell (row, column), and
    merged ranges."""

    cells: dict[tuple[int, int], str]
    merged: list[str]


class SheetTable(NamedTuple):
    """The table of a sheet: names, headings, numbered rows, and what is to be said of it."""

    sheet: str
    sheets: list[str]
    headers: list[str]
    rows: Iterator[tuple[int, list[Any]]]
    height: int
    merged: list[str]


def read_workbook(path: Path, wanted: str, most: int) -> SheetTable:
    """Return the table of a sheet, by name or number; the first without either. Invalid, TooLarge."""
    sizes = check_archive(path, most)
    if BOOK not in sizes:
        raise Invalid(name_other(sizes))
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        names = list(book.sheet_names)
        name = choose_sheet(names, wanted)
        sheet = book.get_sheet_by_name(name)
        marks = read_marks(path, find_part(path, name))
        _, left = sheet.start or (0, 0)
        rows = place_marks(sheet.iter_rows(), left, marks)
        numbered = (
            (number, row)
            for number, row in zip(count(1), rows)
            if any(is_filled(cell) for cell in row)
        )
        _, first = next(numbered, (0, []))
    except python_calamine.CalamineError as error:
        raise Invalid(f"The spreadsheet cannot be read: {error}.") from None
    headers = [write_heading(cell) for cell in first]
    return SheetTable(name, names, headers, numbered, max(sheet.height - 1, 0), marks.merged)


def name_other(sizes: dict[str, int]) -> str:
    """Return the sentence about an archive that is no XLSX."""
    kinds = {"xl/workbook.bin": "an XLSB workbook", "content.xml": "an OpenDocument spreadsheet"}
    other = next((kind for file, kind in kinds.items() if file in sizes), "a ZIP archive")
    return f"The file is {other}, which is not read; save it as XLSX or CSV."


def choose_sheet(names: Sequence[str], wanted: str) -> str:
    """Return the name of a sheet. Invalid if it is missing like it."""
    if not names:
        raise Invalid("The spreadsheet has no sheet with cells.")
    if not wanted:
        return names[0]
    folded = {name.casefold(): name for name in names}
    if wanted.casefold() in folded:
        return folded[wanted.casefold()]
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    listed = ", ".join(names[:20])
    raise Invalid(f'sheet: there is no sheet "{wanted[:80]}"; the file has {listed}.')


def find_part(path: Path, name: str) -> str:
    """Return the file of a sheet inside the archive; empty where it cannot be told."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def note_sheet(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "sheet":
            relation = next((each for key, each in attributes.items() if local(key) == "id"), "")
            ids[attributes.get("name", "")] = relation

    def note_target(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parse_part(path, BOOK, note_sheet)
    parse_part(path, RELATIONS, note_target)
    target = targets.get(ids.get(name, ""), "")
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}" if target else ""


class MarkFinder:
    """Collects the formulas, errors and merged ranges of a sheet while its XML is parsed."""

    def __init__(self) -> None:
        self.found = Marks({}, [])
        self._row, self._column = -1, -1
        self._error: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Look at an element."""
        name = local(tag)
        if name == "row":
            number = attributes.get("r", "")
            numbered = number.isdecimal() and len(number) <= DIGITS
            self._row = int(number) - 1 if numbered else self._row + 1
            self._column = -1
        elif name == "c":
            # Neither rows nor cells need a reference: without one they follow the last.
            place = locate(attributes.get("r", "").upper())
            self._row, self._column = place or (self._row, self._column + 1)
            self._error = "" if attributes.get("t") == "e" else None
        elif name == "f" and self._error is None:
            self._mark(FORMULA)
        elif name == "mergeCell":
            self.found.merged.append(attributes.get("ref", ""))

    def text(self, data: str) -> None:
        """Take the text of an error."""
        if self._error is not None:
            self._error += data

    def end(self, tag: str) -> None:
        """Note an error once it is whole."""
        if local(tag) == "v" and self._error is not None:
            self._mark(f"is the error {self._error[-20:]}")
        if local(tag) == "f" and self._error is not None:
            self._error = ""

    def _mark(self, what: str) -> None:
        if len(self.found.cells) >= MOST_MARKED:
            told = f"More than {MOST_MARKED:,} cells of the sheet are formulas or errors"
            raise Invalid(f"{told}; save it with values only.")
        place = self._row, self._column
        if self._row >= ROWS or self._column >= COLUMNS:
            raise Invalid(f"Cell {name_cell(*place)} is beyond the last that a sheet can have.")
        self.found.cells[place] = f"is cell {name_cell(*place)}, which {what}"


def read_marks(path: Path, part: str) -> Marks:
    """Return the formulas, errors and merged ranges of a sheet."""
    finder = MarkFinder()
    if part:
        parse_part(path, part, finder.start, finder.text, finder.end)
    return finder.found


def locate(reference: str) -> tuple[int, int] | None:
    """Return the row and column of a cell's reference, from 0; None for what is none."""
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    plausible = 1 <= len(digits) <= DIGITS and 1 <= len(letters) <= 3
    if not (plausible and letters.isascii() and letters.isupper()):
        return None
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits) - 1, column - 1


def name_cell(row: int, column: int) -> str:
    """Return the reference of a cell by its row and column, from 0."""
    letters, rest = "", column + 1
    while rest > 0:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def place_marks(rows: Iterable[list[Any]], left: int, marks: Marks) -> Iterator[list[Any]]:
    """Yield rows with the faults of their cells in place of the values.

    left: the column of a row's first cell. Formulas without a value may stand before it, and below the last row.
    """
    faulty: dict[int, dict[int, str]] = {}
    for (row, column), text in marks.cells.items():
        faulty.setdefault(row, {})[column] = text
    first = min((column for _, column in marks.cells), default=left)
    before = [None] * max(left - first, 0)
    left -= len(before)
    below = max(faulty, default=-1) + 1
    for number, cells in enumerate(chain(rows, repeat([]))):
        if not cells and number >= below:
            return
        read = before + [read_cell(cell) for cell in cells]
        for column, text in faulty.get(number, {}).items():
            read += [None] * (column - left + 1 - len(read))
            read[column - left] = CellError(text)
        yield read


def read_cell(cell: Any) -> Any:
    """Return a cell's value as JSON has it: a number, a boolean, or text; None where it is empty."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) <= 2**53 else cell
    if isinstance(cell, datetime):
        return TextCell(cell.date().isoformat() if cell.time() == time() else cell.isoformat())
    if isinstance(cell, date | time):
        return TextCell(cell.isoformat())
    if isinstance(cell, int):
        return cell
    return TextCell(cell) if str(cell) else None


def is_filled(cell: Any) -> bool:
    """Return True if a cell has something in it."""
    return cell is not None and cell != ""


def write_heading(cell: Any) -> str:
    """Return a heading as text."""
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell).strip()


def local(tag: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return tag.rpartition(":")[2]


def parse_part(path: Path, part: str, start: Any, text: Any = None, end: Any = None) -> None:
    """Parse the XML of a single file of an archive. Invalid for what is broken or has entities of
    its own."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        with zipfile.ZipFile(path) as archive, archive.open(part) as file:
            parser.ParseFile(file)
    except KeyError:
        return
    except (
        expat.ExpatError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
    ) as error:
        raise Invalid(f"The spreadsheet is damaged: {error}.") from None


def refuse_doctype(*_: Any) -> None:
    """Refuse a document type: spreadsheets have none, and entities can be bombs."""
    raise Invalid("The spreadsheet has a document type declaration, which no spreadsheet needs.")


def check_archive(path: Path, most: int) -> dict[str, int]:
    """Return the files of an archive. TooLarge where it unpacks to more than the limit, whatever it claims."""
    left = most
    sizes: dict[str, int] = {}
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            for entry in archive.infolist():
                before = left
                for piece in unpack(file, entry):
                    left -= len(piece)
                    if left < 0:
                        raise TooLarge(
                            f"The spreadsheet unpacks to more than {most:,} bytes; nothing was changed."
                        )
                sizes[entry.filename] = before - left
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Invalid(f"The spreadsheet is damaged: {error}.") from None
    return sizes


def unpack(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a single file of an archive as they are: its declared size is not
    believed."""
    file.seek(entry.header_offset)
    header = file.read(30)
    file.seek(
        int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"),
        io.SEEK_CUR,
    )
    inflate = (
        zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    )
    left = entry.compress_size
    while left > 0 and (piece := file.read(min(PIECE, left))):
        left -= len(piece)
        while piece:
            yield inflate.decompress(piece, 16 * PIECE) if inflate else piece
            piece = inflate.unconsumed_tail if inflate else b""

"""Records as CSV (RFC 4180), safe to open in a spreadsheet, and possible to read back.

A single part has a column for each of its fields, `postal_code.regex`; so has a list of parts,
`currencies.code`. `csv_cells.py` has the grammar of the cells.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from terrafirma.errors import Invalid
from terrafirma.formats.format import Format, Pages, Table
from terrafirma.formats.selection import Row, Selection
from terrafirma.formats.source_file import SourceFile, SourceLine, SourceShape
from terrafirma.register.model.csv_cells import guard, write_items, write_own, write_value
from terrafirma.register.model.members import EXTRA

LINE_END = "\r\n"
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
LONGEST_CELL = 1_000_000
ENDED = "unexpected end of data"
"""How the standard library reports a quotation mark that is never closed."""
UNCLOSED = "a cell of it begins with a quotation mark that is never closed"
SEPARATOR = re.compile(r"\ufeff?sep=(.)\r?\n?$")
"""Excel's own first line, which names the delimiter of the lines below."""


class Csv(Format):
    """Comma-separated values with a line of headings."""

    name = "csv"
    media = "text/csv"
    saved = True
    marked = True
    delimiter = ","

    def write_row(self, row: Row, selection: Selection) -> bytes:
        """A line of cells."""
        return self.write_lines([write_cells(row, selection)])

    def write(self, pages: Pages, selection: Selection) -> Iterator[bytes]:
        """The line of headings, then all others."""
        before = b"\xef\xbb\xbf" if selection.byte_order_mark else b""
        before += self.write_lines([selection.columns])
        for rows in pages:
            yield before + b"".join(rows)
            before = b""
        if before:
            yield before

    def write_lines(self, rows: Iterable[Iterable[str]]) -> bytes:
        """Cells as lines in UTF-8."""
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator=LINE_END).writerows(rows)
        return text.getvalue().encode()

    def read(self, file: SourceFile) -> Table:
        """Read lines as lists of cells, after a line of headings."""
        delimiter = find_delimiter(file)
        shape = SourceShape(self.name, file.encoding, delimiter, file.packed, sample=file.sample)
        lines = read_table(file, delimiter)
        shape.headers = [str(cell).strip() for cell in next(lines, SourceLine(0, [])).value]
        shape.rows = file.count_lines() - 1
        return shape, lines


def write_cells(document: Row, selection: Selection) -> list[str]:
    """The texts of a record's cells, by the columns of a selection."""
    return [write_cell(document, path) for path in selection.paths]


def write_cell(document: Row, path: list[str]) -> str:
    """Return the text of a single value, without what a spreadsheet would run."""
    value = follow(document, path)
    if path[0] == EXTRA and len(path) > 1:
        text = write_own(value)
    elif isinstance(value, list) and path[0] != EXTRA:
        return write_items(value)
    else:
        text = write_value(value)
    return guard(text) if isinstance(value, str | list) else text


def follow(value: Any, path: list[str]) -> Any:
    """The value at a path, or None; a list has the values of its items."""
    if not path:
        return value
    if isinstance(value, list):
        return [follow(item, path) for item in value]
    return follow(value.get(path[0]), path[1:]) if isinstance(value, dict) else None


def find_delimiter(file: SourceFile) -> str:
    """Return the delimiter that the sender or a first line `sep=;` names.

    Otherwise it is the most frequent one of the first line, outside quotes.
    """
    if asked := file.hints.delimiter:
        return DELIMITERS.get(asked, asked)
    plain = re.sub(r'"[^"]*"', "", file.text.lstrip("\ufeff")).lstrip()
    first = re.split(r"[\r\n]", plain, maxsplit=1)[0]
    if named := SEPARATOR.match(first):
        return named[1]
    return max(DELIMITERS.values(), key=first.count)


def read_table(file: SourceFile, delimiter: str) -> Iterator[SourceLine]:
    """Lines of a table, headers first. Any line ending is accepted; empty lines are skipped."""
    csv.field_size_limit(LONGEST_CELL)
    with file.open() as stream:
        text = io.TextIOWrapper(stream, file.encoding, newline="")
        start = text.readline()
        skipped = 1 if SEPARATOR.match(start) else 0
        lines = text if skipped else chain([start], text)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            number = reader.line_num + 1 + skipped
            try:
                cells = next(reader, None)
            except (csv.Error, UnicodeDecodeError) as error:
                why = UNCLOSED if str(error) == ENDED else error
                raise Invalid(
                    f"Line {number} cannot be read: {why}. Nothing was changed."
                ) from None
            if cells is None:
                return
            if any(cells):
                yield SourceLine(number, cells)


CSV = Csv()

"""SQLite: the table of `csv.py` in a database of its own."""

from collections.abc import Iterator
from pathlib import Path

from terrafirma.formats.csv import write_cells
from terrafirma.formats.format import FileFormat
from terrafirma.formats.selection import Row, Selection
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.storage.engine.sqlite_export import write_flat


class Sqlite(FileFormat):
    """A database with a single table; absent values are NULL."""

    name = "sqlite"
    media = "application/vnd.sqlite3"
    title = "a SQLite database"
    signature = b"SQLite format 3\0"

    def write_row(self, row: Row, selection: Selection) -> bytes:
        """Cells as a JSON array."""
        return encode(write_cells(row, selection))

    def write_file(self, path: Path, rows: Iterator[bytes], selection: Selection) -> None:
        """Write the table."""
        columns = {column: column in selection.numbers for column in selection.columns}
        write_flat(path, selection.name, columns, map(decode, rows))


SQLITE = Sqlite()

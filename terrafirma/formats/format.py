"""A format of rows: its names, and how rows are written and read in it.

A format is a subclass in a file of its own and a line in `offered.py`. Lists, single records,
entries, exports, imports and the API description then have it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from terrafirma.errors import Invalid
from terrafirma.formats.selection import Row, Selection
from terrafirma.formats.source_file import SourceFile, SourceLine, SourceShape

PIECE = 65_536
READABLE = "records are read from CSV, XLSX or JSON"

Pages = Iterable[list[bytes]]
"""Written rows, some at a time."""
Table = tuple[SourceShape, Iterator[SourceLine]]
"""The detected properties of a file, and its rows."""


class Format(ABC):
    """A format of rows."""

    name: str
    """In `format=` and at the end of file names."""
    media: str
    row_name = ""
    """Another format that writes rows in the same way."""
    title = ""
    """In sentences about files that are not read."""
    whole = True
    """True if a list without `limit` has all its rows."""
    placed = False
    """True if only records with a place have it."""
    saved = False
    """True if browsers save an answer as a file."""
    marked = False
    """True if `bom=1` puts a byte order mark first."""
    signature = b""
    """The first bytes of each file, if it is binary."""

    def check(self) -> None:  # noqa: B027 - most formats need no package
        """Raise Invalid if a package is missing."""

    @abstractmethod
    def write_row(self, row: Row, selection: Selection) -> bytes:
        """Write a single row, to be kept and put into answers."""

    @abstractmethod
    def write(self, pages: Pages, selection: Selection) -> Iterator[bytes]:
        """Join written rows to a whole answer or file, in pieces."""

    def write_one(self, row: Row, selection: Selection) -> bytes:
        """Write a record as a whole answer."""
        return b"".join(self.write([[self.write_row(row, selection)]], selection))

    def describe(self, model: Any, *, many: bool) -> Any:  # noqa: ARG002 - see subclasses
        """The type of an answer with one or many rows of a model."""
        return str

    def fits(self, file: SourceFile) -> bool:  # noqa: ARG002 - see subclasses
        """Return True if the text of a file seems to be in this format."""
        return False

    def read(self, file: SourceFile) -> Table:  # noqa: ARG002 - see subclasses
        """Read the rows of a file. Raise Invalid if it is unreadable, TooLarge beyond the limit."""
        raise Invalid(f"The file is {self.title}; {READABLE}.")


class FileFormat(Format):
    """A format whose files cannot be sent while they are written."""

    saved = True

    @abstractmethod
    def write_file(self, path: Path, rows: Iterator[bytes], selection: Selection) -> None:
        """Write a new file of written rows."""

    def write(self, pages: Pages, selection: Selection) -> Iterator[bytes]:
        """Write a temporary file, then yield its bytes."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"rows.{self.name}"
            self.write_file(path, chain.from_iterable(pages), selection)
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece

    def describe(self, model: Any, *, many: bool) -> Any:  # noqa: ARG002 - as above
        """Bytes."""
        return bytes

"""An uploaded file: its bytes, unpacked within a limit, its text, and its rows.

Unpacking stops at the limit. Formats read files piece by piece, but for spreadsheets.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from terrafirma.errors import Detail, Invalid, TooLarge
from terrafirma.formats.text_encodings import find_encoding, name_orders
from terrafirma.register.model.strict_json import Limits, Unfit

SAMPLE = 65_536
LONGEST_PIECE = 16_000_000
"""Bytes of a piece, as many as characters of the longest item of JSON."""
NOTATIONS = frozenset(
    ("charmap", "idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
)
"""Codecs of Python's own for other things than files, such as host names: some take quadratic time."""
PACKED = b"\x1f\x8b"
"""The first bytes of what gzip packed."""


@dataclass
class SourceShape:
    """The detected properties of a file."""

    format: str
    encoding: str | None = None
    delimiter: str | None = None
    packed: bool = False
    headers: list[str] = field(default_factory=list)
    rows: int | None = None
    """Estimated number of rows, from the number of lines; None if lines are not rows."""
    sample: str | None = None
    """A word beyond ASCII, as it was read."""
    sheet: str | None = None
    sheets: list[str] | None = None
    merged: list[str] | None = None
    """Merged ranges of the sheet: only the first cell of each has the value."""


class SourceLine(NamedTuple):
    """A row as the file has it: its number as an editor or spreadsheet shows it; a list of cells, or an object."""

    number: int
    value: Any
    faults: tuple[Detail, ...] = ()


class Hints(NamedTuple):
    """The sender's description of a file; empty values are detected."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


class LimitedReader(io.RawIOBase):
    """A stream that refuses to give more than so many bytes."""

    def __init__(self, inner: Any, file: BinaryIO, most: int) -> None:
        self._inner, self._file, self._left, self._most = inner, file, most, most

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes. Raise TooLarge beyond the limit, Invalid for corrupt data."""
        try:
            piece = self._inner.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise Invalid(f"The file is packed with gzip, and damaged: {error}.") from None
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge(
                f"The file holds more than {self._most:,} bytes; TERRAFIRMA_MAX_IMPORT allows more."
            )
        buffer[: len(piece)] = piece
        return len(piece)


class SourceFile:
    """An uploaded file. Raise Invalid for damaged data, TooLarge beyond the limit."""

    def __init__(self, path: Path, hints: Hints, most: int, limits: Limits) -> None:
        self.path, self.hints, self.most, self.limits = path, hints, most, limits
        with path.open("rb") as file:
            self.packed = file.read(len(PACKED)) == PACKED
        with self.open() as stream:
            self.start = stream.read(SAMPLE)
        self.encoding, self.text = "", ""
        self.sample: str | None = None

    def open(self) -> BinaryIO:
        """The bytes, unpacked."""
        file = self.path.open("rb")
        inner = gzip.GzipFile(fileobj=file) if self.packed else file
        return io.BufferedReader(LimitedReader(inner, file, self.most), SAMPLE)

    def decode(self) -> None:
        """Find the encoding of a text, and decode its beginning. Raise Invalid for a wrong encoding."""
        asked = check_encoding(self.hints.encoding) if self.hints.encoding else ""
        with self.open() as stream:
            self.encoding, self.sample = find_encoding(cut_pieces(stream), self.start, asked)
        try:
            self.text = codecs.getincrementaldecoder(self.encoding)().decode(self.start)
        except UnicodeDecodeError as error:
            raise Invalid(
                f"The file is not {self.encoding}: byte {error.start} is wrong."
            ) from None
        except UnicodeError:
            # Python's codec of UTF-16 and UTF-32 without a byte order that is named.
            raise Invalid.advised(
                "The file has no byte order mark", name_orders(self.encoding)
            ) from None

    def count_lines(self) -> int:
        """The number of lines of a text."""
        feeds = returns = 0
        with self.open() as stream:
            while piece := stream.read(SAMPLE):
                feeds, returns = feeds + piece.count(b"\n"), returns + piece.count(b"\r")
        return max(feeds, returns)


def cut_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a text in pieces that end between characters, whatever its encoding.

    Raise Invalid for a text that goes on for too long without a place to end.
    """
    rest = b""
    while piece := stream.read(SAMPLE):
        # Each piece is copied as often as none ends, so a file of one cell would take for ever.
        if len(rest) > LONGEST_PIECE:
            raise Invalid(
                f"The file has more than {LONGEST_PIECE:,} bytes without a space or comma."
            )
        piece = rest + piece
        end = max(piece.rfind(mark) for mark in (b"\n", b"\r", b",", b" ")) + 1
        yield piece[:end]
        rest = piece[end:]
    yield rest


def check_encoding(name: str) -> str:
    """Return the name of an encoding. Raise Invalid for what is none, such as base64 and idna."""
    try:
        known = codecs.lookup(name)
    except LookupError:
        known = None
    if known is None or not known._is_text_encoding or known.name in NOTATIONS:
        raise Invalid(
            f'encoding: "{name[:40]}" is not the name of an encoding, such as utf-8 or cp1252.'
        )
    return name


def make_line(number: int, value: Any) -> SourceLine:
    """Return a row of a value, or of the fault that stands in its place."""
    if isinstance(value, Unfit):
        return SourceLine(number, None, (Detail("", value.rule, value.code),))
    return SourceLine(number, value)

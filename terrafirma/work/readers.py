"""Rows of an uploaded file: CSV, TSV, XLSX, JSON, NDJSON or GeoJSON, optionally gzipped.

The format is detected from the content, not the file name. Only spreadsheets are read whole, and
unpacking stops at the limit.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from terrafirma.errors import Detail, Invalid, TooLarge
from terrafirma.register.model.strict_json import Limits, Unfit, parse
from terrafirma.work.json_items import read_items
from terrafirma.work.spreadsheets import read_workbook
from terrafirma.work.text_encodings import find_encoding

SAMPLE = 65_536
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
LONGEST_CELL = 1_000_000
SEPARATOR = re.compile(r"\ufeff?sep=(.)\r?\n?$")
"""Excel's own first line, which names the delimiter of the lines below."""
OTHERS = (
    (b"PAR1", "Parquet"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"%PDF-", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls); save it as .xlsx"),
)
"""Signatures of unsupported binary formats, with their names."""
DEFAULT_LIMITS = Limits(32, 1_000)


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


def open_rows(
    path: Path, asked: Hints, most: int, limits: Limits = DEFAULT_LIMITS
) -> tuple[SourceShape, Iterator[SourceLine]]:
    """Return the properties of a file and its rows. Raise Invalid for unreadable input, TooLarge beyond the limit."""
    packed = read_start(path, 2) == b"\x1f\x8b"
    with open_bytes(path, packed, most) as stream:
        start = stream.read(SAMPLE)
    if not start.strip():
        raise Invalid("The file is empty.")
    if other := next((name for mark, name in OTHERS if start.startswith(mark)), None):
        raise Invalid(f"The file is {other}; records are read from CSV, XLSX or JSON.")
    if start.startswith(b"PK\x03\x04"):
        if packed:
            raise Invalid("A spreadsheet is packed already; send it without gzip.")
        return read_sheet(path, asked.sheet, most)
    if asked.sheet:
        raise Invalid("sheet: the file is no spreadsheet.")
    encoding = check_encoding(asked.encoding) if asked.encoding else ""
    with open_bytes(path, packed, most) as stream:
        encoding, sample = find_encoding(cut_pieces(stream), start, encoding)
    text = decode_start(start, encoding)
    if text.lstrip()[:1] in ("[", "{"):
        shape = SourceShape(find_json(text), "utf-8", packed=packed)
        if encoding not in ("utf-8", "utf-8-sig", "ascii"):
            raise Invalid(f"JSON is UTF-8 (RFC 8259); the file is {encoding}.")
        shape.rows = count_lines(path, packed, most) if shape.format == "ndjson" else None
        return shape, read_json(path, shape, most, limits)
    delimiter = DELIMITERS.get(asked.delimiter, asked.delimiter) or find_delimiter(text)
    shape = SourceShape("tsv" if delimiter == "\t" else "csv", encoding, delimiter, packed)
    shape.sample = sample
    lines = read_table(path, shape, most)
    shape.headers = [str(cell).strip() for cell in next(lines, SourceLine(0, [])).value]
    shape.rows = count_lines(path, packed, most) - 1
    return shape, lines


def read_sheet(path: Path, wanted: str, most: int) -> tuple[SourceShape, Iterator[SourceLine]]:
    """Return the properties of a spreadsheet and the rows of one of its sheets."""
    table = read_workbook(path, wanted, most)
    shape = SourceShape("xlsx", headers=table.headers, rows=table.height)
    shape.sheet, shape.sheets, shape.merged = table.sheet, table.sheets, table.merged or None
    return shape, (SourceLine(number, cells) for number, cells in table.rows)


def cut_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a text in pieces that end between characters, whatever its encoding."""
    rest = b""
    while piece := stream.read(SAMPLE):
        piece = rest + piece
        end = max(piece.rfind(mark) for mark in (b"\n", b"\r", b",", b" ")) + 1
        yield piece[:end]
        rest = piece[end:]
    yield rest


def count_lines(path: Path, packed: bool, most: int) -> int:
    """The number of lines of a text. Raise TooLarge above the limit."""
    feeds = returns = 0
    with open_bytes(path, packed, most) as stream:
        while piece := stream.read(SAMPLE):
            feeds, returns = feeds + piece.count(b"\n"), returns + piece.count(b"\r")
    return max(feeds, returns)


def read_start(path: Path, count: int) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(count)


def open_bytes(path: Path, packed: bool, most: int) -> BinaryIO:
    """A file's bytes, unpacked."""
    file = path.open("rb")
    return io.BufferedReader(
        LimitedReader(gzip.GzipFile(fileobj=file) if packed else file, file, most), SAMPLE
    )


def check_encoding(name: str) -> str:
    """Return the name of an encoding. Raise Invalid for what is none; base64 and zip are not encodings of text."""
    try:
        known = codecs.lookup(name)
    except LookupError:
        known = None
    if known is None or not known._is_text_encoding:
        raise Invalid(
            f'encoding: "{name[:40]}" is not the name of an encoding, such as utf-8 or cp1252.'
        )
    return name


def decode_start(start: bytes, encoding: str) -> str:
    """Decode the beginning of a text. Raise Invalid for a wrong encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError as error:
        raise Invalid(f"The file is not {encoding}: byte {error.start} is wrong.") from None


def find_delimiter(text: str) -> str:
    """Return the delimiter that a first line `sep=;` names, else the most frequent of the first line outside quotes."""
    plain = re.sub(r'"[^"]*"', "", text.lstrip("\ufeff")).lstrip()
    first = re.split(r"[\r\n]", plain, maxsplit=1)[0]
    if named := SEPARATOR.match(first):
        return named[1]
    return max(DELIMITERS.values(), key=first.count)


def find_json(text: str) -> str:
    """The JSON format of a text: an array, a feature collection, or a value per line."""
    if text.lstrip()[0] == "[":
        return "json"
    return (
        "geojson"
        if re.search(r'"FeatureCollection"', text) or re.match(r'\s*{\s*"features"', text)
        else "ndjson"
    )


def read_table(path: Path, shape: SourceShape, most: int) -> Iterator[SourceLine]:
    """Lines of a table, headers first. Any line ending is accepted; empty lines are skipped."""
    csv.field_size_limit(LONGEST_CELL)
    with open_bytes(path, shape.packed, most) as stream:
        text = io.TextIOWrapper(stream, shape.encoding, newline="")
        start = text.readline()
        skipped = 1 if SEPARATOR.match(start) else 0
        lines = text if skipped else chain([start], text)
        reader = csv.reader(lines, delimiter=shape.delimiter or ",", strict=True)
        while True:
            number = reader.line_num + 1 + skipped
            try:
                cells = next(reader, None)
            except (csv.Error, UnicodeDecodeError) as error:
                raise Invalid(
                    f"Line {number} cannot be read: {error}. Nothing was changed."
                ) from None
            if cells is None:
                return
            if any(cells):
                yield SourceLine(number, cells)


def read_json(path: Path, shape: SourceShape, most: int, limits: Limits) -> Iterator[SourceLine]:
    """Yield the objects of an array, of a collection of features, or of lines."""
    with open_bytes(path, shape.packed, most) as stream:
        if shape.format == "ndjson":
            yield from read_lines(stream, limits)
            return
        features = shape.format == "geojson"
        for number, value in enumerate(
            read_items(stream, limits, "features" if features else ""), 1
        ):
            yield make_line(number, from_feature(value) if features else value)


def read_lines(stream: BinaryIO, limits: Limits) -> Iterator[SourceLine]:
    """Yield a value a line. Raise Invalid for a line that is no JSON."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            yield SourceLine(number, parse(line.decode("utf-8-sig"), limits))
        except UnicodeDecodeError as error:
            raise Invalid(
                f"Line {number} is not UTF-8: {error.reason}. Nothing was changed."
            ) from None
        except Unfit as fault:
            if fault.code == "format":
                raise Invalid(f"Line {number} {fault.rule}. Nothing was changed.") from None
            yield make_line(number, fault)


def make_line(number: int, value: Any) -> SourceLine:
    """Return a row of a value, or of the fault that stands in its place."""
    if isinstance(value, Unfit):
        return SourceLine(number, None, (Detail("", value.rule, value.code),))
    return SourceLine(number, value)


def from_feature(feature: Any) -> Any:
    """A record from a feature: its properties, id and, of a point, its place."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return feature
    geometry = feature.get("geometry") or {}
    place = geometry.get("coordinates", []) if geometry.get("type") == "Point" else []
    found = dict(zip(("longitude", "latitude"), place, strict=False))
    return feature["properties"] | ({"id": feature["id"]} if "id" in feature else {}) | found

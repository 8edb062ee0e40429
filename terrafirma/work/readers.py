"""Rows of an uploaded file: CSV, TSV, XLSX, JSON, NDJSON or GeoJSON, optionally gzipped.

The format is detected from the content, not the file name. Only spreadsheets are read whole, and
unpacking stops at the limit.
"""

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from terrafirma.deferred import Deferred
from terrafirma.errors import Invalid, TooLarge
from terrafirma.register.model.canonical_json import decode

charset_normalizer, ijson, python_calamine = map(
    Deferred, ("charset_normalizer", "ijson", "python_calamine")
)

SAMPLE = 65_536
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
LONGEST_CELL = 1_000_000
FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*><f[ >]')
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHERS = ((b"PAR1", "Parquet"), (b"SQLite format 3\0", "a SQLite database"), (b"%PDF-", "a PDF"))
"""Signatures of unsupported binary formats, with their names."""


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


class SourceLine(NamedTuple):
    """A row as the file has it: its number as an editor or spreadsheet shows it; a list of cells, or an object."""

    number: int
    value: Any


class Hints(NamedTuple):
    """The sender's description of a file; empty values are detected."""

    encoding: str = ""
    delimiter: str = ""


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


def open_rows(path: Path, asked: Hints, most: int) -> tuple[SourceShape, Iterator[SourceLine]]:
    """Detect the format of a file and iterate over its rows. Raise Invalid if unreadable, TooLarge
    above the limit."""
    packed = read_start(path, 2) == b"\x1f\x8b"
    with open_bytes(path, packed, most) as stream:
        start = stream.read(SAMPLE)
    if not start.strip():
        raise Invalid("The file is empty.")
    if other := next((name for mark, name in OTHERS if start.startswith(mark)), None):
        raise Invalid(
            f"The file is {other}, which is not read; send the records as CSV, XLSX or JSON."
        )
    if start.startswith(b"PK\x03\x04"):
        if packed:
            raise Invalid("A spreadsheet is packed already; send it without gzip.")
        return read_workbook(path, most)
    encoding = asked.encoding or find_encoding(path, packed, most, start)
    text = decode_start(start, encoding)
    if text.lstrip()[:1] in ("[", "{"):
        shape = SourceShape(find_json(text), "utf-8", packed=packed)
        if encoding not in ("utf-8", "utf-8-sig", "ascii"):
            raise Invalid(f"JSON is UTF-8 (RFC 8259); the file is {encoding}.")
        shape.rows = count_lines(path, packed, most) if shape.format == "ndjson" else None
        return shape, read_json(path, shape, most)
    delimiter = DELIMITERS.get(asked.delimiter, asked.delimiter) or find_delimiter(text)
    shape = SourceShape("tsv" if delimiter == "\t" else "csv", encoding, delimiter, packed)
    lines = read_table(path, shape, most)
    shape.headers = [str(cell) for cell in next(lines, SourceLine(0, [])).value]
    shape.rows = count_lines(path, packed, most) - 1
    return shape, lines


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


def find_encoding(path: Path, packed: bool, most: int, start: bytes) -> str:
    """The encoding of a text: by its mark, UTF-8 if all of it is, else the likeliest."""
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with open_bytes(path, packed, most) as stream:
            while piece := stream.read(SAMPLE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        best = charset_normalizer.from_bytes(start).best()
        return best.encoding if best else "cp1252"
    return "utf-8"


def decode_start(start: bytes, encoding: str) -> str:
    """Decode the beginning of a text. Raise Invalid for an unknown or wrong encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(start)
    except LookupError:
        raise Invalid(
            f'encoding: "{encoding[:40]}" is not the name of an encoding, such as utf-8 or cp1252.'
        ) from None
    except UnicodeDecodeError as error:
        raise Invalid(f"The file is not {encoding}: byte {error.start} is wrong.") from None


def find_delimiter(text: str) -> str:
    """The delimiter of the first line: the most frequent candidate outside quotes."""
    first = re.split(r"[\r\n]", re.sub(r'"[^"]*"', "", text.lstrip("\ufeff")).lstrip(), maxsplit=1)[
        0
    ]
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
        reader = csv.reader(text, delimiter=shape.delimiter or ",", strict=True)
        while True:
            number = reader.line_num + 1
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


def read_json(path: Path, shape: SourceShape, most: int) -> Iterator[SourceLine]:
    """Objects of an array, of a collection of features, or of lines."""
    with open_bytes(path, shape.packed, most) as stream:
        if stream.peek(3)[:3] == codecs.BOM_UTF8:  # type: ignore[attr-defined]
            stream.read(3)
        if shape.format == "ndjson":
            yield from read_lines(stream)
            return
        prefix = "features.item" if shape.format == "geojson" else "item"
        try:
            for number, value in enumerate(ijson.items(stream, prefix), 1):
                yield SourceLine(
                    number, make_plain(from_feature(value) if shape.format == "geojson" else value)
                )
        except (ijson.JSONError, UnicodeDecodeError) as error:
            raise Invalid(f"The file is not JSON: {error}. Nothing was changed.") from None


def read_lines(stream: BinaryIO) -> Iterator[SourceLine]:
    """A value a line."""
    for number, line in enumerate(stream, 1):
        if line.strip():
            try:
                yield SourceLine(number, decode(line))
            except ValueError as error:
                raise Invalid(f"Line {number} is not JSON: {error}. Nothing was changed.") from None


def from_feature(feature: Any) -> Any:
    """A record from a feature: its properties, id and, of a point, its place."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return feature
    geometry = feature.get("geometry") or {}
    place = geometry.get("coordinates", []) if geometry.get("type") == "Point" else []
    found = dict(zip(("longitude", "latitude"), place, strict=False))
    return feature["properties"] | ({"id": feature["id"]} if "id" in feature else {}) | found


def make_plain(value: Any) -> Any:
    """A JSON value with numbers as int or float."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [make_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: make_plain(each) for name, each in value.items()}
    return value


def read_workbook(path: Path, most: int) -> tuple[SourceShape, Iterator[SourceLine]]:
    """Rows of the first sheet of a spreadsheet, values only."""
    check_archive(path, most)
    try:
        sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        rows = sheet.iter_rows()
        headers = [write_cell(cell) for cell in next(rows, [])]
    except python_calamine.CalamineError as error:
        raise Invalid(f"The spreadsheet cannot be read: {error}.") from None
    first = (sheet.start or (0, 0))[0] + 1
    lines = (
        SourceLine(number, [write_cell(cell) for cell in row])
        for number, row in enumerate(rows, first + 1)
    )
    return SourceShape("xlsx", headers=headers, rows=sheet.height - 1), (
        line for line in lines if any(line.value)
    )


def check_archive(path: Path, most: int) -> None:
    """Raise TooLarge if a spreadsheet unpacks beyond the limit, whatever size it declares; Invalid
    for formulas."""
    left = most
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            for entry in archive.infolist():
                sheet = entry.filename.startswith("xl/worksheets/")
                for piece in unpack(file, entry):
                    left -= len(piece)
                    if left < 0:
                        raise TooLarge(
                            f"The spreadsheet unpacks to more than {most:,} bytes; nothing was changed."
                        )
                    if sheet and (found := FORMULA.search(piece)):
                        cell = found[1].decode()
                        raise Invalid(
                            f"Cell {cell} is a formula; save the sheet with values only, or as CSV."
                        )
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Invalid(f"The spreadsheet is damaged: {error}.") from None


def unpack(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked bytes of a file in an archive; declared sizes are not trusted."""
    file.seek(entry.header_offset)
    header = file.read(30)
    file.seek(
        int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"),
        io.SEEK_CUR,
    )
    inflate = (
        zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    )
    left, tail = entry.compress_size, b""
    while left > 0 and (piece := file.read(min(SAMPLE, left))):
        left -= len(piece)
        while piece:
            unpacked = inflate.decompress(piece, 16 * SAMPLE) if inflate else piece
            piece = inflate.unconsumed_tail if inflate else b""
            yield tail + unpacked
            # A formula may begin in one piece and end in the next.
            tail = unpacked[-200:]


def write_cell(cell: Any) -> str:
    """A spreadsheet's cell as a table would have it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)

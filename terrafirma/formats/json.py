"""JSON: an array of rows, or a record."""

import re
from collections.abc import Iterator
from typing import Any

from terrafirma.errors import Invalid
from terrafirma.formats.format import Format, Pages, Table
from terrafirma.formats.json_items import read_items
from terrafirma.formats.selection import Row, Selection, project
from terrafirma.formats.source_file import SourceFile, SourceLine, SourceShape, make_line
from terrafirma.register.model.canonical_json import encode

ENCODINGS = ("utf-8", "utf-8-sig", "ascii")


class Json(Format):
    """Canonical JSON, in pages."""

    name = "json"
    media = "application/json"
    whole = False
    member = ""
    """The member of the object that a file is, if its rows are there."""

    def write_row(self, row: Row, selection: Selection) -> bytes:
        """An object with the fields that were asked for."""
        return encode(project(row, selection.tree))

    def write(self, pages: Pages, selection: Selection) -> Iterator[bytes]:  # noqa: ARG002
        """An array."""
        yield from join_rows(b"[", pages, b"]\n")

    def write_one(self, row: Row, selection: Selection) -> bytes:
        """The object itself."""
        return self.write_row(row, selection) + b"\n"

    def describe(self, model: Any, *, many: bool) -> Any:
        """The model, or a list of it."""
        return list[model] if many else model

    def fits(self, file: SourceFile) -> bool:
        """True for the JSON of this format."""
        return find_json(file.text) == self.name

    def read(self, file: SourceFile) -> Table:
        """Read rows as objects."""
        if file.encoding not in ENCODINGS:
            raise Invalid(f"JSON is UTF-8 (RFC 8259); the file is {file.encoding}.")
        return SourceShape(self.name, "utf-8", packed=file.packed), self.read_rows(file)

    def read_rows(self, file: SourceFile) -> Iterator[SourceLine]:
        """Yield the values of an array."""
        with file.open() as stream:
            for number, value in enumerate(read_items(stream, file.limits, self.member), 1):
                yield make_line(number, self.unwrap(value))

    def unwrap(self, value: Any) -> Any:
        """The row that a value holds."""
        return value


def find_json(text: str) -> str:
    """The JSON format of a text: an array, a feature collection, or a value per line; else empty."""
    start = text.lstrip()[:1]
    if start == "[":
        return "json"
    if start != "{":
        return ""
    collection = '"FeatureCollection"' in text or re.match(r'\s*{\s*"features"', text)
    return "geojson" if collection else "ndjson"


def join_rows(start: bytes, pages: Pages, end: bytes) -> Iterator[bytes]:
    """Rows with commas between them."""
    yield start
    comma = b""
    for rows in pages:
        if rows:
            yield comma + b",".join(rows)
            comma = b","
    yield end


JSON = Json()

"""JSON: an array of rows, or a record."""

from collections.abc import Iterator
from typing import Any

from terrafirma.formats.format import Format, Pages
from terrafirma.formats.selection import Selection, project
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.records import Document


class Json(Format):
    """Canonical JSON, in pages."""

    name = "json"
    media = "application/json"
    whole = False

    def write_row(self, row: Document, selection: Selection) -> bytes:
        """An object with the fields that were asked for."""
        return encode(project(row, selection.tree))

    def write(self, pages: Pages, selection: Selection) -> Iterator[bytes]:  # noqa: ARG002
        """An array."""
        yield from join_rows(b"[", pages, b"]\n")

    def write_one(self, row: Document, selection: Selection) -> bytes:
        """The object itself."""
        return self.write_row(row, selection) + b"\n"

    def describe(self, model: Any, *, many: bool) -> Any:
        """The model, or a list of it."""
        return list[model] if many else model


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

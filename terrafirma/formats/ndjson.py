"""NDJSON: a row as JSON on each line."""

from collections.abc import Iterator
from typing import Any

from terrafirma.formats.format import Pages
from terrafirma.formats.json import Json
from terrafirma.formats.selection import Selection


class Ndjson(Json):
    """The rows of JSON, a line each."""

    name = "ndjson"
    media = "application/x-ndjson"
    whole = True
    row_name = "json"

    def write(self, pages: Pages, selection: Selection) -> Iterator[bytes]:  # noqa: ARG002
        """Lines."""
        for rows in pages:
            yield b"".join(row + b"\n" for row in rows)

    def describe(self, model: Any, *, many: bool) -> Any:  # noqa: ARG002
        """Text."""
        return str


NDJSON = Ndjson()

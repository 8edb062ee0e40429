"""NDJSON: a row as JSON on each line."""

from collections.abc import Iterator
from typing import Any

from terrafirma.errors import Invalid
from terrafirma.formats.format import Pages, Table
from terrafirma.formats.json import Json
from terrafirma.formats.selection import Selection
from terrafirma.formats.source_file import SourceFile, SourceLine, make_line
from terrafirma.register.model.strict_json import Unfit, parse


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

    def read(self, file: SourceFile) -> Table:
        """Read a row a line."""
        shape, lines = super().read(file)
        shape.rows = file.count_lines()
        return shape, lines

    def read_rows(self, file: SourceFile) -> Iterator[SourceLine]:
        """Yield a value a line. Raise Invalid for a line that is no JSON."""
        with file.open() as stream:
            for number, line in enumerate(stream, 1):
                if not line.strip():
                    continue
                try:
                    yield SourceLine(number, parse(line.decode("utf-8-sig"), file.limits))
                except UnicodeDecodeError as error:
                    raise Invalid(
                        f"Line {number} is not UTF-8: {error.reason}. Nothing was changed."
                    ) from None
                except Unfit as fault:
                    if fault.code == "format":
                        raise Invalid(f"Line {number} {fault.rule}. Nothing was changed.") from None
                    yield make_line(number, fault)


NDJSON = Ndjson()

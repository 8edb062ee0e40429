"""Parquet files: a column per field, typed by the field's declaration.

Integers are 64-bit, other numbers doubles, texts strings, lists lists, objects structs. `extra`,
which has no fixed structure, is JSON text. Days are text too, since `1999` and `1999-07` are valid
days.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from terrafirma.deferred import Deferred, check_parquet
from terrafirma.formats.format import FileFormat
from terrafirma.formats.json import JSON
from terrafirma.formats.selection import Row, Selection
from terrafirma.register.model.canonical_json import decode, encode

pyarrow, parquet = map(Deferred, ("pyarrow", "pyarrow.parquet"))

ROWS = 10_000
"""Rows of a group: as many as are in memory at once."""
REFERENCE = "#/$defs/"


class Parquet(FileFormat):
    """A typed file in groups of rows. It needs pyarrow, which the extra `parquet` brings."""

    name = "parquet"
    media = "application/vnd.apache.parquet"
    title = "Parquet"
    signature = b"PAR1"
    row_name = "json"

    def check(self) -> None:
        """Raise Invalid if pyarrow is missing."""
        check_parquet()

    def write_row(self, row: Row, selection: Selection) -> bytes:
        """An object with the fields that were asked for."""
        return JSON.write_row(row, selection)

    def write_file(self, path: Path, rows: Iterator[bytes], selection: Selection) -> None:
        """Write all groups."""
        write_groups(path, make_schema(selection.model, selection.columns), map(decode, rows))


def write_groups(path: Path, schema: Any, documents: Iterable[Row]) -> None:
    """Write records into a file in row groups."""
    documents = iter(documents)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(documents, ROWS)):
            rows = [
                {field.name: fit(row.get(field.name), field.type) for field in schema}
                for row in group
            ]
            writer.write_batch(pyarrow.RecordBatch.from_pylist(rows, schema=schema))


def make_schema(model: Any, columns: Sequence[str]) -> Any:
    """The schema of columns, each a path into records; paths of a single object or list become one
    column."""
    described = model.model_json_schema()
    leaves: dict[str, list[str]] = {}
    for column in columns:
        first, _, rest = column.partition(".")
        leaves.setdefault(first, []).append(rest)
    types = ((name, described["properties"].get(name, {}), rest) for name, rest in leaves.items())
    return pyarrow.schema(
        [(name, type_of(schema, described.get("$defs", {}), rest)) for name, schema, rest in types]
    )


def type_of(schema: dict[str, Any], parts: dict[str, Any], leaves: Sequence[str]) -> Any:
    """The type of values that a JSON Schema describes; of a part only the fields that are asked for."""
    if "$ref" in schema:
        fields = parts[schema["$ref"].removeprefix(REFERENCE)]["properties"]
        named = [name for name in fields if name in leaves]
        members = [(name, type_of(fields[name], parts, ())) for name in named]
        return pyarrow.struct(members) if members else pyarrow.string()
    plain = {"integer": pyarrow.int64, "number": pyarrow.float64, "boolean": pyarrow.bool_}
    if schema.get("type") == "array":
        return pyarrow.list_(type_of(schema["items"], parts, leaves))
    return plain.get(schema.get("type", ""), pyarrow.string)()


def fit(value: Any, type: Any) -> Any:
    """A value as its column's type; values without a type are JSON text."""
    if value is None:
        return None
    if pyarrow.types.is_list(type):
        return [fit(each, type.value_type) for each in value]
    if pyarrow.types.is_struct(type):
        return {field.name: fit(value.get(field.name), field.type) for field in type}
    if pyarrow.types.is_string(type) and not isinstance(value, str):
        return encode(value).decode()
    return value


PARQUET = Parquet()

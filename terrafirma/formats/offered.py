"""All formats, preferred first. A new one is a file beside this one, and a line here."""

from collections.abc import Iterable
from typing import Any

from terrafirma.formats.csv import CSV
from terrafirma.formats.format import Format
from terrafirma.formats.geojson import GEOJSON
from terrafirma.formats.json import JSON
from terrafirma.formats.ndjson import NDJSON
from terrafirma.formats.parquet import PARQUET
from terrafirma.formats.sqlite import SQLITE
from terrafirma.formats.tsv import TSV
from terrafirma.formats.xlsx import XLSX

FORMATS: list[Format] = [
    JSON,
    NDJSON,
    CSV,
    GEOJSON,
    TSV,
    XLSX,
    SQLITE,
    PARQUET,
]


def list_formats(*, placed: bool) -> tuple[Format, ...]:
    """The formats of rows that lie somewhere, or of any rows."""
    return tuple(form for form in FORMATS if placed or not form.placed)


def name_formats() -> tuple[str, ...]:
    """The names of all formats."""
    return tuple(form.name for form in FORMATS)


def describe_answers(
    formats: Iterable[Format], model: Any, *, many: bool
) -> tuple[tuple[str, Any], ...]:
    """The answers that a route may give in some formats: media type and type."""
    return tuple((form.media, form.describe(model, many=many)) for form in formats)


def find_format(name: str) -> Format:
    """The format of a name. Raise KeyError if there is none."""
    return {form.name: form for form in FORMATS}[name]

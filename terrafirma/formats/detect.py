"""Rows of an uploaded file in any format, optionally packed with gzip.

The format is detected from the content, not the file name.
"""

from pathlib import Path

from terrafirma.errors import Invalid
from terrafirma.formats.csv import CSV, find_delimiter
from terrafirma.formats.format import READABLE, Format, Table
from terrafirma.formats.offered import FORMATS
from terrafirma.formats.source_file import Hints, SourceFile
from terrafirma.formats.tsv import TSV
from terrafirma.formats.xlsx import XLSX
from terrafirma.register.model.strict_json import Limits

OTHERS = (
    (b"%PDF-", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls); save it as .xlsx"),
)
"""Signatures of unsupported binary files, with their names."""
DEFAULT_LIMITS = Limits(32, 1_000)


def open_rows(path: Path, hints: Hints, most: int, limits: Limits = DEFAULT_LIMITS) -> Table:
    """Return the properties of a file and its rows. Raise Invalid for unreadable input, TooLarge beyond the limit."""
    file = SourceFile(path, hints, most, limits)
    form = find_binary(file)
    if hints.sheet and form is not XLSX:
        raise Invalid("sheet: the file is no spreadsheet.")
    return (form or find_text(file)).read(file)


def find_binary(file: SourceFile) -> Format | None:
    """The format of a binary file; None for text. Raise Invalid for an empty or unsupported file."""
    if not file.start.strip():
        raise Invalid("The file is empty.")
    for signature, name in OTHERS:
        if file.start.startswith(signature):
            raise Invalid(f"The file is {name}; {READABLE}.")
    known = (form for form in FORMATS if form.signature)
    return next((form for form in known if file.start.startswith(form.signature)), None)


def find_text(file: SourceFile) -> Format:
    """The format of a text; a table if no other. Raise Invalid if its encoding must be named."""
    file.decode()
    found = next((form for form in FORMATS if form.fits(file)), None)
    return found or (TSV if find_delimiter(file) == TSV.delimiter else CSV)

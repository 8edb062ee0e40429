"""`/explore/{kind}.xlsx`: the table of a page as a spreadsheet, its columns and rows as they are seen there."""

from io import BytesIO
from typing import Any

from flask import Response

from terrafirma.deferred import Deferred
from terrafirma.formats.xlsx import LONGEST_NAME, XLSX
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_year
from terrafirma.http.request.languages import localise_found, read_language
from terrafirma.http.request.list_query import find_search, read_query
from terrafirma.http.response.responses import reply_bytes
from terrafirma.register.log.figures import list_completed
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.series import show_year
from terrafirma.storage.register.entries import read_head
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import is_number, label_of, unit_of, value_of, write_field
from terrafirma.web.explore import LISTED, read_columns
from terrafirma.web.related import find_kind
from terrafirma.web.rendering import name_of

xlsxwriter: Any = Deferred("xlsxwriter")

door = Door("spreadsheet")

MOST_ROWS = 100_000
NARROWEST, WIDEST = 8, 60
"""Letters of a column."""


@door.route(
    "GET", "/explore/<plural>.xlsx", Access.READ, LISTED, gives=((XLSX.media, bytes),), foreign=True
)
def get_spreadsheet(plural: str) -> Response:
    """The records that the parameters ask for, in the columns of the page."""
    kind = find_kind(plural)
    with reading() as connection:
        search, head = find_search(connection, read_query(kind, MOST_ROWS)), read_head(connection)
        rows = list_completed(connection, search, MOST_ROWS)
        localise_found(connection, kind, rows, read_language(), search, state().locales)
    documents = [show_year(row.document, read_year(kind)) for row in rows]
    fields = read_columns(kind)
    response = reply_bytes(write_sheet(kind, fields, documents), XLSX.media, mark=head.mark)
    response.headers["Content-Disposition"] = f'attachment; filename="{plural}.xlsx"'
    return response


def write_sheet(kind: Kind, fields: list[str], documents: list[Document]) -> bytes:
    """A spreadsheet with a heading row that stays, a filter on each column, and widths that fit."""
    file = BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_(label_of(kind.plural))[:LONGEST_NAME])
    heads = [_("Name"), *(head_of(field) for field in fields)]
    table = [
        [name_of(kind, each), *(cell_of(each, field) for field in fields)] for each in documents
    ]
    sheet.write_row(0, 0, heads, book.add_format({"bold": True, "bottom": 1}))
    for place, row in enumerate(table, start=1):
        sheet.write_row(place, 0, row)
    for column, head in enumerate(heads):
        longest = max([len(head), *(len(str(row[column])) for row in table)])
        sheet.set_column(column, column, min(max(longest + 2, NARROWEST), WIDEST))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(table)), len(heads) - 1)
    book.close()
    return file.getvalue()


def head_of(field: str) -> str:
    """The heading of a column, with its unit."""
    unit = unit_of(field)
    return f"{_(label_of(field))} ({_(unit)})" if unit else _(label_of(field))


def cell_of(document: Document, field: str) -> str | float:
    """A value as a cell: numbers stay numbers."""
    value = value_of(document, field)
    return value if is_number(value) else _(write_field(value, field))

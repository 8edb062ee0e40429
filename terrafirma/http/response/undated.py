"""Fields that a list omits on days when they are unknown: named in a header, or included on
request."""

from collections.abc import Iterable, Sequence

from flask import Response

from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.known import show_undated
from terrafirma.register.model.members import UNDATED
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import at
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_entries
from terrafirma.storage.register.found import FoundRow, FoundState
from terrafirma.storage.register.search import Search
from terrafirma.storage.register.undated import leaves_out

HEADER = "X-Undated"


def find_undated(
    connection: Connection, kind: Kind, search: Search, paths: Iterable[str]
) -> list[str]:
    """Those of some fields that records of the day leave out, so that they neither match nor count by them."""
    if search.on >= today():
        return []
    names = {path if path.startswith("extra.") else path.partition(".")[0] for path in paths}
    return [name for name in sorted(names - kind.lasting) if leaves_out(connection, search, name)]


def name_undated(response: Response, fields: Sequence[str]) -> Response:
    """Say which fields of the query some records do not have on its day, only because it is not known."""
    if fields:
        response.headers[HEADER] = ", ".join(fields)
    return response


def fill_undated(
    connection: Connection,
    documents: list[Document],
    rows: Sequence[FoundRow | FoundState],
    day: str,
) -> None:
    """Put what records leave out on a day into their documents, in place."""
    wanted = [place for place, document in enumerate(documents) if UNDATED in document]
    entries = read_entries(connection, sorted({rows[place].entry for place in wanted}))
    for place in wanted:
        whole = at(decode(entries[rows[place].entry].after or "{}"), day)
        documents[place] = show_undated(documents[place], whole)

"""The page of a deleted record: who deleted it, when, and the way to bring it back with what went along."""

from flask import Response

from terrafirma.errors import NotFound
from terrafirma.http.app.context import reading
from terrafirma.register.log.identifiers import Moment, find_id_ever
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import EVERY_KIND, Kind
from terrafirma.storage.register.entries import read_head, read_last_entry
from terrafirma.web.changes import (
    describe_lost,
    find_lost,
    list_undoing,
    read_document,
)
from terrafirma.web.rendering import name_of, reply_page


def reply_gone(kind: Kind, key: str, missing: NotFound) -> Response:
    """A 404 that offers the record back; `missing` is raised where no such record was ever deleted."""
    with reading() as connection:
        try:
            id = find_id_ever(connection, kind, key, Moment(today()))
        except NotFound:
            raise missing from None
        entry, head = read_last_entry(connection, kind.name, id), read_head(connection)
        if entry.after is not None:
            raise missing
        rows = find_lost(connection, entry)
    together = [row for row in rows if row.number != entry.number]
    response = reply_page(
        "gone.html",
        head.mark,
        kind=kind,
        name=name_of(kind, {"id": id} | read_document(entry)),
        entry=entry,
        lost=describe_lost(together),
        singular={each.plural: each.name for each in EVERY_KIND.values()},
        undo=list_undoing(rows),
    )
    response.status_code = 404
    return response

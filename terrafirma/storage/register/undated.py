"""True if records leave out a field on a day, as it is not known."""

import orjson
from sqlalchemy import bindparam, select

from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.prepared_statements import Prepared
from terrafirma.storage.engine.tables import versions
from terrafirma.storage.register.records import as_of_entry, holds_on
from terrafirma.storage.register.search import Search
from terrafirma.storage.register.search_statements import ESCAPE

LEAVING = {
    present: Prepared(
        select(versions.c.id)
        .where(
            versions.c.kind == bindparam("kind"),
            as_of_entry(versions, None if present else bindparam("as_of")),
            holds_on(versions, bindparam("on")),
            versions.c.document.like(bindparam("named"), escape=ESCAPE),
        )
        .limit(1)
    )
    for present in (True, False)
}


def leaves_out(connection: Connection, search: Search, name: str) -> bool:
    """Return True if any record of a kind leaves a field out on a search's day, as it is not known."""
    text = (
        orjson.dumps(name)
        .decode()
        .replace(ESCAPE, ESCAPE * 2)
        .replace("%", ESCAPE + "%")
        .replace("_", ESCAPE + "_")
    )
    values = {
        "kind": search.kind,
        "on": search.on,
        "as_of": search.as_of,
        "named": f'%"undated":[%{text}%]%',
    }
    return LEAVING[search.as_of is None].first(connection, values) is not None

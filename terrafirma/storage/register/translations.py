"""Names in other languages, picked from documents by the database: a page needs one of six hundred."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql

from terrafirma.storage.engine.database import Connection, split_batches
from terrafirma.storage.engine.prepared_statements import Prepared, fill_places, is_any, places_for
from terrafirma.storage.engine.tables import versions
from terrafirma.storage.register.records import as_of_entry, holds_on

LOCALES = 256
"""Statements that are kept built: one for each chain of locales and size of a page."""

AS_JSON = Text().with_variant(postgresql.JSON(), "postgresql")


def exists(connection: Connection, kind: str, as_of: int | None) -> bool:
    """Return True if there is a record of a kind."""
    return _any(as_of is None).first(connection, {"kind": kind, "as_of": as_of}) is not None


def list_names(
    connection: Connection,
    kind: str,
    ids: Sequence[int],
    locales: Sequence[str],
    on: str,
    as_of: int | None,
) -> dict[int, str]:
    """The names of records in the first of these locales with a name, by id; others are left out."""
    found: dict[int, str] = {}
    values = {"kind": kind, "on": on, "as_of": as_of}
    for batch in split_batches(ids if locales else ()):
        statement = _names(as_of is None, tuple(locales), places_for(batch))
        rows = statement.all(connection, values | fill_places("id", batch))
        found |= {id: text for id, text in rows if text is not None}
    return found


@cache
def _any(present: bool) -> Prepared:
    query = select(literal(1)).where(versions.c.kind == bindparam("kind"))
    said = as_of_entry(versions, None if present else bindparam("as_of"))
    return Prepared(query.where(said).limit(1))


@lru_cache(maxsize=LOCALES)
def _names(present: bool, locales: tuple[str, ...], ids: int) -> Prepared:
    # Of one value coalesce is no function on SQLite.
    name = func.coalesce(*(name_in(locale) for locale in locales), None)
    query = select(versions.c.id, name).where(versions.c.kind == bindparam("kind"))
    query = query.where(as_of_entry(versions, None if present else bindparam("as_of")))
    query = query.where(holds_on(versions, bindparam("on")), is_any(versions.c.id, "id", ids))
    return Prepared(query)


def name_in(locale: str) -> ColumnElement[str]:
    """Expression: the name in a locale, or NULL."""
    document: Any = type_coerce(cast(versions.c.document, AS_JSON), JSON)
    name: ColumnElement[str] = document["names", locale].as_string()
    return name

"""Names in other languages, picked from documents by the database: a page needs one of six hundred."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, func, literal, select, type_coerce
from sqlalchemy.dialects import postgresql

from terrafirma.storage.engine.database import Connection, split
from terrafirma.storage.engine.tables import versions
from terrafirma.storage.register.records import as_of_entry, holds_on

AS_JSON = Text().with_variant(postgresql.JSON(), "postgresql")


def exists(connection: Connection, kind: str, as_of: int | None) -> bool:
    """Return True if there is a record of a kind."""
    query = select(literal(1)).where(versions.c.kind == kind, as_of_entry(versions, as_of)).limit(1)
    return connection.scalar(query) is not None


def list_names(
    connection: Connection,
    kind: str,
    ids: Sequence[int],
    locales: Sequence[str],
    on: str,
    as_of: int | None,
) -> dict[int, str]:
    """By id, the name in the first of these locales that has one; records without any are left out."""
    # Of one value coalesce is no function on SQLite.
    name = func.coalesce(*(name_in(locale) for locale in locales), None)
    found: dict[int, str] = {}
    for batch in split(ids if locales else ()):
        query = select(versions.c.id, name).where(versions.c.kind == kind)
        query = query.where(versions.c.id.in_(batch))
        query = query.where(as_of_entry(versions, as_of), holds_on(versions, on))
        found |= {id: text for id, text in connection.execute(query) if text is not None}
    return found


def name_in(locale: str) -> ColumnElement[str]:
    """Expression: the name in a locale, or NULL."""
    document: Any = type_coerce(cast(versions.c.document, AS_JSON), JSON)
    name: ColumnElement[str] = document["names", locale].as_string()
    return name

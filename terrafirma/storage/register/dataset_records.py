"""The dataset's document of each record as loaded; upgrades compare with it."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.tables import origins


def replace_origins(
    connection: Connection, kind: str, dataset_version: str, rows: Sequence[tuple[str, int, str]]
) -> None:
    """Remember the records of a kind, and no others, by the dataset's own key: `(key, id, canonical JSON)`."""
    connection.execute(delete(origins).where(origins.c.kind == kind))
    fields = ("dataset_key", "id", "document")
    common = {"kind": kind, "dataset_version": dataset_version}
    if rows:
        connection.execute(
            insert(origins), [dict(zip(fields, row, strict=True)) | common for row in rows]
        )


def read_origins(connection: Connection, kind: str) -> dict[str, tuple[int, str]]:
    """The dataset's documents of a kind: `{dataset key: (id, canonical JSON)}`."""
    query = select(origins.c.dataset_key, origins.c.id, origins.c.document).where(
        origins.c.kind == kind
    )
    return {key: (id, document) for key, id, document in connection.execute(query)}


def find_origin(connection: Connection, kind: str, id: int) -> tuple[str, str, str] | None:
    """The dataset's document of a record: its dataset key, the dataset's version, the canonical
    JSON."""
    query = select(origins.c.dataset_key, origins.c.dataset_version, origins.c.document)
    row = connection.execute(query.where(origins.c.kind == kind, origins.c.id == id)).first()
    return (row[0], row[1], row[2]) if row else None


def list_origins(connection: Connection) -> list[tuple[str, str, int, str, str]]:
    """All dataset documents: `(kind, key, id, dataset version, canonical JSON)`."""
    columns = (
        origins.c.kind,
        origins.c.dataset_key,
        origins.c.id,
        origins.c.dataset_version,
        origins.c.document,
    )
    return [
        (row[0], row[1], row[2], row[3], row[4]) for row in connection.execute(select(*columns))
    ]

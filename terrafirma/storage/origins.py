"""What the dataset said of each record when it was loaded; upgrades compare with it."""

from collections.abc import Sequence

from sqlalchemy import insert

from terrafirma.storage.database import Connection
from terrafirma.storage.tables import origins


def add_origins(connection: Connection, kind: str, dataset_version: str, rows: Sequence[tuple[str, int, str]]) -> None:
    """Remember records by the dataset's own key: `(key, id, canonical JSON)`."""
    fields = ("dataset_key", "id", "document")
    common = {"kind": kind, "dataset_version": dataset_version}
    connection.execute(insert(origins), [dict(zip(fields, row, strict=True)) | common for row in rows])

"""The rows that making a country writes, by hand: no validation, no hashing, no rules, nothing but SQL.

The same tables, the same rows, the same durability as Terrafirma: they are taken from a country it made.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

from terrafirma.config import Settings
from terrafirma.register.log import changes
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.storage.engine.database import open_database

TOKEN = "7777777"
"""What stands in the sample where each country has a number of its own."""

BY_ENTRY = {"entries": "number"}
"""The column that says by which entry a row came; elsewhere it is `entry_from`."""

NUMBERS = ("number", "entry_from")

Statement = tuple[str, list[str], list[Any]]
"""SQL, its columns, the sample's values."""


def take_sample(data: Path, country: dict[str, Any]) -> list[Statement]:
    """Let Terrafirma make a country in a register, and tell what that inserted."""
    database = open_database(Settings(data=data).url)
    with database.writing() as connection:
        changes.create(connection, changes.Edit(COUNTRY, "local", "2026-01-01"), country)
    database.close()
    connection = connect(Path(str(database.path)))
    (last,) = connection.execute("SELECT number FROM head").fetchone()
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    statements: list[Statement] = []
    for (table,) in tables:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        by = BY_ENTRY.get(table, "entry_from")
        if by in columns:
            sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            rows = connection.execute(
                f"SELECT {', '.join(columns)} FROM {table} WHERE {by} = ?", (last,)
            )
            statements += [(sql, columns, list(row)) for row in rows]
    connection.close()
    return statements


def read_sample(path: Path) -> list[Statement]:
    """A sample from its file."""
    statements: list[Statement] = json.loads(path.read_text())
    return statements


def connect(path: Path) -> sqlite3.Connection:
    """A connection that writes as Terrafirma's do."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (
        "journal_mode=WAL",
        "busy_timeout=30000",
        "synchronous=FULL",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def insert(connection: sqlite3.Connection, sample: list[Statement], token: str, at: str) -> int:
    """Write one country like the sample in a transaction of its own; its id."""
    connection.execute("BEGIN IMMEDIATE")
    (number,) = connection.execute("SELECT number + 1 FROM head").fetchone()
    (id,) = connection.execute("SELECT max(id) + 1 FROM versions WHERE kind = 'country'").fetchone()
    for sql, columns, row in sample:
        connection.execute(
            sql, [fit(*pair, number, id, token) for pair in zip(columns, row, strict=True)]
        )
    connection.execute("UPDATE head SET number = ?, at = ?", (number, at))
    connection.execute("COMMIT")
    return int(id)


def fit(column: str, value: Any, number: int, id: int, token: str) -> Any:
    """A value of the sample, for another country."""
    if column in NUMBERS:
        return number
    if column == "id":
        return id
    return value.replace(TOKEN, token) if type(value) is str else value

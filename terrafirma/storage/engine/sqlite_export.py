"""A SQLite file with a single table, for other programs."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path


def write_flat(
    path: Path, table: str, columns: dict[str, bool], rows: Iterable[Sequence[str]]
) -> None:
    """Write rows of text into a new file; empty text is NULL. Columns are given by name with a flag
    for numbers."""
    declared = ", ".join(
        f'"{name}" {"NUMERIC" if number else "TEXT"}' for name, number in columns.items()
    )
    marks = ", ".join("?" * len(columns))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f'CREATE TABLE "{table}" ({declared})')
        values = ([cell or None for cell in row] for row in rows)
        # The table is named by a kind; only marks are put into the statement beside it.
        connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)  # noqa: S608
        connection.commit()

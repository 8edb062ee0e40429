"""The staged rows of an import, in a SQLite file of its own: they are never all in memory."""

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from terrafirma.storage.register.records import KeySpan

SCHEMA = """
CREATE TABLE rows (number INTEGER PRIMARY KEY, outcome TEXT NOT NULL, id INTEGER, entry INTEGER, after TEXT,
                   changes TEXT NOT NULL, faults TEXT NOT NULL, source TEXT NOT NULL);
CREATE INDEX rows_by_outcome ON rows (outcome, number);
CREATE TABLE spans (field TEXT, key TEXT, start TEXT, end TEXT, number INTEGER);
"""
PAGE = 1000

TWICE = """
SELECT later.number, first.number FROM rows AS later
JOIN (SELECT id, min(number) AS number FROM rows WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1) AS first
  ON later.id = first.id AND later.number > first.number
ORDER BY later.number
"""
SPANS_BY_KEY = "SELECT field, key, number, start, end FROM spans ORDER BY field, key, number"

Held = list[tuple[str, str, int]]
"""Days on which a code or name is held, `(start, end, row number)`, in order and without overlaps."""


class StagedRow(NamedTuple):
    """A row and its decision; documents, changes, faults and cells are JSON text."""

    number: int
    outcome: str
    id: int | None
    entry: int | None
    after: str | None
    changes: str
    faults: str
    source: str


class Staging:
    """The rows of a single import."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        # It is made again from the file if anything happens to it.
        self._connection.execute("PRAGMA synchronous=OFF")

    @classmethod
    def begin(cls, path: Path) -> "Staging":
        """Create an empty file."""
        for old in (path, path.with_name(path.name + "-journal")):
            old.unlink(missing_ok=True)
        staging = cls(path)
        staging._connection.executescript(SCHEMA)
        return staging

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def add(self, rows: Sequence[StagedRow], spans: Iterable[tuple[int, KeySpan]]) -> None:
        """Add rows, and the codes and names that they want on which days."""
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        wanted = [
            (span.field, span.key, span.valid_from, span.valid_to, number) for number, span in spans
        ]
        self._connection.executemany("INSERT INTO spans VALUES (?, ?, ?, ?, ?)", wanted)
        self._connection.execute("COMMIT")

    def refuse(self, faults: Iterable[tuple[int, str]], outcome: str) -> None:
        """Give rows an outcome and faults that only all rows together show, each `(number, JSON)`."""
        self._connection.execute("BEGIN")
        values = [(outcome, text, number) for number, text in faults]
        self._connection.executemany(
            "UPDATE rows SET outcome = ?, faults = ? WHERE number = ?", values
        )
        self._connection.execute("COMMIT")

    def list_repeated(self) -> list[tuple[int, int]]:
        """Rows for the same record as an earlier row, with the earlier number."""
        return list(self._connection.execute(TWICE))

    def list_shared(self) -> list[tuple[int, str, int]]:
        """Rows that want a code or name of an earlier row on the same day: the number, the field,
        the earlier number."""
        shared: dict[tuple[int, str], int] = {}
        rows = self._connection.execute(SPANS_BY_KEY)
        for (field, _), spans in groupby(rows, key=itemgetter(0, 1)):
            held: Held = []
            for _, _, number, start, end in spans:
                first = claim(held, number, start, end)
                if first < number:
                    shared[number, field] = min(first, shared.get((number, field), first))
        return [(number, field, first) for (number, field), first in sorted(shared.items())]

    def list_spans(self) -> Iterator[list[tuple[int, KeySpan]]]:
        """Everything that rows want, in batches."""
        rows = self._connection.execute("SELECT number, field, key, 0, start, end FROM spans")
        while batch := rows.fetchmany(PAGE):
            yield [(number, KeySpan(*span)) for number, *span in batch]

    def count(self) -> dict[str, int]:
        """The number of rows by outcome."""
        return dict(self._connection.execute("SELECT outcome, count(*) FROM rows GROUP BY outcome"))

    def list_ids(self, outcome: str) -> frozenset[int]:
        """The records of rows of an outcome."""
        query = "SELECT id FROM rows WHERE outcome = ? AND id IS NOT NULL"
        return frozenset(id for (id,) in self._connection.execute(query, (outcome,)))

    def list_rows(
        self, outcomes: Sequence[str], after: int = 0, limit: int = PAGE
    ) -> list[StagedRow]:
        """Rows of some outcomes in the order of the file, after a number."""
        marks = ", ".join("?" * len(outcomes))
        # Only question marks go in.
        query = (
            f"SELECT * FROM rows WHERE outcome IN ({marks}) AND number > ? ORDER BY number LIMIT ?"  # noqa: S608
        )
        return [
            StagedRow(*row) for row in self._connection.execute(query, (*outcomes, after, limit))
        ]


def claim(held: Held, number: int, start: str, end: str) -> int:
    """Give a row the free days from `start` to before `end`; the first row that holds any of them, itself if none does.

    A file may name one record in every row, so rows are not compared with each other.
    """
    at = bisect_right(held, start, key=itemgetter(1))
    first, free, stop = number, start, at
    claimed: Held = []
    while stop < len(held) and held[stop][0] < end:
        other = held[stop]
        if free < other[0]:
            claimed.append((free, other[0], number))
        claimed.append(other)
        first, free, stop = min(first, other[2]), other[1], stop + 1
    if free < end:
        claimed.append((free, end, number))
    held[at:stop] = claimed
    return first

"""Exports: the answer of a list, with all its rows, in a file; and daily snapshots of the register.

Rows are streamed from a single state of the register, so they are never all in memory and all show
the same instant.
"""

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs

from terrafirma.http.app.api_client import InProcessAnswer, address_of
from terrafirma.register.model.kinds import KINDS
from terrafirma.storage.private_files import make_folder
from terrafirma.storage.register.backup import write_backup
from terrafirma.storage.register.entries import read_head
from terrafirma.work.task import Task

SNAPSHOTS = "snapshots"

Ask = Callable[..., InProcessAnswer]
ReportProgress = Callable[[int], None]


def export(task: Task) -> dict[str, Any]:
    """Make the file of an export; its name, size and checksum."""
    task.find_writer()
    given = task.arguments
    folder = task.settings.exports_path / task.job.id
    make_folder(folder)
    path = folder / f"{KINDS[given['kind']].plural}.{given['format']}"
    total = count_rows(given["kind"], given["query"], task.ask)
    tell = partial(task.tell, total=total)
    rows = write_export(path, given["kind"], given["format"], given["query"], task.ask, tell)
    task.tell(rows, rows)
    return {"file": f"/exports/{task.job.id}/file", "name": path.name, "rows": rows} | measure(path)


def count_rows(kind: str, query: str, ask: Ask) -> int | None:
    """The number of rows of a list now; None if the query itself limits or counts them."""
    if parse_qs(query).keys() & {"limit", "after", "count"}:
        return None
    counted = ask(address_of(kind, query, "json", limit=1, count="exact")).headers.get(
        "X-Total-Count"
    )
    return int(counted) if counted else None


def write_export(
    path: Path, kind: str, form: str, query: str, ask: Ask, tell: ReportProgress
) -> int:
    """Write a list into a file, which has its name only once it is whole; how many rows."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with part.open("wb") as file:
        rows = write_rows(file, kind, form, query, ask, tell)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    return rows


def write_rows(
    file: IO[bytes], kind: str, form: str, query: str, ask: Ask, tell: ReportProgress
) -> int:
    """Write a list into an open file or a stream; how many rows."""
    rows = 0

    def report(count: int) -> None:
        nonlocal rows
        rows = count
        tell(count)

    file.writelines(ask(address_of(kind, query, form), report).pieces)
    return rows


def measure(path: Path) -> dict[str, Any]:
    """A file's size and checksum."""
    with path.open("rb") as file:
        return {
            "bytes": path.stat().st_size,
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
        }


def snapshot(task: Task) -> dict[str, Any]:
    """Copy the register into a dated backup file and delete the oldest ones."""
    folder = task.settings.files_path / SNAPSHOTS
    make_folder(folder)
    path = folder / f"register-{task.job.at[:10]}.sqlite"
    with task.database.reading() as connection:
        write_backup(connection, path, overwrite=True)
        entries = read_head(connection).number
    for old in sorted(folder.glob("register-*.sqlite"))[: -task.settings.snapshot_keep]:
        old.unlink()
    return {"file": str(path), "entries": entries} | measure(path)

"""The commit of an import: the staged rows are written, all in a transaction or in short pieces."""

from collections.abc import Sequence
from contextlib import closing
from time import monotonic, sleep
from typing import Any

from terrafirma.errors import Detail, Invalid
from terrafirma.http.app.context import check_written
from terrafirma.register.access.roles import EVERYTHING, Scope
from terrafirma.register.access.scopes import find_countries
from terrafirma.register.log import import_writing
from terrafirma.register.log.changes import Edit
from terrafirma.register.log.import_undo import undo_entries
from terrafirma.register.log.import_writing import StagedDecision
from terrafirma.register.log.imports import (
    CHANGED,
    REFUSED,
)
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import KINDS
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.work.import_staging import StagedRow, Staging
from terrafirma.work.import_report import TOLD, WRITTEN
from terrafirma.work.imports import STAGED, settled
from terrafirma.work.task import Task

HOLD_SECONDS, REST_SECONDS = 0.06, 0.04
"""Seconds for which a piece of a commit holds the write lock, except its last step, and then
releases it."""
STEP = 40
"""Rows between two looks at the clock."""


def commit(task: Task) -> dict[str, Any] | None:
    """Write the rows that a dry run staged: all in a single transaction or, on request, in pieces
    without bad rows."""
    folder = task.settings.imports_path / task.arguments["import"]
    edit = Edit(KINDS[task.arguments["kind"]], task.job.actor, today())
    if not (folder / STAGED).is_file():
        raise Invalid("What the dry run staged is gone; send the file again.")
    with settled(), closing(Staging(folder / STAGED)) as staging:
        return (
            commit_pieces(task, edit, staging)
            if task.arguments["skip"]
            else commit_all(task, edit, staging)
        )


def commit_all(task: Task, edit: Edit, staging: Staging) -> dict[str, Any] | None:
    """Write everything in a single transaction, which also ends the job."""
    changing, total = (
        staging.list_ids(CHANGED),
        sum(staging.count().get(each, 0) for each in WRITTEN),
    )
    result: dict[str, Any] = {}
    begun = 0.0
    with task.finishing(result) as connection:
        begun, after, count, since = monotonic(), 0, 0, read_head(connection).number
        scope, last, countries = begin_scope(task, connection, edit)
        while rows := staging.list_rows(WRITTEN, after):
            written = import_writing.write_rows(
                connection, edit, [shrink(row) for row in rows], changing
            )
            if written.refused:
                raise Invalid(
                    f"{summarise_refused(written.refused)} Nothing was written; run the import again."
                )
            after, count = rows[-1].number, count + written.rows
            task.tell(count, total)
        end_scope(connection, scope, last, countries)
        result |= {
            "import": task.arguments["import"],
            "written": count,
            "skipped": 0,
            "since": since,
            "entries": [[since + 1, read_head(connection).number]],
            "locked_seconds": round(monotonic() - begun, 2),
        }
    return result


def commit_pieces(task: Task, edit: Edit, staging: Staging) -> dict[str, Any]:
    """Piece by piece, each with a note of how far it came, so that another attempt goes on from there."""
    state: dict[str, Any] = {
        "after": 0,
        "written": 0,
        "skipped": [],
        "lost": 0,
        "entries": [],
    } | task.arguments.get("state", {})
    counted = staging.count()
    total = sum(counted.get(each, 0) for each in WRITTEN)
    while commit_piece(task, edit, staging, state):
        task.tell(state["written"] + state["lost"], total)
        # On SQLite a writer of another process waits by sleeping, so its turn must last.
        sleep(REST_SECONDS)
    refused = counted.get(REFUSED, 0) + state["lost"]
    kept = {name: state[name] for name in ("written", "since", "entries") if name in state}
    told = {"import": task.arguments["import"], "skipped": refused, "errors": state["skipped"]}
    return kept | told


def commit_piece(task: Task, edit: Edit, staging: Staging, state: dict[str, Any]) -> bool:
    """Write rows step by step until the lock time is used up; return True if rows are left."""
    rows = staging.list_rows(WRITTEN, state["after"], STEP)
    if not rows:
        return False
    with task.database.writing() as connection:
        begun, head = monotonic(), read_head(connection).number
        state.setdefault("since", head)
        scope, last, countries = begin_scope(task, connection, edit)
        while rows:
            written = import_writing.write_rows(connection, edit, [shrink(row) for row in rows])
            told = [{"row": number, **vars(fault)} for number, fault in written.refused]
            state["after"], state["written"] = rows[-1].number, state["written"] + written.rows
            state["lost"] += len({number for number, _ in written.refused})
            state["skipped"] = (state["skipped"] + told)[:TOLD]
            rows = (
                staging.list_rows(WRITTEN, state["after"], STEP)
                if monotonic() < begun + HOLD_SECONDS
                else []
            )
        end_scope(connection, scope, last, countries)
        state["entries"] = join_ranges(state["entries"], head + 1, read_head(connection).number)
        task.save(connection, {"state": state})
    return True


def join_ranges(ranges: list[list[int]], first: int, last: int) -> list[list[int]]:
    """Ranges of entries, with one more; others may have written in between."""
    if last < first:
        return ranges
    if ranges and ranges[-1][1] == first - 1:
        return [*ranges[:-1], [ranges[-1][0], last]]
    return [*ranges, [first, last]]


def undo(task: Task) -> dict[str, Any] | None:
    """Undo what a commit wrote, in a single transaction, which also ends the job."""
    edit = Edit(KINDS[task.arguments["kind"]], task.job.actor, today())
    result: dict[str, Any] = {}
    with settled(), task.finishing(result) as connection:
        since = read_head(connection).number
        scope, last, countries = begin_scope(task, connection, edit)
        undone = undo_entries(
            connection, edit, task.arguments["entries"], skip=task.arguments["skip"]
        )
        task.tell(undone.records, undone.records)
        end_scope(connection, scope, last, countries)
        result |= {"undone": undone.records, "kept": undone.kept[:TOLD], "since": since}
    return result


def shrink(row: StagedRow) -> StagedDecision:
    """The parts of a row that are needed to write it."""
    return StagedDecision(row.number, row.id, row.entry, row.after or "{}")


def summarise_refused(refused: Sequence[tuple[int, Detail]]) -> str:
    """The faults of refused rows as a sentence."""
    told = [
        f"row {number}: {fault.field} {fault.message}".replace(":  ", ": ")
        for number, fault in refused[:3]
    ]
    return f"The register has changed since the dry run: {'; '.join(told)}{' …' if len(refused) > 3 else ''}."


def begin_scope(task: Task, connection: Connection, edit: Edit) -> tuple[Scope, int, set[int]]:
    """The scope that the import's principal has now, and its countries before writing."""
    scope = task.find_writer().scope
    if scope == EVERYTHING:
        return EVERYTHING, 0, set()
    return scope, read_head(connection).number, find_countries(connection, scope, edit.day)


def end_scope(connection: Connection, scope: Scope, last: int, countries: set[int]) -> None:
    """Forbidden if something else was written."""
    if scope != EVERYTHING:
        check_written(connection, scope, last, countries)

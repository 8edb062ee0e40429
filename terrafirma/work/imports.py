"""Imports: the dry run, which stages every row and reports, and the commit of the staged rows.

The dry run does not change the register. A commit writes all rows in one transaction or, if bad
rows are skipped, in pieces so short that other writers hardly wait; progress is stored with each
piece.
"""

import csv
import gc
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from terrafirma.errors import Detail, Invalid
from terrafirma.http.app.context import check_written
from terrafirma.register.access.roles import EVERYTHING, Scope
from terrafirma.register.access.scopes import find_countries
from terrafirma.register.log import imports
from terrafirma.register.log.changes import Edit
from terrafirma.register.log.imports import (
    AUTO,
    CHANGED,
    CREATED,
    NAME,
    REFUSED,
    ImportRow,
    ImportRules,
    RowDecision,
    StagedDecision,
)
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.cells import CellOptions, find_field, make_patch
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import KINDS, Kind
from terrafirma.register.model.strict_json import Limits
from terrafirma.register.model.validation import nearest
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.work.import_staging import StagedRow, Staging
from terrafirma.work.parsing import open_rows_apart
from terrafirma.work.readers import Hints, SourceLine, SourceShape
from terrafirma.work.task import Task

UPLOAD, STAGED, REPORT, ERRORS = "upload", "staged.sqlite", "report.json", "errors.csv"
BATCH = 500
TOLD = 1000
"""Faults and changes that a report lists."""
HOLD_SECONDS, REST_SECONDS = 0.06, 0.04
"""Seconds for which a piece of a commit holds the write lock, except its last step, and then
releases it."""
STEP = 40
"""Rows between two looks at the clock."""
WRITTEN = (CREATED, CHANGED)
BLANKS = ("keep", "clear")
UNTOLD = ("headers", "rows")
"""Properties of a file that the report shows elsewhere."""


def stage(task: Task) -> dict[str, Any]:
    """The dry run: decide every row of a file, stage it, and report."""
    task.find_writer()
    given, folder = task.arguments, task.settings.imports_path / task.job.id
    given = DEFAULTS | given
    edit = Edit(KINDS[given["kind"]], task.job.actor, today())
    hints = Hints(given["encoding"], given["delimiter"], given["sheet"])

    def look() -> None:
        task.tell(*task.progress[1:])

    arguments = (folder / UPLOAD, hints, task.settings.max_import, find_limits(task))
    with open_rows_apart(look, *arguments) as (shape, lines):
        return stage_rows(task, edit, shape, lines)


def find_limits(task: Task) -> Limits:
    """Return the limits of JSON values that the settings give."""
    return Limits(task.settings.max_depth, task.settings.max_items)


def stage_rows(
    task: Task, edit: Edit, shape: SourceShape, lines: Iterator[SourceLine]
) -> dict[str, Any]:
    """Decide and stage the rows of a file."""
    given, folder = DEFAULTS | task.arguments, task.settings.imports_path / task.job.id
    kind = edit.kind
    try:
        paths = map_columns(kind, shape.headers, given["columns"])
    except Invalid as refusal:
        (folder / REPORT).write_bytes(
            encode(describe_unclear(kind, shape, given["columns"], refusal.details)) + b"\n"
        )
        raise
    options = read_options(given, find_limits(task))
    rules = ImportRules(given["match"], given["mode"], find_finding(shape.headers, paths, given))
    # Another attempt may be under way too, and what an earlier one staged be committed by now.
    part = folder / f"{STAGED}.{task.job.attempt}"
    with settled(), closing(Staging.begin(part)) as staging:
        begun = monotonic()
        rows = (
            ([read_row(kind, paths, line, options) for line in batch], batch)
            for batch in batches(lines, BATCH)
        )
        count, unnamed = stage_rows(task, edit, rules, shape, rows, staging)
        spent = monotonic() - begun
        compare_rows(task, kind, staging)
        report = make_report(kind, shape, paths, staging)
        report["notes"] = list_notes(kind, shape, rules, unnamed)
        # To write a row takes about as long as to decide it.
        report["lock_seconds"] = round(
            spent * sum(report["counts"][each] for each in WRITTEN) / count, 1
        )
        write_errors(folder / ERRORS, shape, paths, staging)
    os.replace(part, folder / STAGED)
    (folder / REPORT).write_bytes(encode(report) + b"\n")
    return {"report": f"/imports/{task.job.id}"} | {
        name: report[name] for name in ("counts", "lock_seconds", "file")
    }


def stage_rows(
    task: Task,
    edit: Edit,
    rules: ImportRules,
    shape: SourceShape,
    rows: Iterable[tuple[list[ImportRow], list[SourceLine]]],
    staging: Staging,
) -> tuple[int, int]:
    """Decide and stage batches of rows; return their number and that of values without a column.

    Raises Invalid if there are no rows.
    """
    count, unnamed = 0, 0
    for read, batch in rows:
        with task.database.reading() as connection:
            decisions = imports.decide_rows(connection, edit, read, rules)
        store_decisions(staging, decisions, batch)
        unnamed += count_unnamed(shape.headers, batch)
        count += len(batch)
        task.tell(count, max(count, shape.rows) if shape.rows is not None else None)
    task.tell(count, count)
    if not count:
        raise Invalid("The file has no rows.")
    return count, unnamed


@contextmanager
def settled() -> Iterator[None]:
    """Freeze garbage collection meanwhile: scanning existing objects would be half of the work."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def batches(lines: Iterable[SourceLine], size: int) -> Iterator[list[SourceLine]]:
    """Lines, some at a time."""
    lines = iter(lines)
    while batch := list(islice(lines, size)):
        yield batch


def map_columns(kind: Kind, headers: Sequence[str], given: dict[str, str]) -> list[str]:
    """The path of each column; empty for ignored columns. Raise Invalid if a column is unclear."""
    paths = [given[header] if header in given else find_field(kind, header) for header in headers]
    known = ("dated", *kind.catalog.names)
    faults = [
        Detail(
            header,
            f"is not a field{nearest(header, known)}; say what it is, or leave it out: map={header}:",
        )
        for header, path in zip(headers, paths, strict=True)
        if path is None and header
    ]
    there = frozenset(headers)
    faults += [
        Detail(header, "is no column of the file", "unknown")
        for header in given
        if header not in there
    ]
    named = [path or "" for path in paths]
    repeated = sorted(path for path, count in Counter(named).items() if path and count > 1)
    faults += [Detail(path, "is given by several columns", "mismatch") for path in repeated]
    if faults:
        told = "; ".join(f'"{each.field}" {each.message}' for each in faults[:5])
        raise Invalid(f"The columns are not clear: {told}.", faults)
    return named


def describe_unclear(
    kind: Kind, shape: SourceShape, given: dict[str, str], faults: Sequence[Detail]
) -> dict[str, Any]:
    """The report of a file with unclear columns: its properties, and the faults without a row."""
    paths = [
        given[header] if header in given else find_field(kind, header) for header in shape.headers
    ]
    errors = [{"row": None, "column": each.field, **vars(each)} for each in faults]
    nothing = {"counts": dict.fromkeys(imports.OUTCOMES, 0), "changes": [], "lock_seconds": 0.0}
    nothing["notes"] = []
    return describe(kind, shape, paths) | nothing | {"errors": errors}


def describe(kind: Kind, shape: SourceShape, paths: Sequence[str | None]) -> dict[str, Any]:
    """The properties of a file, and the field of each column."""
    return {
        "kind": kind.name,
        "file": {
            name: value
            for name, value in vars(shape).items()
            if name not in UNTOLD and value is not None
        },
        "columns": {
            header: path or None for header, path in zip(shape.headers, paths, strict=True)
        },
    }


def read_options(given: dict[str, Any], limits: Limits) -> CellOptions:
    """Return how the cells of a file are read, of what its sender says."""
    words = given["blanks"].split(",")
    return CellOptions(
        clear="clear" in words,
        blanks=frozenset(word.strip() for word in words if word not in BLANKS),
        booleans=tuple(word for pair in given["booleans"].split(",") for word in pair.split("/"))
        if given["booleans"]
        else CellOptions.booleans,
        comma=given["decimal"] == ",",
        limits=limits,
    )


def find_finding(
    headers: Sequence[str], paths: Sequence[str], given: dict[str, Any]
) -> frozenset[str]:
    """Return the fields whose columns only find records: a name under a heading such as Country.

    Other lists write names in their own way; who wants them changed says so by the heading `name`.
    """
    return frozenset(
        path
        for header, path in zip(headers, paths, strict=True)
        if path == NAME and header not in given["columns"] and header.strip().lower() != NAME
    )


def count_unnamed(headers: Sequence[str], lines: Sequence[SourceLine]) -> int:
    """Return how many rows have something in a column without a heading."""
    places = [place for place, header in enumerate(headers) if not header]
    if not places:
        return 0
    return sum(
        isinstance(line.value, list)
        and any(line.value[place] for place in places if place < len(line.value))
        for line in lines
    )


def list_notes(kind: Kind, shape: SourceShape, rules: ImportRules, unnamed: int) -> list[str]:
    """Return what else is to be said of a file, in sentences."""
    notes = []
    if unnamed:
        notes.append(
            f"{unnamed:,} rows have values in a column without a heading; those were left out."
        )
    if rules.finding:
        notes.append(
            f"Names find a {kind.name} here and do not change it; the heading name changes it too."
        )
    if shape.merged:
        ranges = ", ".join(shape.merged[:5])
        notes.append(f"Merged cells ({ranges}) have their value in the first cell only.")
    if shape.sheets and len(shape.sheets) > 1:
        notes.append(
            f"Sheet {shape.sheet} of {', '.join(shape.sheets)} was read; sheet= reads another."
        )
    return notes


def read_row(kind: Kind, paths: list[str], line: SourceLine, options: CellOptions) -> ImportRow:
    """The patch that a line makes."""
    if not isinstance(line.value, list):
        return ImportRow(line.number, line.value, list(line.faults))
    cells = line.value
    extra = [Detail("", f"has {len(cells)} cells, but there are {len(paths)} columns", "length")]
    faults = extra if any(cells[len(paths) :]) or len(cells) < len(paths) else []
    named = [(path, cell) for path, cell in zip(paths, cells, strict=False) if path]
    patch, wrong = make_patch(kind, named, options)
    return ImportRow(line.number, patch, faults + wrong)


def store_decisions(
    staging: Staging, decisions: Sequence[RowDecision], lines: Sequence[SourceLine]
) -> None:
    """Stage decisions."""
    rows = [
        StagedRow(
            each.number,
            each.outcome,
            each.id,
            each.entry,
            imports.spell(each.after) if each.after is not None else None,
            encode(each.changes).decode(),
            spell_faults(each.faults),
            encode(line.value).decode(),
        )
        for each, line in zip(decisions, lines, strict=True)
    ]
    staging.add(rows, ((each.number, span) for each in decisions for span in each.spans))


def spell_faults(faults: Iterable[Detail]) -> str:
    """Faults as they are staged."""
    return encode([vars(fault) for fault in faults]).decode()


def compare_rows(task: Task, kind: Kind, staging: Staging) -> None:
    """Refuse rows for the same record as an earlier row, or for codes that the earlier row or
    another record holds."""
    repeated = [
        (number, Detail("", f"is the same {kind.name} as row {first}", "mismatch"))
        for number, first in staging.list_repeated()
    ]
    shared = [
        (number, Detail(field, f"is also that of row {first}", "mismatch"))
        for number, field, first in staging.list_shared()
    ]
    refuse(staging, repeated + shared)
    changing = staging.list_ids(CHANGED)
    for batch in staging.list_spans():
        with task.database.reading() as connection:
            refuse(staging, imports.find_clashes(connection, kind, batch, changing))
        task.tell(*task.progress[1:])


def refuse(staging: Staging, faults: Sequence[tuple[int, Detail]]) -> None:
    """Refuse rows, each for its faults."""
    by_row: dict[int, list[Detail]] = {}
    for number, fault in faults:
        by_row.setdefault(number, []).append(fault)
    staging.refuse([(number, spell_faults(found)) for number, found in by_row.items()], REFUSED)


def make_report(
    kind: Kind, shape: SourceShape, paths: list[str], staging: Staging
) -> dict[str, Any]:
    """The report of a dry run: the file, the number of rows by outcome, the first faults and
    changes."""
    columns = {path: header for path, header in zip(paths, shape.headers, strict=True) if path}
    counted = staging.count()
    return describe(kind, shape, paths) | {
        "counts": {outcome: counted.get(outcome, 0) for outcome in imports.OUTCOMES},
        "errors": list(islice(list_faults(columns, shape.headers, staging), TOLD)),
        "changes": [
            {"row": row.number, "outcome": row.outcome, "id": row.id, "fields": decode(row.changes)}
            for row in staging.list_rows(WRITTEN, limit=TOLD)
        ],
    }


def list_faults(
    columns: dict[str, str], headers: Sequence[str], staging: Staging
) -> Iterator[dict[str, Any]]:
    """Every fault, by row and column."""
    for row in scan(staging, (REFUSED,)):
        for fault in decode(row.faults):
            column = name_column(columns, fault["field"])
            value = find_value(row, headers, column, fault["field"])
            yield {"row": row.number, "column": column, "value": value, **fault}


def find_value(row: StagedRow, headers: Sequence[str], column: str, field: str) -> Any:
    """Return what a row has where its fault is; None where that cannot be told."""
    source = decode(row.source)
    if isinstance(source, list):
        return source[headers.index(column)] if column in headers[: len(source)] else None
    for name in field.split(".") if field else ():
        try:
            source = source[int(name)] if isinstance(source, list) else source.get(name)
        except (ValueError, IndexError, AttributeError):
            return None
    return source if field else None


def name_column(columns: dict[str, str], field: str) -> str:
    """The column that a fault's path refers to; the field itself if there is no such column."""
    path = ".".join(part for part in field.split(".") if not part.isdecimal())
    known = [
        path,
        *(name for name in columns if name.startswith(f"{path}.") or path.startswith(f"{name}.")),
    ]
    return next((columns[name] for name in known if name in columns), path)


def scan(staging: Staging, outcomes: Sequence[str]) -> Iterator[StagedRow]:
    """All rows of some outcomes, in order."""
    after = 0
    while rows := staging.list_rows(outcomes, after):
        yield from rows
        after = rows[-1].number


def write_errors(path: Path, shape: SourceShape, paths: list[str], staging: Staging) -> None:
    """Write a table of the refused rows as received, each preceded by its faults, to be corrected
    and sent again."""
    columns = {name: header for name, header in zip(paths, shape.headers, strict=True) if name}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "error", *(shape.headers or ["record"])])
        for row in scan(staging, (REFUSED,)):
            faults = decode(row.faults)
            told = "; ".join(
                f"{name_column(columns, each['field'])} {each['message']}".strip()
                for each in faults
            )
            source = decode(row.source)
            writer.writerow(
                [row.number, told, *(source if isinstance(source, list) else [row.source])]
            )


def commit(task: Task) -> dict[str, Any] | None:
    """Write the rows that a dry run staged: all in one transaction or, on request, in pieces
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
    """Write everything in one transaction, which also ends the job."""
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
            written = imports.write_rows(connection, edit, [shrink(row) for row in rows], changing)
            if written.refused:
                raise Invalid(
                    f"{summarise_refused(written.refused)} Nothing was written; run the import again."
                )
            after, count = rows[-1].number, count + written.rows
            task.tell(count, total)
        end_scope(connection, scope, last, countries)
        result |= {
            "written": count,
            "skipped": 0,
            "since": since,
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
    } | task.arguments.get("state", {})
    counted = staging.count()
    total = sum(counted.get(each, 0) for each in WRITTEN)
    while commit_piece(task, edit, staging, state):
        task.tell(state["written"] + state["lost"], total)
        # On SQLite a writer of another process waits by sleeping, so its turn must last.
        sleep(REST_SECONDS)
    refused = counted.get(REFUSED, 0) + state["lost"]
    kept = {name: state[name] for name in ("written", "since") if name in state}
    return kept | {"skipped": refused, "errors": state["skipped"]}


def commit_piece(task: Task, edit: Edit, staging: Staging, state: dict[str, Any]) -> bool:
    """Write rows step by step until the lock time is used up; return True if rows are left."""
    rows = staging.list_rows(WRITTEN, state["after"], STEP)
    if not rows:
        return False
    with task.database.writing() as connection:
        begun = monotonic()
        state.setdefault("since", read_head(connection).number)
        scope, last, countries = begin_scope(task, connection, edit)
        while rows:
            written = imports.write_rows(connection, edit, [shrink(row) for row in rows])
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
        task.save(connection, {"state": state})
    return True


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


DEFAULTS = {
    "kind": "country",
    "match": AUTO,
    "blanks": "keep",
    "encoding": "",
    "delimiter": "",
    "sheet": "",
    "decimal": ".",
    "booleans": "",
    "mode": "",
    "columns": {},
}
"""Default options of a dry run."""

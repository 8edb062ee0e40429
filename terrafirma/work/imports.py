"""Imports: the dry run, which stages every row and reports, and the commit of the staged rows.

The dry run does not change the register. A commit writes all rows in a single transaction or, if
bad rows are skipped, in pieces so short that other writers hardly wait; progress is stored with
each piece.
"""

import gc
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from time import monotonic
from typing import Any

from terrafirma.errors import ApiError, Detail, Hint, Invalid
from terrafirma.formats.source_file import Hints, SourceLine, SourceShape
from terrafirma.register.log import bulk, import_writing, imports
from terrafirma.register.log.changes import Edit
from terrafirma.register.log.imports import (
    AUTO,
    BLANKS,
    CHANGED,
    NAME,
    REFUSED,
    ImportRow,
    ImportRules,
    RowDecision,
    RowMatch,
)
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.cells import CellOptions, find_field, is_path, make_patch
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import KINDS, Kind
from terrafirma.register.model.strict_json import Limits
from terrafirma.register.model.validation import nearest
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.work.import_staging import StagedRow, Staging
from terrafirma.work.import_corrections import correct_lines, is_refused_file
from terrafirma.work.import_report import (
    ADDED_HEADERS,
    TOLD,
    WRITTEN,
    describe_sheets,
    describe_unclear,
    make_report,
    spell_faults,
    tell_reading,
    write_errors,
)
from terrafirma.work.parsing import open_rows_apart
from terrafirma.work.reference_names import ReferenceNames
from terrafirma.work.task import Task

UPLOAD, STAGED, REPORT, ERRORS = "upload", "staged.sqlite", "report.json", "errors.csv"
BATCH = 500


def stage(task: Task) -> dict[str, Any]:
    """The dry run: decide every row of a file, stage it, and report."""
    task.find_writer()
    given, folder = task.arguments, task.settings.imports_path / task.job.id
    given = DEFAULTS | given
    edit = Edit(KINDS[given["kind"]], task.job.actor, today())
    with task.database.reading() as connection:
        edit = edit.within(connection)
    hints = Hints(given["encoding"], given["delimiter"], given["sheet"])

    def look() -> None:
        task.tell(*task.progress[1:])

    arguments = (folder / UPLOAD, hints, task.settings.max_import, find_limits(task))
    with naming(given["filename"]), open_rows_apart(look, *arguments) as (shape, lines):
        return stage_rows(task, edit, shape, correct_lines(shape, lines, given["rows"]))


@contextmanager
def naming(file: str) -> Iterator[None]:
    """Begin the sentence of a refusal with the name of the file, if it is known."""
    try:
        yield
    except ApiError as refusal:
        if file:
            refusal.sentence = f"{file}: {refusal.sentence}"
            refusal.rule = f"{file}: {refusal.rule}"
        raise


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
            encode(describe_unclear(kind, shape, given, refusal.details)) + b"\n"
        )
        note, hints = describe_sheets(shape)
        rule = f"{note} {refusal.rule}" if note else refusal.rule
        raise Invalid.advised(rule, [*refusal.hints, *hints], refusal.details) from None
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
        names = ReferenceNames(kind)
        count, unnamed = stage_batches(task, edit, rules, shape, rows, staging, names)
        spent = monotonic() - begun
        compare_rows(task, kind, staging)
        report = make_report(kind, shape, paths, staging, given["filename"])
        name_rows(task, edit, rules, report, lambda line: read_row(kind, paths, line, options))
        report |= tell_reading(kind, shape, unnamed, finding=bool(rules.finding))
        report["names"] = names.list_read()[:TOLD]
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


def stage_batches(
    task: Task,
    edit: Edit,
    rules: ImportRules,
    shape: SourceShape,
    rows: Iterable[tuple[list[ImportRow], list[SourceLine]]],
    staging: Staging,
    names: ReferenceNames,
) -> tuple[int, int]:
    """Decide and stage batches of rows; return their number and that of values without a column.

    Raises Invalid if there are no rows.
    """
    count, unnamed = 0, 0
    for read, batch in rows:
        with task.database.reading() as connection:
            decisions = imports.decide_rows(connection, edit, names.read(connection, read), rules)
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
    """Freeze garbage collection meanwhile: scanning existing objects would be half of the work.

    Where a process froze its objects before, they stay so: `unfreeze` would take those back too.
    """
    if gc.get_freeze_count():
        yield
        return
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
    left_out = ADDED_HEADERS if is_refused_file(headers) else ()
    paths = [
        given[header] if header in given else "" if header in left_out else find_field(kind, header)
        for header in headers
    ]
    known = ("dated", *kind.catalog.names)
    faults = [
        Detail.advised(
            header,
            f"is not a field{nearest(header, known)}",
            "unknown",
            Hint("map", f"{header}:", "leaves it out"),
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
    faults += [
        Detail(
            header,
            f'is mapped to "{path[:80]}", which is not a field{nearest(path, known)}',
            "unknown",
        )
        for header, path in given.items()
        if path and header in there and not is_path(kind, path)
    ]
    named = [path or "" for path in paths]
    repeated = sorted(path for path, count in Counter(named).items() if path and count > 1)
    faults += [Detail(path, "is given by several columns", "mismatch") for path in repeated]
    if faults:
        told = "; ".join(f'"{each.field}" {each.rule or each.message}' for each in faults[:5])
        hints = [hint for each in faults[:5] for hint in each.hints]
        raise Invalid.advised(f"The columns are not clear: {told}", hints, faults)
    return named


def read_options(given: dict[str, Any], limits: Limits) -> CellOptions:
    """Return how the cells of a file are read, of what its sender says."""
    words = given["blanks"].split(",")
    return CellOptions(
        clear="clear" in words,
        blanks=frozenset(word.strip() for word in words if word not in BLANKS),
        booleans=(*CellOptions.booleans, *re.findall("[^,/]+", given["booleans"])),
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
            import_writing.spell(each.after) if each.after is not None else None,
            encode(each.changes).decode(),
            spell_faults(each.faults),
            encode(line.value).decode(),
        )
        for each, line in zip(decisions, lines, strict=True)
    ]
    staging.add(rows, ((each.number, span) for each in decisions for span in each.spans))


def compare_rows(task: Task, kind: Kind, staging: Staging) -> None:
    """Refuse rows for the same record as an earlier row, or for codes that the earlier row or
    another record holds."""
    repeated = [
        (number, Detail("", f"is the same {kind.name} as row {first}", "mismatch"))
        for number, first in staging.list_repeated()
    ]
    same = {number for number, _fault in repeated}
    shared = [
        (number, Detail(field, f"is also that of row {first}", "mismatch"))
        for number, field, first in staging.list_shared()
        if number not in same
    ]
    refuse(staging, repeated + shared)
    changing = staging.list_ids(CHANGED)
    for batch in staging.list_spans():
        with task.database.reading() as connection:
            refuse(staging, import_writing.find_clashes(connection, kind, batch, changing))
        task.tell(*task.progress[1:])


def name_rows(
    task: Task,
    edit: Edit,
    rules: ImportRules,
    report: dict[str, Any],
    read: Callable[[SourceLine], ImportRow],
) -> None:
    """Add the names of their records to the changes and the refused rows of a report."""
    refused, changes = report["refused"], report["changes"]
    rows = [read(SourceLine(each["row"], each.pop("source"))) for each in refused]
    with task.database.reading() as connection:
        found = imports.find_matches(connection, edit, rows, rules.match)
        ids = [each.id if isinstance(each, RowMatch) else None for each in found]
        wanted = {id for id in (*ids, *(each["id"] for each in changes)) if id is not None}
        names = read_names(connection, edit, sorted(wanted))
    for each, id in zip(refused, ids, strict=True):
        each["name"] = names.get(id) if id is not None else None
    for each in changes:
        each["name"] = names.get(each["id"]) or (each["fields"].get(NAME) or [None, None])[1]


def read_names(connection: Connection, edit: Edit, ids: list[int]) -> dict[int, str]:
    """The names of records by id; the code of those without."""
    return {
        id: str(document.get(NAME) or document.get("code") or id)
        for id, version in bulk.find_shown(connection, edit.kind, ids, edit.day).items()
        for document in [decode(version.document)]
    }


def refuse(staging: Staging, faults: Sequence[tuple[int, Detail]]) -> None:
    """Refuse rows, each for its faults."""
    by_row: dict[int, list[Detail]] = {}
    for number, fault in faults:
        by_row.setdefault(number, []).append(fault)
    staging.refuse([(number, spell_faults(found)) for number, found in by_row.items()], REFUSED)


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
    "rows": {},
    "filename": "",
}
"""Default options of a dry run."""

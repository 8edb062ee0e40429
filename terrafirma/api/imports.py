"""`/imports`: upload a file, check it in the background, then commit the result."""

import filecmp
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from flask import Response, request
from pydantic import Field

from terrafirma.api.jobs import reply_job
from terrafirma.errors import Conflict, Hint, KeyReused, Malformed, NotFound, TooLarge
from terrafirma.formats.csv import CSV
from terrafirma.formats.json import JSON
from terrafirma.formats.source_file import check_encoding
from terrafirma.http.app.context import actor, principal, reading_local, state, writing_local
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_choice
from terrafirma.http.request.bodies import read_json
from terrafirma.http.request.idempotency import REPLAYED, REUSED, read_key
from terrafirma.register import jobs as rules
from terrafirma.register.jobs import ID, JobView
from terrafirma.register.log.imports import (
    BLANKS,
    CREATE_ONLY,
    UPDATE_ONLY,
    UPSERT,
    Corrections,
    Scalar,
    check_blanks,
    check_booleans,
    read_corrections,
)
from terrafirma.register.model.canonical_json import decode, digest, encode
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.storage.private_files import make_folder
from terrafirma.storage.work.jobs import CANCELLED, DONE, FAILED, Job, add_job_once, find_keyed

door = Door("imports")

PIECE = 1_000_000
LONGEST_NAME = 200
"""Characters of the name of a file that are kept."""
OVER = "The file is over {:,} bytes; TERRAFIRMA_MAX_IMPORT allows more."
OPTIONS = (
    "kind",
    "match",
    "mode",
    "create",
    "blanks",
    "decimal",
    "booleans",
    "sheet",
    "encoding",
    "delimiter",
    "map",
    "filename",
)


@dataclass
class ImportReport:
    """The result of a dry run: numbers of rows to create, change, keep and refuse, with the first
    of each."""

    kind: str
    file: dict[str, Any]
    columns: dict[str, str | None]
    counts: dict[str, int]
    errors: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    notes: list[str]
    """Further notes on the file."""
    hints: list[Hint]
    """Ways to read the file otherwise, such as its other sheets."""
    refused: list[dict[str, Any]]
    """The first refused rows: `row`, the `name` of the record it means, and its `cells` by column."""
    names: list[dict[str, str]]
    """Names in reference columns, and the codes that they were read as."""
    lock_seconds: float
    """About how long a commit of all rows keeps other writers waiting."""
    committed: dict[str, Any] | None
    """The result of the commit, once it is done."""
    undone: dict[str, Any] | None
    """The result of undoing the commit, once that is done."""


FILE = (("application/octet-stream", bytes), ("multipart/form-data", dict[str, Any]))


@door.route("POST", "/imports", Access.WRITE, OPTIONS, takes=FILE, gives=JobView, statuses=(202,))
def add_import() -> Response:
    """Check a file: 202 and the job. The register is not changed.

    The file is the body, or the file part of a form: CSV, TSV, XLSX, JSON, NDJSON or GeoJSON.
    """
    given = read_options()
    job = rules.make_job("import", given, actor())
    folder = state().settings.imports_path / job.id
    make_folder(folder, new=True)
    try:
        sent_as = save_upload(folder / "upload")
    except BaseException:
        # No job knows of it, so nothing would ever take it away.
        shutil.rmtree(folder)
        raise
    given["filename"] = (given["filename"] or sent_as)[:LONGEST_NAME]
    return reply_once(job._replace(arguments=encode(given).decode()), read_key())


def read_options() -> dict[str, Any]:
    """Options for reading the file. Raise Malformed if invalid."""
    columns: dict[str, str] = {}
    encoding = request.args.get("encoding", "")
    for text in request.args.getlist("map"):
        header, colon, path = text.rpartition(":")
        if not colon or not header:
            raise Malformed(
                "map must be a column and a field, as in Land:name, or Notes: to leave it out."
            )
        columns[header] = path
    return {
        "kind": read_choice("kind") or COUNTRY.name,
        "match": read_choice("match") or "auto",
        "mode": read_mode(),
        "blanks": check_blanks(request.args.get("blanks", BLANKS[0])),
        "decimal": read_choice("decimal") or ".",
        "booleans": check_booleans(request.args.get("booleans", "")),
        "sheet": request.args.get("sheet", ""),
        "encoding": encoding and check_encoding(encoding),
        "delimiter": read_choice("delimiter") or "",
        "columns": columns,
        "filename": request.args.get("filename", ""),
    }


def read_mode() -> str:
    """Return the mode that `mode` or `create` names; empty without either. Malformed where they disagree."""
    mode, create = read_choice("mode"), read_choice("create")
    named = {"yes": UPSERT, "no": UPDATE_ONLY}.get(create or "", "")
    if mode and named and mode != named and (mode, create) != (CREATE_ONLY, "yes"):
        raise Malformed(f"create={create} and mode={mode} do not agree.")
    return mode or named


def save_upload(path: Path) -> str:
    """Save the request's file, and return its name if a form gives it. Raise TooLarge above the
    limit, Malformed if it is missing or incomplete."""
    most = state().settings.max_import
    declared = request.content_length
    # A form has its own lines around the file; and one more, as for every body.
    request.max_content_length = most + PIECE + 1
    if declared is not None and declared > most + PIECE:
        raise TooLarge(OVER.format(most))
    stream: Any = request.stream
    name = ""
    if request.mimetype == "multipart/form-data":
        files = list(request.files.values())
        if len(files) != 1:
            raise Malformed(f"The form must have one file; it has {len(files)}.")
        stream, name = files[0].stream, files[0].filename or ""
    size = 0
    with path.open("wb") as file:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > most:
                raise TooLarge(OVER.format(most))
            file.write(piece)
    if not size or (stream is request.stream and declared is not None and size < declared):
        raise Malformed(
            "The file is empty."
            if not size
            else f"The file ended after {size:,} of {declared:,} bytes."
        )
    return name


def reply_once(job: Job, key: str | None) -> Response:
    """202 with a new job or, for a repeated Idempotency-Key, with the first one, for as long as it is remembered.

    Raise KeyReused if the key was used with another request.
    """
    if key is None:
        return reply_started(job)
    job = job._replace(key=f"once {digest([actor(), key])}")
    with writing_local() as connection:
        added = add_job_once(connection, job)
        first = job if added else find_keyed(connection, job.key or "") or job
    if added:
        state().queue.push(job.id)
    folder = state().settings.imports_path
    same = added or is_same_upload(folder / first.id, folder / job.id)
    if not added:
        shutil.rmtree(folder / job.id, ignore_errors=True)
    if (first.kind, first.arguments) != (job.kind, job.arguments) or not same:
        raise KeyReused(REUSED)
    response = reply_job(first, 202)
    response.headers["Location"] = f"/jobs/{first.id}"
    if not added:
        response.headers[REPLAYED] = "true"
    return response


def is_same_upload(first: Path, other: Path) -> bool:
    """Return True if two jobs have the same upload, or neither has any."""
    before, now = first / "upload", other / "upload"
    if before.is_file() and now.is_file():
        return filecmp.cmp(before, now, shallow=False)
    return not now.is_file()


def reply_started(job: Job) -> Response:
    """202 with a new job, or with the earlier job of the same key."""
    with writing_local() as connection:
        added = add_job_once(connection, job)
        shown = job if added else find_keyed(connection, job.key or "") or job
        if shown.state in (FAILED, CANCELLED):
            # Whoever asks now may have rights that the one before had not.
            shown = rules.retry(connection, shown.id, principal(), job.arguments)
    state().queue.push(shown.id)
    response = reply_job(shown, 202)
    response.headers["Location"] = f"/jobs/{shown.id}"
    return response


@door.route("GET", "/imports/<id>", Access.WRITE, gives=ImportReport)
def get_import(id: str) -> Response:
    """The result of a dry run: the file, the outcome of the rows, the first thousand errors and
    changes."""
    report: dict[str, Any] = decode(read_file(id, "report.json"))
    with reading_local() as connection:
        report |= {
            name: rules.view(job).result if job and job.state == DONE else None
            for name, act in (("committed", "commit"), ("undone", "undo"))
            for job in [find_keyed(connection, f"{act} {id}")]
        }
    return Response(encode(report) + b"\n", mimetype=JSON.media)


@door.route("GET", "/imports/<id>/errors", Access.WRITE, gives=((CSV.media, str),))
def get_import_errors(id: str) -> Response:
    """The refused rows as received, each preceded by its errors, to be corrected and sent again."""
    response = Response(read_file(id, "errors.csv"), mimetype=CSV.media)
    response.headers["Content-Disposition"] = f'attachment; filename="errors-{id}.csv"'
    return response


@door.route("POST", "/imports/<id>/commit", Access.WRITE, ("bad",), gives=JobView, statuses=(202,))
def commit_import(id: str) -> Response:
    """Write the result of a dry run: 202 and the job; the same job if repeated.

    All rows or none, unless `bad=skip` leaves out refused rows. The write uses your rights at that
    time and your name.
    """
    skip = read_choice("bad") == "skip"
    with reading_local() as connection:
        job = rules.find_own(connection, id, principal())
    tried = find_tried(job, skip)
    arguments = {"import": id, "kind": tried["kind"], "skip": skip}
    return reply_started(rules.make_job("commit-import", arguments, actor(), f"commit {id}"))


@dataclass
class ImportCorrections:
    """Rows of an uploaded file that were put right."""

    rows: Annotated[
        dict[str, dict[str, Scalar] | None],
        Field(min_length=1, json_schema_extra={"propertyNames": {"pattern": "^[0-9]+$"}}),
    ]
    """New cells by row and column, as in `{"4": {"area": "5"}}`; null leaves a row out."""


@door.route(
    "POST",
    "/imports/<id>/corrections",
    Access.WRITE,
    takes=ImportCorrections,
    gives=JobView,
    statuses=(202,),
)
def correct_import(id: str) -> Response:
    """Check the uploaded file again with some cells put right: 202 and the job of a new dry run.

    Earlier corrections of the file stay.
    """
    given = read_corrections(read_json())
    with reading_local() as connection:
        job = rules.find_own(connection, id, principal())
    return reply_once(correct(job, given), read_key())


def correct(tried: Job, rows: Corrections) -> Job:
    """A dry run of the same file with corrections. NotFound if the file is gone."""
    source = state().settings.imports_path / tried.id / "upload"
    if tried.kind != "import" or not source.is_file():
        raise NotFound(f'There is no uploaded file of an import "{tried.id}"; send it again.')
    given = rules.arguments_of(tried)
    before: Corrections = given.get("rows", {})
    merged = {
        number: None if cells is None else (before.get(number) or {}) | cells
        for number, cells in rows.items()
    }
    job = rules.make_job("import", given | {"rows": before | merged}, actor())
    folder = state().settings.imports_path / job.id
    make_folder(folder, new=True)
    os.link(source, folder / "upload")
    return job


@door.route(
    "POST", "/imports/<id>/undo", Access.WRITE, ("changed",), gives=JobView, statuses=(202,)
)
def undo_import(id: str) -> Response:
    """Undo what a commit wrote, as a single action: 202 and the job; the same job if repeated.

    Records that changed since stop it, unless `changed=skip` leaves them as they are.
    """
    skip = read_choice("changed") == "skip"
    with reading_local() as connection:
        rules.find_own(connection, id, principal())
        written = find_keyed(connection, f"commit {id}")
    result = rules.view(written).result if written else None
    if written is None or written.state != DONE or result is None or "entries" not in result:
        raise Conflict("The import was not committed, so there is nothing to undo.")
    kind = rules.arguments_of(written)["kind"]
    arguments = {"import": id, "kind": kind, "entries": result["entries"], "skip": skip}
    return reply_started(rules.make_job("undo-import", arguments, actor(), f"undo {id}"))


def find_tried(job: Job, skip: bool) -> dict[str, Any]:
    """The arguments of a dry run that can be committed. NotFound or Conflict."""
    if job.kind != "import":
        raise NotFound(f'There is no import "{job.id}".')
    shown = rules.view(job)
    if job.state != DONE or shown.result is None:
        raise Conflict(f"The dry run is not done: it is {job.state}.")
    refused = shown.result["counts"]["refused"]
    if refused and not skip:
        raise Conflict(
            f"{refused:,} rows were refused; correct them, or ask with bad=skip to leave them out.",
            hints=[Hint("bad", "skip", "leaves them out")],
        )
    return rules.arguments_of(job)


def read_file(id: str, name: str) -> bytes:
    """A file of an import. NotFound before its dry run is done, where it failed, and after it was forgotten."""
    path = state().settings.imports_path / id / name
    if not ID.fullmatch(id) or not path.is_file():
        raise NotFound(f'There is no report of an import "{id[:80]}"{explain_missing(id)}')
    return path.read_bytes()


def explain_missing(id: str) -> str:
    """Return why an import has no report, as the end of a sentence."""
    try:
        with reading_local() as connection:
            job = rules.find_own(connection, id, principal())
    except NotFound:
        return "."
    errors = rules.view(job).errors
    if job.state == FAILED and errors:
        return f"; its dry run failed: {errors[-1].message}"
    return f"; its dry run is {job.state}."

"""`/explore/imports`: an import without JavaScript, by forms that are passed on to the API."""

from typing import Any

from flask import Response, request, url_for

from terrafirma.errors import ApiError, Conflict, Forbidden, Malformed, NotFound, TooLarge
from terrafirma.http.app.api_client import call_inside, pass_on
from terrafirma.http.app.routes import Access, AnswerHeaders, Door
from terrafirma.http.response.assets import secure_page
from terrafirma.http.response.responses import vary_by
from terrafirma.register.jobs import ID
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.kinds import KINDS
from terrafirma.web.rendering import HTML, render_template

door = Door("import_pages")

PAGE = ((HTML, str),)
SENT: AnswerHeaders = {
    "takes": (("multipart/form-data", dict[str, Any]),),
    "gives": PAGE,
    "statuses": (303,),
    "foreign": True,
}
"""A form, which leads to a page."""
JSON = "application/json"
WAITING = ("queued", "running")
WHOLE_ROW = 2
"""Cells to correct where a fault is of no column."""
DEEDS = {"commit": "bad", "undo": "changed"}
"""Actions on an import, and the parameter that lets them skip rows."""
CELL = "cell"

Report = dict[str, Any]


@door.route("POST", "/explore/imports", Access.WRITE, **SENT)
def upload() -> Response:
    """Try out the file of a form as records of the kind that its button names."""
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        raise Malformed(f'kind: there is no kind "{kind[:80]}".')
    return lead_to_job(pass_on("/imports", f"kind={kind}"))


@door.route("GET", "/explore/imports/<id>", Access.WRITE, gives=PAGE, foreign=True)
def show_import(id: str) -> Response:
    """The outcome of a dry run, with the cells of refused rows to correct; the page reloads while a job is done."""
    check_id(id)
    job = ask("GET", f"/jobs/{check_id(request.args.get('job', id))}")
    waiting = job["state"] in WAITING
    report = None if waiting else find_report(id)
    text = render_template(
        "import.html",
        id=id,
        kinds=KINDS,
        job=job,
        waiting=waiting,
        report=report,
        repairs=list_repairs(report) if report else [],
    )
    # It is of the moment and for who may write, so it is kept nowhere.
    response = Response(text, mimetype=HTML, headers={"Cache-Control": "no-store"})
    vary_by(response, "Accept-Language")
    return secure_page(response)


@door.route("POST", "/explore/imports/<id>/corrections", Access.WRITE, **SENT)
def correct(id: str) -> Response:
    """Try out the file again with the cells that a form changes."""
    before = {
        name: value
        for repair in list_repairs(ask("GET", f"/imports/{check_id(id)}"))
        for name, _column, value, _faults in repair["cells"]
    }
    rows: dict[str, dict[str, str]] = {}
    for name, value in request.form.items():
        if name in before and value != before[name]:
            _cell, row, column = name.split(":", 2)
            rows.setdefault(row, {})[column] = value
    if not rows:
        raise Malformed("No cell is changed; go back and correct one.")
    body = encode({"rows": rows})
    return lead_to_job(call_inside("POST", f"/imports/{id}/corrections", body, JSON))


@door.route("POST", "/explore/imports/<id>/<any('commit', 'undo'):deed>", Access.WRITE, **SENT)
def act(id: str, deed: str) -> Response:
    """Commit an import, or undo it; `skip` leaves out what cannot be written or undone."""
    query = f"?{DEEDS[deed]}=skip" if request.form.get("skip") else ""
    answer = call_inside("POST", f"/imports/{check_id(id)}/{deed}{query}")
    return lead_to(id, job=read_answer(answer)["id"])


def check_id(id: str) -> str:
    """The id of a job. NotFound if it cannot be one."""
    if not ID.fullmatch(id):
        raise NotFound("There is no such import here.")
    return id


def lead_to_job(answer: Response) -> Response:
    """Redirect to the page of the dry run that the API began."""
    return lead_to(read_answer(answer)["id"])


def lead_to(id: str, job: str | None = None) -> Response:
    """Redirect to the page of an import."""
    address = url_for("import_pages.show_import", id=id, job=job)
    return Response(status=303, headers={"Location": address})


def ask(method: str, address: str) -> Report:
    """The API's answer to a request with the rights of this request."""
    return read_answer(call_inside(method, address))


def read_answer(answer: Response) -> Report:
    """The JSON of an answer. Raise its error if it has one."""
    value: Report = decode(answer.get_data())
    if answer.status_code >= 400:
        raise REFUSALS.get(answer.status_code, Malformed)(value["error"])
    return value


REFUSALS: dict[int, type[ApiError]] = {
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
}
"""Errors by the status of the API's answer; others are of the form."""


def find_report(id: str) -> Report | None:
    """The report of a dry run; None where it has none."""
    answer = call_inside("GET", f"/imports/{id}")
    return read_answer(answer) if answer.status_code == 200 else None


def list_repairs(report: Report) -> list[Report]:
    """The refused rows, each with its general faults and the cells to correct: name, column, value, faults."""
    faults: dict[int, list[Report]] = {}
    for error in report["errors"]:
        faults.setdefault(error["row"], []).append(error)
    return [
        make_repair(each, faults[each["row"]], list(report["columns"]))
        for each in report.get("refused", [])
        if each["row"] in faults
    ]


def make_repair(refused: Report, faults: list[Report], columns: list[str]) -> Report:
    """A refused row: the faults that are of no cell, and its faulty cells, or its first cells."""
    row, cells = refused["row"], refused["cells"]
    general = [each for each in faults if each["column"] not in cells]
    faulty = [each["column"] for each in faults if each["column"] in cells]
    first = [name for name in columns if name in cells][:WHOLE_ROW] if general else []
    return {
        "row": row,
        "name": refused.get("name"),
        "faults": [
            " ".join(part for part in (each["column"], each["message"]) if part) for each in general
        ],
        "cells": [
            (
                f"{CELL}:{row}:{column}",
                column,
                write_cell(cells[column]),
                [each["message"] for each in faults if each["column"] == column],
            )
            for column in dict.fromkeys([*faulty, *first])
        ],
    }


def write_cell(value: Any) -> str:
    """A cell as text."""
    return value if isinstance(value, str) else "" if value is None else encode(value).decode()

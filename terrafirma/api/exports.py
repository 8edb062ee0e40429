"""`/exports`: lists made into files in the background, to be downloaded whole or in ranges."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs

from flask import Response, current_app, request, send_file
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from terrafirma.api.imports import reply_once
from terrafirma.errors import Detail, Invalid, NotFound
from terrafirma.formats.offered import FORMATS, describe_answers, find_format, name_formats
from terrafirma.http.app.api_client import address_of, call_api
from terrafirma.http.app.context import actor, reading_local, record_export, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.bodies import read_json
from terrafirma.http.request.idempotency import read_key
from terrafirma.register import jobs as rules
from terrafirma.register.jobs import JobView
from terrafirma.register.model.kinds import KINDS
from terrafirma.register.model.validation import details_of
from terrafirma.storage.work.jobs import DONE

door = Door("exports")


class ExportBody(BaseModel):
    """An export request: a kind, a query and a format."""

    model_config = ConfigDict(strict=True, extra="forbid")

    kind: Annotated[
        str, Field(json_schema_extra={"enum": list(KINDS)}, description="The kind of records.")
    ] = "country"
    format: Annotated[
        str,
        Field(json_schema_extra={"enum": [*name_formats()]}, description="The format."),
    ]
    query: Annotated[
        str,
        Field(
            max_length=8000, description="As in the address of a list: `region=Asia&fields=name`."
        ),
    ] = "fields=*"


BODY = TypeAdapter(ExportBody)
FILE = describe_answers(FORMATS, Any, many=True)


@door.route("POST", "/exports", Access.WRITE, takes=ExportBody, gives=JobView, statuses=(202,))
def add_export() -> Response:
    """Export a list to a file: 202 and the job, whose result names the file."""
    body = read_json()
    try:
        asked = BODY.validate_python(body)
    except ValidationError as error:
        raise Invalid(
            "The export is not valid.", details_of(error, tuple(ExportBody.model_fields))
        ) from None
    check_choice("kind", asked.kind, list(KINDS))
    check_choice("format", asked.format, name_formats())
    find_format(asked.format).check()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    # One row is enough to hear of faults; a query that names how many it wants is asked as it is.
    one = {} if "limit" in parse_qs(asked.query) else {"limit": 1}
    call_api(app, address_of(asked.kind, asked.query, asked.format, **one))
    record_export({"path": request.path, "kind": asked.kind, "query": asked.query})
    return reply_once(rules.make_job("export", asked.model_dump(), actor()), read_key())


def check_choice(field: str, value: str, choices: Sequence[str]) -> None:
    """Raise Invalid for a value that is none of the choices."""
    if value not in choices:
        rule = f"must be one of {', '.join(choices)}"
        raise Invalid("The export is not valid.", [Detail(field, rule, "choice")])


@door.route("GET", "/exports/<id>/file", Access.WRITE, gives=FILE)
def get_export_file(id: str) -> Response:
    """The file of an export, whole or the `Range` that is asked for, until its job is forgotten."""
    with reading_local() as connection:
        job = rules.find_job(connection, id)
    result = rules.view(job).result
    if job.kind != "export" or job.state != DONE or result is None:
        raise NotFound(f"There is no file of an export {id[:80]}: it may not be done yet.")
    path = state().settings.exports_path / job.id / result["name"]
    if not path.is_file():
        raise NotFound("The file is gone; export again.")
    form = find_format(path.suffix.removeprefix("."))
    return send_file(
        path, mimetype=form.media, as_attachment=True, conditional=True, etag=result["sha256"]
    )

"""Write routes of every collection: create, replace, patch and delete records."""

import re
from typing import Any

from flask import Response, request

from terrafirma.errors import Invalid, NotFound
from terrafirma.http.app.context import actor, state, writing
from terrafirma.http.request.arguments import read_choice, read_day
from terrafirma.http.request.bodies import JSON_PATCH, read_json, read_patch
from terrafirma.http.request.idempotency import answer_once, read_key
from terrafirma.http.request.languages import prefer_own_names
from terrafirma.http.response.responses import check_match, reply_json
from terrafirma.register.log import bulk, changes
from terrafirma.register.log.changes import Edit
from terrafirma.register.log.identifiers import Moment, find, find_by_id
from terrafirma.register.log.json_patch import PatchLimits, check_operations
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.strict_json import Limits
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.records import Version


def add_record(kind: Kind) -> Response:
    """Make a record from a JSON object: 201, its address and the record with its new id. An array makes many.

    With an Idempotency-Key, the same request again gets the first answer again.
    """
    key, body = read_key(), read_json()
    with writing() as connection:
        return answer_once(connection, key, body, lambda: make_records(connection, kind, body))


def make_records(connection: Connection, kind: Kind, body: Any) -> Response:
    """Handle a POST and return its answer."""
    check_list(connection)
    edit = Edit(kind, actor(), today())
    if isinstance(body, list):
        return reply_many(connection, kind, bulk.create_all(connection, edit, body), 201)
    return reply_created(kind, changes.create(connection, edit, body))


def put_records(kind: Kind) -> Response:
    """Replace or create the records of an array, by their codes."""
    body, edit = read_json(), read_edit(kind)
    if not isinstance(body, list):
        raise Invalid(
            f"PUT takes an array of {kind.plural} here, or one {kind.name} at /{kind.plural}/{{key}}."
        )
    with writing() as connection:
        check_list(connection)
        ids = bulk.put_all(
            connection,
            edit,
            body,
            lambda bodies, shown: prefer_own_names(
                connection, kind, bodies, shown, Moment(today())
            ),
        )
        return reply_many(connection, kind, ids, 200)


def replace_record(kind: Kind, key: str) -> Response:
    """Replace a record; an unknown code in the address creates a new record if it can be set."""
    body, edit = read_json(), read_edit(kind)
    with writing() as connection:
        version = find_for_put(connection, kind, key)
        check_match(version.mark if version else None)
        if version is None:
            return reply_created(
                kind, changes.create_named(connection, edit, *name_new(kind, key), body)
            )
        [body] = prefer_own_names(
            connection, kind, [body], [decode(version.document)], Moment(today())
        )
        changes.replace(connection, edit, version, keep_named(kind, key, body, version))
        return reply_changed(connection, kind, version.id)


def patch_record(kind: Kind, key: str) -> Response:
    """Apply a JSON merge patch (RFC 7396) or the operations of a JSON Patch (RFC 6902)."""
    (form, body), edit = read_patch(), read_edit(kind)
    operations = check_operations(body) if form == JSON_PATCH else None
    with writing() as connection:
        version = find(connection, kind, key, Moment(today()))
        check_match(version.mark)
        if operations is None:
            changes.patch(connection, edit, version, body)
        else:
            changes.operate(connection, edit, version, operations, read_limits())
        return reply_changed(connection, kind, version.id)


def delete_record(kind: Kind, key: str) -> Response:
    """Take a record out of the register; its history stays. It must not be named by others, unless they go with it."""
    dependents = read_choice("dependents") is not None
    with writing() as connection:
        version = find(connection, kind, key, Moment(today()))
        check_match(version.mark)
        changes.remove(connection, Edit(kind, actor(), today()), version, dependents)
    return Response(status=204)


def check_list(connection: Connection) -> None:
    """Raise PreconditionFailed unless If-Match and If-None-Match allow a write to the list."""
    if "If-Match" in request.headers or "If-None-Match" in request.headers:
        check_match(read_head(connection).mark, "list")


def read_edit(kind: Kind) -> Edit:
    """The actor, and the day of a change: today, or a new period from `effective`."""
    effective = read_day("effective") if request.args else None
    return Edit(kind, actor(), effective or today(), effective is not None)


def read_limits() -> PatchLimits:
    """Limits on a record's growth by patch operations: those of a body."""
    settings = state().settings
    return PatchLimits(Limits(settings.max_depth, settings.max_items), settings.max_body)


def find_for_put(connection: Connection, kind: Kind, key: str) -> Version | None:
    """The record that a PUT replaces; None if its key is a free code."""
    try:
        return find(connection, kind, key, Moment(today()))
    except NotFound:
        if kind.keys and kind.keys_like(key)[:1] == kind.keys[:1]:
            return None
        raise


def name_new(kind: Kind, key: str) -> tuple[str, str]:
    """The field that a new record's address gives, and the code in it: as it is written, or in capitals."""
    field = kind.keys[0]
    return field, key if re.fullmatch(kind.patterns[field].pattern, key, re.ASCII) else key.upper()


def keep_named(kind: Kind, key: str, body: Any, version: Version) -> Any:
    """A body that is silent on the kind of code its address names keeps the record's."""
    field = next(iter(kind.keys_like(key)), None)
    if field is None or not isinstance(body, dict):
        return body
    dated = body.get("dated")
    spoken = field in body or (isinstance(dated, dict) and field in dated)
    held = decode(version.document).get(field)
    return body if spoken or held is None else body | {field: held}


def reply_many(connection: Connection, kind: Kind, ids: list[int], status: int) -> Response:
    """Records as they now are, in the order they came in."""
    shown = bulk.find_shown(connection, kind, ids, today())
    return reply_json([decode(shown[id].document) for id in ids], status)


def reply_changed(connection: Connection, kind: Kind, id: int) -> Response:
    """A record as it now is."""
    version = find_by_id(connection, kind, id, Moment(today()))
    return reply_json(decode(version.document), mark=version.mark)


def reply_created(kind: Kind, version: Version) -> Response:
    """201 with the new record and its address."""
    response = reply_json(decode(version.document), 201, mark=version.mark)
    response.headers["Location"] = f"/{kind.plural}/{version.id}"
    return response

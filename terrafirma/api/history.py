"""`{key}/entries`, `/diff` and `/revert` of every collection: a record's history, differences, and
reverting."""

from typing import Any

from flask import Response

from terrafirma.api.changes import reply_changed
from terrafirma.api.entries import make_stretch, reply_entries
from terrafirma.http.app.context import actor, reading, writing
from terrafirma.http.app.parameters import ENTRY_FIELDS
from terrafirma.http.request.arguments import read_choice, read_day, read_moment, read_state
from terrafirma.http.request.bodies import read_json
from terrafirma.http.request.idempotency import answer_once, read_key
from terrafirma.http.response.responses import check_match, reply_json
from terrafirma.register.log.changes import Edit
from terrafirma.register.log.diff import compare, compare_on
from terrafirma.register.log.history import document_of
from terrafirma.register.log.identifiers import Moment, find_id_ever
from terrafirma.register.log.revert import read_target, revert
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import StrictModel, fact
from terrafirma.register.model.values import Day
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import (
    EntryRange,
    EntryRow,
    find_last_entry,
    read_head,
    read_last_entry,
)


class Difference(StrictModel):
    """A field with a different value. Absent `before` or `after`: no value; no days: all days."""

    field: str
    from_: Day = fact("First day of which this is told.", alias="from")
    to: Day = fact("First day of which it is no longer told.")
    before: Any = None
    after: Any = None


class State(StrictModel):
    """The entry that made a record's state."""

    entry: int
    at: str
    actor: str
    action: str


class Differences(StrictModel):
    """Differences between two states of a record; null: it did not exist."""

    kind: str
    id: int
    from_: State | None = fact("The older state.", alias="from")
    to: State | None = fact("The newer one.")
    changes: list[Difference]


def list_record_entries(kind: Kind, key: str) -> Response:
    """Entries of a record, including deleted records: actors, times and changes.

    `changes` lists the differences between `before` and `after` by field.
    """

    def find_stretch(connection: Connection) -> EntryRange:
        moment = read_moment(connection)
        return make_stretch(moment, kind.name, find_id_ever(connection, kind, key, moment))

    return reply_entries(find_stretch, ENTRY_FIELDS)


def get_record_diff(kind: Kind, key: str) -> Response:
    """Differences between two states of a record by field; by default those of its last change.

    With `on`, only for that day.
    """
    on = read_day("on")
    with reading() as connection:
        older, newer = read_state(connection, "from"), read_state(connection, "to")
        head = read_head(connection)
        number, _ = newer = newer or (head.number, today())
        last, day = max(newer, older or newer)
        id = find_id_ever(connection, kind, key, Moment(day, last))
        to = find_last_entry(connection, kind.name, id, number)
        from_ = find_last_entry(
            connection, kind.name, id, older[0] if older else to.number - 1 if to else 0
        )
    before, after = (document_of(row.after) if row else None for row in (from_, to))
    changes = compare_on(before, after, on) if on else compare(before, after)
    told = {
        "kind": kind.name,
        "id": id,
        "from": view_state(from_),
        "to": view_state(to),
        "changes": changes,
    }
    return reply_json(told, mark=head.mark)


def view_state(row: EntryRow | None) -> dict[str, Any] | None:
    """The entry that made a state, in short."""
    return (
        {"entry": row.number, "at": row.at, "actor": row.actor, "action": row.action}
        if row
        else None
    )


def revert_record(kind: Kind, key: str) -> Response:
    """Restore the state after one of a record's entries; a deleted record comes back with its id
    and history.

    For a deletion, the deleted state is restored. The restoration is a new entry.
    """
    idempotency_key, body = read_key(), read_json()
    number, dependents = read_target(body), read_choice("gone_dependents") is not None
    with writing() as connection:
        return answer_once(
            connection,
            idempotency_key,
            body,
            lambda: run_revert(connection, kind, key, number, dependents),
        )


def run_revert(
    connection: Connection, kind: Kind, key: str, number: int, dependents: bool
) -> Response:
    """The answer to a revert, after doing it."""
    id = find_id_ever(connection, kind, key, Moment(today()))
    last = read_last_entry(connection, kind.name, id)
    check_match(last.mark if last.after is not None else None)
    revert(connection, Edit(kind, actor(), today()), last, number, dependents=dependents)
    return reply_changed(connection, kind, id)

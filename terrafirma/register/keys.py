"""What names a record: ids and codes in URLs, and what no two records may hold on the same day."""

import re
import unicodedata
from dataclasses import dataclass

from terrafirma.errors import Conflict, Detail, NotFound
from terrafirma.register.canonical import decode, digest
from terrafirma.register.kinds import Kind
from terrafirma.register.timelines import State
from terrafirma.storage import records
from terrafirma.storage.database import Connection
from terrafirma.storage.records import KeySpan, Version

ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
LONGEST = 1000
"""Bytes of a key; PostgreSQL's indexes hold little more than twice that, and folding lengthens some names."""


@dataclass(frozen=True)
class Moment:
    """When a read is about: the day it was true on, and the entry it was said as of (None: now)."""

    on: str
    as_of: int | None = None
    strict: bool = False
    """Whether the day was asked for: a record that did not exist then is not found."""


def fold(field: str, value: str) -> str:
    """The form in which two spellings of a code or name are the same."""
    if field != "name":
        return value.upper()
    folded = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return folded if len(folded.encode()) <= LONGEST else digest(folded)


def spans_of(kind: Kind, id: int, states: list[State]) -> list[KeySpan]:
    """Every code and name in a record's states with the days it holds them, touching spans joined."""
    spans: list[KeySpan] = []
    for field in kind.unique:
        held: list[KeySpan] = []
        for start, end, state in states:
            if field not in state:
                continue
            span = KeySpan(field, fold(field, state[field]), id, start, end)
            if held and held[-1].key == span.key and held[-1].valid_to == start:
                span = span._replace(valid_from=held.pop().valid_from)
            held.append(span)
        spans += held
    return spans


def find_id(connection: Connection, kind: Kind, key: str, moment: Moment) -> int:
    """The id a URL's key means: itself, or the code's holder on the day, else its last holder."""
    if ID.fullmatch(key):
        return int(key)
    spans = []
    if fields := kind.keys_like(key):
        spans = records.find_keys(connection, kind.name, fields, key.upper(), moment.as_of)
    for span in spans:
        if span.valid_from <= moment.on < span.valid_to:
            return span.id
    if moment.strict or not spans:
        raise missing(kind, key, moment)
    return max(spans, key=lambda span: span.valid_to).id


def find_id_ever(connection: Connection, kind: Kind, key: str, moment: Moment) -> int:
    """The id a key means at a moment or, for a record that was deleted by then, meant last."""
    try:
        id = find_id(connection, kind, key, moment)
    except NotFound:
        fields = kind.keys_like(key)
        id = records.find_last_id(connection, kind.name, fields, key.upper(), moment.as_of) if fields else 0
    if not records.exists_ever(connection, kind.name, id, moment.as_of):
        raise missing(kind, key, moment)
    return id


def find(connection: Connection, kind: Kind, key: str, moment: Moment) -> Version:
    """The state of the record that a key names; without a day asked for, a former record's last one."""
    return find_by_id(connection, kind, find_id(connection, kind, key, moment), moment)


def find_by_id(connection: Connection, kind: Kind, id: int, moment: Moment) -> Version:
    """The state of a record; without a day asked for, a former record's last one."""
    version = records.find_version(connection, kind.name, id, moment.on, moment.as_of)
    if version is None and not moment.strict:
        version = records.find_nearest_version(connection, kind.name, id, moment.on, moment.as_of)
    if version is None:
        raise missing(kind, str(id), moment)
    return version


def missing(kind: Kind, key: str, moment: Moment) -> NotFound:
    """The refusal for a key that names nothing."""
    when = f" on {moment.on}" if moment.strict else ""
    when += f" as of entry {moment.as_of}" if moment.as_of is not None else ""
    return NotFound(f'No {kind.name} has the {kind.keys_told} "{key[:80]}"{when}.')


def refuse_taken(connection: Connection, kind: Kind, id: int, spans: list[KeySpan]) -> None:
    """Conflict if another record holds one of these codes or names on one of these days."""
    holders = records.find_holders(connection, kind.name, id, spans)
    if not holders:
        return
    details = [Detail(holder.field, tell_holder(connection, kind, holder), "taken") for holder in holders]
    raise Conflict(f"Taken: {'; '.join(f'{each.field} {each.message}' for each in details)}.", details)


def tell_holder(connection: Connection, kind: Kind, holder: KeySpan) -> str:
    """Who has a code or name that another asks for."""
    version = records.find_version(connection, kind.name, holder.id, holder.valid_from, None)
    state = decode(version.document) if version else {}
    return f'"{state.get(holder.field, holder.key)}" belongs to {state.get("name")}, id {holder.id}'

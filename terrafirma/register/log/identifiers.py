"""Identifiers: ids and codes in URLs, and the values that must be unique on a day."""

import re
import unicodedata
from dataclasses import dataclass

from terrafirma.errors import Conflict, Detail, Hint, Invalid, NotFound
from terrafirma.register.log.sort_keys import APOSTROPHES, sort_key
from terrafirma.register.model.canonical_json import decode, digest
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import OTHER_CODES, Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import BEGINNING, FOREVER, State
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.found import find_term
from terrafirma.storage.register.records import KeySpan, Version

ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
APOSTROPHE = str.maketrans(dict.fromkeys(APOSTROPHES.replace("\u00b4", ""), "'"))
"""Spellings of an apostrophe; NFKC has already made another character of an acute accent."""
LONGEST = 1000
"""Bytes of a key; PostgreSQL's indexes hold little more than twice that, and folding lengthens some names."""
LONGEST_CODE = 4
"""Letters of a code without digits or dashes; what is longer may be meant as a name."""


@dataclass(frozen=True)
class Moment:
    """The time of a read: the day it was true on, and the entry as of which it was recorded (None:
    now)."""

    on: str
    as_of: int | None = None
    strict: bool = False
    """True if the client asked for a day: a record that did not exist then is not found."""


def fold_identifier(field: str, value: str) -> str:
    """The form in which two spellings of a code or name are the same."""
    if field != "name":
        return value.upper()
    plain = value.lower() if value.isascii() else unicodedata.normalize("NFKC", value).casefold()
    folded = " ".join(plain.translate(APOSTROPHE).split())
    return folded if len(folded.encode()) <= LONGEST else digest(folded)


PLUS = "+"
"""Between the fields that are unique together."""


def key_in(field: str, state: Document) -> str | None:
    """The folded key of a state in a field, or in several fields together; None if any is absent."""
    if PLUS not in field:
        return fold_identifier(field, state[field]) if field in state else None
    parts = field.split(PLUS)
    return (
        PLUS.join(fold_identifier(part, state[part]) for part in parts)
        if state.keys() >= set(parts)
        else None
    )


def spans_of(kind: Kind, id: int, states: list[State]) -> list[KeySpan]:
    """Every code and name in a record's states with the days it holds them, touching spans joined."""
    spans: list[KeySpan] = []
    for field in kind.unique:
        held: list[KeySpan] = []
        for start, end, state in states:
            key = key_in(field, state)
            if key is None:
                continue
            span = KeySpan(field, key, id, start, end)
            if held and held[-1].key == span.key and held[-1].valid_to == start:
                span = span._replace(valid_from=held.pop().valid_from)
            held.append(span)
        spans += held
    return spans


def find_id(connection: Connection, kind: Kind, key: str, moment: Moment) -> int:
    """The id a URL's key means: the code's holder on the day, else its last holder; where it is no code, itself.

    For a day that was asked for, a code of another day means its last holder that exists on it.
    """
    spans = []
    if fields := kind.keys_like(key):
        spans = records.find_keys(connection, kind.name, fields, key.upper(), moment.as_of)
    if not spans and ID.fullmatch(key):
        return int(key)
    for span in spans:
        if span.valid_from <= moment.on < span.valid_to:
            return span.id
    # Of another day's code: who is there on this one, the latest holder first.
    spans.sort(key=lambda span: span.valid_to, reverse=True)
    for span in spans:
        if not moment.strict or records.find_version(
            connection, kind.name, span.id, moment.on, moment.as_of
        ):
            return span.id
    raise missing(connection, kind, key, moment)


def find_id_ever(connection: Connection, kind: Kind, key: str, moment: Moment) -> int:
    """The id a key means at a moment or, for a record that was deleted by then, meant last."""
    try:
        id = find_id(connection, kind, key, moment)
    except NotFound:
        id = 0
    if (fields := kind.keys_like(key)) and not records.exists_ever(
        connection, kind.name, id, moment.as_of
    ):
        id = records.find_last_id(connection, kind.name, fields, key.upper(), moment.as_of)
    if not records.exists_ever(connection, kind.name, id, moment.as_of):
        raise missing(connection, kind, key, moment)
    return id


def find(connection: Connection, kind: Kind, key: str, moment: Moment) -> Version:
    """Find the state of the record that a key names; without an explicit day, the last state of a
    former record."""
    return find_by_id(connection, kind, find_id(connection, kind, key, moment), moment)


def find_by_id(connection: Connection, kind: Kind, id: int, moment: Moment) -> Version:
    """Find the state of a record by id; without an explicit day, the last state of a former record."""
    version = records.find_version(connection, kind.name, id, moment.on, moment.as_of)
    if version is None and not moment.strict:
        version = records.find_nearest_version(connection, kind.name, id, moment.on, moment.as_of)
    if version is None:
        raise missing(connection, kind, str(id), moment)
    return version


def missing(connection: Connection, kind: Kind, key: str, moment: Moment) -> NotFound:
    """The NotFound error for a key that names no record."""
    when = f" on {moment.on}" if moment.strict else ""
    when += f" as of entry {moment.as_of}" if moment.as_of is not None else ""
    meant = find_by_other_code(connection, kind, key)
    named = kind.keys and len(key) > LONGEST_CODE and "".join(key.split()).isalpha()
    hint = f"; GET /resolve finds {kind.plural} by name" if named else ""
    hint = f'; use "{meant}"' if meant else hint
    return NotFound(
        f'No {kind.name} has the {kind.keys_told} "{key[:80]}"{when}{hint}.',
        hints=[Hint(value=meant)] if meant else [],
    )


def find_by_other_code(connection: Connection, kind: Kind, key: str) -> str:
    """The key of the record that has another code, such as a number or the UK of GB, or an empty text."""
    if not key.isprintable():
        # PostgreSQL takes no NUL.
        return ""
    meant = OTHER_CODES.get(kind.name, {}).get(key.upper(), key)
    for field in () if meant == key else kind.keys:
        if find_term(connection, kind.name, field, sort_key(meant)) is not None:
            return meant
    for field in kind.other_codes:
        id = find_term(connection, kind.name, field, sort_key(key))
        version = id and records.find_version(connection, kind.name, id, today(), None)
        document = decode(version.document) if version else {}
        if found := next((document[each] for each in kind.keys if each in document), ""):
            return str(found)
    return ""


def refuse_taken(connection: Connection, kind: Kind, id: int, spans: list[KeySpan]) -> None:
    """Raise Conflict if another record holds any of these codes or names on any of these days."""
    details = [
        describe_holder(connection, kind, each)
        for each in records.find_holders(connection, kind.name, id, spans)
    ]
    if any(each.code == "overlap" for each in details):
        raise Invalid(f"The {kind.name} is not valid.", details)
    if details:
        raise Conflict(
            f"Taken: {'; '.join(f'{each.field} {each.message}' for each in details)}.", details
        )


def describe_holder(connection: Connection, kind: Kind, holder: KeySpan) -> Detail:
    """The fault for a code or name that another record holds, or for records that overlap on some
    days."""
    if kind.declares:
        return Detail("name", f"is that of {kind.name} {holder.id} already", "taken")
    if PLUS in holder.field:
        return describe_overlap(holder.field, f"{kind.name} {holder.id}, {describe_days(holder)}")
    # A code may have been held for long: the holder is known by the name it has now.
    holds_now = holder.valid_from <= today() < holder.valid_to
    on = today() if holds_now else holder.valid_from
    version = records.find_version(connection, kind.name, holder.id, on, None)
    state = decode(version.document) if version else {}
    message = (
        f'"{state.get(holder.field, holder.key)}" belongs to {state.get("name")}, id {holder.id}'
    )
    return Detail(holder.field, message, "taken")


def describe_overlap(field: str, other: str) -> Detail:
    """The fault for a record that exists on the same days as another, named in the message."""
    return Detail(
        "from", f"must not overlap {other}, of the same {field.replace(PLUS, ' and ')}", "overlap"
    )


def describe_days(span: KeySpan) -> str:
    """The days of a span, in words."""
    start = f"from {span.valid_from}" if span.valid_from != BEGINNING else "from ever"
    return f"{start} to {span.valid_to}" if span.valid_to != FOREVER else f"{start} on"

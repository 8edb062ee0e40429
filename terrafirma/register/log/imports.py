"""Match the rows of a file to records and decide each row's change.

A row is a merge patch: its values are set, null removes, other fields stay. A row is matched by its
codes, then its id, then its name. Nothing is written here; `write_rows` writes the decisions if the
records have not changed since.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from terrafirma.errors import Detail, Hint, Invalid, Malformed
from terrafirma.register.log import bulk
from terrafirma.register.log.changes import (
    Edit,
    day_within,
    drafted,
    merge,
    new_document,
    patched,
)
from terrafirma.register.log.history import Draft
from terrafirma.register.log.identifiers import ID, describe_holder, fold_identifier, spans_of
from terrafirma.register.log.name_hints import NameHints
from terrafirma.register.log.references import find_unknown
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import KINDS, Kind
from terrafirma.register.model.members import EXTRA
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import KNOWN_FROM, fields_on, nest
from terrafirma.register.model.validation import closest
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.entries import read_entries
from terrafirma.storage.register.records import KeySpan, Version

CREATED, CHANGED, UNCHANGED, REFUSED = "created", "changed", "unchanged", "refused"
OUTCOMES = (CREATED, CHANGED, UNCHANGED, REFUSED)

AUTO, BY_ID = "auto", "id"
NAME = "name"
UPSERT, UPDATE_ONLY, CREATE_ONLY = "upsert", "update-only", "create-only"
MODES = (UPSERT, UPDATE_ONLY, CREATE_ONLY)
MATCHES = tuple(
    dict.fromkeys((AUTO, BY_ID, NAME, *(key for kind in KINDS.values() for key in kind.keys)))
)
"""How the record of a row is found."""
BLANKS = ("keep", "clear")
"""Meanings of an empty cell."""

Scalar = str | int | float | bool | None
Corrections = dict[str, dict[str, Scalar] | None]
"""New cells of a file by its row's number and by column; None leaves the row out."""


class ImportRules(NamedTuple):
    """Rules that match a row to a record, and allow it to be made or changed."""

    match: str = AUTO
    mode: str = ""
    """A single of MODES. Without one, new records need a code of their own: an unknown name makes
    none."""
    finding: frozenset[str] = frozenset()
    """Fields whose columns find records and do not change them."""


class ImportRow(NamedTuple):
    """A row of a file: its number as an editor shows it, its patch, and the cells that could not be
    read."""

    number: int
    patch: Any
    faults: list[Detail]


class RowMatch(NamedTuple):
    """The record that a row means, None for a new one, and the field that found it."""

    id: int | None
    field: str = ""


class RowDecision(NamedTuple):
    """The decision for a row: the resulting document, and the entry of the record it was decided
    on."""

    number: int
    outcome: str
    id: int | None = None
    entry: int | None = None
    after: Document | None = None
    changes: dict[str, list[Any]] = {}  # noqa: RUF012 - never written to
    """By field: the old and the new value."""
    spans: tuple[KeySpan, ...] = ()
    faults: tuple[Detail, ...] = ()


class FoundRecord(NamedTuple):
    """A record that a row means, as it is."""

    version: Version
    stored: Document


def decide_rows(
    connection: Connection, edit: Edit, rows: Sequence[ImportRow], rules: ImportRules
) -> list[RowDecision]:
    """Decide rows one by one; conflicts between rows are found later."""
    edit = edit.within(connection)
    matches = find_matches(connection, edit, rows, rules.match)
    known = sorted(
        {each.id for each in matches if isinstance(each, RowMatch) and each.id is not None}
    )
    versions = bulk.find_shown(connection, edit.kind, known, edit.day)
    entries = read_entries(connection, [version.entry for version in versions.values()])
    found = {
        id: FoundRecord(each, decode(entries[each.entry].after or "null"))
        for id, each in versions.items()
    }
    hints = NameHints(connection, edit.kind)
    decisions = [
        decide(edit, row, match, found, rules, hints)
        for row, match in zip(rows, matches, strict=True)
    ]
    return refuse_unknown(connection, edit.kind, decisions)


def refuse_unknown(
    connection: Connection, kind: Kind, decisions: list[RowDecision]
) -> list[RowDecision]:
    """Mark rows as refused if they refer to records of other kinds that do not exist.

    References to records of the same kind are checked when the file is written, since it may
    contain them.
    """
    drafts = [Draft(each.outcome, kind.name, each.id or 0, None, each.after) for each in decisions]
    own = {reference.field for reference in kind.references if reference.kind == kind.name}
    faults = find_unknown(connection, kind, drafts) if kind.references else [[] for _ in drafts]
    told = [tuple(detail for detail in found if detail.field not in own) for found in faults]
    return [
        RowDecision(each.number, REFUSED, faults=found) if found else each
        for each, found in zip(decisions, told, strict=True)
    ]


def decide(
    edit: Edit,
    row: ImportRow,
    match: RowMatch | Detail,
    found: dict[int, FoundRecord],
    rules: ImportRules,
    hints: NameHints,
) -> RowDecision:
    """Decide one row: for its record, for a new record, or as a fault if the match is unclear."""
    faults = [*row.faults, *([match] if isinstance(match, Detail) else [])]
    if faults or isinstance(match, Detail):
        return RowDecision(row.number, REFUSED, faults=tuple(faults))
    if fault := find_forbidden(edit.kind, row.patch, match, rules, hints):
        return RowDecision(row.number, REFUSED, faults=(fault,))
    try:
        if match.id is None:
            return decide_new(edit, row)
        finding = rules.finding | {match.field} if match.field == NAME else rules.finding
        return decide_change(edit, row, found[match.id], finding)
    except Invalid as refusal:
        details = refusal.details or [Detail("", refusal.sentence)]
        return RowDecision(row.number, REFUSED, faults=tuple(details))


def find_forbidden(
    kind: Kind, patch: Any, match: RowMatch, rules: ImportRules, hints: NameHints
) -> Detail | None:
    """Return the fault of a row that would make or change a record against the rules."""
    if match.id is not None:
        return tell_existing(kind, match) if rules.mode == CREATE_ONLY else None
    if rules.mode in (UPSERT, CREATE_ONLY) or not isinstance(patch, dict):
        return None
    name = patch.get(NAME)
    coded = any(isinstance(patch.get(key), str) for key in kind.keys)
    if rules.mode == UPDATE_ONLY:
        field = next((key for key in (*kind.keys, NAME) if isinstance(patch.get(key), str)), "")
        told = f' "{patch[field][:80]}"' if field else ""
        near = hints.suggest(patch[field]) if field == NAME else ""
        return Detail(field, f"finds no {kind.name}{told}, and none is made{near}", "unknown")
    if coded or not isinstance(name, str) or NAME not in kind.unique:
        return None
    rule = f'finds no {kind.name} "{name[:80]}"{hints.suggest(name)}'
    hint = Hint("create", "yes", "makes records of new names")
    return Detail.advised(NAME, rule, "unknown", hint)


def tell_existing(kind: Kind, match: RowMatch) -> Detail:
    """Return the fault of a row that means a record which is there, where only new ones are made."""
    return Detail(match.field, f"is {kind.name} {match.id}, which is there already", "taken")


def decide_new(edit: Edit, row: ImportRow) -> RowDecision:
    """A new record."""
    body = row.patch
    if isinstance(body, dict):
        # Within an attribute null is a value, as in what was exported.
        body = merge({}, body) | with_attributes(body, lambda _, value: value is not None)
    draft = drafted(edit.kind, "create", 0, None, new_document(edit.kind, body))
    after = draft.after or {}
    changes = {name: [None, value] for name, value in after.items() if name != "id"}
    return RowDecision(
        row.number, CREATED, None, None, after, changes, tuple(spans_of(edit.kind, 0, draft.states))
    )


def with_attributes(patch: Document, keeps: Callable[[str, Any], bool]) -> Document:
    """Return `extra` with those of its attributes that are kept; nothing where the patch has none.

    A merge patch takes a null within an attribute for a removal, so what was exported would not come
    back unchanged.
    """
    extra = patch.get(EXTRA)
    if not isinstance(extra, dict):
        return {}
    return {EXTRA: {name: value for name, value in extra.items() if keeps(name, value)}}


def decide_change(
    edit: Edit, row: ImportRow, found: FoundRecord, finding: frozenset[str]
) -> RowDecision:
    """Decide a row for an existing record: the document with the row's changes.

    finding: fields that found the record, which the row does not change.
    """
    version, stored = found
    patch = row.patch
    if isinstance(patch, dict) and finding:
        patch = {name: value for name, value in patch.items() if name not in finding}
    if isinstance(patch, dict) and EXTRA in patch:
        own = nest(fields_on(stored, day_within(stored, version, edit))).get(EXTRA, {})
        patch = patch | with_attributes(
            patch, lambda name, value: name not in own or not same_values(own[name], value)
        )
    after = {"id": version.id} | patched(edit, version, stored, patch)
    if same_values(stored, after):
        return RowDecision(row.number, UNCHANGED, version.id, version.entry)
    draft = drafted(edit.kind, "patch", version.id, stored, after)
    spans = tuple(spans_of(edit.kind, version.id, draft.states))
    return RowDecision(
        row.number, CHANGED, version.id, version.entry, after, compare(stored, after), spans
    )


def same_values(one: Any, other: Any) -> bool:
    """Return True for equal JSON values. Numbers are equal by value: a spreadsheet has no 28.0 beside 28."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            same_values(one[name], other[name]) for name in one
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_values, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def compare(before: Document, after: Document) -> dict[str, list[Any]]:
    """Fields that differ, each with the old and the new value."""
    # Since when a value is known follows from its change.
    names = sorted((before.keys() | after.keys()) - {KNOWN_FROM})
    return {
        name: [before.get(name), after.get(name)]
        for name in names
        if not same_values(before.get(name), after.get(name))
    }


def find_matches(
    connection: Connection, edit: Edit, rows: Sequence[ImportRow], match: str
) -> list[RowMatch | Detail]:
    """Return the record that each row means; a fault where that is unclear."""
    given = [row.patch if isinstance(row.patch, dict) else {} for row in rows]
    fields = bulk.naming_fields(edit.kind) if match == AUTO else [match]
    wanted = {
        (field, fold_identifier(field, each[field]))
        for each in given
        for field in fields
        if field != BY_ID and isinstance(each.get(field), str)
    }
    named = bulk.find_holders(connection, edit.kind, wanted, edit.day)
    numbers = {int(str(each["id"])) for each in given if is_id(each.get("id"))}
    there = {
        version.id: version
        for version in records.list_current(connection, edit.kind.name, sorted(numbers))
    }
    found: list[RowMatch | Detail] = []
    for each in given:
        codes = [
            RowMatch(named[field, fold_identifier(field, each[field])].id, field)
            for field in fields
            if holds(named, field, each)
        ]
        own = (
            int(str(each["id"]))
            if is_id(each.get("id")) and int(str(each["id"])) in there
            else None
        )
        found.append(choose(edit.kind, match, each, codes, own))
    return found


def choose(
    kind: Kind, match: str, given: Document, codes: list[RowMatch], own: int | None
) -> RowMatch | Detail:
    """Return the record that a row means: by codes, then id, then name, whichever first finds a record."""
    if match == BY_ID:
        if own is None and given.get("id") is not None:
            return Detail("id", f"is of no {kind.name}; leave it empty for a new one", "unknown")
        return RowMatch(own, BY_ID)
    first = codes[0] if codes else None
    if match == AUTO and own is not None and first and first.id != own:
        return Detail(
            "id", f"is {own}, but the codes or name are of {kind.name} {first.id}", "mismatch"
        )
    if first and (own is None or first.field != NAME):
        return first
    return RowMatch(own if match == AUTO else None, BY_ID)


def holds(named: dict[bulk.Named, KeySpan], field: str, given: Document) -> bool:
    """Return True if some record has the row's value in a field."""
    return (
        isinstance(given.get(field), str) and (field, fold_identifier(field, given[field])) in named
    )


def is_id(value: Any) -> bool:
    """Return True if a value can be an id."""
    return not isinstance(value, bool) and ID.fullmatch(str(value)) is not None


def check_blanks(text: str) -> str:
    """Return keep or clear, and texts that mean an empty cell. Raise Malformed for a mistyped word."""
    for word in text.split(","):
        near = closest(word, BLANKS)
        if not word or (near and word != near):
            raise Malformed(
                f'blanks must be keep or clear, and texts such as -, not "{text[:80]}".'
            )
    return text


def check_booleans(text: str) -> str:
    """Return words for true and false, as in ja/nein,x/-. Raise Malformed for anything else."""
    if text and not re.fullmatch("[^/,]+/[^/,]+(,[^/,]+/[^/,]+)*", text):
        raise Malformed(f'booleans must be pairs of words such as ja/nein, not "{text[:80]}".')
    return text


def read_corrections(value: Any) -> Corrections:
    """Read corrections of a body. Malformed unless they are cells by row and column."""
    rows = value.get("rows") if isinstance(value, dict) else None
    if not isinstance(rows, dict) or not rows or not all(map(is_correction, rows, rows.values())):
        raise Malformed(
            'The body must have cells by row and column, as in {"rows": {"4": {"area": "5"}}}.'
        )
    return rows


def is_correction(number: str, cells: Any) -> bool:
    """Return True for a row's number, and its new cells or null."""
    numbered = number.isascii() and number.isdigit()
    return numbered and (
        cells is None
        or (isinstance(cells, dict) and all(isinstance(each, Scalar) for each in cells.values()))
    )


def describe_taken(connection: Connection, kind: Kind, holder: KeySpan) -> Detail:
    """The fault of a row whose code or name is held by a record outside the file."""
    return describe_holder(connection, kind, holder)

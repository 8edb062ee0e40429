"""Rules for creating, changing and deleting records of any kind.

Each function runs in its caller's transaction. The decision is pure; the last step writes it.
"""

from collections.abc import Iterable, Set
from typing import Any, NamedTuple

from terrafirma.errors import Conflict, Detail, Invalid
from terrafirma.register.log import json_patch, translations
from terrafirma.register.log.custom_fields import customise, refuse_broken
from terrafirma.register.log.history import Draft, append, stored_document
from terrafirma.register.log.identifiers import fold_identifier, refuse_taken, spans_of
from terrafirma.register.log.references import find_dangling, find_unknown, list_dependents, respell
from terrafirma.register.model.canonical_json import encode, same
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.known import carry_known
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import (
    KNOWN_FROM,
    State,
    amend,
    at,
    ends,
    fields_on,
    flatten,
    nest,
    starts,
)
from terrafirma.register.model.validation import check_whole, validate
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.entries import EntryRow
from terrafirma.storage.register.records import Version


class Edit(NamedTuple):
    """The actor of a change, the reason, and the day it is about; `effective` opens a new period on
    that day."""

    kind: Kind
    actor: str
    day: str
    effective: bool = False

    def within(self, connection: Connection) -> "Edit":
        """The edit by the rules that the register declares for custom fields."""
        return self._replace(kind=customise(connection, self.kind))


def create(connection: Connection, edit: Edit, body: Any) -> Version:
    """A new record from a body, as it is shown on the edit's day."""
    edit = edit.within(connection)
    document = new_document(edit.kind, body)
    draft = drafted(
        edit.kind, "create", records.next_id(connection, edit.kind.name), None, document
    )
    return shown(write(connection, edit, draft), draft.states, edit.day)


def create_named(connection: Connection, edit: Edit, field: str, code: str, body: Any) -> Version:
    """Create a record from a body; the address gives the code in a field."""
    kind = edit.kind
    if not isinstance(body, dict):
        raise Invalid(f"A {kind.name} must be a JSON object.")
    refuse_new_period(edit)
    if body.get(field, code) != code:
        rule = f"must be {code}, as in the address"
        raise Invalid(f"The {kind.name} is not valid.", [Detail(field, rule, "mismatch")])
    dated = body.get("dated")
    named = isinstance(dated, dict) and field in dated
    version = create(connection, edit, body if named else body | {field: code})
    holders = records.find_keys(connection, kind.name, (field,), fold_identifier(field, code), None)
    if version.id not in {holder.id for holder in holders}:
        rule = f"must name {code}, as the address does"
        raise Invalid(
            f"The {kind.name} is not valid.", [Detail(f"dated.{field}", rule, "mismatch")]
        )
    return version


def replace(connection: Connection, edit: Edit, version: Version, body: Any) -> None:
    """Replace a record's document with a body: on the edit's day, or on all days if the body has
    `dated`."""
    edit, stored = edit.within(connection), stored_document(connection, version.entry)
    after = replacement(stored, day_within(stored, version, edit), edit, body)
    change(connection, edit, "replace", version.id, stored, after)


def patch(connection: Connection, edit: Edit, version: Version, body: Any) -> None:
    """Apply a JSON merge patch (RFC 7396) to a record as it is on the edit's day."""
    edit, stored = edit.within(connection), stored_document(connection, version.entry)
    change(connection, edit, "patch", version.id, stored, patched(edit, version, stored, body))


def patched(edit: Edit, version: Version, stored: Document, body: Any) -> Document:
    """The stored document after a JSON merge patch of its state on the edit's day."""
    if not isinstance(body, dict):
        raise Invalid("A merge patch must be a JSON object.")
    kind, day = edit.kind, day_within(stored, version, edit)
    current = nest(fields_on(stored, day))
    if "dated" in body:
        refuse_effective(edit)
        timelines = body["dated"] if isinstance(body["dated"], dict) else {}
        base = unspell(kind, patch_base(kind, stored, timelines), body)
        merged = merge(base, body) | unknown_in(kind, body)
        return carry_known(
            stored, kind.spelling.choose(without_echoes(validate(kind, merged), day), current)
        )
    merged = merge(unspell(kind, current, body), body) | unknown_in(kind, body)
    return apply_wanted(stored, kind.spelling.choose(validate(kind, merged), current), day, edit)


def operate(
    connection: Connection,
    edit: Edit,
    version: Version,
    operations: list[json_patch.Members],
    limits: json_patch.PatchLimits,
) -> None:
    """Apply a JSON Patch (RFC 6902) to the document that GET shows on the edit's day, and store the
    result.

    Operations on `dated` also see the timelines, as with `include=dated`.
    """
    edit, stored = edit.within(connection), stored_document(connection, version.entry)
    day = day_within(stored, version, edit)
    shown = at(stored, day)
    if json_patch.mentions(operations, "dated"):
        shown |= {"dated": stored.get("dated", {})}
    patched = json_patch.operate(shown, operations, limits)
    after = replacement(stored, day, edit, without_outdated(edit.kind, patched, shown))
    change(connection, edit, "patch", version.id, stored, after)


def remove(connection: Connection, edit: Edit, version: Version, dependents: bool = False) -> None:
    """Take a record out of the register, its names in other languages too; its entries stay.

    Conflict if others name it, unless all that do are to go with it.
    """
    going = (
        list_dependents(connection, edit.kind, version.id)
        if dependents
        else [(edit.kind, version.id)]
    )
    drafts = [draft for kind, id in going for draft in removal(connection, kind, id)]
    append(connection, edit.actor, drafts)
    own = [draft for draft in drafts if draft.kind == edit.kind.name]
    if others := " and ".join(each.others for each in find_dangling(connection, edit.kind, own)):
        raise Conflict(
            f"The {edit.kind.name} is named by {others}. Remove them first, or with it: dependents=remove."
        )


def removal(connection: Connection, kind: Kind, id: int) -> list[Draft]:
    """The changes that take a record out, and its names in other languages."""
    [entry] = {state.entry for state in records.list_current(connection, kind.name, [id])}
    own = Draft("delete", kind.name, id, stored_document(connection, entry), None)
    return [own, *translations.removal(connection, kind, id)]


def change(
    connection: Connection, edit: Edit, action: str, id: int, stored: Document, after: Document
) -> None:
    """Write a record's new document unless it equals the old one."""
    if not same(stored, {"id": id} | after):
        write(connection, edit, drafted(edit.kind, action, id, stored, after))


def write(connection: Connection, edit: Edit, draft: Draft, *others: Draft) -> EntryRow:
    """Append the entry for a single record after checking that its codes are free and its
    references resolve.

    Entries of dependent records are appended with it.
    """
    spans = respell(connection, edit.kind, {draft.id: spans_of(edit.kind, draft.id, draft.states)})
    refuse_taken(connection, edit.kind, draft.id, spans[draft.id])
    row = append(connection, edit.actor, [draft, *others])[0]
    [unknown] = find_unknown(connection, edit.kind, [draft])
    if unknown:
        raise Invalid(f"The {edit.kind.name} is not valid.", unknown)
    if details := [each.describe_fault() for each in find_dangling(connection, edit.kind, [draft])]:
        raise Conflict(
            f"Named by others: {'; '.join(f'{each.field} {each.message}' for each in details)}.",
            details,
        )
    refuse_broken(connection, [draft])
    return row


def shown(row: EntryRow, states: list[State], day: str) -> Version:
    """The version that an answer shows of a document just written, given its states."""
    versions = [
        Version(row.id, row.number, start, end, encode(each).decode(), row.hash)
        for start, end, each in states
    ]
    return shown_on(versions, day)


def shown_on(states: list[Version], day: str) -> Version:
    """The state of a record that a read without `on` shows; states are in order."""
    return next((state for state in reversed(states) if state.valid_from <= day), states[0])


def drafted(kind: Kind, action: str, id: int, before: Document | None, after: Document) -> Draft:
    """A change that may be written: the whole document is checked."""
    after = {"id": id} | after
    if details := check_whole(kind, after):
        raise Invalid(f"The {kind.name} is not valid.", details)
    return Draft(action, kind.name, id, before, after)


def new_document(kind: Kind, body: Any) -> Document:
    """The document a body asks to be made."""
    return kind.spelling.choose(validate(kind, body), {})


def replacement(stored: Document, day: str, edit: Edit, body: Any) -> Document:
    """The stored document after a body is put in its place on a day, or on all days if the body has `dated`."""
    kind, current = edit.kind, nest(fields_on(stored, day))
    if isinstance(body, dict) and "dated" in body:
        refuse_effective(edit)
        return carry_known(
            stored, kind.spelling.choose(without_echoes(validate(kind, body), day), current)
        )
    return apply_wanted(stored, kind.spelling.choose(validate(kind, body), current), day, edit)


def apply_wanted(stored: Document, wanted: Document, day: str, edit: Edit) -> Document:
    """The stored document after `wanted` holds on a day; its other periods stay."""
    base, aim = edit.kind.spelling.align(
        {name: stored[name] for name in stored if name != "id"}, wanted
    )
    after = edit.kind.spelling.restore(amend(base, flatten(aim), day, edit.effective))
    refuse_timelines(edit.kind, after.get("dated", {}).keys() - stored.get("dated", {}).keys())
    given = {KNOWN_FROM: wanted[KNOWN_FROM]} if KNOWN_FROM in wanted else {}
    return carry_known(stored, after | given)


def day_within(stored: Document, version: Version, edit: Edit) -> str:
    """The day of an edit: its own day, or the first day of the state shown if the record does not
    exist then."""
    if starts(stored) <= edit.day < ends(stored):
        return edit.day
    if edit.effective:
        rule = f"must be a day on which the record exists: from {starts(stored)}, before {ends(stored)}"
        raise Invalid(
            "effective is not a day of this record.", [Detail("effective", rule, "range")]
        )
    return version.valid_from


def without_echoes(document: Document, day: str) -> Document:
    """A document without plain values that repeat a value of its timelines on a day, as answers do."""
    dated = document.get("dated", {})
    shown = flatten(at({"dated": dated}, day)) | fields_on({"dated": dated}, day)
    plain = nest(
        {
            name: value
            for name, value in flatten(document).items()
            if not same(value, shown.get(name))
        }
    )
    return plain | ({"dated": dated} if dated else {})


def without_outdated(kind: Kind, patched: Any, shown: Document) -> Any:
    """A patched document without values that only repeat what the patch set in another form.

    Removes the alias of a changed fact and the plain value of a field whose timeline changed.
    """
    if not isinstance(patched, dict):
        return patched
    kept = {name for name in kind.spelling.fields if same(patched.get(name), shown.get(name))}
    outdated = kept if len(kept) == 1 else frozenset[str]()
    document = {name: value for name, value in patched.items() if name not in outdated}
    dated, extra = document.get("dated"), document.get("extra", {})
    if not isinstance(dated, dict) or not isinstance(extra, dict):
        return document
    timed = with_spellings(kind, dated)
    old = flatten(shown)
    plain = {
        name: value
        for name, value in flatten(document).items()
        if name not in timed or not same(value, old.get(name))
    }
    return nest(plain) | {"dated": dated}


def patch_base(kind: Kind, stored: Document, timelines: Document) -> Document:
    """The document that a patch with timelines starts from: without plain values that the patch
    replaces by a timeline."""
    spoken = with_spellings(
        kind, (name for name, timeline in timelines.items() if timeline is not None)
    )
    dated = {
        name: timeline for name, timeline in stored.get("dated", {}).items() if name not in spoken
    }
    plain = nest({name: value for name, value in flatten(stored).items() if name not in spoken})
    return plain | ({"dated": dated} if dated else {})


def unspell(kind: Kind, base: Document, body: Document) -> Document:
    """A patch's base without the spelling of a fact that the patch replaces."""
    gone = with_spellings(kind, body) - body.keys()
    return {name: value for name, value in base.items() if name not in gone}


def with_spellings(kind: Kind, translations: Iterable[str]) -> set[str]:
    """Field names together with their aliases."""
    named, spellings = set(translations), kind.spelling.fields
    return named | spellings if named & spellings else named


def unknown_in(kind: Kind, body: Document) -> Document:
    """Names in a patch that are not fields: rejected together with its other faults, even if the
    patch only removes them."""
    return {
        name: value
        for name, value in body.items()
        if name not in (*kind.fields, "dated", KNOWN_FROM)
    }


def refuse_effective(edit: Edit) -> None:
    """Refuse `effective` together with timelines: a timeline already gives its own days."""
    if edit.effective:
        raise Invalid(
            "effective cannot stand beside dated, which has its own days.",
            [Detail("dated", "must be absent", "mismatch")],
        )


def refuse_timelines(kind: Kind, fields: Set[str]) -> None:
    """Refuse `effective` for identifying fields: they have one value for all days."""
    if fixed := sorted(fields & kind.undated):
        rule = "cannot change from a day on; without effective it changes on all days"
        raise Invalid(
            f"The {kind.name} is not valid.", [Detail(field, rule, "mismatch") for field in fixed]
        )


def refuse_new_period(edit: Edit) -> None:
    """Refuse `effective` for a record that is created by this change."""
    if edit.effective:
        raise Invalid(
            f"A new {edit.kind.name} has no earlier period.",
            [Detail("effective", "must be absent", "mismatch")],
        )


def merge(target: Any, patch: Any) -> Any:
    """RFC 7396: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged

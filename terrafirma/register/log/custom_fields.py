"""The custom fields that a register declares: which hold in a transaction, and what a new rule would break."""

from collections.abc import Collection, Iterable

from terrafirma.errors import Conflict, Detail
from terrafirma.register.log.history import Draft
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.custom_fields import read_rule
from terrafirma.register.model.kinds import FIELD, KINDS, Kind, with_rules
from terrafirma.register.model.records import Document
from terrafirma.register.model.validation import check_own
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.records import list_documents, list_stored

SHOWN = 3
"""Records that a refusal names."""


def customise(connection: Connection, kind: Kind) -> Kind:
    """A kind with the custom fields that hold for it today."""
    if kind.declares:
        return kind
    return fit(kind, list_declared(connection))


def customise_all(connection: Connection) -> tuple[Kind, ...]:
    """Every kind with the custom fields that hold for it today."""
    declared = list_declared(connection)
    return tuple(fit(kind, declared) for kind in KINDS.values())


def list_declared(connection: Connection) -> list[Document]:
    """The records of `/fields` that hold today."""
    return [decode(each) for each in list_documents(connection, FIELD.name, today())]


def fit(kind: Kind, declared: Iterable[Document]) -> Kind:
    """A kind with those of the declared fields that are its own."""
    return with_rules(
        kind, tuple(read_rule(each) for each in declared if each["kind"] == kind.name)
    )


def refuse_broken(connection: Connection, drafts: Iterable[Draft]) -> None:
    """Raise Conflict if records break a field that was just declared or changed.

    So what is declared holds for all records: those are mended first, then the rule is made.
    """
    named = {
        (draft.after["kind"], draft.after["name"])
        for draft in drafts
        if draft.kind == FIELD.name and draft.after is not None
    }
    for name in sorted({kind for kind, _ in named}):
        kind, fields = (
            customise(connection, KINDS[name]),
            {field for at, field in named if at == name},
        )
        faults = list_broken(connection, kind, fields)
        if faults:
            told = "; ".join(
                f"{kind.name} {id}: {each.field} {each.message}" for id, each in faults[:SHOWN]
            )
            more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
            raise Conflict(
                f"{len({id for id, _ in faults})} {kind.plural} would break this field: {told}{more}. "
                "Mend them first; nothing was changed.",
                [
                    Detail(each.field, f"{kind.name} {id}: {each.message}", each.code)
                    for id, each in faults[:100]
                ],
            )


def list_broken(
    connection: Connection, kind: Kind, fields: Collection[str]
) -> list[tuple[int, Detail]]:
    """The faults of the records of a kind in some of its own fields, by id."""
    one = with_rules(kind, tuple(rule for rule in kind.rules if rule.name in fields))
    return [
        (id, fault)
        for id, document in list_stored(connection, kind.name)
        for fault in check_own(one, decode(document))
    ]

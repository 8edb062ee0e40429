"""Upgrade a filled register to a newer dataset in a transaction; users' changes stay.

`register/log/upgrades.py` decides for each record; this module finds the records, resolves
conflicts between them, and writes the entries. Repeating it changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count

from terrafirma.dataset.load import DatasetFiles, remember
from terrafirma.dataset.model import FOLLOWERS
from terrafirma.errors import ConfigurationError, Detail
from terrafirma.register.log.history import Draft, append
from terrafirma.register.log.identifiers import describe_holder, spans_of
from terrafirma.register.log.references import find_dangling, find_unknown
from terrafirma.register.log.upgrades import KeptEdit, MergeDecision, ThreeWay, decide
from terrafirma.register.model.canonical_json import decode, same
from terrafirma.register.model.kinds import KINDS, OWNERS, Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import render
from terrafirma.register.model.validation import check_whole
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register import records
from terrafirma.storage.register.dataset_records import read_origins
from terrafirma.storage.register.projections import survey
from terrafirma.storage.register.records import KeySpan

LEADERS = FOLLOWERS | {"capitals": "capital"}
"""Fields that belong together: changing only one would contradict a user's value."""


@dataclass
class Outcome:
    """The result of an upgrade: numbers of records, and a sentence for each value that the register
    kept."""

    before: str
    after: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    kept: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """The records of a kind by their dataset keys: their states and decisions."""

    kind: str
    ids: dict[str, int]
    sides: dict[str, ThreeWay]
    decisions: dict[str, MergeDecision]


def upgrade(connection: Connection, dataset: DatasetFiles) -> Outcome:
    """Merge a dataset into a register, keeping local changes."""
    before = schema.read_property(connection, "dataset") or ""
    refuse_other(before, dataset)
    outcome = Outcome(before, f"{dataset.name} {dataset.version}")
    plans: dict[str, Plan] = {}
    for kind in dataset.records:
        plans[kind] = make_plan(connection, kind, dataset, plans)
        resolve_taken(connection, plans[kind])
    while faults := write(connection, dataset, plans):
        for kind, key, kept in faults:
            take_back(plans, kind, key, kept)
        for plan in plans.values():
            resolve_taken(connection, plan)
    for plan in plans.values():
        count_changes(plan, outcome)
    known = {
        kind: {key: plan.ids[key] for key in dataset.records[kind] if key in plan.ids}
        for kind, plan in plans.items()
    }
    remember(connection, dataset, known)
    survey(connection)
    return outcome


def write(
    connection: Connection, dataset: DatasetFiles, plans: dict[str, Plan]
) -> list[tuple[str, str, KeptEdit]]:
    """Append the planned drafts, except those that would leave dangling references; return these
    with their faults."""
    drafts = {kind: list(list_drafts(plan)) for kind, plan in plans.items()}
    whole = list(chain.from_iterable(drafts.values()))
    with connection.begin_nested() as attempt:
        if whole:
            append(connection, dataset.actor, whole)
        faults = [
            (
                kind,
                key_of(plans[kind], draft),
                KeptEdit(detail.field, f"is not what the dataset says: {detail.message}"),
            )
            for kind, own in drafts.items()
            if kind in KINDS
            for draft, detail in find_loose(connection, KINDS[kind], own)
        ]
        if faults:
            attempt.rollback()
    return faults


def find_loose(
    connection: Connection, kind: Kind, drafts: list[Draft]
) -> Iterator[tuple[Draft, Detail]]:
    """Dangling references of drafts just written, and references to records they removed."""
    for draft, details in zip(drafts, find_unknown(connection, kind, drafts), strict=True):
        yield from ((draft, detail) for detail in details[:1])
    for bereft in find_dangling(connection, kind, drafts):
        yield drafts[bereft.place], bereft.describe_fault()


def key_of(plan: Plan, draft: Draft) -> str:
    """The dataset key of a draft's record."""
    return next(key for key, id in plan.ids.items() if id == draft.id)


def take_back(plans: dict[str, Plan], kind: str, key: str, kept: KeptEdit) -> None:
    """Leave a record, and its names, as they are here: not there if it is new."""
    for name in filter(None, (kind, KINDS[kind].translations)):
        plan = plans.get(name)
        if plan is None or key not in plan.ids:
            continue
        current = plan.sides[key].current
        plan.decisions[key] = MergeDecision(current, [kept] if name == kind else [])
        if current is None:
            del plan.ids[key]


def refuse_other(before: str, dataset: DatasetFiles) -> None:
    """Raise ConfigurationError if the register was filled with another or a newer dataset."""
    name, _, version = before.partition(" ")
    if name != dataset.name:
        raise ConfigurationError(
            f"The register was filled with {before}, not with {dataset.name}; --fresh starts it over."
        )
    if number_of(version) > number_of(dataset.version):
        raise ConfigurationError(
            f"The register holds {before}, and this Terrafirma brings {dataset.version}; upgrade Terrafirma."
        )


def number_of(version: str) -> list[int]:
    """A version's parts, to be compared."""
    return [int(part) for part in version.split(".")]


def make_plan(
    connection: Connection, kind: str, dataset: DatasetFiles, plans: dict[str, Plan]
) -> Plan:
    """Every record of a kind in the old or new dataset, and its own decision."""
    offered, known = dataset.records[kind], read_origins(connection, kind)
    here = {id: decode(text) for id, text in records.list_stored(connection, kind)}
    if kind not in KINDS:
        owner = plans[OWNERS[kind].name]
        places = {
            key: id for key, id in owner.ids.items() if owner.decisions[key].after is not None
        }
        # What stays here, though the dataset has dropped it, stays with its names.
        known = {
            key: origin for key, origin in known.items() if key in offered or key not in places
        }
        ids = {key: places[key] for key in offered if key in places}
    else:
        fresh = count(records.next_id(connection, kind))
        ids = {key: next(fresh) for key in offered if key not in known}
    ids |= {key: id for key, (id, _) in known.items()}
    plan = Plan(kind, ids, {}, {})
    for key, id in ids.items():
        origin = decode(known[key][1]) if key in known else None
        plan.sides[key] = ThreeWay(origin, here.get(id), offered.get(key))
        plan.decisions[key] = merge_sides(kind, plan.sides[key])
    return plan


def merge_sides(kind: str, sides: ThreeWay, held: frozenset[str] = frozenset()) -> MergeDecision:
    """Decide a record by itself; if the merged document would be invalid, keep the current
    document."""
    decision = decide(sides, LEADERS, held)
    if kind not in KINDS or decision.after is None or sides.current is None:
        return decision
    if faults := check_whole(KINDS[kind], decision.after):
        reason = f"cannot take what the dataset changed: {faults[0].field} {faults[0].message}"
        return MergeDecision(sides.current, [*decision.kept, KeptEdit("", reason)])
    return decision


def resolve_taken(connection: Connection, plan: Plan) -> None:
    """Withdraw changes that would give a record a code or name held by another, until none is left."""
    held: dict[str, frozenset[str]] = {}
    told: dict[str, list[KeptEdit]] = {}
    while taken := find_taken(connection, plan):
        for key, holders in taken.items():
            sides = plan.sides[key]
            told.setdefault(key, []).extend(
                KeptEdit(each.field, f"is not what the dataset says: {each.message}")
                for each in (
                    describe_holder(connection, KINDS[plan.kind], holder) for holder in holders
                )
            )
            fields = held.get(key, frozenset()) | {holder.field for holder in holders}
            if sides.current is None:
                # It has no place here yet, and is offered again by the next upgrade.
                del plan.ids[key]
                plan.decisions[key] = MergeDecision(None, [])
            elif fields == held.get(key):
                plan.decisions[key] = MergeDecision(sides.current, [])
            else:
                held[key] = fields
                plan.decisions[key] = merge_sides(plan.kind, sides, fields)
    for key, kept in told.items():
        plan.decisions[key].kept.extend(kept)


def find_taken(connection: Connection, plan: Plan) -> dict[str, list[KeySpan]]:
    """By record, other holders of its new codes on the same days."""
    afters = {key: plan.decisions[key].after for key in list_changed(plan)}
    spans = {key: list_spans(plan.kind, plan.ids[key], after) for key, after in afters.items()}
    holders: dict[tuple[str, str], list[KeySpan]] = {}
    for span in [
        *(span for own in spans.values() for span in own),
        *list_others(connection, plan, spans),
    ]:
        holders.setdefault((span.field, span.key), []).append(span)
    taken: dict[str, list[KeySpan]] = {}
    for key, own in spans.items():
        before = list_spans(plan.kind, plan.ids[key], plan.sides[key].current)
        for span in own:
            if span in before:
                continue
            found = [other for other in holders[span.field, span.key] if overlap(span, other)]
            if found:
                taken.setdefault(key, []).append(found[0])
    return taken


def list_changed(plan: Plan) -> Iterator[str]:
    """The keys of the records that are to be written."""
    for key, decision in plan.decisions.items():
        current = plan.sides[key].current
        if key in plan.ids and not same(give_id(decision.after, plan.ids[key]), current):
            yield key


def give_id(document: Document | None, id: int) -> Document | None:
    """A document under the id that its record has in the register."""
    return document and document | {"id": id}


def list_spans(kind: str, id: int, document: Document | None) -> list[KeySpan]:
    """The codes and names of a document, with their days."""
    return spans_of(KINDS[kind], id, render(document)) if document and kind in KINDS else []


def list_others(
    connection: Connection, plan: Plan, spans: dict[str, list[KeySpan]]
) -> list[KeySpan]:
    """The spans of records that are not to be written, in the codes and names of those that are."""
    changing = {plan.ids[key] for key in spans}
    wanted: dict[str, set[str]] = {}
    for own in spans.values():
        for span in own:
            wanted.setdefault(span.field, set()).add(span.key)
    return [
        holder
        for name, keys in wanted.items()
        for holder in records.list_holders(connection, plan.kind, name, sorted(keys))
        if holder.id not in changing
    ]


def overlap(span: KeySpan, other: KeySpan) -> bool:
    """Return True if two records hold a code on the same day."""
    return (
        span.id != other.id
        and span.valid_from < other.valid_to
        and other.valid_from < span.valid_to
    )


def list_drafts(plan: Plan) -> Iterator[Draft]:
    """The drafts of a kind."""
    for key in list_changed(plan):
        id, before = plan.ids[key], plan.sides[key].current
        after = give_id(plan.decisions[key].after, id)
        yield Draft("upgrade" if before else "load", plan.kind, id, before, after)


def count_changes(plan: Plan, outcome: Outcome) -> None:
    """Count the written and withheld changes of a kind in the outcome."""
    for key, decision in plan.decisions.items():
        outcome.kept += [
            f"{plan.kind} {key}{each.field and f', {each.field}'}: {each.reason}"
            for each in decision.kept
        ]
    for draft in list_drafts(plan):
        outcome.added += draft.before is None
        outcome.removed += draft.after is None
        outcome.changed += draft.before is not None and draft.after is not None

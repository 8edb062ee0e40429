"""The first day on which a record's values are known, and the fields omitted before it.

A document's `known_from` has a day by field; `*` is every other field. Otherwise values hold from
the record's own `from` or, without it, from the day they were written. Timelines hold on their
days. Unknown values of a day are left out of its state and named in `undated`.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from terrafirma.register.model.canonical_json import same
from terrafirma.register.model.kinds import OWNERS, Kind
from terrafirma.register.model.members import UNDATED
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import (
    BEGINNING,
    EXTRA_PREFIX,
    KNOWN_FROM,
    State,
    ends,
    flatten,
    nest,
)
from terrafirma.register.model.values import first_day

EVERY = "*"

FOLLOWS = {"capital": "capitals", "flag": "alpha2"}
"""Fields of a state that follow from another."""

Days = Mapping[str, str]


def known_states(
    kind: str, document: Document, states: list[State], written: str
) -> Iterator[State]:
    """The states of a document without the fields that are unknown on their days."""
    owner = OWNERS.get(kind)
    if owner is None:
        yield from states
        return
    lasting, handles = (
        (owner.lasting, owner.handles)
        if owner.name == kind
        else (frozenset({"id"}), frozenset[str]())
    )
    since = known_days(document, written)
    for state in states:
        yield from split_state(state, since, lasting, handles)


def known_days(document: Document, written: str) -> dict[str, str]:
    """The first day on which each field of a document is known.

    What was only written after a record's end is about its life.
    """
    given: Days = document.get(KNOWN_FROM, {})
    default = given.get(EVERY) or document.get("from") or written
    days = {name: given.get(name, default) for name in flatten(document)}
    days |= {name: given[name] for name in document.get("dated", {}) if name in given}
    end = ends(document)
    return {
        name: BEGINNING if first_day(day) >= end else first_day(day) for name, day in days.items()
    }


def split_state(
    state: State, since: Days, lasting: Collection[str], handles: Collection[str]
) -> Iterator[State]:
    """The stretches of a state in which the same fields are known."""
    start, end, document = state
    fields = flatten(document)
    late: dict[str, str] = {}
    for name in fields:
        leader = FOLLOWS.get(name, name)
        day = since.get(leader if leader in fields else name, BEGINNING)
        if day > start and name not in lasting:
            late[name] = day
    days = [start, *sorted({day for day in late.values() if day < end})]
    for first, last in zip(days, [*days[1:], end], strict=True):
        unknown = {name for name, day in late.items() if day > first}
        yield first, last, without(fields, unknown, handles) if unknown else document


def without(fields: Document, unknown: Collection[str], handles: Collection[str]) -> Document:
    """A state, laid flat, without the fields that are not known, which it names."""
    known = {
        name: value for name, value in fields.items() if name not in unknown or name in handles
    }
    return nest(known) | {UNDATED: sorted(unknown)}


def carry_known(stored: Document, after: Document) -> Document:
    """A changed document with the days of the stored document, except those it gives itself."""
    fields = {EVERY, *flatten(after), *after.get("dated", {})}
    days = {name: day for name, day in stored.get(KNOWN_FROM, {}).items() if name in fields}
    days |= after.get(KNOWN_FROM, {})
    return after | {KNOWN_FROM: days} if days else after


def settle_known(before: Document, written: str, after: Document, today: str) -> Document:
    """A changed document with a correct `known_from`: unchanged values keep their day, changed
    values hold from today.

    `written` is the day of the previous entry. Days given by the change stay.
    """
    old, given = before.get(KNOWN_FROM, {}), after.get(KNOWN_FROM, {})
    stayed, was = known_days(before, written), flatten(before)
    new = {name for name in given if given[name] != old.get(name)}
    days: dict[str, str] = {name: given[name] for name in given if name in after.get("dated", {})}
    for name, value in flatten(after).items():
        if name == "id":
            continue
        if name in new or (EVERY in new and name not in old):
            days[name] = given.get(name, given.get(EVERY, today))
        elif name in was and same(was[name], value):
            days[name] = old.get(name, stayed[name])
        else:
            days[name] = today
    return {name: each for name, each in after.items() if name != KNOWN_FROM} | shorten(
        after, days, given, today
    )


def shorten(after: Document, days: dict[str, str], given: Days, today: str) -> Document:
    """The shortest equivalent `known_from`; empty if all its days are the defaults."""
    default = given.get(EVERY)
    if default is None:
        default = after.get("from", today)
        if all(day == default for day in days.values()):
            return {}
        default = max(days.values(), key=[*days.values()].count)
    return {
        KNOWN_FROM: {EVERY: default} | {name: day for name, day in days.items() if day != default}
    }


def is_field(kind: Kind, name: str) -> bool:
    """Return True if a day can be given for a name."""
    return name == EVERY or name.startswith(EXTRA_PREFIX) or name in kind.fields


def show_undated(document: Document, whole: Document) -> Document:
    """A state with the values that it leaves out, which it goes on naming."""
    undated: Any = document.get(UNDATED)
    return whole | {UNDATED: undated} if undated else document

"""Differences between two documents of a record, by field and day.

A plain value holds on all days, so plain and dated values compare alike. Members of an object are
compared separately, a list is one value. The spelling of a date makes no difference; the source of
a value does.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from terrafirma.register.model.canonical_json import same
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import (
    ABSENT,
    BEGINNING,
    FOREVER,
    KNOWN_FROM,
    Timeline,
    ends,
    fields_on,
    flatten,
    nest,
    starts,
)

Difference = dict[str, Any]
"""`{"field", "from"?, "to"?, "before"?, "after"?}` for `[from, to)`; an absent member means no
value."""


def compare(before: Document | None, after: Document | None) -> list[Difference]:
    """All differences between two stored documents, by field and day; None stands for a missing
    record."""
    old, new = list_timelines(before), list_timelines(after)
    found = {
        field: list(compare_timelines(field, old.get(field, []), new.get(field, [])))
        for field in sorted(old.keys() | new.keys())
    }
    # A value that changed is known from the day of its entry, which needs no difference of its own.
    changed = {f"{KNOWN_FROM}.{field}" for field in found if found[field]}
    return [each for field in found if field not in changed for each in found[field]]


def compare_on(before: Document | None, after: Document | None, day: str) -> list[Difference]:
    """Differences between two stored documents on a day."""
    return compare(state_on(before, day), state_on(after, day))


def state_on(document: Document | None, day: str) -> Document | None:
    """The fields of a record that hold on a day; None if it does not exist then."""
    if document is None or not starts(document) <= day < ends(document):
        return None
    return nest(fields_on(document, day))


def list_timelines(document: Document | None) -> dict[str, Timeline]:
    """Every field of a document as a timeline, its sources as timelines of their own."""
    document = document or {}
    dated: dict[str, Timeline] = document.get("dated", {})
    found: dict[str, Timeline] = {
        name: [{"value": value}] for name, value in flatten(document).items() if name != "id"
    }
    known = document.get(KNOWN_FROM, {})
    found |= {f"{KNOWN_FROM}.{name}": [{"value": day}] for name, day in known.items()}
    for name, timeline in dated.items():
        found[name] = timeline
        if sources := [
            period | {"value": period["source"]} for period in timeline if "source" in period
        ]:
            found[f"dated.{name}.source"] = sources
    return found


def compare_timelines(field: str, old: Timeline, new: Timeline) -> Iterator[Difference]:
    """The differences of a single field, each over the longest run of days with the same
    difference."""
    if same(old, new):
        return
    days = sorted({BEGINNING, FOREVER, *map(starts, [*old, *new]), *map(ends, [*old, *new])})
    stretches: list[tuple[str, str, Any, Any]] = []
    for start, end in pairwise(days):
        before, after = value_on(old, start), value_on(new, start)
        last = stretches[-1] if stretches else None
        if last and last[1] == start and equal(last[2], before) and equal(last[3], after):
            stretches[-1] = (last[0], end, before, after)
        elif not equal(before, after):
            stretches.append((start, end, before, after))
    for start, end, before, after in stretches:
        bounds = {"from": start} if start != BEGINNING else {}
        bounds |= {"to": end} if end != FOREVER else {}
        yield from make_difference(field, bounds, before, after)


def value_on(timeline: Timeline, day: str) -> Any:
    """The value of a timeline on a day, or ABSENT."""
    place = bisect_right(timeline, day, key=starts)
    return timeline[place - 1]["value"] if place and day < ends(timeline[place - 1]) else ABSENT


def equal(one: Any, other: Any) -> bool:
    """Return True if two values, either of which may be ABSENT, are the same."""
    return one is other if one is ABSENT or other is ABSENT else same(one, other)


def make_difference(
    field: str, bounds: dict[str, str], before: Any, after: Any
) -> Iterator[Difference]:
    """A difference, or those of its members where both values are objects."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, ABSENT), after.get(name, ABSENT)
            if not equal(one, other):
                yield from make_difference(f"{field}.{name}", bounds, one, other)
        return
    values = {"before": before, "after": after}
    yield (
        {"field": field}
        | bounds
        | {name: value for name, value in values.items() if value is not ABSENT}
    )

"""Valid time: values by day.

Days are ISO strings, so they compare as text. Periods are half-open, `[from, to)`. All functions
are pure. `at` is the only way to get the document of a day.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from terrafirma.register.model.canonical_json import same
from terrafirma.register.model.derived import derive
from terrafirma.register.model.records import Document
from terrafirma.register.model.values import ENDLESS, first_day

BEGINNING = "0001-01-01"
FOREVER = ENDLESS

PeriodJSON = dict[str, Any]
Timeline = list[PeriodJSON]
Fields = dict[str, Any]
"""A document laid flat: `extra` as `extra.name`, without `dated`."""

State = tuple[str, str, Document]
"""A document's state on `[valid_from, valid_to)`."""

ABSENT: Any = object()
EXTRA_PREFIX = "extra."
KNOWN_FROM = "known_from"
APART = ("extra", "dated", KNOWN_FROM)
"""Members of a document that are no fields of their own."""


def starts(period: Mapping[str, Any]) -> str:
    """First day on which a period, or a record, holds."""
    return first_day(period["from"]) if "from" in period else BEGINNING


def ends(period: Mapping[str, Any]) -> str:
    """First day on which a period, or a record, no longer holds."""
    return first_day(period["to"]) if "to" in period else FOREVER


def nearest_day(day: str, start: str, end: str) -> str:
    """The day of `[start, end)` nearest to a day."""
    last = date.fromisoformat(end) - timedelta(days=1)
    return min(max(day, start), last.isoformat())


def flatten(document: Document) -> Fields:
    """The plain fields of a document, laid flat."""
    fields = {name: value for name, value in document.items() if name not in APART}
    return fields | {
        EXTRA_PREFIX + name: value for name, value in document.get("extra", {}).items()
    }


def nest(fields: Fields) -> Document:
    """A document from flat fields."""
    document = {name: value for name, value in fields.items() if not name.startswith(EXTRA_PREFIX)}
    extra = {
        name[len(EXTRA_PREFIX) :]: value
        for name, value in fields.items()
        if name.startswith(EXTRA_PREFIX)
    }
    return document | {"extra": extra} if extra else document


def fields_on(document: Document, day: str) -> Fields:
    """The flat fields that hold on a day, without derived fields."""
    fields = flatten(document)
    for name, timeline in document.get("dated", {}).items():
        for period in timeline:
            if starts(period) <= day < ends(period):
                fields[name] = period["value"]
    return fields


def at(document: Document, day: str) -> Document:
    """A stored document on a day: plain fields, the values that hold, and derived fields."""
    return derive(nest(fields_on(document, day)))


def render(document: Document) -> list[State]:
    """Every state of a document, in order, gapless over its life."""
    life_from, life_to = starts(document), ends(document)
    days = {life_from}
    for timeline in document.get("dated", {}).values():
        days.update(starts(period) for period in timeline)
        days.update(ends(period) for period in timeline)
    breaks = sorted(day for day in days if life_from <= day < life_to)
    states: list[State] = []
    for start, end in zip(breaks, [*breaks[1:], life_to], strict=True):
        state = at(document, start)
        unchanged = bool(states) and same(states[-1][2], state)
        states.append((states.pop()[0] if unchanged else start, end, state))
    return states


def span_on(timeline: Timeline, day: str) -> tuple[str | None, str | None]:
    """The bounds, as written, of the period or the gap that a day falls into."""
    opened: str | None = None
    for period in timeline:
        if day < starts(period):
            return opened, period["from"]
        if day < ends(period):
            return period.get("from"), period.get("to")
        opened = period["to"]
    return opened, None


def make_period(value: Any, start: str | None, end: str | None) -> PeriodJSON:
    """A period with the bounds it has."""
    bounds = {"from": start, "to": end}
    return {"value": value} | {name: day for name, day in bounds.items() if day is not None}


def overlay(timeline: Timeline, value: Any, start: str | None, end: str | None) -> Timeline:
    """A timeline with `value` (or none, if ABSENT) on `[start, end)` and its old values elsewhere."""
    first, last = starts(make_period(None, start, end)), ends(make_period(None, start, end))
    pieces: Timeline = []
    for period in timeline:
        if starts(period) < first:
            pieces.append(period if ends(period) <= first else period | {"to": start})
        if last < ends(period):
            pieces.append(period if last <= starts(period) else period | {"from": end})
    if value is not ABSENT:
        pieces.append(make_period(value, start, end))
    return join(sorted(pieces, key=starts))


def join(timeline: Iterable[PeriodJSON]) -> Timeline:
    """A timeline with adjacent periods of the same value joined."""
    joined: Timeline = []
    for period in timeline:
        last = joined[-1] if joined else None
        if last and ends(last) == starts(period) and same(last["value"], period["value"]):
            bounds = {
                name: day
                for name, day in (("from", last.get("from")), ("to", period.get("to")))
                if day
            }
            joined[-1] = {name: last[name] for name in last if name not in ("from", "to")} | bounds
        else:
            joined.append(period)
    return joined


def amend(stored: Document, wanted: Fields, day: str, effective: bool) -> Document:
    """The stored document after the fields `wanted` are set on `day`.

    Without `effective` the period around `day` is corrected; with it, that period ends on `day` and
    a new period begins. Other periods stay.
    """
    current = fields_on(stored, day)
    plain, dated = flatten(stored), dict(stored.get("dated", {}))
    for name in current.keys() | wanted.keys():
        old, new = current.get(name, ABSENT), wanted.get(name, ABSENT)
        if old is not ABSENT and new is not ABSENT and same(old, new):
            continue
        if name not in dated and (not effective or name in ("from", "to")):
            plain[name] = new
            continue
        timeline = dated.get(name) or ([{"value": plain.pop(name)}] if name in plain else [])
        start, end = span_on(timeline, day)
        dated[name] = overlay(timeline, new, day if effective else start, end)
    return store_timelines(
        {name: value for name, value in plain.items() if value is not ABSENT}, dated
    )


def store_timelines(plain: Fields, dated: dict[str, Timeline]) -> Document:
    """A document in its shortest form: a single unbounded period becomes a plain field."""
    for name, timeline in list(dated.items()):
        if not timeline:
            del dated[name]
        elif len(timeline) == 1 and timeline[0].keys() == {"value"}:
            plain[name] = dated.pop(name)[0]["value"]
    return nest(plain) | ({"dated": dated} if dated else {})


def faults_of(name: str, timeline: Timeline) -> list[tuple[str, str]]:
    """Faults in the order of a timeline, as `(path, rule)`."""
    faults = []
    for position, period in enumerate(timeline):
        path = f"dated.{name}.{position}"
        if starts(period) >= ends(period):
            faults.append((f"{path}.to", "must be after from"))
        if position and starts(period) < ends(timeline[position - 1]):
            faults.append((f"{path}.from", "must not be before the end of the period above it"))
    return faults


def covers(timeline: Timeline, document: Document) -> bool:
    """Return True if a timeline has a value on every day of a record's life."""
    day = starts(document)
    for period in timeline:
        if day < starts(period):
            return False
        day = max(day, ends(period))
    return day >= ends(document)

"""Land borders over time: today's borders, and those before each neighbour existed.

Before a neighbour existed, its land belonged to a predecessor, which was the neighbour then. So the
timelines follow from today's borders, the first days of countries, and their predecessors. Other
changes of land are facts kept by hand.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from terrafirma.dataset.former import is_former
from terrafirma.dataset.known import FIRST_LIST
from terrafirma.dataset.model import Merged
from terrafirma.dataset.overrides import Facts
from terrafirma.register.model.timelines import FOREVER, ends, starts

SOURCE = "derived"

Pairs = set[frozenset[str]]


def date_borders(merged: Merged, facts: Facts) -> list[str]:
    """Give every country the borders it had on every day since the first ISO 3166, in place; a sentence each."""
    today = {
        frozenset((code, other))
        for code, record in merged.items()
        if not is_former(code)
        for other in record.get("borders", ([], ""))[0]
    }
    days = sorted({FIRST_LIST, FOREVER, *list_days(merged, facts)})
    timelines: dict[str, list[dict[str, Any]]] = {}
    for start, end in pairwise(days):
        found = list_neighbours(pairs_on(merged, facts, today, start))
        for code, record in merged.items():
            life = life_of(record)
            if code in found and starts(life) <= start < ends(life):
                add_period(
                    timelines.setdefault(code, []), names_of(merged, found[code], start), start, end
                )
    told = []
    for code, periods in timelines.items():
        told += set_borders(merged[code], code, periods)
    return told


def list_days(merged: Merged, facts: Facts) -> Iterable[str]:
    """The days since the first ISO 3166 on which borders may have changed."""
    bounds = [
        bound
        for record in merged.values()
        for bound in (starts(life_of(record)), ends(life_of(record)))
    ]
    codes = [
        starts(period)
        for record in merged.values()
        for period in record.get("dated.alpha2", ([], ""))[0]
    ]
    others = [each["to"] for each in facts.parts.values()] + [
        each.to for each in facts.border_periods
    ]
    return (day for day in (*bounds, *codes, *others) if FIRST_LIST < day < FOREVER)


def life_of(record: dict[str, Any]) -> dict[str, Any]:
    """The bounds of a country's life."""
    return {bound: record[bound][0] for bound in ("from", "to") if bound in record}


def pairs_on(merged: Merged, facts: Facts, today: Pairs, day: str) -> Pairs:
    """The pairs of neighbours on a day."""
    found = set()
    for pair in today:
        holders = {holder_on(merged, facts, code, day) for code in pair}
        if len(holders) > 1 and "" not in holders:
            found.add(frozenset(holders))
    for each in facts.border_periods:
        if day < each.to:
            (found.add if each.there else found.discard)(frozenset(each.countries))
    return found


def holder_on(merged: Merged, facts: Facts, code: str, day: str) -> str:
    """The country that had the land of another on a day: itself or, before its time, a predecessor; empty: unknown."""
    record = merged[code]
    if (part := facts.parts.get(code)) and day < part["to"]:
        return str(part["of"])
    if starts(life_of(record)) <= day:
        return code
    earlier = [
        each for each in record.get("predecessors", ([], ""))[0] if exists_on(merged[each], day)
    ]
    if earlier:
        return str(earlier[0])
    before = record.get("predecessors", ([], ""))[0]
    return holder_on(merged, facts, before[0], day) if before else ""


def exists_on(record: dict[str, Any], day: str) -> bool:
    """Return True if a country exists on a day."""
    return starts(life_of(record)) <= day < ends(life_of(record))


def list_neighbours(pairs: Pairs) -> dict[str, set[str]]:
    """The neighbours of each country."""
    found: dict[str, set[str]] = {}
    for pair in pairs:
        one, other = pair
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return found


def names_of(merged: Merged, codes: set[str], day: str) -> list[str]:
    """The alpha-2 codes that countries had on a day, in order."""
    return sorted(code_on(merged[code], day) for code in codes)


def code_on(record: dict[str, Any], day: str) -> str:
    """The alpha-2 code of a country on a day."""
    periods = record.get("dated.alpha2", ([], ""))[0]
    held = next((period["value"] for period in periods if starts(period) <= day < ends(period)), "")
    return str(held or record["alpha2"][0])


def add_period(timeline: list[dict[str, Any]], value: list[str], start: str, end: str) -> None:
    """Add a value on ``[start, end)``, joined to an equal value before it."""
    if timeline and timeline[-1]["value"] == value and timeline[-1].get("to") == start:
        timeline[-1] = {"value": value, "from": timeline[-1]["from"]}
    else:
        timeline.append({"value": value, "from": start})
    if end != FOREVER:
        timeline[-1]["to"] = end


def set_borders(record: dict[str, Any], code: str, periods: list[dict[str, Any]]) -> list[str]:
    """Replace today's borders by a timeline, unless they are the same on all days; return the
    changes."""
    plain, source = record.pop("borders", ([], SOURCE))
    if len(periods) == 1 and periods[0]["value"] == plain:
        record["borders"] = (plain, source)
        return []
    record["dated.borders"] = (
        periods,
        source if source.startswith(SOURCE) else f"{source}+{SOURCE}",
    )
    told = "; ".join(f"{', '.join(each['value'])} {each['from']}" for each in periods)
    return [f"{code} borders: {told} (derived)"]

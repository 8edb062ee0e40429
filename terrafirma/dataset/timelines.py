"""A country's currencies over time, from a list of tenders that overlap and leave gaps."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

# How long an old currency may stay in use beside the new one; the euro's forerunners took three years.
CHANGEOVER = timedelta(days=4 * 365)


@dataclass(frozen=True)
class TenderFacts:
    """A currency that was legal tender on ``[start, end)``, ISO dates; ``end`` None: still is."""

    code: str
    start: str
    end: str | None

    def holds_before(self, day: str) -> bool:
        """Return True if it was in use on the day before ``day``; an end given as the last day is
        tolerated."""
        eve = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        return self.start < day and (self.end is None or self.end >= eve)

    def lingers_beside(self, other: "TenderFacts") -> bool:
        """Return True if it was used beside another for longer than a changeover, and then ended."""
        start, end = (
            max(self.start, other.start),
            min(self.end or self.start, other.end or "9999-12-31"),
        )
        return date.fromisoformat(end) - date.fromisoformat(start) > CHANGEOVER

    def covers(self, start: str) -> bool:
        """Return True if a period that begins on ``start`` falls into it."""
        return self.start <= start and (self.end is None or start < self.end)


def build_periods(
    tenders: list[TenderFacts], extras: frozenset[str], source: str
) -> list[dict[str, Any]]:
    """The timeline of a whole currency list: [{value, from, to?, source}], oldest first, without gaps.

    ``extras`` are the codes that circulate beside the country's own; every other currency ends where its
    successor begins. The list goes back to where the source contradicts itself: more than one currency ended at once,
    or one was in use beside another for too long to be replaced by it.
    """
    chain = chain_successors([tender for tender in tenders if tender.code not in extras])
    beside = [tender for tender in tenders if tender.code in extras]
    periods: list[dict[str, Any]] = []
    for start, end in cut_periods(chain, beside):
        codes = [tender.code for tender in [*chain, *beside] if tender.covers(start)]
        period = {"value": [{"code": code} for code in codes], "from": start, "source": source}
        periods.append(period | ({"to": end} if end else {}))
    return periods


def chain_successors(tenders: list[TenderFacts]) -> list[TenderFacts]:
    """The succession of currencies up to today's, each ending where the next begins."""
    today = [tender for tender in tenders if tender.end is None]
    if not today:
        return []
    chain = [max(today, key=lambda tender: tender.start)]
    others = [tender for tender in tenders if tender != chain[0]]
    while True:
        head = chain[0]
        if lingering := [
            tender.end for tender in others if tender.end and tender.lingers_beside(head)
        ]:
            alone = min(max(lingering), head.end or "9999-12-31")
            return [TenderFacts(head.code, alone, head.end), *chain[1:]]
        before = [tender for tender in others if tender.holds_before(head.start)]
        if len(before) != 1:
            return chain
        others.remove(before[0])
        chain.insert(0, TenderFacts(before[0].code, before[0].start, head.start))


def cut_periods(
    chain: list[TenderFacts], beside: list[TenderFacts]
) -> list[tuple[str, str | None]]:
    """The longest periods without a change, from the chain's first day on."""
    if not chain:
        return []
    days = {day for tender in [*chain, *beside] for day in (tender.start, tender.end) if day}
    starts = sorted(day for day in days if day >= chain[0].start)
    return list(zip(starts, [*starts[1:], None], strict=True))

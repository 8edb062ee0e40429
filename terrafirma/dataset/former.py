"""Former countries, and the past of today's countries.

ISO 3166-3 uses the same codes, alpha-4, for countries that ended and for names and codes given up,
so the build reads both as records. Renamed countries become the past of today's country; the others
stay.
"""

from typing import Any

from terrafirma.dataset.model import Merged
from terrafirma.register.model.timelines import ends, starts

ALPHA4 = 4

# What else a country is called goes with its name: where it is not known for the old one, it is not the new one's.
SPELLINGS = {"official_name", "native_names"}


def is_former(code: str) -> bool:
    """Return True if a key of the build is an alpha-4 code."""
    return len(code) == ALPHA4


def fold_renames(merged: Merged) -> None:
    """Make each renamed record the past of the country it is today, in place."""
    renamed = {
        code: merged.pop(code) for code, record in list(merged.items()) if "renamed" in record
    }
    for old in renamed.values():
        country, day = merged[old.pop("renamed")[0]], old.pop("to")[0]
        for field in sorted(old.keys() | SPELLINGS):
            # A timeline kept by hand says all of it already.
            if f"dated.{field}" not in country:
                fold_field(field, old, country, day)


def fold_field(field: str, old: dict[str, Any], country: dict[str, Any], day: str) -> None:
    """Give a field of a country the old record's value until a day and its own since, unless they are the same."""
    before, now = old.get(field), country.get(field)
    if before and now and before[0] == now[0]:
        return
    periods = [{"value": before[0], "to": day}] if before else []
    periods += [{"value": now[0], "from": day}] if now else []
    if periods:
        country.pop(field, None)
        country[f"dated.{field}"] = (
            periods,
            "+".join(dict.fromkeys(each[1] for each in (now, before) if each)),
        )


def link_predecessors(merged: Merged) -> None:
    """Add ``predecessors`` in place, the inverse of ``successors``."""
    found: dict[str, list[str]] = {}
    for code, record in sorted(merged.items()):
        for successor in record.get("successors", ([], ""))[0]:
            found.setdefault(successor, []).append(code)
    for code, predecessors in found.items():
        merged[code]["predecessors"] = (predecessors, "derived")


def keep_to_life(merged: Merged) -> None:
    """Remove periods before a country existed or after it ended, in place."""
    for record in merged.values():
        life: dict[str, Any] = {
            bound: record[bound][0] for bound in ("from", "to") if bound in record
        }
        for field, (periods, source) in [
            each for each in record.items() if each[0].startswith("dated.")
        ]:
            lived = [
                period
                for period in periods
                if starts(period) < ends(life) and starts(life) < ends(period)
            ]
            if len(lived) < len(periods):
                record[field] = (lived, source)

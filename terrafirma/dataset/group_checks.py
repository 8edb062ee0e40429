"""Checks of groups and memberships, whatever the facts claim."""

import itertools
from dataclasses import dataclass
from datetime import date, timedelta

from terrafirma.dataset.former import is_former
from terrafirma.dataset.groups import GroupFacts, Membership, list_memberships
from terrafirma.dataset.model import BuildError
from terrafirma.dataset.reference import Documents, code_of
from terrafirma.register.model.timelines import ends, fields_on, starts


@dataclass(frozen=True)
class Nesting:
    """Members of ``inner`` also belong to one of ``outer``, from ``since`` on and ``late`` days
    after joining."""

    inner: str
    outer: tuple[str, ...]
    since: str = "1945-01-01"
    late: int = 0


NESTINGS = [
    Nesting("EUROZONE", ("EU",)),
    # Croatia waited longest for the European Economic Area, from 2013-07-01 to 2014-04-12.
    Nesting("EU", ("EEA",), since="1994-01-01", late=285),
    Nesting("EEA", ("EU", "EFTA")),
    Nesting("SCHENGEN", ("EU", "EFTA")),
    Nesting("EU", ("COE",)),
    Nesting("GCC", ("ARAB-LEAGUE",)),
    Nesting("G7", ("G20",), since="1999-12-31"),
]


def check_groups(groups: list[GroupFacts], documents: Documents) -> None:
    """Raise BuildError naming every fault: unknown countries, empty or overlapping periods, counts, nestings."""
    codes = {code_of(document) for document in documents}
    day = max(group.date for group in groups)
    memberships = [row for group in groups for row in group.memberships]
    faults = [fault for group in groups for fault in check_group(group, codes)]
    faults += [fault for nesting in NESTINGS for fault in check_nesting(memberships, nesting)]
    countries = [
        fields_on(document, day) for document in documents if not is_former(code_of(document))
    ]
    united = {fields["alpha2"] for fields in countries if fields["un_member"]}
    odd = united ^ {
        code for group in groups for code in list_memberships(memberships, "UN", group.date)
    }
    faults += [f"UN and un_member disagree about {code}" for code in sorted(odd)]
    if faults:
        raise BuildError("the groups are not sound:\n  " + "\n  ".join(faults))


def check_group(group: GroupFacts, known: set[str]) -> list[str]:
    """Faults of a group's memberships, which are ordered by country and day."""
    code, founded = group.document["code"], starts(group.document)
    faults = []
    for row in group.memberships:
        country = row["country"]
        if country not in known:
            faults.append(f"{code}: there is no country {country}")
        if starts(row) >= ends(row):
            faults.append(f"{code}: {country} leaves before it joins")
        if starts(row) < founded:
            faults.append(f"{code}: {country} joins before it is founded")
    for row, later in itertools.pairwise(group.memberships):
        if row["country"] == later["country"] and ends(row) > starts(later):
            faults.append(f"{code}: {row['country']} belongs to it twice on {later['from']}")
    counted = len(list_memberships(group.memberships, code, group.date))
    if counted != group.members:
        faults.append(f"{code}: {counted} members on {group.date} instead of {group.members}")
    return faults


def check_nesting(memberships: list[Membership], nesting: Nesting) -> list[str]:
    """Members of the inner group outside all outer groups: "XX of EUROZONE is not in EU on …"."""
    outer = [row for row in memberships if row["group"] in nesting.outer and "role" not in row]
    changes = {bound for row in outer for bound in (starts(row), ends(row))}
    faults = []
    for row in memberships:
        if row["group"] != nesting.inner or "role" in row:
            continue
        settled = (date.fromisoformat(starts(row)) + timedelta(days=nesting.late)).isoformat()
        begin = max(settled, nesting.since)
        homes = [each for each in outer if each["country"] == row["country"]]
        for day in sorted({begin, *changes}):
            if begin <= day < ends(row) and not any(
                starts(home) <= day < ends(home) for home in homes
            ):
                faults.append(
                    f"{row['country']} of {nesting.inner} is not in {' or '.join(nesting.outer)} on {day}"
                )
                break
    return faults

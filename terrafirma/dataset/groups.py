"""Hand-kept facts of another shape: groups of countries and who belonged to them when, from facts/groups/*.toml.

A file is one group. Beside what it is, it has ``members``, how many the group counted on ``date``; ``reason``, which
says who counts; and ``source``. ``[joined]`` and ``[left]`` hold date = "codes", the date in quotes or bare, as
precise as it is certain; ``[[others]]`` are the countries with a ``role`` other than membership. A country is named
by its alpha-2 code, one that is no more by the alpha-4 code of ISO 3166-3.
"""

import itertools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from terrafirma.dataset.model import BuildError, Merged
from terrafirma.register.model.timelines import ends, starts
from terrafirma.register.model.values import check_date

FIELDS = ("code", "name", "type", "headquarters", "website", "from", "to")

Membership = dict[str, Any]
"""{group, country, from?, to?, role?, source}; without a role, a full member. ``to`` is the first
day after it."""


@dataclass(frozen=True)
class GroupFacts:
    """The content of a file. ``members`` is the group's own count on ``date``, without members that
    are not countries.

    ``notes`` are its reason, source and date.
    """

    document: dict[str, Any]
    memberships: list[Membership]
    members: int
    date: str
    notes: dict[str, str]


def read_groups(folder: Path) -> list[GroupFacts]:
    """Every group, by code. Raises BuildError on a file of another shape."""
    groups = []
    for path in folder.glob("*.toml"):
        try:
            groups.append(read_group(path))
        except (KeyError, TypeError, ValueError) as error:
            raise BuildError(f"facts/groups/{path.name}: {error!r}") from error
    return sorted(groups, key=lambda group: str(group.document["code"]))


def read_group(path: Path) -> GroupFacts:
    """Read a group's file. Raises KeyError, TypeError or ValueError for an invalid structure."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    if content["code"] != path.stem:
        raise ValueError(f"the file is about {content['code']}")
    if not content["reason"]:
        raise ValueError("who counts as a member is not said")
    rows = [*pair_dates(content["joined"], content.get("left", {})), *content.get("others", [])]
    memberships = [{"group": content["code"], "source": content["source"]} | row for row in rows]
    for dated in (content, *memberships):
        for bound in {"from", "to"} & dated.keys():
            check_date(dated[bound])
    return GroupFacts(
        document={field: content[field] for field in FIELDS if field in content},
        memberships=sorted(memberships, key=lambda row: (row["country"], starts(row))),
        members=content["members"],
        date=str(content["date"]),
        notes={name: str(content[name]) for name in ("reason", "source", "date")},
    )


def pair_dates(joined: dict[str, str], left: dict[str, str]) -> list[dict[str, str]]:
    """[{country, from, to?}]: each joining with the next leaving. Raises ValueError for a leaving
    without a joining."""
    joinings, leavings = list_dates(joined), list_dates(left)
    if stray := sorted(set(leavings) - set(joinings)):
        raise ValueError(f"{', '.join(stray)} left without having joined")
    rows = []
    for country, dates in joinings.items():
        pairs = list(itertools.zip_longest(dates, leavings.get(country, [])))
        for number, (start, end) in enumerate(pairs, start=1):
            if start is None or (end is None and number < len(pairs)):
                raise ValueError(f"{country} does not join and leave in turn")
            rows.append({"country": country, "from": start} | ({"to": end} if end else {}))
    return rows


def list_dates(table: dict[str, str]) -> dict[str, list[str]]:
    """{country: its dates, the earliest first}."""
    dates: dict[str, list[str]] = {}
    for date in sorted(table):
        for country in table[date].split():
            dates.setdefault(country, []).append(date)
    return dates


def date_members(merged: Merged, groups: list[GroupFacts]) -> None:
    """Make ``un_member`` dated, in place, by the days of the United Nations; their members' predecessors count."""
    file = "facts/groups/UN.toml"
    for row in [
        row for group in groups if group.document["code"] == "UN" for row in group.memberships
    ]:
        periods, _ = merged[row["country"]].setdefault("dated.un_member", ([], file))
        since = {"from": periods[-1]["to"]} if periods else {}
        if since.get("from") != row["from"]:
            periods.append({"value": False} | since | {"to": row["from"]})
        periods.append(
            {"value": True} | {bound: row[bound] for bound in ("from", "to") if bound in row}
        )
        merged[row["country"]].pop("un_member", None)


def render_groups(groups: list[GroupFacts]) -> dict[str, list[dict[str, Any]]]:
    """The records: groups by code, memberships by group, country and day."""
    return {
        "groups": [group.document for group in groups],
        "memberships": [row for group in groups for row in group.memberships],
    }


def describe_group_sources(groups: list[GroupFacts]) -> dict[str, Any]:
    """Their part of provenance.json: all from facts/groups/. A membership's own ``source`` is its
    authority."""
    kinds = {"group": "groups", "membership": "memberships"}
    records = render_groups(groups)
    fields = {
        kind: {field for record in records[name] for field in record}
        for kind, name in kinds.items()
    }
    return {
        kind: {
            "defaults": {field: ["facts/groups"] for field in named - {"code"}},
            "exceptions": {},
        }
        for kind, named in fields.items()
    }


def list_memberships(memberships: list[Membership], code: str, day: str) -> set[str]:
    """The countries that were members of a group on a day, in no other role."""
    return {
        row["country"]
        for row in memberships
        if row["group"] == code and "role" not in row and starts(row) <= day < ends(row)
    }

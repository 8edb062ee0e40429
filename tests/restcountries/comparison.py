"""`python -m tests.restcountries.comparison`: our v3.1 records beside those that were recorded, field by field.

It writes `docs/restcountries-comparison.md`; with `--check` it only compares. Recordings are compared with, never
copied. Every difference falls under an entry of `differences.toml`, which says why it is meant to be; one that does
not is "to be explained", and a test allows none.
"""

import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from math import cos, hypot, radians
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from terrafirma.config import WORLD, Settings
from terrafirma.dataset.load import prepare, read_locales
from terrafirma.dataset.prepared import place_world
from terrafirma.register.log.identifiers import Moment
from terrafirma.restcountries.editions import make_edition
from terrafirma.restcountries.translate import BESIDES
from terrafirma.restcountries.v31 import V31
from terrafirma.storage.engine.database import open_database
from tests.restcountries.recordings import Record, list_complete

DIFFERENCES = Path(__file__).with_name("differences.toml")
REPORT = Path(__file__).parents[2] / "docs" / "restcountries-comparison.md"
DAY = "2026-11-22"
"""The day whose facts are compared: the report must not change from one day to the next."""

FEW = 8
"""Countries that the report names; of more it gives the number."""

KEYED = ("currencies", "languages", "translations", "name.nativeName", "demonyms", "gini")
"""Objects whose keys are data: their keys are compared, then what stands under the keys that both have."""
OBJECTS = ("name", "idd", "car", "flags", "maps", "capitalInfo", "postalCode")

Relation = Callable[[Any, Any, float], bool]


def is_reordered(theirs: Any, ours: Any, _: float) -> bool:
    """The same items in another order."""
    return sorted(theirs) == sorted(ours)


def has_more(theirs: Any, ours: Any, _: float) -> bool:
    """Theirs, and more."""
    return set(theirs) < set(ours)


def has_fewer(theirs: Any, ours: Any, _: float) -> bool:
    """Some of theirs."""
    return set(ours) < set(theirs)


def is_added(theirs: Any, ours: Any, _: float) -> bool:
    """They have none."""
    return not theirs and bool(ours)


def is_absent(theirs: Any, ours: Any, _: float) -> bool:
    """We have none."""
    return bool(theirs) and not ours


def is_within(theirs: float, ours: float, share: float) -> bool:
    """A figure that differs by no more than a share of the larger."""
    return abs(theirs - ours) <= share * max(theirs, ours)


def is_near(theirs: list[float], ours: list[float], kilometres: float) -> bool:
    """A point no further away than that."""
    if not theirs or not ours:
        return False
    north, east = theirs[0] - ours[0], (theirs[1] - ours[1]) * cos(radians(ours[0]))
    return hypot(north, east) * 111.2 <= kilometres


def is_later(theirs: list[str], ours: list[str], _: float) -> bool:
    """A later year."""
    return bool(theirs and ours) and max(ours) > max(theirs)


def is_cased(theirs: dict[str, str], ours: dict[str, str], _: float) -> bool:
    """The same but for capitals."""
    return {key: value.lower() for key, value in theirs.items()} == {
        key: value.lower() for key, value in ours.items()
    }


def is_utc(theirs: list[str], ours: list[str], _: float) -> bool:
    """The same, with an offset of nothing written as `UTC`."""
    return [zone.replace("UTC+00:00", "UTC") for zone in theirs] == ours


def is_any(_theirs: Any, _ours: Any, _: float) -> bool:
    """Anything."""
    return True


RELATIONS: dict[str, Relation] = {
    "reordered": is_reordered, "more": has_more, "fewer": has_fewer, "added": is_added, "absent": is_absent,
    "within": is_within, "near": is_near, "later": is_later, "cased": is_cased, "utc": is_utc, "any": is_any,
}  # fmt: skip


@dataclass
class Difference:
    """Why a field may differ: in these countries, or wherever the two values stand in a relation."""

    field: str
    reason: str
    countries: tuple[str, ...] = ()
    relation: str = ""
    limit: float = 0.0
    found: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """By alpha-3 code, what they and we say."""

    def allows(self, country: str, theirs: Any, ours: Any) -> bool:
        """Whether this is such a difference."""
        return country in self.countries or bool(
            self.relation and RELATIONS[self.relation](theirs, ours, self.limit)
        )


@dataclass
class Comparison:
    """What was found."""

    equal: dict[str, int]
    differences: list[Difference]
    unexplained: list[tuple[str, str, Any, Any]]

    def stale(self) -> list[str]:
        """Differences that are listed but not there."""
        idle = [f"{each.field}: {each.reason}" for each in self.differences if not each.found]
        gone = [(each, set(each.countries) - each.found.keys()) for each in self.differences]
        return idle + [
            f"{each.field} of {', '.join(sorted(codes))}" for each, codes in gone if codes
        ]


def read_differences() -> list[Difference]:
    """The list, in its order: the first entry that allows a difference has it."""
    entries = tomllib.loads(DIFFERENCES.read_text(encoding="utf-8"))["difference"]
    return [
        Difference(**{**entry, "countries": tuple(entry.get("countries", ()))}) for entry in entries
    ]


@cache
def list_ours() -> dict[str, Record]:
    """Our complete v3.1 records of a new register, by alpha-3 code."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/register.sqlite"
        place_world(url, WORLD)
        with closing(open_database(url)) as database:
            prepare(database, WORLD)
            with database.reading() as connection:
                edition = make_edition(
                    connection, Moment(DAY), Settings(Path(folder)), read_locales()
                )
    return {record["cca3"]: record for record in edition.records(V31)}


def list_leaves(record: Record) -> dict[str, Any]:
    """What is compared of a record, by the name it has in the report."""
    leaves: dict[str, Any] = {}
    for name, value in record.items():
        if name == BESIDES:
            continue
        if name in OBJECTS:
            leaves |= {f"{name}.{member}": each for member, each in value.items()}
        else:
            leaves[name] = value
    return leaves


def pair_leaves(theirs: Record, ours: Record) -> Iterator[tuple[str, Any, Any]]:
    """Values to compare: name in the report, theirs, ours."""
    one, other = list_leaves(theirs), list_leaves(ours)
    for name in dict.fromkeys([*one, *other]):
        if name not in KEYED:
            yield name, one.get(name), other.get(name)
            continue
        yield f"{name} (keys)", sorted(one[name]), sorted(other[name])
        both = sorted(one[name].keys() & other[name].keys())
        members = sorted(
            {
                member
                for key in both
                if isinstance(one[name][key], dict)
                for member in one[name][key]
            }
        )
        for member in members:
            pairs = [
                {key: each[name][key].get(member, "") for key in both} for each in (one, other)
            ]
            yield f"{name}.{member}", *pairs
        if not members and both:
            yield (
                f"{name} (values)",
                *({key: each[name][key] for key in both} for each in (one, other)),
            )


def compare() -> Comparison:
    """Everything that both have."""
    ours, differences = list_ours(), read_differences()
    found = Comparison({}, differences, [])
    for record in list_complete():
        code = record["cca3"]
        for name, one, other in pair_leaves(record, ours[code]):
            found.equal[name] = found.equal.get(name, 0) + (one == other)
            if one == other:
                continue
            reasons = (
                each for each in differences if each.field == name and each.allows(code, one, other)
            )
            if reason := next(reasons, None):
                reason.found[code] = (one, other)
            else:
                found.unexplained.append((name, code, one, other))
    return found


def write_report(found: Comparison) -> str:
    """The report as Markdown."""
    intended = {each.field: 0 for each in found.differences}
    for each in found.differences:
        intended[each.field] += len(each.found)
    odd = [name for name, *_ in found.unexplained]
    totals = (sum(found.equal.values()), sum(intended.values()), len(odd))
    lines = [
        "# Records compared with REST Countries",
        "",
        "Written by `make dataset`; do not edit. It compares the 248 countries that REST Countries v3.1 was recorded",
        f"to answer in 2025 with the records of Terrafirma's dataset on {DAY}, field by field. `(keys)` are the codes",
        "of an object whose keys are codes; the lines after it compare the values under codes that both have.",
        "",
        f"**{totals[0]:,} values equal, {totals[1]:,} intended differences, {totals[2]:,} to be explained.**",
        "",
        "| field | equal | intended | to be explained |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {name} | {count} | {intended.get(name, 0)} | {odd.count(name)} |"
        for name, count in found.equal.items()
    ]
    lines += ["", "## Reasons", "", "| field | countries | reason |", "| --- | --- | --- |"]
    lines += [
        f"| {each.field} | {list_countries(each)} | {each.reason} |" for each in found.differences
    ]
    return "\n".join(lines) + "\n"


def list_countries(difference: Difference) -> str:
    """The countries of a difference, or how many where they are many."""
    codes = sorted(difference.found)
    return (
        ", ".join(codes)
        if len(codes) <= len(difference.countries) or len(codes) < FEW
        else str(len(codes))
    )


def main(arguments: list[str]) -> int:
    """Write the report; with --check compare, and say whether anything differs."""
    found = compare()
    for name, code, theirs, ours in found.unexplained:
        print(f"to be explained: {name} of {code}: {theirs} there, {ours} here", file=sys.stderr)
    for line in found.stale():
        print(f"no longer so: {line}", file=sys.stderr)
    report = write_report(found)
    if "--check" not in arguments:
        REPORT.write_text(report, encoding="utf-8")
    fresh = REPORT.read_text(encoding="utf-8") == report
    if not fresh:
        print(f"{REPORT.name} is not what the comparison gives", file=sys.stderr)
    return 0 if fresh and not found.unexplained and not found.stale() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

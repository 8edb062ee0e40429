"""Hand-kept facts: reading facts/*.toml, and laying them over what the sources say.

A file has ``field``, ``reason``, ``source`` and ``date``; a table ``[values]`` of alpha-2 = the whole value; and
``[[exceptions]]`` of country, value, reason, source and date, which stand above it. "absent" takes a value away.
Besides fields of the record there are ``m49`` ({region, subregion, intermediate_region?}), ``borders_add`` and
``borders_remove`` (``pairs = ["AA-BB"]``), and the tables the build looks things up in (TABLES below).
``known_from`` says since when values are known to hold (``known.py``), ``borders_dated`` which borders were others
(``borders.py``). The files in facts/groups/ are of another shape, which ``groups.py`` describes.

What changed with time is ``field = "dated.<field>"``; each value is a list of periods, oldest first: ``{ value, from?,
to?, source? }``, half-open. If the last one ends, today's value follows from that day on, so only the past is written
down. A period without a value is a gap: nothing is known of it. A former country is named by its ISO 3166-3 code.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from terrafirma.dataset.groups import GroupFacts, read_groups
from terrafirma.dataset.merge import find_value, show_value
from terrafirma.dataset.model import ABSENT, FOLLOWERS, BuildError, Merged, Override

FACTS = Path(__file__).with_name("facts")

# Names in ``field`` that are no field of a country: lists of borders, and tables the build looks things up in.
PAIRS = {"borders_add", "borders_remove"}
TABLES = {
    "dual_tender",
    "language_names",
    "local_long_form",
    "local_short_form",
    "m49_nodes",
    "subdivision_local_names",
    "subdivision_names",
    "subdivisions_former",
    "subdivisions_from",
    "subdivisions_superseded",
}
DATED = "dated."
KNOWN = "known_from"
BORDERS = "borders_dated"
NOTES = ("reason", "source", "date")
REGIONS = ("region", "subregion", "intermediate_region")


@dataclass(frozen=True)
class Pair:
    """A border to add or to take away, both ways."""

    action: str
    countries: tuple[str, str]
    reason: str
    file: str


@dataclass(frozen=True)
class BorderPeriod:
    """A border that was there, or was not, until a day."""

    countries: tuple[str, str]
    to: str
    there: bool


@dataclass
class Facts:
    """All of facts/. ``values`` are applied before ``exceptions``, and ``timelines`` last."""

    values: list[Override] = field(default_factory=list)
    exceptions: list[Override] = field(default_factory=list)
    timelines: list[Override] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    """Countries whose land belonged to another country until a day, though they were listed:
    {alpha-2: {of, to}}."""
    border_periods: list[BorderPeriod] = field(default_factory=list)
    tables: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: {} for name in TABLES})
    groups: list[GroupFacts] = field(default_factory=list)
    known: dict[str, dict[str, Any]] = field(default_factory=lambda: {"defaults": {}, "values": {}})
    """Since when fields are known: by field, and by country and field where it differs."""
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Notes of files, and of some records: {file: {source, reason, date, records?: {key: the
    same}}}."""


def read_facts(folder: Path = FACTS) -> Facts:
    """Read every facts file, in the order of their names. Raises BuildError on a file of another shape."""
    facts = Facts()
    for path in sorted(folder.glob("*.toml")):
        try:
            add_file(facts, tomllib.loads(path.read_text(encoding="utf-8")), f"facts/{path.name}")
        except (KeyError, TypeError, ValueError) as error:
            raise BuildError(f"facts/{path.name}: {error!r}") from error
    facts.groups = read_groups(folder / "groups")
    facts.notes["facts/groups"] = {
        "records": {group.document["code"]: group.notes for group in facts.groups}
    }
    seen: dict[tuple[str, str], str] = {}
    for override in [*facts.values, *facts.timelines]:
        key = (override.field, override.country)
        if key in seen:
            raise BuildError(
                f"{override.field} of {override.country} stands in {seen[key]} and {override.file}"
            )
        seen[key] = override.file
    return facts


def add_file(facts: Facts, content: dict[str, Any], file: str) -> None:
    """Add a file's facts."""
    name = content["field"]
    facts.notes[file] = list_notes(content)
    if name in PAIRS:
        facts.pairs += [
            Pair(name, split_pair(pair), content["reason"], file) for pair in content["pairs"]
        ]
        return
    if name == BORDERS:
        facts.parts |= content["parts"]
        for there in (True, False):
            for day, pairs in content["there" if there else "not_there"].items():
                facts.border_periods += [
                    BorderPeriod(split_pair(pair), day, there) for pair in pairs
                ]
        return
    if name == KNOWN:
        facts.known = {part: content[part] for part in facts.known}
        return
    if name in TABLES:
        facts.tables[name] |= content.get("values", {})
        facts.tables[name] |= {
            entry["country"]: entry["value"] for entry in content.get("exceptions", [])
        }
        return
    values = facts.timelines if name.startswith(DATED) else facts.values
    for country, value in content.get("values", {}).items():
        values += list_overrides(name, content | {"country": country, "value": value}, file)
    for exception in content.get("exceptions", []):
        facts.exceptions += list_overrides(name, content | exception, file)


def split_pair(pair: str) -> tuple[str, str]:
    """The two countries of a border, in order."""
    one, other = sorted(pair.split("-"))
    return one, other


def list_notes(content: dict[str, Any]) -> dict[str, Any]:
    """A file's notes: the source of its facts, the reason and the date they were looked up."""
    notes: dict[str, Any] = {name: str(content[name]) for name in NOTES if name in content}
    told = {entry["country"]: list_notes(entry) for entry in content.get("exceptions", [])}
    return notes | ({"records": told} if told else {})


def list_overrides(name: str, entry: dict[str, Any], file: str) -> list[Override]:
    """The overrides of a value: an ``m49`` sets up to three fields."""
    value = entry["value"]
    values = (
        {key: value[key] for key in REGIONS if key in value} if name == "m49" else {name: value}
    )
    notes = {key: str(entry[key]) for key in ("country", *NOTES)}
    return [Override(field=key, value=each, file=file, **notes) for key, each in values.items()]


def apply_facts(merged: Merged, facts: Facts) -> list[str]:
    """Apply the facts to ``merged`` in place; return a sentence for each replaced value.

    Raises BuildError naming every fact that changes nothing: the sources have caught up, and it
    should be deleted.
    """
    overrides = [*facts.values, *facts.exceptions]
    changes = {
        index: change
        for index, each in enumerate(overrides)
        if (change := apply_override(merged, each))
    }
    changed = {(overrides[index].country, overrides[index].field) for index in changes}
    stale = [
        f"{override.file}: {override.field} of {override.country}"
        for index, override in enumerate(overrides)
        if index not in changes and not changed & related_fields(override)
    ]
    sentences = list(changes.values())
    for pair in facts.pairs:
        apply_pair(merged, pair, stale, sentences)
    if stale:
        raise BuildError(
            "these facts say what the sources say already; take them out:\n  " + "\n  ".join(stale)
        )
    drop_lost_followers(merged)
    return sentences


def related_fields(override: Override) -> set[tuple[str, str]]:
    """(alpha-2, field) of fields that belong to this field.

    A year that happens to be the same is still needed if its figure differs.
    """
    lead = FOLLOWERS.get(override.field, override.field)
    family = {lead, *(follower for follower, leader in FOLLOWERS.items() if leader == lead)}
    return {(override.country, name) for name in family - {override.field}}


def apply_override(merged: Merged, override: Override) -> str | None:
    """Apply a fact; return a sentence about the replaced value, or None if it was equal."""
    if override.country not in merged:
        raise BuildError(f"{override.file}: there is no country {override.country}")
    record = merged[override.country]
    timeline = DATED + override.field
    before, source = record.get(override.field, record.get(timeline, (None, "")))
    after = None if override.value == ABSENT else override.value
    record.pop(timeline, None)
    record.pop(override.field, None)
    if after is not None:
        record[override.field] = (after, override.file)
    if before == after:
        return None
    was = f"{before!r} ({source})" if source else "nothing"
    return f"{override.country} {override.field}: {after!r} ({override.file}) instead of {was}"


def apply_timelines(merged: Merged, facts: Facts) -> list[str]:
    """Apply the dated facts to today's values in place; return a sentence for each."""
    return [apply_timeline(merged, override) for override in facts.timelines]


def apply_timeline(merged: Merged, override: Override) -> str:
    """Apply a timeline that ends with today's value; return a sentence about it."""
    if override.country not in merged:
        raise BuildError(f"{override.file}: there is no country {override.country}")
    record, name = merged[override.country], override.field.removeprefix(DATED)
    today, source = find_value(record, name)
    record.pop(name, None)
    last, periods = override.value[-1], [period for period in override.value if "value" in period]
    if "to" in last and source:
        periods.append({"value": today, "from": last["to"]})
    record[override.field] = (
        periods,
        f"{source}+{override.file}" if "to" in last and source else override.file,
    )
    told = "; ".join(f"{show_value(each['value'])} {show_days(each)}" for each in periods)
    return f"{override.country} {name}: {told} ({override.file})"


def show_days(period: dict[str, Any]) -> str:
    """The days of a period, to be read."""
    return " ".join(f"{bound} {period[bound]}" for bound in ("from", "to") if bound in period)


def apply_pair(merged: Merged, pair: Pair, stale: list[str], changes: list[str]) -> None:
    """Add or remove a border on both sides."""
    one, other = pair.countries
    adding = pair.action == "borders_add"
    found = [
        there in merged[here].get("borders", ([], ""))[0]
        for here, there in ((one, other), (other, one))
    ]
    if all(was is adding for was in found):
        stale.append(f"{pair.file}: {one}-{other}")
        return
    changes.append(f"{one}-{other}: border {'added' if adding else 'taken away'} ({pair.file})")
    for here, there in ((one, other), (other, one)):
        borders = set(merged[here].get("borders", ([], ""))[0])
        borders = borders | {there} if adding else borders - {there}
        sources = [*merged[here].get("borders", ([], "geonames"))[1].split("+"), pair.file]
        merged[here]["borders"] = (sorted(borders), "+".join(dict.fromkeys(sources)))


def drop_lost_followers(merged: Merged) -> None:
    """Remove years and longitudes of values that have been replaced."""
    for record in merged.values():
        for follower, leader in FOLLOWERS.items():
            if follower not in record:
                continue
            source = record[follower][1]
            led_by = record.get(leader, (None, ""))[1]
            if led_by != source and not source.startswith("facts/"):
                del record[follower]

"""Sources of each field of a record: the dataset's sources, or the entry that set the value here."""

import re
from typing import Any, NamedTuple

from terrafirma.config import WORLD
from terrafirma.register.model.canonical_json import decode, same
from terrafirma.register.model.derived import load_reference
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import Fields, PeriodJSON, ends, fields_on, starts
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.dataset_records import find_origin
from terrafirma.storage.register.entries import EntryRange, EntryRow, scan_entries
from terrafirma.storage.register.records import Version

SourceNote = dict[str, Any]
"""`{"date"?, "from"?, "to"?, "register"?, "dataset"?}` for a single field on one day."""

DATASET = "dataset:"
"""Prefix of actors that are datasets."""

FOLLOWS = {"capital": "capitals", "flag": "alpha2"}
"""Fields of an answer that follow from another."""

SHOWN = ("name", "licence", "version", "url")
"""Members of a source that answers show."""

NOTES = {"source": "name", "reason": "reason", "date": "date"}
"""Members shown of a fact kept by hand, with their public names."""


class Listing(NamedTuple):
    """A record in the dataset: the kind and key under which its sources are listed, and its
    document; empty if absent."""

    kind: str
    key: str
    document: Document


def describe_sources(
    connection: Connection, kind: Kind, version: Version, day: str
) -> dict[str, SourceNote]:
    """The sources of a record's state on a day, by field; `extra` members separately.

    `register` is present where a local edit differs from the dataset, whose value is shown beside
    it.
    """
    if not version.valid_from <= day < version.valid_to:
        day = version.valid_from
    makers, stored = find_makers(connection, kind, version, day)
    listing = find_listing(connection, kind, version.id, stored)
    fields, offered = fields_on(stored, day), fields_on(listing.document, day)
    told: dict[str, SourceNote] = {}
    for name, maker in makers.items():
        period, was = period_on(stored, name, day), period_on(listing.document, name, day)
        told[name] = describe_date(fields, name, period)
        agreed = name in offered and same([fields[name], period], [offered[name], was])
        if agreed or maker.actor.startswith(DATASET):
            told[name]["dataset"] = describe_dataset(listing.kind, listing.key, name, period)
            continue
        told[name]["register"] = describe_entry(maker, period)
        if name in offered:
            instead = describe_dataset(listing.kind, listing.key, name, was)
            told[name]["dataset"] = {"value": offered[name]} | instead
    return told | {
        name: told[leader]
        for name, leader in FOLLOWS.items()
        if name not in told and leader in told
    }


def describe_translation(kind: Kind) -> SourceNote:
    """The source of a translated name."""
    return {"dataset": describe_dataset(kind.translations, "", "names", {})}


def find_makers(
    connection: Connection, kind: Kind, version: Version, day: str
) -> tuple[dict[str, EntryRow], Document]:
    """The entry that set each field of a state on a day, and the stored document."""
    makers: dict[str, EntryRow] = {}
    fields: Fields = {}
    stored: Document = {}
    for batch in scan_entries(
        connection, EntryRange(until=version.entry, kind=kind.name, id=version.id)
    ):
        for row in batch:
            stored = decode(row.after or "{}")
            before, fields = fields, fields_on(stored, day)
            changed = {
                name
                for name in fields
                if name not in before or not same(fields[name], before[name])
            }
            makers = {
                name: row if name in changed else makers[name] for name in fields if name != "id"
            }
    return makers, stored


def find_listing(connection: Connection, kind: Kind, id: int, stored: Document) -> Listing:
    """The dataset's listing of a record. Only the world dataset has sources."""
    dataset = schema.read_property(connection, "dataset") or ""
    name = kind.name if dataset.partition(" ")[0] == WORLD else ""
    if found := find_origin(connection, kind.name, id):
        return Listing(name, found[0], decode(found[2]))
    return Listing(name, str(next((stored[code] for code in kind.keys if code in stored), "")), {})


def period_on(document: Document, name: str, day: str) -> PeriodJSON:
    """The period of a field's timeline that a day falls into; empty for a plain value."""
    timeline = document.get("dated", {}).get(name, [])
    return next((period for period in timeline if starts(period) <= day < ends(period)), {})


def describe_date(fields: Fields, name: str, period: PeriodJSON) -> SourceNote:
    """When a value is of: the year that goes with it, the period it holds in."""
    told: SourceNote = {bound: period[bound] for bound in ("from", "to") if bound in period}
    return told | ({"date": str(fields[f"{name}_year"])} if f"{name}_year" in fields else {})


def describe_entry(maker: EntryRow, period: PeriodJSON) -> SourceNote:
    """The actor, time and stated source of a local value."""
    told: SourceNote = {"actor": maker.actor, "entry": maker.number, "at": maker.at}
    return told | ({"source": period["source"]} if "source" in period else {})


def describe_dataset(kind: str, key: str, name: str, period: PeriodJSON) -> SourceNote:
    """Where the dataset has a value from; a period may name its own source."""
    summary = load_reference("provenance").get(kind, {"defaults": {}, "exceptions": {}})
    usual = summary["defaults"].get(name, [""])[0]
    listed: str = summary["exceptions"].get(key, {}).get(name, usual)
    told = [describe_source(source, key) for source in listed.split("+") if source]
    word = period.get("source")
    if word and word not in load_reference("sources"):
        told = [source | {"name": word} for source in told]
    return {"sources": told}


def describe_source(source: str, key: str) -> SourceNote:
    """A source, by its id or the file of a fact kept by hand."""
    family, _, file = source.partition("/")
    known = load_reference("sources").get(family, {})
    told = {"source": source} | {name: known[name] for name in SHOWN if name in known}
    if not file:
        return told
    notes = load_reference("facts").get(source, {})
    apart = notes.get("records", {})
    notes = apart.get(key) or apart.get(re.split("[/ ]", key)[0]) or notes
    return told | {shown: notes[name] for name, shown in NOTES.items() if name in notes}

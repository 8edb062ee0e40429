"""Merge a newer dataset into a record: apply the dataset's changes unless the value was edited
here.

Compares three documents part by part: the old dataset's, the register's, the new dataset's. Pure
functions; `dataset/upgrade.py` finds the documents and writes the result.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from terrafirma.register.model.canonical_json import same
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import KNOWN_FROM

Part = dict[str, Any]
"""Parts of a document by path: `{"area": 513120}`, `{"dated.area": […]}`, `{"extra.note": "…"}`."""

Leaders = Mapping[str, str]
"""Fields that belong to another field and follow it: `{"population_year": "population"}`."""

MEMBERS = ("dated", "extra", "names", "values", KNOWN_FROM)
"""Objects whose members are compared separately."""

EDITED = "was changed here and in the dataset; it stays as it is here"
DELETED = "was deleted here and changed in the dataset; it stays deleted"
DROPPED = "was changed here and dropped from the dataset; it stays"
PRESENT = "is here already and not from the dataset; it stays as it is here"


class KeptEdit(NamedTuple):
    """Where the register goes on saying something else than the dataset, and why; no field: the whole record."""

    field: str
    reason: str


class ThreeWay(NamedTuple):
    """A record in the old dataset, in the register and in the new dataset; None if it is missing
    there."""

    origin: Document | None
    current: Document | None
    offered: Document | None


class MergeDecision(NamedTuple):
    """The merged document without its id, and the dataset's changes that were not applied."""

    after: Document | None
    kept: list[KeptEdit]


def decide(sides: ThreeWay, leaders: Leaders, held: Collection[str] = ()) -> MergeDecision:
    """Merge a record; parts in ``held`` keep the register's value."""
    origin, current, offered = (without_id(document) for document in sides)
    if origin is None:
        return (
            MergeDecision(offered, [])
            if current is None
            else MergeDecision(current, list_kept(PRESENT, current, offered))
        )
    if current is None:
        return MergeDecision(
            None, list_kept(DELETED, origin, offered) if offered is not None else []
        )
    if offered is None:
        return (
            MergeDecision(None, [])
            if same(origin, current)
            else MergeDecision(current, [KeptEdit("", DROPPED)])
        )
    if same(origin, offered):
        return MergeDecision(current, [])
    return merge(origin, current, offered, leaders, held)


def list_kept(reason: str, one: Document | None, other: Document | None) -> list[KeptEdit]:
    """The reason for the whole record, if the two documents differ."""
    return [] if same(one, other) else [KeptEdit("", reason)]


def without_id(document: Document | None) -> Document | None:
    """A document less its id, which the dataset numbers in its own way."""
    return document and {name: value for name, value in document.items() if name != "id"}


def merge(
    origin: Document,
    current: Document,
    offered: Document,
    leaders: Leaders,
    held: Collection[str] = (),
) -> MergeDecision:
    """The current document with the dataset's new values in all parts that were not edited here."""
    merged: Part = {}
    kept: list[KeptEdit] = []
    olds, heres, news = (split(document, leaders) for document in (origin, current, offered))
    for name in sorted(olds.keys() | heres.keys() | news.keys()):
        old, here, new = (parts.get(name, {}) for parts in (olds, heres, news))
        if same(here, old) and name not in held:
            merged |= new
            continue
        merged |= here
        if name not in held and not same(undated(old), undated(new)) and not same(here, new):
            kept.append(KeptEdit(name, EDITED))
    return MergeDecision(join(merged), kept)


def undated(part: Part) -> Part:
    """A part without its first known day: a dataset that only added that day changes no value."""
    return {path: value for path, value in part.items() if not path.startswith(f"{KNOWN_FROM}.")}


def split(document: Document, leaders: Leaders) -> dict[str, Part]:
    """A document's parts by the field that leads each, timelines beside the plain values of their field."""
    parts: dict[str, Part] = {}
    for path, value in list_paths(document).items():
        field = path.removeprefix("dated.").removeprefix(f"{KNOWN_FROM}.")
        parts.setdefault(leaders.get(field, field), {})[path] = value
    return parts


def list_paths(document: Document) -> Part:
    """Every value of a document by its path; an empty object is a value too."""
    paths: Part = {}
    for name, value in document.items():
        if name in MEMBERS and value:
            paths |= {f"{name}.{member}": each for member, each in value.items()}
        else:
            paths[name] = value
    return paths


def join(part: Part) -> Document:
    """The document of values by their paths."""
    document: Document = {}
    for path, value in part.items():
        name, _, member = path.partition(".")
        if member:
            document.setdefault(name, {})[member] = value
        elif name in MEMBERS:
            document.setdefault(name, {})
        else:
            document[name] = value
    return document

"""Derived fields of a record: flag, names of codes, first capital.

The reference lists (ISO 4217, BCP 47) come with the dataset and are read once.
"""

from functools import cache
from importlib import resources
from typing import Any

from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.records import Document

REGIONAL_INDICATOR_A = 0x1F1E6
"""Flag emoji are the two letters of an alpha-2 code, written in regional indicators (Unicode TR51)."""


@cache
def load_reference(name: str) -> dict[str, dict[str, Any]]:
    """A reference list of the dataset: `{code: {name, …}}`."""
    path = resources.files("terrafirma.dataset") / "data" / f"{name}.json"
    reference: dict[str, dict[str, Any]] = decode(path.read_bytes())
    return reference


def flag_of(alpha2: str) -> str:
    """The flag emoji of an alpha-2 code."""
    return "".join(chr(REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in alpha2)


def name_codes(items: list[dict[str, Any]], reference: str, *names: str) -> list[dict[str, Any]]:
    """Coded items with the names and symbols of their codes."""
    known = load_reference(reference)
    return [
        item
        | {name: entry[name] for name in names if name in (entry := known.get(item["code"], {}))}
        for item in items
    ]


def derive(document: Document) -> Document:
    """A document with its derived fields; its own facts are unchanged."""
    derived = dict(document)
    if "capitals" in document:
        derived["capital"] = document["capitals"][0]["name"]
    if "alpha2" in document:
        derived["flag"] = flag_of(document["alpha2"])
    if "currencies" in document:
        derived["currencies"] = name_codes(document["currencies"], "currencies", "name", "symbol")
    if "languages" in document:
        derived["languages"] = name_codes(document["languages"], "languages", "name")
    if "values" in document:
        year = max(document["values"])
        derived |= {"year": int(year), "value": document["values"][year]}
    return derived

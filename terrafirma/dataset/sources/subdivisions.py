"""ISO 3166-2 as two packages and Unicode CLDR have it."""

import re
from dataclasses import dataclass
from typing import Any

from terrafirma.dataset.inputs import Inputs


@dataclass(frozen=True)
class SourceSubdivision:
    """The package iso3166-2's data of a code: ISO's own name, and names by ISO 639-3 code.

    Its coordinates, derived from OpenStreetMap according to its documentation, are not read.
    """

    name: str
    type: str
    parent: str | None
    names: list[tuple[str, str]]


def read_iso3166_2(inputs: Inputs) -> dict[str, SourceSubdivision]:
    """Every subdivision by its code."""
    countries: dict[str, dict[str, Any]] = inputs.read_json("iso3166-2", "iso3166_2/iso3166-2.json")
    return {
        code: SourceSubdivision(
            strip_notes(entry["name"]),
            entry["type"],
            entry["parentCode"],
            split_names(entry["localOtherName"] or ""),
        )
        for subdivisions in countries.values()
        for code, entry in subdivisions.items()
    }


def split_names(text: str) -> list[tuple[str, str]]:
    """(language, name) out of `Paris (eng), Paname (fra)`; some languages have a Glottolog code."""
    return [
        (language, name)
        for name, language in re.findall(r"([^\s,].*?) \((\w{3}|\w{4}\d{4})\)(?:, |$)", text)
    ]


def strip_notes(name: str) -> str:
    """A name without additions of lists: other spellings or codes in brackets, and positions (EH)."""
    return re.sub(r" (\[.*\]|\(EH(-partial)?\))$", "", name)


def read_english_subdivisions(inputs: Inputs) -> dict[str, str]:
    """CLDR's English names by CLDR's codes (`usca`), without distinguishing marks."""
    english = inputs.read_json("cldr-subdivisions-full", "subdivisions/en/en.json")["subdivisions"]
    names: dict[str, str] = english["localeDisplayNames"]["subdivisions"]
    return {code: re.sub(r"( †|[²³])$", "", name) for code, name in names.items()}


def read_containment(inputs: Inputs) -> dict[str, str]:
    """The parent of each subdivision in CLDR: `{"fr75c": "fridf", "fridf": "FR"}`."""
    supplemental = inputs.read_json("cldr-core", "supplemental/subdivisionContainment.json")[
        "supplemental"
    ]
    groups: dict[str, dict[str, list[str]]] = supplemental["subdivisionContainment"]
    return {code: group for group, entry in groups.items() for code in entry["_contains"]}


def write_cldr_code(code: str) -> str:
    """`US-CA` as CLDR writes it: `usca`."""
    return code.replace("-", "").lower()


def list_iso_3166_codes(inputs: Inputs) -> set[str]:
    """Every code in the package iso-3166, including withdrawn codes."""
    return set(re.findall(r"code: '([A-Z]{2}-\w+)'", inputs.read_text("iso-3166", "2.js")))

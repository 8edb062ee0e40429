"""The regional blocs of version 2: those of the register's groups that it had, by the acronyms it had for them."""

from collections.abc import Iterable, Mapping
from typing import Any

from terrafirma.register.model.records import Document

Bloc = Mapping[str, Any]
"""A group that a country belongs to: `{code, name}`"""

GROUP, MEMBERSHIP = "group", "membership"
"""The kinds of groups and memberships."""

ACRONYMS = {
    **{
        code: code
        for code in ("ASEAN", "AU", "CARICOM", "CEFTA", "EFTA", "EU", "NAFTA", "PA", "SAARC")
    },
    "ARAB-LEAGUE": "AL",
    "EAEU": "EEU",
    "PACIFIC-ALLIANCE": "PA",
    "SICA": "CAIS",
    "UNASUR": "USAN",
    "USMCA": "NAFTA",
}
"""Version 2's names of groups, by the group's code."""


SIGNATORY = ("UNASUR", "signatory")
"""A role that version 2 counted as membership: it has the union as it was signed."""

MEMBERSHIPS = {
    "african_union": "AU", "arab_league": "ARAB-LEAGUE", "asean": "ASEAN", "brics": "BRICS",
    "commonwealth": "COMMONWEALTH", "eu": "EU", "eurozone": "EUROZONE", "g20": "G20", "g7": "G7",
    "nato": "NATO", "oecd": "OECD", "opec": "OPEC", "schengen": "SCHENGEN", "un": "UN",
}  # fmt: skip
"""The members of version 5's `memberships`, with the register's codes of the groups."""

CODES = frozenset((*ACRONYMS, *MEMBERSHIPS.values()))
"""The groups that any version shows."""


def list_blocs(
    groups: Iterable[Document], memberships: Iterable[Document]
) -> dict[str, list[Bloc]]:
    """Return the groups of every country by its alpha-2 code, by acronym: those of full members."""
    names = {group["code"]: group["name"] for group in groups}
    found: dict[str, list[Bloc]] = {}
    for membership in sorted(memberships, key=lambda each: acronym_of(each["group"])):
        code, role = membership["group"], membership.get("role")
        if code in names and (role is None or (code, role) == SIGNATORY):
            bloc = describe_bloc(code, names[code])
            found.setdefault(membership["country"], []).append(bloc)
    return found


def acronym_of(code: str) -> str:
    """Version 2's name of a group; empty if it did not have the group."""
    return ACRONYMS.get(code, "")


def describe_bloc(code: str, name: str) -> Bloc:
    """Return a group with its code and its name."""
    return {"code": code, "name": name}


def show_blocs(blocs: Iterable[Bloc]) -> list[dict[str, Any]]:
    """Return those groups that version 2 had, as it showed them."""
    return [
        {
            "acronym": acronym_of(bloc["code"]),
            "name": bloc["name"],
            "otherAcronyms": [],
            "otherNames": [],
        }
        for bloc in blocs
        if acronym_of(bloc["code"])
    ]

"""The regional blocs of version 2: those of the register's groups that it had, by the acronyms it had for them."""

from collections.abc import Iterable, Mapping
from typing import Any

from terrafirma.register.model.records import Document

Bloc = Mapping[str, Any]
"""`{acronym, name, otherAcronyms, otherNames}`"""

GROUP, MEMBERSHIP = "group", "membership"
"""The kinds of records that tell of groups and of their members."""

ACRONYMS = {
    **{
        code: code
        for code in ("ASEAN", "AU", "CARICOM", "CEFTA", "EFTA", "EU", "NAFTA", "PA", "SAARC")
    },
    "ARAB-LEAGUE": "AL",
    "EAEU": "EEU",
    "SICA": "CAIS",
    "UNASUR": "USAN",
}
"""What version 2 called a group, by the group's code."""


def list_blocs(
    groups: Iterable[Document], memberships: Iterable[Document]
) -> dict[str, list[Bloc]]:
    """The blocs of every country by its alpha-2 code, in the order of their acronyms; full members only."""
    names = {group["code"]: group["name"] for group in groups if group["code"] in ACRONYMS}
    found: dict[str, list[Bloc]] = {}
    for membership in sorted(memberships, key=lambda each: ACRONYMS.get(each["group"], "")):
        if membership["group"] in names and "role" not in membership:
            bloc = describe_bloc(membership["group"], names[membership["group"]])
            found.setdefault(membership["country"], []).append(bloc)
    return found


def describe_bloc(code: str, name: str) -> Bloc:
    """A group as version 2 showed it."""
    return {"acronym": ACRONYMS[code], "name": name, "otherAcronyms": [], "otherNames": []}

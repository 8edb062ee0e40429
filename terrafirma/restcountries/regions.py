"""The regions that REST Countries used: UN M49's under other names, a few of its own, Antarctic for the far south."""

from typing import Any

RENAMED = {"Northern America": "North America", "South-eastern Asia": "South-Eastern Asia"}
SPLIT = ("Latin America and the Caribbean", "Sub-Saharan Africa")
"""Sub-regions shown as their intermediate regions."""

ANTARCTIC = ("AQ", "BV", "GS", "HM", "TF")

MOVED = {
    **dict.fromkeys(("AT", "CZ", "HU", "PL", "SI", "SK"), "Central Europe"),
    **dict.fromkeys(("AL", "BA", "BG", "HR", "ME", "MK", "RO", "RS", "XK"), "Southeast Europe"),
    "CY": "Southern Europe",
    "MX": "North America",
    "SS": "Middle Africa",
    "UM": "North America",
    "ZW": "Southern Africa",
}
"""Countries that stood in another sub-region than M49's, by alpha-2."""

OTHER_REGION = {"CY": "Europe", "UM": "Americas"}


POLAR = "Polar"
"""Antarctica's region in version 2."""


def place_by_m49(document: dict[str, Any]) -> dict[str, str]:
    """Return `{region, subregion}` as version 2 had them: UN M49's."""
    subregion = document.get("subregion", "")
    if subregion in SPLIT:
        subregion = document.get("intermediate_region", subregion)
    polar = POLAR if document.get("alpha2") == "AQ" else ""
    return {"region": document.get("region", polar), "subregion": subregion}


def place_in_region(document: dict[str, Any]) -> dict[str, str]:
    """`{region, subregion}` of a country; empty if unknown."""
    code = document.get("alpha2")
    if code in ANTARCTIC:
        return {"region": "Antarctic", "subregion": ""}
    subregion = document.get("subregion", "")
    if subregion in SPLIT:
        subregion = document.get("intermediate_region", subregion)
    region = OTHER_REGION.get(code or "", document.get("region", ""))
    return {"region": region, "subregion": MOVED.get(code or "", RENAMED.get(subregion, subregion))}

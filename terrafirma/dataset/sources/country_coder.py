"""country-coder: sovereignty, driving sides, and borders for looking up points."""

from dataclasses import dataclass
from typing import Any

from terrafirma.dataset.geometry import Point, Polygon, find_middle
from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims

PACKAGE = "@rapideditor/country-coder"

# Codes reserved by ISO for parts of a country, which the file draws apart.
PARTS = {
    "AC": "SH",
    "TA": "SH",
    "CP": "FR",
    "FX": "FR",
    "IC": "ES",
    "EA": "ES",
    "DG": "IO",
    "CQ": "GG",
}

STATUSES = {"usrAssn": "user-assigned"}


@dataclass(frozen=True)
class Part:
    """A drawn area: its country, properties and polygons."""

    code: str
    properties: dict[str, Any]
    polygons: list[Polygon]


def read_features(inputs: Inputs) -> list[dict[str, Any]]:
    """The features of the package's borders file."""
    features: list[dict[str, Any]] = inputs.read_json(PACKAGE, "src/data/borders.json")["features"]
    return features


def read_country_coder(features: list[dict[str, Any]]) -> Claims:
    """Sovereign, driving side, a middle point, and to compare: codes, domain, calling codes."""
    own = {
        feature["properties"]["iso1A2"]: feature["properties"]
        for feature in features
        if is_country(feature)
    }
    parts: dict[str, list[Part]] = {}
    for part in list_parts(features):
        parts.setdefault(part.code, []).append(part)
    claims: Claims = {}
    for code, properties in own.items():
        main = choose_main_parts(code, parts.get(code, []))
        longitude, latitude = find_middle([polygon for part in main for polygon in part.polygons])
        claims[code] = {
            "driving_side": choose_side(main),
            "latitude": round(latitude, 2),
            "longitude": round(longitude, 2),
            **read_properties(code, properties),
        }
    return claims


def is_country(feature: dict[str, Any]) -> bool:
    """Return True if the feature is an ISO 3166-1 country, or Kosovo."""
    properties = feature["properties"]
    return "iso1A2" in properties and properties.get("isoStatus") != "excRes"


def read_properties(code: str, properties: dict[str, Any]) -> dict[str, Any]:
    """The properties of the country's own entry."""
    facts = {
        "alpha3": properties.get("iso1A3"),
        "wikidata": properties.get("wikidata"),
        "numeric": properties.get("iso1N3"),
        "sovereign": properties.get("country"),
        "status": STATUSES.get(properties.get("isoStatus", ""), "assigned"),
        "tlds": [properties.get("ccTLD") or f".{code.lower()}"],
        "calling_codes": sorted(
            "+" + number.replace(" ", "") for number in properties.get("callingCodes", [])
        ),
    }
    return {field: value for field, value in facts.items() if value}


def list_parts(features: list[dict[str, Any]]) -> list[Part]:
    """Every drawn area that belongs to a country."""
    countries = {feature["properties"]["iso1A2"] for feature in features if is_country(feature)}
    parts = []
    for feature in features:
        if not feature["geometry"]:
            continue
        if code := find_owner(feature["properties"], countries):
            shapes = feature["geometry"]["coordinates"]
            rings = [[[(x, y) for x, y in ring] for ring in shape] for shape in shapes]
            parts.append(Part(code, feature["properties"], [Polygon(shape) for shape in rings]))
    return parts


def find_owner(properties: dict[str, Any], countries: set[str]) -> str | None:
    """The ISO country of a drawn area: its territory, or else its state. None: disputed."""
    code: str | None = properties.get("iso1A2")
    if code:
        return PARTS.get(code, code)
    territories = [group for group in properties.get("groups", []) if group in countries]
    state: str | None = properties.get("country")
    return territories[0] if territories else state


def choose_main_parts(code: str, parts: list[Part]) -> list[Part]:
    """The main parts of a country: without outlying parts, if there are others."""
    main = [
        part
        for part in parts
        if part.properties.get("iso1A2") in (None, code, "FX")
        and part.properties.get("level") != "subterritory"
    ]
    return main or parts


def choose_side(parts: list[Part]) -> str:
    """The driving side of the largest part; the file names only the left."""
    largest = max(parts, key=lambda part: sum(polygon.area() for polygon in part.polygons))
    side: str = largest.properties.get("driveSide", "right")
    return side


def find_country(parts: list[Part], point: Point) -> str | None:
    """The country of a point, None at sea."""
    for part in parts:
        if any(polygon.contains(point) for polygon in part.polygons):
            return part.code
    return None

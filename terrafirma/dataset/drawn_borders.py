"""Borders to look points up in: the parts that country-coder draws, each with its country."""

import tomllib
from pathlib import Path
from typing import Any

from terrafirma.dataset.sources.country_coder import find_owner, is_country

FACTS = Path(__file__).with_name("facts") / "borders" / "disputed.toml"


def draw_borders(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one object a part: `name`, `country`, `claimed_by` and `polygons`, sorted by name.

    A ring is a flat list of longitudes and latitudes in turn, since most of the file is numbers.
    """
    disputed = tomllib.loads(FACTS.read_text(encoding="utf-8"))["parts"]
    countries = {feature["properties"]["iso1A2"] for feature in features if is_country(feature)}
    parts = []
    for feature in features:
        if feature["geometry"]:
            properties = feature["properties"]
            owner = find_owner(properties, countries)
            part = {"name": properties["nameEn"]} | ({"country": owner} if owner else {})
            part |= disputed.get(properties["nameEn"], {})
            part["polygons"] = [
                [[number for point in ring for number in point] for ring in polygon]
                for polygon in feature["geometry"]["coordinates"]
            ]
            parts.append(part)
    return sorted(parts, key=lambda part: (part["name"], part.get("country", "")))

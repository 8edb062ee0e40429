"""World Bank series, kept beside the hand-kept facts: no package has them under a permissive licence."""

import json
from pathlib import Path
from typing import Any

from terrafirma.dataset.model import Claims

FACTS = Path(__file__).parents[1] / "facts"
INDICATORS = ("gdp", "gini", "population")

Series = dict[str, dict[str, int | float]]
"""{alpha-2: {year: value}}"""


def read_series(indicator: str) -> Series:
    """The series of an indicator."""
    content: dict[str, Any] = json.loads(
        (FACTS / f"worldbank-{indicator}.json").read_text(encoding="utf-8")
    )
    series: Series = content["countries"]
    return series


def read_world_bank() -> Claims:
    """The newest figure of each indicator, with its year."""
    claims: Claims = {}
    for indicator in INDICATORS:
        for code, values in read_series(indicator).items():
            year = max(values)
            claims.setdefault(code, {}).update(
                {indicator: values[year], f"{indicator}_year": int(year)}
            )
    return claims

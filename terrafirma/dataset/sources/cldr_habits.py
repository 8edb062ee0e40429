"""Habits of territories in Unicode CLDR: weekend, hours, units, paper, the likely language, literacy."""

from typing import Any

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims, whole_number
from terrafirma.dataset.sources.cldr_territories import (
    DAYS,
    PACKAGE,
    read_statuses,
    spoken_in,
)

WORLD = "001"
CYCLES = {"h": "h12", "H": "h23"}
ENGLISH = "en"
"""The language that CLDR takes where it names no other."""


def read_habits(inputs: Inputs, codes: list[str]) -> Claims:
    """The habits of each territory."""
    weeks = read_supplement(inputs, "weekData")
    measures = read_supplement(inputs, "measurementData")
    hours, likely = read_supplement(inputs, "timeData"), read_supplement(inputs, "likelySubtags")
    territories = read_supplement(inputs, "territoryInfo")

    def find(table: dict[str, Any], code: str) -> Any:
        return table.get(code, table[WORLD])

    return {
        code: {
            "weekend": list_days(
                find(weeks["weekendStart"], code), find(weeks["weekendEnd"], code)
            ),
            "hour_cycle": CYCLES[find(hours, code)["_preferred"]],
            "measurement_system": find(measures["measurementSystem"], code),
            "paper_size": find(measures["paperSize"], code),
            **read_people(code, territories.get(code, {}), likely.get(f"und-{code}", "")),
        }
        for code in codes
    }


def read_supplement(inputs: Inputs, name: str) -> dict[str, Any]:
    """A table of the supplemental data."""
    table: dict[str, Any] = inputs.read_json(PACKAGE, f"supplemental/{name}.json")["supplemental"][
        name
    ]
    return table


def list_days(first: str, last: str) -> list[str]:
    """The days from one to another, through the end of the week."""
    names = list(DAYS)
    place, length = names.index(first), (names.index(last) - names.index(first)) % len(names) + 1
    return [DAYS[names[(place + step) % len(names)]] for step in range(length)]


def read_people(code: str, info: dict[str, Any], likely: str) -> dict[str, Any]:
    """The likely language with the territory, and the literacy; nothing where nobody lives."""
    facts: dict[str, Any] = {}
    language = likely.partition("-")[0] or (ENGLISH if ENGLISH in read_statuses(info) else "")
    if language not in ("", "und"):
        facts["default_locale"] = f"{language}-{code}"
    if literacy := float(info.get("_literacyPercent", 0)):
        facts["literacy"] = whole_number(literacy)
    return facts


def read_shares(inputs: Inputs, codes: list[str]) -> dict[str, dict[str, int | float]]:
    """{alpha-2: {BCP 47 tag: percent of the people who speak it}}."""
    territories = read_supplement(inputs, "territoryInfo")
    return {
        code: {
            tag.replace("_", "-"): whole_number(min(100, float(each["_populationPercent"])))
            for tag, each in spoken_in(territories.get(code, {})).items()
        }
        for code in codes
    }

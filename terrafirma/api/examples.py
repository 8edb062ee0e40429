"""Examples of the API's description, taken from the shipped dataset."""

from typing import Any

from terrafirma.dataset.files import read_file
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import at
from terrafirma.register.model.validation import validate

SHOWN = ("TH", "BG")
DAY = "2026-01-01"
"""The day used by examples with dated fields."""


def read_examples() -> dict[str, dict[str, Any]]:
    """Examples by the name of their schema, as `name_of` in `openapi.py` gives it."""
    countries = read_file("countries")
    thailand, bulgaria = (at(find(countries, alpha2), DAY) for alpha2 in SHOWN)
    light = [
        {name: each[name] for name in COUNTRY.light if name in each}
        for each in (thailand, bulgaria)
    ]
    sendable = [validate(COUNTRY, each) for each in light]
    sent = {
        "name": "Sealand",
        "capital": "HM Fort Roughs",
        "area": 0.004,
        "extra": {"motto": "E mare libertas"},
    }
    return {
        "Country": {"Thailand": thailand, "Bulgaria": bulgaria},
        "[Country]": {"light": light},
        "CountryBody": {"Thailand": sendable[0]},
        "[CountryBody]": {"many": sendable},
        "CountryBody|[CountryBody]": {"one": sent, "many": [sent]},
        "CountryPatch": {
            "population": {"population": thailand["population"] + 1, "population_year": 2026}
        },
    }


def find(documents: list[Document], alpha2: str) -> Document:
    """The document of a code."""
    return next(each for each in documents if each.get("alpha2") == alpha2)

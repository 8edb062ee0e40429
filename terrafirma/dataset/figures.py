"""The figures of countries, year by year: figures.json, a record a line.

They are the World Bank's, and where a country's record has a newer figure from elsewhere, that too.
"""

from typing import Any

from terrafirma.dataset.former import is_former
from terrafirma.dataset.inputs import read_lock
from terrafirma.dataset.model import Merged
from terrafirma.dataset.reference import Documents
from terrafirma.dataset.sources.world_bank import INDICATORS, Series, read_series
from terrafirma.register.model.series import name_year

UNITS = {"gdp": "US$", "gini": "0 to 100", "population": "persons"}
WORLD_BANK = "world-bank"


def build_figures(countries: Merged, notes: dict[str, dict[str, Any]]) -> Merged:
    """Return {"TH population": {field: (value, source)}} of every country with figures.

    `notes` are the sources of facts by file.
    """
    found: Merged = {}
    known = read_lock()[1]
    for indicator in INDICATORS:
        series = read_series(indicator)
        for code in sorted(code for code in countries if not is_former(code)):
            values, sources = join_figures(indicator, code, series, countries[code])
            if values:
                words = "; ".join(describe_source(each, code, known, notes) for each in sources)
                fields = {
                    "country": code,
                    "indicator": indicator,
                    "unit": UNITS[indicator],
                    "source": words,
                    "values": {year: values[year] for year in sorted(values)},
                }
                source = "+".join(sources)
                found[f"{code} {indicator}"] = {
                    field: (value, source) for field, value in fields.items()
                }
    return found


def join_figures(
    indicator: str, code: str, series: Series, record: dict[str, tuple[Any, str]]
) -> tuple[dict[str, int | float], list[str]]:
    """The figures of a country by year, and their sources.

    A figure of the record that is no newer than the series may count otherwise, and stays out.
    """
    values: dict[str, int | float] = dict(series.get(code, {}))
    sources = [WORLD_BANK] if values else []
    value, source = record.get(indicator, (None, ""))
    year = str(record.get(name_year(indicator), ("", ""))[0])
    if year > max(values, default=""):
        return values | {year: value}, [*sources, source]
    return values, sources


def describe_source(
    source: str, code: str, known: dict[str, Any], notes: dict[str, dict[str, Any]]
) -> str:
    """A source in words: its name, or the source of a fact about a country."""
    if source in known:
        return str(known[source]["name"])
    told = notes[source]
    return str(told.get("records", {}).get(code, told)["source"])


def render_figures(merged: Merged) -> Documents:
    """The records, by country and indicator."""
    return [{field: value for field, (value, _) in merged[key].items()} for key in sorted(merged)]

"""The first day on which the dataset's values are known to hold: ``known_from`` of its documents,
{field: day}.

facts/known_from.toml has a day per field and exceptions per country. Other fields are known since
their source was read. The register omits a value on earlier days.
"""

from typing import Any

from terrafirma.dataset.former import is_former
from terrafirma.dataset.model import BuildError, Merged
from terrafirma.register.model.records import LASTING
from terrafirma.register.model.series import DATED_BY_YEAR, name_year
from terrafirma.register.model.timelines import starts
from terrafirma.register.model.values import first_day

READ = "2026-11-22"
"""The day the sources were read."""

ALWAYS = "0001"
STATEHOOD = "statehood"
EARLIEST = "1945-10-24"
"""The first day of the United Nations: no timeline kept by hand goes back further."""
FIRST_LIST = "1974-12-15"
"""The first edition of ISO 3166, which lists every country of its time."""

EVERY = "*"
"""Stands for every field that is not named."""

NAMED_AS = ("native_names", "demonyms")
"""Fields that are no older than the country's present name."""

Days = dict[str, str]


def add_known_days(merged: Merged, facts: dict[str, dict[str, Any]]) -> None:
    """Give every country its ``known_from``, in place. ``facts`` are {"defaults": days, "values": {country: days}}."""
    if unknown := sorted(facts["values"].keys() - merged.keys()):
        raise BuildError(f"facts/known_from.toml: there is no country {', '.join(unknown)}")
    for code, record in merged.items():
        own = facts["values"].get(code, {})
        record["known_from"] = (
            list_known_days(code, record, facts["defaults"] | own),
            "facts/known_from.toml",
        )


def list_known_days(code: str, record: dict[str, Any], days: Days) -> Days:
    """Since when each field of a country is known, those on all days of its life as ALWAYS; the rest under EVERY."""
    life = starts({"from": record["from"][0]}) if "from" in record else ""
    statehood = find_statehood(record)
    since = {
        field: days.get(field, READ if field in record else FIRST_LIST)
        for field in list_open_fields(record)
    }
    if is_former(code):
        since = {
            field: min(FIRST_LIST, day) if day != STATEHOOD else day for field, day in since.items()
        }
    since |= {name: day for name, day in date_figures(record).items() if name in since}
    since = {field: statehood if day == STATEHOOD else day for field, day in since.items()}
    since = {
        field: min(day, find_first_change(record, field, day), key=first_day)
        for field, day in since.items()
    }
    named = max(find_start(record, since, "name"), find_start(record, since, "official_name"))
    since |= {field: named for field in NAMED_AS if field in since}
    known = {field: ALWAYS if first_day(day) <= life else day for field, day in since.items()}
    return {EVERY: READ} | {field: day for field, day in sorted(known.items()) if day != READ}


def list_open_fields(record: dict[str, Any]) -> list[str]:
    """Fields without a first day: plain fields, and timelines open at their start."""
    # Empty lists are not stored.
    plain = [field for field in record if not field.startswith("dated.") and record[field][0] != []]
    dated = [
        field.removeprefix("dated.")
        for field, (periods, _) in record.items()
        if field.startswith("dated.") and "from" not in periods[0]
    ]
    return [field for field in (*plain, *dated) if field not in LASTING]


def find_first_change(record: dict[str, Any], field: str, otherwise: str) -> str:
    """The day since when a timeline that is open at its start has a value with a first day."""
    periods = record.get(f"dated.{field}", ([], ""))[0]
    return str(periods[1]["from"]) if len(periods) > 1 and "from" in periods[1] else otherwise


def find_statehood(record: dict[str, Any]) -> str:
    """The day since when a state has its name and seat; of a territory, that of the first list."""
    if "dated.independent" in record:
        periods = record["dated.independent"][0]
        return max(EARLIEST, *(starts(period) for period in periods if period["value"]))
    return EARLIEST if record.get("independent", (False, ""))[0] else FIRST_LIST


def date_figures(record: dict[str, Any]) -> Days:
    """The first days of the years that figures are of."""
    return {
        name: f"{record[year][0]}-01-01"
        for field in DATED_BY_YEAR
        if (year := name_year(field)) in record
        for name in (field, year)
    }


def find_start(record: dict[str, Any], since: Days, field: str) -> str:
    """The first day of the value that a field has today."""
    if f"dated.{field}" in record:
        last = record[f"dated.{field}"][0][-1]
        return first_day(last["from"]) if "from" in last else since.get(field, "")
    return first_day(since[field]) if field in since else ""

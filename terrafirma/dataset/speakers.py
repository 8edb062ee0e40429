"""The share of speakers of each language of a country."""

from typing import Any

from terrafirma.dataset.model import Merged

FIELD = "languages"
Shares = dict[str, dict[str, int | float]]


def add_shares(merged: Merged, shares: Shares) -> None:
    """Give the languages of today their shares of speakers, in place; those of the past have none."""
    for code, record in merged.items():
        known = shares.get(code, {})
        if FIELD in record:
            languages, source = record[FIELD]
            record[FIELD] = [share_language(each, known) for each in languages], source
        if f"dated.{FIELD}" in record:
            periods, source = record[f"dated.{FIELD}"]
            last = periods[-1]
            if "to" not in last:
                told = [share_language(each, known) for each in last["value"]]
                periods = [*periods[:-1], last | {"value": told}]
            record[f"dated.{FIELD}"] = periods, source


def share_language(language: dict[str, Any], known: dict[str, int | float]) -> dict[str, Any]:
    """A language with its share of speakers, where that is known."""
    share = known.get(language["code"])
    return language | {"share": share} if share else language

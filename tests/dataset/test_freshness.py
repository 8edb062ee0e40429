"""What changed in the world lately, and what lists of countries get wrong for months."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from terrafirma.register.model.timelines import fields_on

Documents = dict[str, dict[str, Any]]

# The day these facts were true; the dataset's tests do not depend on when they are run.
TODAY = "2026-11-22"


def currencies_on(document: dict[str, Any], day: str) -> list[str]:
    """The currency codes that hold on a day, plain or dated."""
    return [currency["code"] for currency in fields_on(document, day).get("currencies", [])]


def test_naoero_has_its_new_name(documents: Documents) -> None:
    assert documents["NR"]["name"] == "Naoero"
    assert documents["NR"]["iso_name"] == "Naoero"
    assert "Nauru" not in documents["NR"]["official_name"]


def test_turkiye_has_its_new_name(documents: Documents) -> None:
    assert documents["TR"]["name"] == "Türkiye"
    assert documents["TR"]["official_name"] == "Republic of Türkiye"


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("BG", "2025-12-31", ["BGN"]),
        ("BG", "2026-01-01", ["EUR"]),
        ("BG", "1999-07-05", ["BGN"]),
        ("HR", "2022-12-31", ["HRK"]),
        ("HR", TODAY, ["EUR"]),
        ("CW", TODAY, ["XCG"]),
        ("SX", TODAY, ["XCG"]),
        ("SL", TODAY, ["SLE"]),
        ("VE", TODAY, ["VES"]),
        ("XK", TODAY, ["EUR"]),
        ("US", TODAY, ["USD"]),
        ("PA", TODAY, ["PAB", "USD"]),
        ("BT", TODAY, ["BTN", "INR"]),
        ("LS", TODAY, ["LSL", "ZAR"]),
        ("CU", TODAY, ["CUP"]),
    ],
)
def test_currency_of_the_day(stored: Documents, code: str, day: str, expected: list[str]) -> None:
    assert currencies_on(stored[code], day) == expected


def test_zimbabwe_pays_in_gold_first(stored: Documents) -> None:
    assert currencies_on(stored["ZW"], TODAY)[0] == "ZWG"


def test_bulgaria_keeps_the_lev_until_the_euro_comes(stored: Documents) -> None:
    lev, euro = stored["BG"]["dated"]["currencies"][-2:]
    assert lev == {
        "value": [{"code": "BGN"}],
        "from": "1999-07-05",
        "to": "2026-01-01",
        "source": "cldr",
    }
    assert euro == {"value": [{"code": "EUR"}], "from": "2026-01-01", "source": "cldr"}


@pytest.mark.parametrize(("code", "hours"), [("KZ", 5), ("KG", 6), ("SY", 3)])
@pytest.mark.parametrize("month", [1, 7])
def test_one_clock_all_year(documents: Documents, code: str, hours: int, month: int) -> None:
    offsets = {
        datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset()
        for zone in documents[code]["timezones"]
    }
    assert offsets == {timedelta(hours=hours)}


def test_capitals_that_moved_or_were_renamed(documents: Documents) -> None:
    first = {code: documents[code]["capitals"][0]["name"] for code in ("KZ", "BI", "GQ", "MM")}
    assert first == {"KZ": "Astana", "BI": "Gitega", "GQ": "Ciudad de la Paz", "MM": "Naypyidaw"}

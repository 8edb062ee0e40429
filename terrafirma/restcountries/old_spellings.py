"""Read `old_spellings.toml`: spellings that find a country and are not in its record."""

import tomllib
from collections.abc import Collection
from functools import cache
from importlib import resources
from typing import Any

from terrafirma.register.model.derived import load_reference
from terrafirma.restcountries.spelling import fold_spelling, thing_key
from terrafirma.restcountries.translate import KOSOVO_ALPHA2, Record

FILE = "old_spellings.toml"
ASSIGNED = "officially-assigned"


@cache
def read_groups() -> list[dict[str, Any]]:
    """Return the groups of the file, each with its table and its source."""
    text = (resources.files("terrafirma.restcountries") / FILE).read_text(encoding="utf-8")
    groups: list[dict[str, Any]] = tomllib.loads(text)["group"]
    return groups


@cache
def read_table(table: str) -> dict[str, list[Any]]:
    """Return the spellings of a table by code, of all its groups."""
    found: dict[str, list[Any]] = {}
    for group in read_groups():
        if group["table"] == table:
            for code, values in group["values"].items():
                found.setdefault(code, []).extend(
                    values.items() if isinstance(values, dict) else values
                )
    return found


def code_of(record: Record) -> str:
    """The alpha-2 code if the record is of today's country: a former country may have had the same
    code."""
    code: str = record.get("cca2") or record.get("alpha2Code", "")
    return code if record.get("status", ASSIGNED) == ASSIGNED or code == KOSOVO_ALPHA2 else ""


@cache
def folded_values(table: str, code: str) -> frozenset[str]:
    """Return the old spellings of a country in a single table, folded."""
    return frozenset(fold_spelling(each) for each in read_table(table).get(code, ()))


def old_values(table: str, record: Record) -> Collection[str]:
    """Return the old spellings of a record in a single table, folded."""
    code = code_of(record)
    return folded_values(table, code) if code else ()


@cache
def language_names() -> dict[frozenset[str], str]:
    """Return ISO 639-3 codes by the words of an English name: CLDR's and the old ones."""
    known = {
        thing_key(each["name"]): each["alpha3"]
        for each in load_reference("languages").values()
        if "alpha3" in each
    }
    old = read_table("language_names").items()
    return known | {thing_key(name): code for code, names in old for name in names}


def find_language_codes(text: str) -> frozenset[str]:
    """Return the code of a language with this name or code; empty if none."""
    return frozenset({language_names().get(thing_key(text), fold_spelling(text))})


def spoken_codes(record: Record) -> Collection[str]:
    """Return the codes of languages that are not official in the whole country."""
    return read_table("languages").get(code_of(record), ())


def old_currencies(record: Record) -> list[tuple[str, str]]:
    """Return code and name of currencies under another name, former ones and those in use beside
    the official ones."""
    names = read_table("currency_names")
    renamed = [(code, name) for code in record["currencies"] for name in names.get(code, [])]
    return renamed + read_table("currencies").get(code_of(record), [])

"""Read `old_spellings.toml`: spellings of the old service that are not in today's records."""

import tomllib
from collections.abc import Collection
from functools import cache
from importlib import resources
from typing import Any

from terrafirma.register.model.derived import load_reference
from terrafirma.restcountries.spelling import fold
from terrafirma.restcountries.translate import KOSOVO_ALPHA2, Record

FILE = "old_spellings.toml"
ASSIGNED = "officially-assigned"


@cache
def read_tables() -> dict[str, dict[str, Any]]:
    """Return the tables of the file, by their names."""
    text = (resources.files("terrafirma.restcountries") / FILE).read_text(encoding="utf-8")
    return tomllib.loads(text)


def code_of(record: Record) -> str:
    """The alpha-2 code if the record is of today's country: a former country may have had the same
    code."""
    code: str = record.get("cca2") or record.get("alpha2Code", "")
    return code if record.get("status", ASSIGNED) == ASSIGNED or code == KOSOVO_ALPHA2 else ""


@cache
def folded_values(table: str, code: str) -> frozenset[str]:
    """Return the old spellings of a country in a single table, folded. Full names are names too."""
    tables = ("full_names", "names") if table == "names" else (table,)
    return frozenset(fold(each) for name in tables for each in read_tables()[name].get(code, ()))


def old_values(table: str, record: Record) -> Collection[str]:
    """Return the old spellings of a record in a single table, folded."""
    code = code_of(record)
    return folded_values(table, code) if code else ()


@cache
def language_names() -> dict[str, str]:
    """Return ISO 639-3 codes by English name, folded: CLDR's and the old ones."""
    known = {
        fold(each["name"]): each["alpha3"]
        for each in load_reference("languages").values()
        if "alpha3" in each
    }
    table = read_tables()["language_names"]
    return known | {fold(name): code for code, names in table.items() for name in names}


def find_language_codes(text: str) -> frozenset[str]:
    """Return the code of a language that the old service had under this name or code; empty if none."""
    folded = fold(text)
    return frozenset({language_names().get(folded, folded)})


def spoken_codes(record: Record) -> Collection[str]:
    """Return the codes of languages that the old service listed besides the official ones."""
    codes: list[str] = read_tables()["languages"].get(code_of(record), [])
    return codes


def old_currencies(record: Record) -> list[tuple[str, str]]:
    """Return code and name, in small letters, of currencies that the old service had under another name or besides."""
    names = read_tables()["currency_names"]
    renamed = [
        (code, name.lower()) for code in record["currencies"] for name in names.get(code, [])
    ]
    besides = read_tables()["currencies"].get(code_of(record), {})
    return renamed + [(code, name.lower()) for code, name in besides.items()]

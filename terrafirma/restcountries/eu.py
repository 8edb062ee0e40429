"""The first service, `restcountries.eu`: its versions 1 and 2, under `/rest`.

Every record has all keys, whatever is known; `fields` and codes stand between semicolons.
"""

from collections.abc import Sequence
from dataclasses import replace

from terrafirma.restcountries.addresses import REST_NAMES
from terrafirma.restcountries.blocs import Bloc
from terrafirma.restcountries.match import equalling
from terrafirma.restcountries.translate import ORIGIN, Record
from terrafirma.restcountries.v2 import V2, flatten_record

UNKNOWN_LATER = ("flags", "independent")
"""Fields of version 2 that the first service did not have yet."""

KOSOVO = "KOS"
TRANSLATIONS_1 = ("de", "es", "fr", "ja", "it")
FIELDS_1 = (
    "name", "capital", "altSpellings", "region", "subregion", "population", "latlng", "demonym",
    "area", "gini", "timezones", "borders", "nativeName", "callingCodes", "topLevelDomain",
    "alpha2Code", "alpha3Code",
)  # fmt: skip


def write_kosovo(code: str) -> str:
    """Return an alpha-3 code as the first service wrote it."""
    return KOSOVO if code == "UNK" else code


def shape_2(record: Record, blocs: Sequence[Bloc]) -> Record:
    """Return a complete record of version 2 of `restcountries.eu`."""
    flat = flatten_record(record, blocs)
    alpha3 = write_kosovo(flat["alpha3Code"])
    changed = {
        "alpha3Code": alpha3,
        "borders": [write_kosovo(code) for code in flat["borders"]],
        "numericCode": flat["numericCode"] or None,
        "flag": f"{ORIGIN}/data/{alpha3.lower()}.svg" if flat["flag"] else "",
    }
    kept = {name: value for name, value in flat.items() if name not in UNKNOWN_LATER}
    return kept | changed


def shape_1(record: Record, blocs: Sequence[Bloc]) -> Record:
    """Return a complete record of version 1."""
    full = shape_2(record, blocs)
    codes = [language["iso639_1"] for language in full["languages"]]
    return {name: full[name] for name in FIELDS_1} | {
        # The order in which the old service's search boxes put countries.
        "relevance": "0",
        "translations": {tag: full["translations"].get(tag) for tag in TRANSLATIONS_1},
        "currencies": [currency["code"] for currency in full["currencies"]],
        "languages": [code for code in codes if code],
    }


def show_fields(record: Record, fields: Sequence[str]) -> Record:
    """Return the fields asked for, empty or not."""
    return {name: value for name, value in record.items() if name in fields}


ALL_2 = (
    "name", "topLevelDomain", "alpha2Code", "alpha3Code", "callingCodes", "capital",
    "altSpellings", "region", "subregion", "population", "latlng", "demonym", "area", "gini",
    "timezones", "borders", "nativeName", "numericCode", "currencies", "languages",
    "translations", "flag", "regionalBlocs", "cioc",
)  # fmt: skip
SEPARATORS = ";,"
"""It split at semicolons only. Commas stand in no name of a field or code, so both do."""

EU2 = replace(
    V2,
    name=REST_NAMES[0],
    shape=shape_2,
    show_fields=show_fields,
    kept=ALL_2,
    separators=SEPARATORS,
)
EU1 = replace(
    EU2,
    name=REST_NAMES[1],
    shape=shape_1,
    kept=(*FIELDS_1, "relevance", "translations", "currencies", "languages"),
    searches={
        **{name: find for name, find in V2.searches.items() if name != "regionalbloc"},
        "currency": equalling(lambda record: record["currencies"]),
        "lang": equalling(lambda record: record["languages"]),
    },
)

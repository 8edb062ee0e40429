"""Version 2: flat records, addresses for calling codes and regional blocs, stricter searches.

A list with `fields` was parsed back into records before it was shown, so it omitted empty values,
and showed `independent` as false unless requested.
"""

import re
from collections.abc import Sequence
from functools import cache

from terrafirma.errors import Malformed
from terrafirma.register.model.derived import load_reference
from terrafirma.restcountries.blocs import Bloc, show_blocs
from terrafirma.restcountries.match import Search, containing, equalling
from terrafirma.restcountries.serialise import show_full
from terrafirma.restcountries.spelling import fold_spelling
from terrafirma.restcountries.translate import BESIDES, Record
from terrafirma.restcountries.versions import ApiVersion

LANGUAGES = {
    "br": "bre", "pt": "por", "nl": "nld", "hr": "hrv", "fa": "per", "de": "deu", "es": "spa", "fr": "fra",
    "ja": "jpn", "it": "ita", "hu": "hun",
}  # fmt: skip
"""The languages of `translations`, with their codes in version 3.1."""

ISO_WORDED = frozenset(
    ("BN", "BO", "CD", "FK", "FM", "GB", "IR", "KP", "KR", "LA", "MD", "PS", "RU", "SY", "TZ",
     "US", "VA", "VE", "VG", "VI", "VN")
)  # fmt: skip
"""Countries that version 2 called by ISO's short name: Russian Federation, Viet Nam."""

ARTICLE = re.compile(r"\(the\)|(?P<before>[(,] ?)the ", re.IGNORECASE)

CODE_FIELDS = {2: "alpha2Code", 3: "alpha3Code"}
LANGUAGE_FIELDS = {2: "iso639_1", 3: "iso639_2"}
CURRENCY_LENGTH = 3


def flatten_record(record: Record, blocs: Sequence[Bloc]) -> Record:
    """A complete version 2 record, from a version 3.1 record and the country's regional blocs."""
    besides = record.get(BESIDES, {})
    name, idd, flags, abroad = (
        record["name"],
        record["idd"],
        record["flags"],
        record["translations"],
    )
    return {
        "name": name_formally(record),
        "topLevelDomain": record["tld"],
        "alpha2Code": record["cca2"],
        "alpha3Code": record["cca3"],
        "callingCodes": [(idd["root"] + suffix).removeprefix("+") for suffix in idd["suffixes"]],
        "capital": next(iter(record["capital"]), ""),
        "altSpellings": list(dict.fromkeys([*record["altSpellings"], name["common"]])),
        **besides.get("place", {"region": record["region"], "subregion": record["subregion"]}),
        "population": record["population"],
        "latlng": record["latlng"],
        "demonym": record["demonyms"]["eng"]["m"],
        "area": record["area"],
        "gini": next(iter(record["gini"].values()), None),
        "timezones": record["timezones"],
        "borders": record["borders"],
        "nativeName": next(
            (native["common"] for native in name["nativeName"].values()), name["common"]
        ),
        "numericCode": record["ccn3"],
        "flags": {"svg": flags["svg"], "png": flags["png"]},
        "currencies": [
            {"code": code} | currency for code, currency in record["currencies"].items()
        ],
        "languages": [
            describe_language(code, language) for code, language in record["languages"].items()
        ],
        "translations": {
            short: abroad[long]["common"] for short, long in LANGUAGES.items() if long in abroad
        },
        "flag": flags["svg"],
        "regionalBlocs": show_blocs(blocs),
        "cioc": record["cioc"],
        "independent": record["independent"],
        BESIDES: record.get(BESIDES, {}),
    }


def name_formally(record: Record) -> str:
    """Return a country's name as version 2 worded it: ISO's for some, without "the"."""
    iso = record.get(BESIDES, {}).get("iso_name", "")
    if record["cca2"] not in ISO_WORDED or not iso:
        common: str = record["name"]["common"]
        return common
    plain = ARTICLE.sub(lambda found: found["before"] or "", iso)
    return " ".join(plain.replace(" [", " (").replace("]", ")").split())


def describe_language(code: str, name: str) -> Record:
    """A language by its ISO 639-3 code: `{iso639_1, iso639_2, name, nativeName}`."""
    tag = shortest_tags().get(code, code)
    native = load_reference("languages").get(tag, {}).get("native_name", name)
    return {
        "iso639_1": tag if len(tag) == 2 else "",
        "iso639_2": code,
        "name": name,
        "nativeName": native,
    }


@cache
def shortest_tags() -> dict[str, str]:
    """The shortest tag of every language, by its ISO 639-3 code."""
    found: dict[str, str] = {}
    for tag, language in sorted(load_reference("languages").items(), key=lambda each: len(each[0])):
        found.setdefault(language.get("alpha3", tag), tag)
    return found


def in_turn(first: Search, second: Search) -> Search:
    """A search that returns the matches of the first search, then the further matches of the
    second."""

    def search(records: Sequence[Record], text: str) -> list[Record]:
        found = [*first(records, text), *second(records, text)]
        return list({id(record): record for record in found}.values())

    return search


def find_codes(records: Sequence[Record], codes: Sequence[str]) -> list[Record]:
    """Records by alpha-2 or alpha-3 code, in the order of the codes."""
    known = {
        record[field].upper(): record
        for record in records
        for field in CODE_FIELDS.values()
        if record[field]
    }
    found = {id(record): record for code in codes if (record := known.get(code.upper()))}
    return list(found.values())


def find_currency(records: Sequence[Record], text: str) -> list[Record]:
    """By currency code. Malformed unless it has three letters."""
    if len(text) != CURRENCY_LENGTH:
        raise Malformed("A currency is asked for by its code of three letters.")
    return equalling(lambda record: (currency["code"] for currency in record["currencies"]))(
        records, text
    )


def find_language(records: Sequence[Record], text: str) -> list[Record]:
    """By ISO 639 code of two or three letters."""
    field = LANGUAGE_FIELDS.get(len(text))
    if field is None:
        return []
    return equalling(lambda record: (language[field] for language in record["languages"]))(
        records, text
    )


def find_calling_code(records: Sequence[Record], text: str) -> list[Record]:
    """By calling code; the plus sign, in an address a space too, may be there."""
    return equalling(lambda record: record["callingCodes"])(records, text.lstrip("+ "))


def show_fields(record: Record, fields: Sequence[str]) -> Record:
    """A record of a list with fields, as it was after it had been read back."""
    shown = show_full({name: value for name, value in record.items() if name in fields})
    return {"independent": False} | shown


def name_of(record: Record) -> list[str]:
    """The name of a record."""
    return [record["name"]]


def other_names_of(record: Record) -> list[str]:
    """Its other spellings."""
    names: list[str] = record["altSpellings"]
    return names


KEPT = (
    "topLevelDomain", "callingCodes", "altSpellings", "subregion", "region", "demonym", "nativeName", "numericCode",
    "latlng", "timezones", "languages", "currencies", "translations",
)  # fmt: skip
"""Fields that every country had."""

V2 = ApiVersion(
    name="v2",
    shape=flatten_record,
    searches={
        "name": in_turn(containing(name_of), containing(other_names_of)),
        "currency": find_currency,
        "lang": find_language,
        "callingcode": find_calling_code,
        "capital": containing(lambda record: [record["capital"]]),
        "region": equalling(lambda record: [record["region"]]),
        "subregion": equalling(lambda record: [record["subregion"]]),
        "demonym": equalling(lambda record: [record["demonym"]], fold_spelling),
        "regionalbloc": equalling(
            lambda record: (bloc["acronym"] for bloc in record["regionalBlocs"])
        ),
    },
    find_full_name=in_turn(
        equalling(name_of, fold_spelling), equalling(other_names_of, fold_spelling)
    ),
    find_codes=find_codes,
    show_fields=show_fields,
    kept=KEPT,
    bare=True,
    separators=",;",
)

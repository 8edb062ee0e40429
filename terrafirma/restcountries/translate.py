"""Translate a country on a day to a REST Countries v3.1 record. Pure.

Records here are complete: every field is present, empty if unknown. `serialise.py` omits fields as
the old service did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from terrafirma.flags import list_flags
from terrafirma.register.model.clock import today
from terrafirma.register.model.derived import load_reference
from terrafirma.register.model.records import Document
from terrafirma.register.model.zones import (
    find_standard_offset,
    find_zone,
    resolve_zone,
    write_offset,
)
from terrafirma.restcountries.regions import place_by_m49, place_in_region
from terrafirma.restcountries.stand_ins import stand_in

Record = dict[str, Any]
"""A country as REST Countries v3.1 shows it, every field present."""

ORIGIN = "{origin}"
"""Stands in addresses of flags for this server's own, which only a request knows."""

WITH_ARTICLE = frozenset(
    ("Bahamas", "Caribbean Netherlands", "Comoros", "Gambia", "Isle of Man", "Maldives",
     "Netherlands", "Philippines", "Seychelles")
)  # fmt: skip
ARTICLE_ENDINGS = ("Islands", "Republic", "Territories", "Territory")

BESIDES = "_besides"
"""A field that is never shown: searches and other versions look at it."""

LANGUAGES = {
    "ara": "ar", "bre": "br", "ces": "cs", "cym": "cy", "deu": "de", "est": "et", "fin": "fi", "fra": "fr", "hrv": "hr",
    "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "nld": "nl", "per": "fa", "pol": "pl", "por": "pt",
    "rus": "ru", "slk": "sk", "spa": "es", "srp": "sr", "swe": "sv", "tur": "tr", "urd": "ur", "zho": "zh",
}  # fmt: skip
"""The languages of `translations`, with the locale that gives them. Persian's code is ISO 639-2's, as it was there."""

NATIVE_CODES = {"per": "fas"}
"""Languages of `translations` that have another code, ISO 639-3's, among native names."""

FORMER = "former"
"""The register's status of a country that is no more."""

STATUSES = {"assigned": "officially-assigned", FORMER: "formerly-used"}
OWN = "user-assigned"
"""The status of codes that someone gave a country of their own."""

KOSOVO_ALPHA2 = "XK"

KOSOVO = {"XKX": "UNK"}
"""Alpha-3 codes that are not ISO's, and which REST Countries wrote in another way."""


@dataclass(frozen=True)
class TranslationContext:
    """The context of a translation."""

    codes: Mapping[str, str]
    """The alpha-3 code of every country of the day, by alpha-2: for borders."""
    chains: Mapping[str, Sequence[str]]
    """For each language in LANGUAGES, its locales, nearest first."""
    lenders: Mapping[str, Document]
    """The LASTING fields of every country of the day, by alpha-2: a territory takes some from its sovereign."""
    png: str
    svg: str
    """Addresses of flags; `{code}` stands for the alpha-2 code in small letters, `{CODE}` in capitals."""
    day: str = ""
    """The day of offsets from UTC; empty: today."""
    day_asked: bool = False
    """True if the client asked for a day: a value that is not known of it is null, not 0 or false."""

    def default(self, value: Any) -> Any:
        """Return what stands for an unknown value, which clients of today's records need to be there."""
        return None if self.day_asked else value


def translate(document: Document, names: Mapping[str, str], around: TranslationContext) -> Record:
    """Return a country, with its names by locale, as a complete v3.1 record."""
    document = stand_in(document, around.lenders.get(document.get("sovereign", ""), {}))
    natives = name_natively(document)
    code = document.get("alpha2", "")
    return {
        "name": {
            "common": document["name"],
            "official": official_name(document),
            "nativeName": natives,
        },
        "tld": document.get("tlds", []),
        "cca2": code,
        "ccn3": document.get("numeric", ""),
        "cca3": alpha3_of(document),
        "cioc": document.get("cioc", ""),
        "independent": document.get("independent", around.default(False)),
        "status": STATUSES.get(document.get("status", ""), OWN),
        "unMember": document.get("un_member", around.default(False)),
        "currencies": {
            item["code"]: name_currency(item) for item in document.get("currencies", [])
        },
        "idd": split_calling_codes(document.get("calling_codes", [])),
        "capital": list_capitals(document),
        "altSpellings": spell_otherwise(document),
        **place_in_region(document),
        "languages": name_languages(document),
        "translations": name_abroad(document, natives, names, around.chains),
        "latlng": locate(document),
        "landlocked": document.get("landlocked", around.default(False)),
        "borders": list_borders(document, around),
        "area": float(document["area"]) if "area" in document else around.default(0.0),
        "demonyms": name_people(document),
        "flag": document.get("flag", ""),
        "maps": link_maps(document),
        "population": document.get("population", around.default(0)),
        "gini": measure_gini(document),
        "fifa": document.get("fifa", ""),
        "car": {
            "signs": [document.get("car_sign", "")],
            # The side of most of the world, since clients know two answers.
            "side": document.get("driving_side", around.default("right")),
        },
        "timezones": list_offsets(document, around.day or today()),
        "continents": document.get("continents", []),
        "flags": show_flag(document, code, around),
        "coatOfArms": {"png": "", "svg": ""},
        "startOfWeek": document.get("first_day_of_week", around.default("monday")),
        "capitalInfo": {"latlng": locate(document.get("capitals", [{}])[0])},
        "postalCode": {"format": None, "regex": None} | document.get("postal_code", {}),
        BESIDES: find_besides(document, around),
    }


def alpha3_of(document: Document) -> str:
    """The alpha-3 code as v3.1 writes it; empty if unknown."""
    code: str = document.get("alpha3", "")
    return KOSOVO.get(code, code)


def official_name(document: Document) -> str:
    """The long English name, or the common name."""
    name: str = document.get("official_name") or document["name"]
    return name


def name_natively(document: Document) -> dict[str, dict[str, str]]:
    """Return `{ISO 639-3: {official, common}}`, in the order of the languages; of several scripts, the first."""
    order = [language["code"] for language in document.get("languages", [])]
    natives = document.get("native_names", [])
    # Sorting is stable: names in other languages follow in their own order.
    ranked = sorted(
        natives,
        key=lambda each: order.index(each["language"]) if each["language"] in order else len(order),
    )
    found: dict[str, dict[str, str]] = {}
    for native in ranked:
        common = native["name"]
        long = official_name(document) if native["language"] == "en" else common
        code = code_language(native["language"])
        found.setdefault(code, {"official": native.get("official_name", long), "common": common})
    return found


def code_language(tag: str) -> str:
    """The ISO 639-3 code of a language tag, or its first part."""
    base = tag.partition("-")[0]
    code: str = load_reference("languages").get(base, {}).get("alpha3", base)
    return code


def name_languages(document: Document) -> dict[str, str]:
    """`{ISO 639-3: English name}` of the languages that are official in the whole country, else of all."""
    spoken = document.get("languages", [])
    official = [language for language in spoken if language["official"]] or spoken
    names = load_reference("languages")
    found: dict[str, str] = {}
    for language in official:
        tag = language["code"]
        # Without its script, as one language has one name there.
        name: str = names.get(tag.partition("-")[0], {}).get("name", language.get("name", tag))
        found.setdefault(code_language(tag), name)
    return found


def name_currency(item: dict[str, Any]) -> dict[str, str]:
    """A currency's name and symbol; its code as a fallback."""
    return {"name": item.get("name", item["code"]), "symbol": item.get("symbol", item["code"])}


def split_calling_codes(codes: Sequence[str]) -> dict[str, Any]:
    """`+49` is root `+4` and suffix `9`; `+1` has an empty suffix. One root only: that of the first code."""
    if not codes:
        return {"root": "", "suffixes": []}
    root = codes[0][:2]
    return {"root": root, "suffixes": [code[2:] for code in codes if code.startswith(root)]}


def list_capitals(document: Document) -> list[str]:
    """The names of the capitals, in order."""
    if "capitals" in document:
        return [capital["name"] for capital in document["capitals"]]
    return [document["capital"]] if "capital" in document else []


def spell_otherwise(document: Document) -> list[str]:
    """The alpha-2 code, then all other names: ISO's, long, native, variant and former names."""
    natives = document.get("native_names", [])
    told = [
        document.get("alpha2"),
        document.get("iso_name"),
        document.get("official_name"),
        *(native["name"] for native in natives),
        *(native.get("official_name") for native in natives),
        *document.get("other_names", []),
    ]
    return list(dict.fromkeys(name for name in told if name and name != document["name"]))


def name_abroad(
    document: Document,
    natives: Mapping[str, dict[str, str]],
    names: Mapping[str, str],
    chains: Mapping[str, Sequence[str]],
) -> dict[str, dict[str, str]]:
    """`{language: {official, common}}`; the official name is the long name where the language is
    the country's own."""
    found = {}
    for language, chain in chains.items():
        native = natives.get(NATIVE_CODES.get(language, language), {})
        common = next(filter(None, map(names.get, chain)), native.get("common")) or document["name"]
        found[language] = {"official": native.get("official", common), "common": common}
    return found


def locate(found: Mapping[str, Any]) -> list[float]:
    """Latitude and longitude as floats; empty if either is unknown."""
    if "latitude" not in found or "longitude" not in found:
        return []
    return [float(found["latitude"]), float(found["longitude"])]


def list_borders(document: Document, around: TranslationContext) -> list[str]:
    """The alpha-3 codes of a country's neighbours, as far as they are there."""
    return [around.codes[other] for other in document.get("borders", []) if other in around.codes]


def name_people(document: Document) -> dict[str, dict[str, str]]:
    """`{ISO 639-3: {f, m}}` in English and French; the register has the same form for both."""
    forms = {}
    for language, tag in (("eng", "en"), ("fra", "fr")):
        demonym: dict[str, str] = next(
            (each for each in document.get("demonyms", []) if each["language"] == tag), {}
        )
        adjective, noun = demonym.get("adjective", ""), demonym.get("noun", "")
        # The old service had the adjective, but a noun where the adjective is only the country's name: New Zealander.
        form = noun if noun and (not adjective or adjective in document["name"]) else adjective
        forms[language] = {"f": form, "m": form}
    return forms


def find_besides(document: Document, around: TranslationContext) -> Record:
    """Values that version 3.1 does not show, for other versions and for searches."""
    told = document.get("demonyms", [])
    sovereign = document.get("sovereign", "")
    return {
        "demonyms": [each[form] for each in told for form in ("noun", "adjective") if form in each],
        "iso_name": document.get("iso_name", ""),
        "capitals": document.get("capitals", []),
        "place": place_by_m49(document),
        "sovereign": [sovereign, around.codes.get(sovereign, "")],
    }


def link_maps(document: Document) -> dict[str, str]:
    """Addresses of maps: of the middle of the country, or a search for its name. Clients fail without."""
    point = locate(document)
    if not point:
        name = quote(document["name"])
        return {
            "googleMaps": f"https://www.google.com/maps/search/?api=1&query={name}",
            "openStreetMaps": f"https://www.openstreetmap.org/search?query={name}",
        }
    latitude, longitude = point
    return {
        "googleMaps": f"https://www.google.com/maps/search/?api=1&query={latitude},{longitude}",
        "openStreetMaps": f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=5/{latitude}/{longitude}",
    }


def measure_gini(document: Document) -> dict[str, float]:
    """`{year: index}`; empty without its year, which is its key."""
    if "gini" not in document or "gini_year" not in document:
        return {}
    return {str(document["gini_year"]): float(document["gini"])}


def list_offsets(document: Document, day: str) -> list[str]:
    """Standard offsets of the country's time zones on a day from west to east: `UTC`, `UTC+01:00`.

    Uninhabited territories have no zone and get that of their meridian.
    """
    zones = (find_zone(resolve_zone(name)) for name in document.get("timezones", []))
    found = {write_offset(find_standard_offset(zone, day)) for zone in zones if zone}
    if not found and "longitude" in document:
        found = {f"{round(document['longitude'] / 15):+03d}:00"}
    return [
        "UTC" + ("" if offset == "+00:00" else offset)
        for offset in sorted(found, key=measure_offset)
    ]


def measure_offset(offset: str) -> int:
    """Minutes east of Greenwich."""
    hours, minutes = offset[1:].split(":")
    return (int(hours) * 60 + int(minutes)) * (-1 if offset[0] == "-" else 1)


def show_flag(document: Document, code: str, around: TranslationContext) -> dict[str, str]:
    """Return the addresses of the flag and a text in its place; empty without an alpha-2 code.

    A former country's code may be another's now, whose flag would be shown.
    """
    if not code or document.get("status") == FORMER:
        return {"png": "", "svg": "", "alt": ""}
    png, svg = (link_flag(address, code) for address in (around.png, around.svg))
    return {"png": png, "svg": svg, "alt": f"The flag of {with_article(document['name'])}"}


def link_flag(address: str, code: str) -> str:
    """Return an address with a country's code in it; empty if this server has no such flag."""
    if ORIGIN in address and code not in list_flags():
        return ""
    return address.replace("{code}", code.lower()).replace("{CODE}", code)


def with_article(name: str) -> str:
    """Return a country's English name as it stands within a sentence: the Netherlands."""
    plural = name in WITH_ARTICLE or name.endswith(ARTICLE_ENDINGS) or name.startswith("United ")
    return f"the {name}" if plural else name

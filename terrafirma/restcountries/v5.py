"""Version 5, the shape of the paid service, made from version 3.1 records, purely.

Every key is present. Facts without a free source are empty: leaders, colours of flags, FIPS codes,
fiscal years.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from terrafirma.register.model.derived import load_reference
from terrafirma.restcountries.addresses import V5 as NAME
from terrafirma.restcountries.blocs import MEMBERSHIPS, Bloc
from terrafirma.restcountries.stand_ins import LIKE_THE_UNITED_STATES
from terrafirma.restcountries.translate import BESIDES, Record
from terrafirma.restcountries.v2 import shortest_tags
from terrafirma.restcountries.v31 import V31

# ISO 639-2's bibliographic codes, which differ from its terminological ones for these languages only.
BIBLIOGRAPHIC = {
    "bod": "tib", "ces": "cze", "cym": "wel", "deu": "ger", "ell": "gre", "eus": "baq",
    "fas": "per", "fra": "fre", "hye": "arm", "isl": "ice", "kat": "geo", "mkd": "mac",
    "mri": "mao", "msa": "may", "mya": "bur", "nld": "dut", "ron": "rum", "slk": "slo",
    "sqi": "alb", "zho": "chi",
}  # fmt: skip

DISPUTED = frozenset(("EH", "PS", "TW", "XK"))
"""Countries whose whole territory another state claims or occupies."""
UN_OBSERVERS = frozenset(("PS", "VA"))

SQUARE_MILE = 2.589988110336
"""Square kilometres."""

ROLES = ("administrative", "constitutional", "executive", "judicial", "legislative")
SWATCHES = ("vibrant", "muted", "dark_vibrant", "dark_muted", "light_vibrant", "light_muted")
NO_DAY = {"day": 0, "month": 0}
PERSIAN = {"per": "fas"}


def shape(record: Record, blocs: Sequence[Bloc]) -> Record:
    """Return a complete record of version 5."""
    facts: Mapping[str, Any] = record.get(BESIDES, {})
    code = record["cca2"]
    return {
        "uuid": str(uuid5(NAMESPACE_URL, f"terrafirma:country:{code or record['name']['common']}")),
        "names": show_names(record),
        "codes": {
            "alpha_2": code,
            "alpha_3": record["cca3"],
            "ccn3": record["ccn3"],
            "cioc": record["cioc"],
            "fifa": record["fifa"],
            "fips": "",
            "gec": "",
        },
        "capitals": [show_capital(each, place) for place, each in enumerate(list_capitals(record))],
        "flag": show_flag(record),
        **show_place(record),
        **show_state(record, facts.get("sovereign", ["", ""])),
        "calling_codes": list_calling_codes(record["idd"]),
        "cars": {"driving_side": record["car"]["side"], "signs": record["car"]["signs"]},
        "currencies": [
            {"code": each, **currency} for each, currency in record["currencies"].items()
        ],
        "languages": [show_language(*each) for each in record["languages"].items()],
        "demonyms": record["demonyms"],
        "population": record["population"],
        "tlds": record["tld"],
        **show_customs(record),
        "memberships": show_memberships(blocs),
        "assets": [],
    }


def show_names(record: Record) -> Record:
    """Return `names`."""
    return {
        "common": record["name"]["common"],
        "official": record["name"]["official"],
        "alternates": record["altSpellings"],
        "native": record["name"]["nativeName"],
        "translations": {
            PERSIAN.get(tag, tag): names for tag, names in record["translations"].items()
        },
    }


def list_capitals(record: Record) -> Sequence[Mapping[str, Any]]:
    """The capitals with the register's data."""
    known: Sequence[Mapping[str, Any]] = record.get(BESIDES, {}).get("capitals", ())
    return known or [{"name": name} for name in record["capital"]]


def show_capital(capital: Mapping[str, Any], place: int) -> Record:
    """A capital with its roles; the first is the primary capital."""
    roles = capital.get("roles", ())
    return {
        "name": capital["name"],
        "coordinates": show_point(capital),
        "attributes": {"primary": place == 0} | {role: role in roles for role in ROLES},
    }


def show_point(found: Mapping[str, Any]) -> dict[str, float]:
    """Return `{lat, lng}`, 0 where it is not known."""
    return {
        "lat": float(found.get("latitude", 0)),
        "lng": float(found.get("longitude", 0)),
    }


def show_flag(record: Record) -> Record:
    """`flag`; its colours are unknown."""
    letters = [ord(letter) for letter in record["flag"]]
    return {
        "emoji": record["flag"],
        "unicode": " ".join(f"U+{letter:X}" for letter in letters),
        "html_entity": "".join(f"&#x{letter:X};" for letter in letters),
        "url_png": record["flags"]["png"],
        "url_svg": record["flags"]["svg"],
        "description": record["flags"]["alt"],
        "colors": {
            "dominant": "",
            "prominent": "",
            "palette": [],
            "swatches": dict.fromkeys(SWATCHES),
        },
    }


def show_place(record: Record) -> Record:
    """The position of the country."""
    latitude, longitude = record["latlng"] or (0.0, 0.0)
    area: float | None = record["area"]
    miles = None if area is None else round(area / SQUARE_MILE, 2)
    return {
        "region": record["region"],
        "subregion": record["subregion"],
        "continents": record["continents"],
        "area": {"kilometers": area, "miles": miles},
        "coordinates": {"lat": latitude, "lng": longitude},
        "landlocked": record["landlocked"],
        "borders": record["borders"],
        "timezones": record["timezones"],
        "links": {
            "official": "",
            "wikipedia": "",
            "google_maps": record["maps"]["googleMaps"],
            "open_street_maps": record["maps"]["openStreetMaps"],
        },
    }


def show_state(record: Record, sovereign: Sequence[str]) -> Record:
    """The political status of the country."""
    code = record["cca2"]
    return {
        "classification": {
            "sovereign": record["independent"],
            "un_member": record["unMember"],
            "un_observer": code in UN_OBSERVERS,
            "disputed": code in DISPUTED,
            "dependency": bool(sovereign[0]),
            "dependency_type": "",
            "iso_status": record["status"],
        },
        "parent": {"alpha_2": sovereign[0], "alpha_3": sovereign[1]},
        "government_type": "",
        "leaders": [],
    }


def list_calling_codes(idd: Mapping[str, Any]) -> list[str]:
    """Return calling codes as digits."""
    return [(idd["root"] + suffix).removeprefix("+") for suffix in idd["suffixes"]]


def show_language(alpha3: str, name: str) -> Record:
    """Return a language with its codes."""
    tag = shortest_tags().get(alpha3, alpha3)
    short = tag if len(tag) == 2 else ""
    # ISO 639-2 has all languages with two letters. Of the others it has some, which nobody here knows.
    terminological = alpha3 if short else ""
    return {
        "name": name,
        "native_name": load_reference("languages").get(tag, {}).get("native_name", name),
        "bcp47": tag,
        "iso639_1": short,
        "iso639_2b": BIBLIOGRAPHIC.get(alpha3, terminological),
        "iso639_2t": terminological,
        "iso639_3": alpha3,
    }


def show_customs(record: Record) -> Record:
    """Return habits, and figures of the economy."""
    code, postal = record["cca2"], record["postalCode"]
    imperial = code in LIKE_THE_UNITED_STATES["measurement"]
    fahrenheit = code in LIKE_THE_UNITED_STATES["temperature"]
    return {
        "date": {
            "start_of_week": record["startOfWeek"],
            "academic_year_start": NO_DAY,
            "fiscal_year_start": {
                "government": NO_DAY,
                "corporate": {"basis": "", **NO_DAY},
                "personal": NO_DAY,
            },
        },
        "economy": {"gini_coefficient": record["gini"]},
        "number_format": {"decimal_separator": "", "thousands_separator": ""},
        "units": {
            "measurement_system": "imperial" if imperial else "metric",
            "temperature_scale": "Fahrenheit" if fahrenheit else "Celsius",
        },
        "postal_code": {name: postal[name] or "" for name in ("format", "regex")},
    }


def show_memberships(blocs: Sequence[Bloc]) -> dict[str, bool]:
    """For each group of the service, true if the country is a full member."""
    groups = {bloc["code"] for bloc in blocs}
    return {name: code in groups for name, code in MEMBERSHIPS.items()}


V5 = replace(V31, name=NAME, shape=shape)

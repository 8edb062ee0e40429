"""Version 3.1: its records and searches."""

from terrafirma.restcountries import match
from terrafirma.restcountries.serialise import show_fields
from terrafirma.restcountries.versions import ApiVersion

SEARCHES = {
    "name": match.find_name,
    "currency": match.find_currency,
    "lang": match.find_language,
    "capital": match.find_capital,
    "region": match.find_region,
    "subregion": match.find_subregion,
    "demonym": match.find_demonym,
    "translation": match.find_translation,
}

KEPT = ("tld", "languages", "timezones", "continents", "latlng", "altSpellings")
"""Fields that nearly every country had, so that clients do not check for them."""

V31 = ApiVersion(
    name="v3.1",
    shape=lambda record, _: record,
    searches=SEARCHES,
    find_full_name=lambda records, text: match.find_full_name(records, text)[:1],
    find_codes=match.find_codes,
    show_fields=show_fields,
    kept=KEPT,
    tells_independence=True,
)

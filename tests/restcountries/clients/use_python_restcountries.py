"""python-restcountries (v2): semicolons between fields and between codes."""

import json
import sys

from requests.exceptions import InvalidURL
from restcountries import RestCountryApiV2

RestCountryApiV2.BASE_URI = f"{sys.argv[1]}/v2"
api = RestCountryApiV2
peru = api.get_country_by_country_code("pe")
try:
    api.get_countries_by_name("nowhere")
except InvalidURL:
    missing = "InvalidURL"
told = {
    "all": len(api.get_all()),
    "some": [vars(country)["capital"] for country in api.get_all(filters=["name", "capital"])][:1],
    "name": [country.alpha3_code for country in api.get_countries_by_name("france")],
    "language": [country.name for country in api.get_countries_by_language("et")],
    "calling_code": [country.name for country in api.get_countries_by_calling_code("51")],
    "code": [
        peru.name,
        peru.capital,
        peru.numeric_code,
        peru.currencies[0]["code"],
        peru.native_name,
    ],
    "codes": [country.name for country in api.get_countries_by_country_codes(["no", "ee"])],
    "currency": [country.name for country in api.get_countries_by_currency("jpy")],
    "region": len(api.get_countries_by_region("Europe")),
    "subregion": len(api.get_countries_by_subregion("South America")),
    "capital": [country.name for country in api.get_countries_by_capital("tallinn")],
    "missing": missing,
}
sys.stdout.write(json.dumps(told) + "\n")

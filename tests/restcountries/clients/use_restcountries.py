"""restcountries 1.1.3 (v2, written for restcountries.eu): it pins an old `requests`, so it runs outside the suite."""

import json
import sys

from restcountries.api import RestCountries

RestCountries.BASE_URL, RestCountries.VERSION = sys.argv[1], "v2"
api = RestCountries()
peru = api.code("pe")
told = {
    "all": len(api.all()),
    "some": api.all(fields=("name", "capital"))[0].capital,
    "name": [country.alpha3Code for country in api.name("france")],
    "full_name": [country.alpha3Code for country in api.name("Guinea", full_text=True)],
    "code": [peru.name, peru.capital, peru.currencies[0].code, peru.languages[0].iso639_1],
    "code_list": [country.name for country in api.code_list(("no", "ee"))],
    "currency": [country.name for country in api.currency("jpy")],
    "language": [country.name for country in api.language("et")],
    "capital": [country.name for country in api.capital("tallinn")],
    "calling_code": [country.name for country in api.calling_code("51")],
    "region": len(api.region("europe")),
}
sys.stdout.write(json.dumps(told) + "\n")

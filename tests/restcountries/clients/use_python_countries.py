"""python-countries (v2, written for restcountries.eu)."""

import json
import sys

from python_countries import CountriesApi, CountriesApiError

client = CountriesApi()
client.base_url = f"{sys.argv[1]}/v2/"
try:
    client.country_name("nowhere")
except CountriesApiError as error:
    missing = str(error)
told = {
    "name": client.country_name("colombia")[0]["alpha3Code"],
    "full_name": client.full_name("France")[0]["nativeName"],
    "iso_code": client.iso_code("co")["capital"],
    "currency": [country["name"] for country in client.currency("jpy")],
    "language": len(client.language("es")),
    "capital_city": client.capital_city("lima")[0]["name"],
    "calling_code": client.calling_code(372)[0]["name"],
    "region": len(client.region("oceania")),
    "missing": missing,
}
sys.stdout.write(json.dumps(told) + "\n")

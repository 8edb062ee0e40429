"""pyrestcountries (v3.1): takes everything in one answer, and fails without `max-age` and without translations."""

import json
import sys

from pyrestcountries.api import RestCountriesAPI

RestCountriesAPI.API_URL = f"{sys.argv[1]}/v3.1/all"
client = RestCountriesAPI()
germany, peru = client.fetch_country_by_cca2("DE"), client.fetch_country_by_name("Peru")
told = {
    "countries": len(client.country_iso2_to_names_map),
    "germany": [
        germany.name.common,
        germany.capital,
        germany.flags.svg,
        germany.maps.openStreetMaps[:29],
    ],
    "peru": [peru.cca3, peru.latlng, peru.demonyms["eng"]["m"]],
    "allemagne": client.search_countries("Allemagne")[0].cca3,
    "swaziland": client.search_countries("Swaziland")[0].cca3,
}
sys.stdout.write(json.dumps(told) + "\n")

"""List, get, create and change countries by the client of openapi-generator."""

import json
import sys

import generated
from generated.api.countries_api import CountriesApi
from generated.exceptions import NotFoundException

address, code = sys.argv[1:]
api = CountriesApi(generated.ApiClient(generated.Configuration(host=address)))
listed = api.list_countries(
    region=["Asia"], sort=["-population"], fields=["alpha2", "name"], area_gte=1e6, limit=2
)
body = generated.AddCountryRequest(generated.CountryBody(name=f"Land of {code}", alpha2=code))
made = api.add_country_with_http_info(body)
patch = generated.CountryPatch(capital="Fort", extra={"a": 1})
changed = api.patch_country(code, patch)
try:
    api.get_country("ZZ")
except NotFoundException as error:
    refused = json.loads(error.body)["error"]
print(
    json.dumps(
        {
            "listed": [each.name for each in listed],
            "got": api.get_country("TH").capital,
            "made": [made.status_code, made.data.actual_instance.name],
            "changed": [changed.capital, changed.extra["a"]],
            "refused": refused,
        }
    )
)

"""List, get, create and change countries by the client of openapi-python-client."""

import json
import sys

from generated import Client
from generated.api.countries import add_country, get_country, list_countries, patch_country
from generated.models import CountryBody, CountryPatch, CountryPatchExtraType0

address, code = sys.argv[1:]
client = Client(base_url=address)
listed = list_countries.sync(
    client=client,
    region=["Asia"],
    sort=["-population"],
    fields=["alpha2", "name"],
    areagte=1e6,
    limit=2,
)
got = get_country.sync("TH", client=client)
made = add_country.sync_detailed(
    client=client, body=CountryBody(name=f"Land of {code}", alpha2=code)
)
extra = CountryPatchExtraType0.from_dict({"a": 1})
changed = patch_country.sync(code, client=client, body=CountryPatch(capital="Fort", extra=extra))
refused = get_country.sync("ZZ", client=client)
print(
    json.dumps(
        {
            "listed": [each.name for each in listed],
            "got": got.capital,
            "made": [made.status_code, made.parsed.name],
            "changed": [changed.capital, changed.extra["a"]],
            "refused": refused.error,
        }
    )
)

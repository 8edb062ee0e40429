"""infokannegara (v3.1): whole records by name."""

import json
import sys

from countryinfo.negara import CountryInfo

client = CountryInfo()
client.base_url = f"{sys.argv[1]}/v3.1/"
told = {
    "capital": client.get_country_capital("indonesia"),
    "population": client.get_country_population("estonia") > 1_000_000,
    "info": client.get_country_info("deutschland")[0]["idd"],
    "missing": client.get_country_info("nowhere"),
}
sys.stdout.write(json.dumps(told) + "\n")

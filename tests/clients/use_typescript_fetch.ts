// List, get, create and change countries by the typescript-fetch client of openapi-generator.
import { Configuration, CountriesApi, ResponseError } from "./typescript-fetch";

const [address, code] = process.argv.slice(2) as [string, string];
const api = new CountriesApi(new Configuration({ basePath: address }));
const listed = await api.listCountries({
  region: ["Asia"],
  sort: ["-population"],
  fields: ["alpha2", "name"],
  areaGte: 1e6,
  limit: 2,
});
const got = await api.getCountry({ key: "TH" });
const made = await api.addCountryRaw({
  addCountryRequest: { name: `Land of ${code}`, alpha2: code },
});
const named = await made.value();
const changed = await api.patchCountry({
  key: code,
  countryPatch: { capital: "Fort", extra: { a: 1 } },
});
const refused = await api.getCountry({ key: "ZZ" }).catch((error: unknown) => {
  if (error instanceof ResponseError) return error.response.json();
  throw error;
});
console.log(
  JSON.stringify({
    listed: listed.map((each) => each.name),
    got: got.capital,
    made: [made.raw.status, named.name],
    changed: [changed.capital, changed.extra?.["a"]],
    refused: refused.error,
  }),
);

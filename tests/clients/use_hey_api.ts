// List, get, create and change countries by the client of @hey-api/openapi-ts.
import { addCountry, getCountry, listCountries, patchCountry } from "./hey-api";
import { client } from "./hey-api/client.gen";

const [address, code] = process.argv.slice(2) as [string, string];
client.setConfig({ baseUrl: address });
const query = {
  region: ["Asia"],
  sort: ["-population"],
  fields: ["alpha2", "name"],
  "area[gte]": 1e6,
  limit: 2,
};
const listed = await listCountries({ query });
const got = await getCountry({ path: { key: "TH" } });
const made = await addCountry({ body: { name: `Land of ${code}`, alpha2: code } });
const changed = await patchCountry({
  path: { key: code },
  body: { capital: "Fort", extra: { a: 1 } },
});
const refused = await getCountry({ path: { key: "ZZ" } });
console.log(
  JSON.stringify({
    listed: listed.data?.map((each) => each.name),
    got: got.data?.capital,
    made: [made.response?.status, made.data && "name" in made.data && made.data.name],
    changed: [changed.data?.capital, changed.data?.extra?.a],
    refused: refused.error && "error" in refused.error && refused.error.error,
  }),
);

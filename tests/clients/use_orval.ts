// List, get, create and change countries by the client of orval.
import { addCountry, getCountry, listCountries, patchCountry } from "./orval/client";

const code = process.argv[3] as string;
const listed = await listCountries({
  region: ["Asia"],
  sort: ["-population"],
  fields: ["alpha2", "name"],
  "area[gte]": 1e6,
  limit: 2,
});
const got = await getCountry("TH");
const made = await addCountry({ name: `Land of ${code}`, alpha2: code });
const changed = await patchCountry(code, { capital: "Fort", extra: { a: 1 } });
const refused = await getCountry("ZZ");
console.log(
  JSON.stringify({
    listed: listed.status === 200 && listed.data.map((each) => each.name),
    got: got.status === 200 && got.data.capital,
    made: [made.status, made.status === 201 && "name" in made.data && made.data.name],
    changed: changed.status === 200 && [changed.data.capital, changed.data.extra?.["a"]],
    refused: refused.status === 404 && refused.data.error,
  }),
);

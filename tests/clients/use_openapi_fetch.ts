// List, get, create and change countries with openapi-fetch, by the types of openapi-typescript.
import createClient from "openapi-fetch";
import type { paths } from "./openapi-typescript/schema";

const [address, code] = process.argv.slice(2) as [string, string];
const api = createClient<paths>({ baseUrl: address });
const query = {
  region: ["Asia"],
  sort: ["-population"],
  fields: ["alpha2", "name"],
  "area[gte]": 1e6,
  limit: 2,
};
const listed = await api.GET("/countries", { params: { query } });
const got = await api.GET("/countries/{key}", { params: { path: { key: "TH" } } });
const made = await api.POST("/countries", { body: { name: `Land of ${code}`, alpha2: code } });
const changed = await api.PATCH("/countries/{key}", {
  params: { path: { key: code } },
  body: { capital: "Fort", extra: { a: 1 } },
});
const refused = await api.GET("/countries/{key}", { params: { path: { key: "ZZ" } } });
console.log(
  JSON.stringify({
    listed: listed.data?.map((each) => each.name),
    got: got.data?.capital,
    made: [made.response.status, made.data && "name" in made.data && made.data.name],
    changed: [changed.data?.capital, changed.data?.extra?.a],
    refused: refused.error?.error,
  }),
);

// The paid service's client against a running Terrafirma: every call it has, each record held to its strict schema.
import { RestCountries } from "restcountries-5";
import { countrySchema } from "restcountries-5/types";

const client = new RestCountries({ apiKey: "any", baseURL: `${process.argv[2]}/v5` });
const need = (answer) => {
  if (!answer.success) throw answer.error;
  return answer;
};
const name = (country) => country.names.common;

let all = [];
for (let more = true; more; ) {
  const page = need(await client.getCountries({ limit: 100, offset: all.length }));
  all = all.concat(page.countries);
  more = page.meta.more;
}
all.forEach((country) => countrySchema.parse(country));

const told = {
  all: all.length,
  filtered: need(await client.getCountries({ filters: { region: "Europe", memberships: { nato: false, eu: true } } })).countries.map(name),
  search: need(await client.search("india", { limit: 1 })).countries.map(name),
  alpha_2: name(need(await client.getCountryByCode({ alpha_2: "DE" })).country),
  alpha_3: name(need(await client.getCountryByCode({ alpha_3: "FRA" })).country),
  ccn3: name(need(await client.getCountryByCode({ ccn3: "604" })).country),
  cioc: name(need(await client.getCountryByCode({ cioc: "SUI" })).country),
  name: need(await client.getCountriesByName({ name: "korea" })).countries.map(name),
  fullText: need(await client.getCountriesByName({ name: "Canada", fullText: true })).countries.map(name),
  region: need(await client.getCountriesByRegion({ region: "Oceania" })).meta.total,
  subregion: need(await client.getCountriesBySubregion({ subregion: "Southern Europe" })).meta.total,
  lang: need(await client.getCountriesByLang({ lang: "Spanish" })).meta.total,
  currency: need(await client.getCountriesByCurrency({ currency: "JPY" })).countries.map(name),
  capital: name(need(await client.getCountryByCapital({ capital: "Ottawa" })).country),
  demonym: name(need(await client.getCountryByDemonym({ demonym: "Peruvian" })).country),
  translation: name(need(await client.getCountryByTranslation({ translation: "Saksamaa" })).country),
  fields: need(await client.getCountryByCode({ alpha_2: "DE", fields: ["names.common", "capitals"] })).country,
  missing: (await client.getCountryByCode({ alpha_2: "ZZ" })).success,
};
console.log(JSON.stringify(told));

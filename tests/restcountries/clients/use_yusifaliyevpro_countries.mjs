// @yusifaliyevpro/countries 2.3.2 (v3.1): trailing slashes, small letters, `fields` as a set. Its base URL is a constant,
// so requests are turned round where they leave: `fetch`.
import * as client from "restcountries-3.1";

const base = process.argv[2];
const real = globalThis.fetch;
globalThis.fetch = (url, options) => real(String(url).replace("https://restcountries.com", base), options);

const fields = ["cca3", "name"];
const codes = (found) => found.map((country) => country.cca3);
const told = {
  all: (await client.getCountries({ fields })).length,
  independent: (await client.getCountries({ independent: true, fields })).length,
  code: (await client.getCountryByCode({ code: "DE", fields })).name.common,
  whole: (await client.getCountryByCode({ code: "DE" })).capital,
  codes: codes(await client.getCountriesByCodes({ codes: ["DE", "FR"], fields })),
  name: codes(await client.getCountriesByName({ name: "Korea", fields })),
  fullText: codes(await client.getCountriesByName({ name: "Germany", fullText: true, fields })),
  currency: codes(await client.getCountriesByCurrency({ currency: "JPY", fields })),
  lang: codes(await client.getCountriesByLang({ lang: "Estonian", fields })),
  capital: (await client.getCountryByCapital({ capital: "Tallinn", fields })).cca3,
  region: (await client.getCountriesByRegion({ region: "Europe", fields })).length,
  subregion: (await client.getCountriesBySubregion({ subregion: "Northern Europe", fields })).length,
  demonym: (await client.getCountryByDemonym({ demonym: "Peruvian", fields })).cca3,
  translation: (await client.getCountryByTranslation({ translation: "Saksamaa", fields })).cca3,
  missing: await client.getCountryByCode({ code: "zz" }),
};
console.log(JSON.stringify(told));

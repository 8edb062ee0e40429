import assert from "node:assert/strict";
import { test } from "node:test";
import { type Country, Terrafirma, TerrafirmaError } from "../dist/index.js";

const address = process.env["TERRAFIRMA_ADDRESS"] ?? "http://127.0.0.1:5000";
const register = new Terrafirma(address);
const CODE = "XY";

test("a record is typed by the description", async () => {
  const thailand: Country = await register.countries.get("TH");
  assert.equal(thailand.capital, "Bangkok");
  // @ts-expect-error: no such field
  assert.equal(thailand.capitol, undefined);
});

test("fields narrow the type of the result", async () => {
  const found = await register.countries.get("TH", { fields: ["name", "currencies.code"] });
  const name: string | undefined = found.name;
  assert.equal(name, "Thailand");
  assert.deepEqual(found.currencies?.map((each) => each.code), ["THB"]);
  assert.deepEqual(found, { name: "Thailand", currencies: [{ code: "THB" }] });
  // @ts-expect-error: it was not asked for
  assert.equal(found.capital, undefined);
  // @ts-expect-error: nor was this part
  assert.equal(found.currencies?.[0]?.symbol, undefined);
  // @ts-expect-error: no such field
  await assert.rejects(register.countries.get("TH", { fields: ["capitol"] }), { code: "malformed" });
});

test("a day, a language and additions are queries of a record", async () => {
  const bulgaria = await register.countries.get("BG", {
    on: "2025-12-31",
    lang: "de",
    include: ["sources"],
    fields: ["name", "currencies.code"],
  });
  assert.equal(bulgaria.name, "Bulgarien");
  assert.deepEqual(bulgaria.currencies, [{ code: "BGN" }]);
  assert.ok(bulgaria.sources);
});

test("a list is iterated over, page by page", async () => {
  const query = { "area[gte]": 1e6, region: ["Asia", "Africa"], sort: "name" } as const;
  const names: (string | undefined)[] = [];
  for await (const each of register.countries.list({ ...query, limit: 3, fields: ["name"] })) {
    names.push(each.name);
  }
  const pages: number[] = [];
  for await (const page of register.countries.pages({ ...query, limit: 3 })) pages.push(page.length);
  assert.ok(names.length > 10);
  assert.deepEqual(names, [...names].sort());
  assert.equal(pages.reduce((sum, each) => sum + each), names.length);
  assert.equal(pages[0], 3);
  // @ts-expect-error: no such filter
  await assert.rejects(register.countries.list({ colour: "red" }).next(), { status: 400 });
});

test("a record is created, changed where it is as it was read, and deleted", async () => {
  const made = await register.countries.create({ name: "Ruritania", alpha2: CODE });
  const first = await register.countries.patch(CODE, { capital: "Strelsau" }, { etag: made.etag });
  assert.equal(first.record.capital, "Strelsau");
  await assert.rejects(register.countries.patch(CODE, { capital: "Zenda" }, { etag: made.etag }), {
    name: "TerrafirmaError",
    status: 412,
    code: "precondition-failed",
  });
  await register.countries.delete(CODE, { etag: first.etag });
  await assert.rejects(register.countries.get(CODE), { code: "not-found" });
});

test("an update is made again where another writer came between", async () => {
  const code = "XZ";
  await register.countries.create({ name: "Graustark", alpha2: code, population: 1 });
  let reads = 0;
  const { record } = await register.countries.update(code, async (found) => {
    reads += 1;
    if (reads === 1) await register.countries.patch(code, { population: 10 });
    return { population: (found.population ?? 0) + 1, extra: { by: "update" } };
  });
  assert.deepEqual([record.population, reads], [11, 2]);
  const replaced = await register.countries.replace(code, { name: "Graustark", alpha2: code });
  assert.equal(replaced.record.population, undefined);
  await register.countries.delete(code);
});

test("a request that was sent twice creates once", async () => {
  const options = { idempotencyKey: crypto.randomUUID() };
  const body = { name: "Zubrowka", alpha2: "XX" };
  const first = await register.countries.create(body, options);
  const second = await register.countries.create(body, options);
  assert.equal(first.record.id, second.record.id);
  await register.countries.delete("XX");
});

test("a refusal names the faulty fields", async () => {
  const error = await register.countries.create({ name: "", alpha2: "toolong" }).catch((each: unknown) => each);
  assert.ok(error instanceof TerrafirmaError);
  assert.equal(error.status, 422);
  assert.deepEqual(error.faults.map((each) => each.field).sort(), ["alpha2", "name"]);
  assert.ok(error.faults.every((each) => each.message && each.code));
});

test("names are resolved", async () => {
  const found = await register.resolve("Cote d'Ivoire");
  assert.equal(found.outcome, "matched");
});

test("other kinds have the same methods", async () => {
  const euro = await register.currencies.get("EUR", { fields: ["name"] });
  assert.equal(euro.name, "Euro");
  const chosen = register.records("groups");
  assert.ok((await chosen.get("EU")).name);
});

test("a server that is no Terrafirma is an error with its status", async () => {
  const odd = new Terrafirma(address, {
    fetch: () => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 502 })),
  });
  await assert.rejects(odd.countries.get("TH"), { status: 502, code: "unknown" });
});

test("a request can be given up", async () => {
  const given = AbortSignal.abort();
  await assert.rejects(register.countries.get("TH", {}, { signal: given }), { name: "AbortError" });
});

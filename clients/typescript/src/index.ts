import { Connection, type Options, type QueryValue, type RequestOptions } from "./connection.js";
import { Records } from "./records.js";
import type { Kind, Resolution, ResolveQuery } from "./types.js";

export type { Options, RequestOptions } from "./connection.js";
export { TerrafirmaError } from "./errors.js";
export type { CreateOptions, Records, Versioned, WriteOptions } from "./records.js";
export type { components, paths } from "./schema.js";
export type * from "./types.js";

/** A register at an address. */
export class Terrafirma {
  readonly #connection: Connection;
  readonly countries: Records<"countries">;
  readonly subdivisions: Records<"subdivisions">;
  readonly groups: Records<"groups">;
  readonly memberships: Records<"memberships">;
  readonly figures: Records<"figures">;
  readonly currencies: Records<"currencies">;
  readonly languages: Records<"languages">;
  readonly regions: Records<"regions">;

  constructor(address: string | URL, options: Options = {}) {
    this.#connection = new Connection(String(address), options);
    this.countries = this.records("countries");
    this.subdivisions = this.records("subdivisions");
    this.groups = this.records("groups");
    this.memberships = this.records("memberships");
    this.figures = this.records("figures");
    this.currencies = this.records("currencies");
    this.languages = this.records("languages");
    this.regions = this.records("regions");
  }

  /** Return the records of a kind that is chosen while the program runs. */
  records<K extends Kind>(kind: K): Records<K> {
    return new Records(this.#connection, kind);
  }

  /** Resolve a name, code or flag in any language. */
  async resolve(text: string, query: ResolveQuery = {}, options: RequestOptions = {}): Promise<Resolution> {
    const asked = { ...(query as Record<string, QueryValue>), q: text };
    const response = await this.#connection.send("resolve", { ...options, query: asked });
    return (await response.json()) as Resolution;
  }
}

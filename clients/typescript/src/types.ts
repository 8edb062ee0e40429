/** Types of records and queries, all derived from the description of the API. */

import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type Operation<Address, Method extends string> = Address extends keyof paths
  ? paths[Address] extends { [M in Method]: infer Found }
    ? Found
    : never
  : never;
type Answer<T> = T extends { responses: { 200: infer Found } } ? Json<Found> : never;
type Sent<T> = T extends { requestBody: infer Body } ? Json<Body> : never;
type Asked<T> = T extends { parameters: { query?: infer Query } } ? NonNullable<Query> : never;

/** The kinds of records that can be listed and changed, by the words of their addresses. */
export type Kind = {
  [Address in keyof paths]: Address extends `/${infer Name}/{key}`
    ? paths[Address] extends { patch: object }
      ? Name
      : never
    : never;
}[keyof paths];

export type Country = Schemas["Country"];
export type Fault = Schemas["Fault"];
export type Resolution = Schemas["Resolution"];

/** A record of a kind, as the API answers it. */
export type RecordOf<K extends Kind> = Answer<Operation<`/${K}/{key}`, "get">>;
/** A whole record, as it is sent. */
export type BodyOf<K extends Kind> = Sent<Operation<`/${K}/{key}`, "put">>;
/** A merge patch: what is named is changed, null removes. */
export type PatchOf<K extends Kind> = Sent<Operation<`/${K}/{key}`, "patch">>;
/** Filters, order and day of a list. */
export type ListQuery<K extends Kind> = Query<Operation<`/${K}`, "get">>;
/** Day, language and additions of a single record. */
export type RecordQuery<K extends Kind> = Query<Operation<`/${K}/{key}`, "get">>;
/** What may help to resolve a name. */
export type ResolveQuery = Omit<Query<Operation<"/resolve", "get">>, "q">;

/** A query whose lists may also be single values; the client sets format and fields itself. */
type Query<T> = Omit<
  { [Name in keyof Asked<T>]: OneOrMore<Asked<T>[Name]> },
  "fields" | "format" | "bom"
>;
type OneOrMore<T> = T extends readonly (infer Item)[] ? Item | readonly Item[] : T;

/** The name of a field, or a path into it: `currencies.code`; `*` is all. */
export type Field<T> = "*" | Name<T> | `${Name<T>}.${string}`;
type Name<T> = Exclude<keyof T & string, Added>;
/** Members beside the fields, which come with `include` or where they are needed. */
type Added = "dated" | "known_from" | "sources" | "undated";

/** The part of a record that `fields` asks for. Facts that are unknown stay absent. */
export type Narrowed<T, F extends string> = string extends F
  ? T
  : "*" extends F
    ? T
    : {
        [Member in keyof T as Member extends Head<F> | Added ? Member : never]: Member extends Added
          ? T[Member]
          : Part<T[Member], Tail<F, Member>>;
      };
type Head<F extends string> = F extends `${infer First}.${string}` ? First : F;
type Tail<F extends string, Member> = F extends Member
  ? "*"
  : F extends `${Member & string}.${infer Rest}`
    ? Rest
    : never;
type Part<T, F extends string> = "*" extends F
  ? T
  : T extends readonly (infer Item)[]
    ? Part<Item, F>[]
    : T extends object
      ? Narrowed<T, F>
      : T;

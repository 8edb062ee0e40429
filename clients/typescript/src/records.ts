import { type Connection, findNext, type QueryValue, type RequestOptions } from "./connection.js";
import { TerrafirmaError } from "./errors.js";
import type { BodyOf, Field, Kind, ListQuery, Narrowed, PatchOf, RecordOf, RecordQuery } from "./types.js";

/** A record with the ETag of the state that was read. */
export interface Versioned<T> {
  record: T;
  etag: string;
}

export interface WriteOptions extends RequestOptions {
  /** Write only if the record still has this ETag; else a TerrafirmaError `precondition-failed`. */
  etag?: string;
  /** The day from which the new values hold. */
  effective?: string;
}

export interface CreateOptions extends RequestOptions {
  /** Names this request, so that sending it again creates nothing more. */
  idempotencyKey?: string;
}

type Fields<T, F extends string> = { fields?: readonly F[] };
const ATTEMPTS = 5;

/** The records of a kind. A key is an id or a code. */
export class Records<K extends Kind> {
  readonly #connection: Connection;
  readonly #path: string;

  constructor(connection: Connection, kind: K) {
    this.#connection = connection;
    this.#path = kind;
  }

  /** Return a record, or the fields of it that are asked for. */
  async get<const F extends Field<RecordOf<K>> = "*">(
    key: string | number,
    query?: RecordQuery<K> & Fields<RecordOf<K>, F>,
    options?: RequestOptions,
  ): Promise<Narrowed<RecordOf<K>, F>> {
    return (await this.read(key, query, options)).record;
  }

  /** Return a record with its ETag, for a later `patch`, `replace` or `delete`. */
  async read<const F extends Field<RecordOf<K>> = "*">(
    key: string | number,
    query?: RecordQuery<K> & Fields<RecordOf<K>, F>,
    options: RequestOptions = {},
  ): Promise<Versioned<Narrowed<RecordOf<K>, F>>> {
    const asked = query as Record<string, QueryValue> | undefined;
    return this.#receive(this.#place(key), { ...options, ...(asked && { query: asked }) });
  }

  /** Iterate over the records that a query finds, page by page as they are needed. */
  async *list<const F extends Field<RecordOf<K>> = "*">(
    query?: ListQuery<K> & Fields<RecordOf<K>, F>,
    options?: RequestOptions,
  ): AsyncGenerator<Narrowed<RecordOf<K>, F>, void, undefined> {
    for await (const page of this.pages(query, options)) yield* page;
  }

  /** Iterate over the pages of a list; `limit` is the number of records of each. */
  async *pages<const F extends Field<RecordOf<K>> = "*">(
    query?: ListQuery<K> & Fields<RecordOf<K>, F>,
    options: RequestOptions = {},
  ): AsyncGenerator<Narrowed<RecordOf<K>, F>[], void, undefined> {
    const asked = query as Record<string, QueryValue> | undefined;
    let response = await this.#connection.send(this.#path, { ...options, ...(asked && { query: asked }) });
    for (;;) {
      yield (await response.json()) as Narrowed<RecordOf<K>, F>[];
      const next = findNext(response);
      if (next === undefined) return;
      response = await this.#connection.send(next, options);
    }
  }

  /** Create a record. */
  async create(body: BodyOf<K>, options: CreateOptions = {}): Promise<Versioned<RecordOf<K>>> {
    const { idempotencyKey, ...others } = options;
    const headers = { "Idempotency-Key": idempotencyKey };
    return this.#receive(this.#path, { ...others, method: "POST", body, headers });
  }

  /** Change what a merge patch names. */
  async patch(key: string | number, patch: PatchOf<K>, options?: WriteOptions): Promise<Versioned<RecordOf<K>>> {
    return this.#write(key, "PATCH", patch, options);
  }

  /** Replace a whole record. */
  async replace(key: string | number, body: BodyOf<K>, options?: WriteOptions): Promise<Versioned<RecordOf<K>>> {
    return this.#write(key, "PUT", body, options);
  }

  /** Delete a record. */
  async delete(key: string | number, options: Omit<WriteOptions, "effective"> = {}): Promise<void> {
    const { etag, ...others } = options;
    const headers = { "If-Match": etag };
    await this.#connection.send(this.#place(key), { ...others, method: "DELETE", headers });
  }

  /** Read a record, and write the patch that a function makes of it; again where another writer came between. */
  async update(
    key: string | number,
    change: (record: RecordOf<K>) => PatchOf<K> | Promise<PatchOf<K>>,
    options?: Omit<WriteOptions, "etag">,
  ): Promise<Versioned<RecordOf<K>>> {
    for (let attempt = 1; ; attempt++) {
      const { record, etag } = await this.read(key);
      try {
        return await this.patch(key, await change(record), { ...options, etag });
      } catch (error) {
        const lost = error instanceof TerrafirmaError && error.status === 412;
        if (!lost || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #write(
    key: string | number,
    method: string,
    body: unknown,
    options: WriteOptions = {},
  ): Promise<Versioned<RecordOf<K>>> {
    const { etag, effective, ...others } = options;
    const headers = { "If-Match": etag };
    return this.#receive(this.#place(key), { ...others, method, body, headers, query: { effective } });
  }

  async #receive<T>(path: string, message: Parameters<Connection["send"]>[1]): Promise<Versioned<T>> {
    const response = await this.#connection.send(path, message);
    const record = (await response.json()) as T;
    return { record, etag: response.headers.get("ETag") ?? "" };
  }

  #place(key: string | number): string {
    return `${this.#path}/${encodeURIComponent(key)}`;
  }
}

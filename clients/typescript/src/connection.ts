import { readError } from "./errors.js";

/** A value of a query: a list is sent as a repeated parameter. */
export type QueryValue = string | number | boolean | undefined | readonly (string | number | boolean)[];

export interface Options {
  /** An API key; without one, only what is open. */
  key?: string;
  /** Another implementation of `fetch`. */
  fetch?: typeof fetch;
}

export interface RequestOptions {
  signal?: AbortSignal;
}

export interface Message extends RequestOptions {
  method?: string;
  query?: Record<string, QueryValue>;
  body?: unknown;
  headers?: Record<string, string | undefined>;
}

/** The server: sends requests, and throws its errors. */
export class Connection {
  readonly #base: string;
  readonly #key: string | undefined;
  readonly #fetch: typeof fetch;

  constructor(address: string, options: Options) {
    this.#base = address.endsWith("/") ? address : `${address}/`;
    this.#key = options.key;
    this.#fetch = options.fetch ?? globalThis.fetch;
  }

  /** Return the answer to a request of a path, or of a whole address such as that of a next page. */
  async send(path: string, message: Message = {}): Promise<Response> {
    const address = new URL(path, this.#base);
    for (const [name, value] of Object.entries(message.query ?? {})) {
      for (const each of Array.isArray(value) ? value : [value]) {
        if (each !== undefined) address.searchParams.append(name, String(each));
      }
    }
    const headers = new Headers({ Accept: "application/problem+json, application/json;q=0.9" });
    if (this.#key) headers.set("Authorization", `Bearer ${this.#key}`);
    if (message.body !== undefined) headers.set("Content-Type", "application/json");
    for (const [name, value] of Object.entries(message.headers ?? {})) {
      if (value !== undefined) headers.set(name, value);
    }
    const fetch = this.#fetch;
    const response = await fetch(address, {
      method: message.method ?? "GET",
      headers,
      body: message.body === undefined ? null : JSON.stringify(message.body),
      signal: message.signal ?? null,
    });
    if (!response.ok) throw await readError(response);
    return response;
  }
}

/** Return the address of the next page, from a `Link` header. */
export function findNext(response: Response): string | undefined {
  const target = /<([^>]+)>\s*;\s*rel="next"/.exec(response.headers.get("Link") ?? "")?.[1];
  return target && new URL(target, response.url).href;
}

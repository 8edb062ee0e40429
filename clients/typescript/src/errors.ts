import type { Fault } from "./types.js";

/** An error that the server answered, by RFC 9457. */
export class TerrafirmaError extends Error {
  override readonly name = "TerrafirmaError";

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** The stable code of the problem, such as `not-found` or `precondition-failed`. */
    readonly code: string,
    message: string,
    /** The faulty fields of what was sent. */
    readonly faults: readonly Fault[] = [],
    /** Seconds to wait, where the server said so. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

interface Problem {
  type: string;
  detail: string;
  errors?: Fault[];
}

/** Read the error of a refused request; a proxy's own answer has only a status. */
export async function readError(response: Response): Promise<TerrafirmaError> {
  const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const seconds = Number.isNaN(wait) ? undefined : wait;
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("application/problem+json")) {
    return new TerrafirmaError(response.status, "unknown", response.statusText, [], seconds);
  }
  const problem = (await response.json()) as Problem;
  const code = problem.type.slice(problem.type.lastIndexOf(":") + 1);
  return new TerrafirmaError(response.status, code, problem.detail, problem.errors, seconds);
}

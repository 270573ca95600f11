/**
 * What is refused at the web edge, as a closed list. Expected outcomes inside lib are values; only the edge throws these,
 * and only `httpStatus` turns them into HTTP.
 */
export type ErrorCode =
  | "bad-request"
  | "bad-host"
  | "bad-origin"
  | "sign-in-needed"
  | "not-found"
  | "conflict"
  | "gone"
  | "too-large"
  | "unsupported-media-type"
  | "queue-full"
  | "unavailable";

/** Code -> HTTP status, in one table. What a viewer may not see does not exist for them: 404, never 403. */
export const httpStatus: Readonly<Record<ErrorCode, number>> = {
  "bad-request": 400,
  "bad-host": 421,
  "bad-origin": 403,
  "sign-in-needed": 401,
  "not-found": 404,
  conflict: 409,
  gone: 410,
  "too-large": 413,
  "unsupported-media-type": 415,
  "queue-full": 429,
  unavailable: 503,
};

/** A request that is refused. `message` is for the person: what happened, to what, and the way out. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: unknown;

  constructor(code: ErrorCode, message: string, detail?: unknown) {
    super(message);
    this.name = "AppError";
    this.code = code;
    this.detail = detail;
  }
}

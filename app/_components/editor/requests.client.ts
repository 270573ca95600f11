"use client";
/** What the editor asks of the server. An answer that is no success is an error with the server's own words. */

/** A refusal in the server's words; `detail` holds diagnostics or a conflict. */
export class RequestError extends Error {
  readonly status: number;
  readonly detail: unknown;

  constructor(status: number, message: string, detail: unknown) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.detail = detail;
  }
}

/** @throws RequestError with what the server said; TypeError when it cannot be reached */
export async function post(path: string, body: object): Promise<unknown> {
  return read(
    await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  );
}

/** @throws RequestError with what the server said; TypeError when it cannot be reached */
export async function get(path: string, signal: AbortSignal): Promise<unknown> {
  return read(await fetch(path, { signal }));
}

async function read(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json().catch((cause: unknown) => {
    throw new RequestError(
      answer.status,
      `The server answered ${answer.status} with something that is no JSON.`,
      cause,
    );
  });
  if (answer.ok) return body;
  const error = isRecord(body) && isRecord(body["error"]) ? body["error"] : {};
  const message = typeof error["message"] === "string" ? error["message"] : `The server answered ${answer.status}.`;
  throw new RequestError(answer.status, message, "detail" in error ? error["detail"] : body);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a person is told of a failed request. */
export function errorWords(error: unknown): string {
  if (error instanceof RequestError) return error.message;
  return "The server cannot be reached. What you typed is kept in this browser.";
}

import { environment } from "../env.server.ts";
import { AppError } from "../errors.ts";
import { viewerOf } from "../people/sessions.server.ts";
import type { Viewer } from "../people/viewer.ts";
import { readCookie, sessionCookieName } from "./cookies.ts";
import { isFormToken } from "./form-token.server.ts";
import { isAllowedHost, isOwnOrigin } from "./host.ts";

/** What every page and route knows of its caller before it does anything. */
export type Caller = { readonly viewer: Viewer; readonly sessionSecret: string | null };

/** Reads the session of a request. Pages pass `await headers()`, routes `request.headers`. */
export async function callerOf(headers: Headers): Promise<Caller> {
  const sessionSecret = readCookie(headers.get("cookie"), sessionCookieName(environment().PUBLIC_URL));
  return { viewer: await viewerOf(sessionSecret), sessionSecret };
}

/** Refuses a request that names a host which is not ours. proxy.ts does the same for pages; routes check for themselves too. */
export function checkHost(headers: Headers): void {
  if (isAllowedHost(headers.get("host"), environment().PUBLIC_URL)) return;
  throw new AppError(
    "bad-host",
    "This server answers to 127.0.0.1, localhost and the host of PUBLIC_URL only. Set PUBLIC_URL to the address that people use.",
  );
}

/**
 * Refuses a change that another site could have caused. With an Origin it must be ours ("null" never is); without one
 * (text browsers, command-line tools with a cookie) the form token of the session must come along.
 */
export function checkOrigin(
  headers: Headers,
  given: { readonly sessionSecret: string | null; readonly formToken: string | null },
): void {
  const origin = headers.get("origin");
  if (origin !== null) {
    if (isOwnOrigin(origin, headers.get("host"), environment().PUBLIC_URL)) return;
    throw new AppError(
      "bad-origin",
      `The form came from ${origin}, which is not this server. Open the page again here and send it from there.`,
    );
  }
  if (given.sessionSecret !== null && given.formToken !== null && isFormToken(given.formToken, given.sessionSecret))
    return;
  throw new AppError(
    "bad-origin",
    "The request names no Origin and carries no form token. Open the page again and send its form.",
  );
}

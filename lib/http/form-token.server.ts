import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * The token that every form carries for browsers that send no Origin (text browsers): derived from the session's secret,
 * which only this browser and this request hold, so nothing is stored.
 */
export function formToken(sessionSecret: string): string {
  return createHmac("sha256", sessionSecret).update("hunkbook form/1").digest("base64url");
}

/** Compares in constant time. */
export function isFormToken(given: string, sessionSecret: string): boolean {
  const expected = Buffer.from(formToken(sessionSecret));
  const actual = Buffer.from(given);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

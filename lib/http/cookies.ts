/**
 * The session cookie's name. `__Host-` pins it to this host and needs Secure, so it is used exactly when people come by https.
 * (Safari refuses Secure cookies on http://127.0.0.1, so loopback goes without.)
 */
export function sessionCookieName(publicUrl: string | undefined): string {
  return publicUrl?.startsWith("https:") ? "__Host-hunkbook" : "hunkbook";
}

/** The value of one cookie in a Cookie header (RFC 6265 section 4.2.1), or null. */
export function readCookie(cookieHeader: string | null, name: string): string | null {
  for (const pair of (cookieHeader ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return null;
}

/** A Set-Cookie value for the session. @param maxAgeSeconds 0 removes the cookie */
export function sessionCookie(
  secret: string,
  options: { publicUrl: string | undefined; maxAgeSeconds: number },
): string {
  const name = sessionCookieName(options.publicUrl);
  const secure = name.startsWith("__Host-") ? "; Secure" : "";
  return `${name}=${secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${options.maxAgeSeconds}${secure}`;
}

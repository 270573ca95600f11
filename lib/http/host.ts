const loopbackNames = new Set(["127.0.0.1", "localhost"]);

/**
 * Is this Host header one that we answer to: loopback by name on any port, or exactly the host of PUBLIC_URL?
 * Anything else is a page elsewhere whose name was pointed at us (DNS rebinding).
 *
 * @param publicUrl the operator's PUBLIC_URL, when set
 */
export function isAllowedHost(hostHeader: string | null, publicUrl: string | undefined): boolean {
  const host = hostHeader?.trim().toLowerCase() ?? "";
  if (host === "" || /[^a-z0-9.:[\]-]/.test(host)) return false;
  if (publicUrl !== undefined && host === new URL(publicUrl).host) return true;
  const name = host.replace(/:\d{1,5}$/, "");
  return loopbackNames.has(name);
}

/**
 * Does an Origin header name this server itself, as the browser addressed it?
 *
 * @param origin the Origin header; "null" (sandboxed frames, redirects across origins) is never ours
 */
export function isOwnOrigin(origin: string, hostHeader: string | null, publicUrl: string | undefined): boolean {
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  if (!isAllowedHost(hostHeader, publicUrl)) return false;
  return origin === `http://${hostHeader?.trim().toLowerCase()}`;
}

import { NextResponse, type NextRequest } from "next/server";
import { environment } from "#lib/env.server.ts";
import { isAllowedHost } from "#lib/http/host.ts";

/**
 * Before any page: refuses foreign hosts (DNS rebinding), gives the page its own nonce, and maps `X.txt` and `X.json` to
 * the routes that answer them. Permission is not decided here: every query does that for itself.
 */
export function proxy(request: NextRequest): NextResponse {
  if (!isAllowedHost(request.headers.get("host"), environment().PUBLIC_URL)) {
    return new NextResponse(
      "This server answers to 127.0.0.1, localhost and the host of PUBLIC_URL only. Set PUBLIC_URL to the address that people use.\n",
      { status: 421, headers: { "content-type": "text/plain; charset=utf-8" } },
    );
  }
  const policy = contentPolicy(Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64"));
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  headers.set("x-hunkbook-path", request.nextUrl.pathname);
  const twin = twinPath(request.nextUrl.pathname);
  const response =
    twin === null
      ? NextResponse.next({ request: { headers } })
      : NextResponse.rewrite(new URL(`${twin}${request.nextUrl.search}`, request.url), { request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

/** Scripts by nonce only. Styles inline because Monaco sets them so; everything else from here, and nothing may frame a page. */
function contentPolicy(nonce: string): string {
  // `next dev` evaluates its modules; the built app never does.
  const evaluate = environment().NODE_ENV === "development" ? " 'unsafe-eval'" : "";
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${evaluate}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * Where a text or JSON twin is answered, or null for a page. A mail's segment goes along whole, suffix included: an id may
 * itself end in `.txt`, which only its route can tell.
 */
function twinPath(path: string): string | null {
  if (path === "/index.txt" || path === "/.txt") return "/text";
  if (path === "/n.txt") return "/n/index/text";
  const mail = /^\/t\/([^/]+\.txt)$/.exec(path)?.[1];
  if (mail !== undefined) return `/t/${mail}/text`;
  const other = /^\/(n|r)\/([^/]+)\.(txt|json)$/.exec(path);
  return other ? `/${other[1] ?? ""}/${other[2] ?? ""}/${other[3] === "txt" ? "text" : "json"}` : null;
}

export const config = { matcher: ["/((?!_next/static|_next/image).*)"] };

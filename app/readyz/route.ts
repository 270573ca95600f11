import { readiness } from "#lib/http/readiness.server.ts";

/** May requests be sent here? 503 with the reason when not. */
export async function GET(): Promise<Response> {
  const state = await readiness();
  return new Response(`${state.words}\n`, {
    status: state.kind === "ready" ? 200 : 503,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

import { z } from "zod";
import { environment } from "#lib/env.server.ts";
import { sessionCookie } from "#lib/http/cookies.ts";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { sessionMaxAgeSeconds } from "#lib/people/sessions.server.ts";
import { consumeSignIn } from "#lib/people/tokens.server.ts";

/** Uses a sign-in link, once. A used or old one leads back to its page, which says so. */
export const POST = defineRoute({
  params: z.object({ token: z.string().max(128) }),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ params }) => {
    const outcome = await consumeSignIn(params.token);
    if (outcome.kind === "refused") return seeOther(`/in/${encodeURIComponent(params.token)}`);
    const response = seeOther("/");
    const options = { publicUrl: environment().PUBLIC_URL, maxAgeSeconds: sessionMaxAgeSeconds };
    response.headers.append("set-cookie", sessionCookie(outcome.sessionSecret, options));
    return response;
  },
});

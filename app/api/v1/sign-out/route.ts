import { z } from "zod";
import { environment } from "#lib/env.server.ts";
import { sessionCookie } from "#lib/http/cookies.ts";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { revokeSession } from "#lib/people/sessions.server.ts";

/** Ends this browser's session. */
export const POST = defineRoute({
  params: z.object({}),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ sessionSecret }) => {
    if (sessionSecret !== null) await revokeSession(sessionSecret);
    const response = seeOther("/");
    const gone = sessionCookie("", { publicUrl: environment().PUBLIC_URL, maxAgeSeconds: 0 });
    response.headers.append("set-cookie", gone);
    response.headers.set("clear-site-data", '"cache"');
    return response;
  },
});

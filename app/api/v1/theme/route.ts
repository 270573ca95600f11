import { z } from "zod";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";

const yearSeconds = 31_536_000;

/** Light, dark, or as the system says: kept in a cookie, so that the server renders it without a flash. */
export const POST = defineRoute({
  params: z.object({}),
  input: z.strictObject({ theme: z.enum(["light", "dark", "auto"]), back: z.string().max(4000) }),
  authorise: () => "allowed",
  handler: ({ input }) => {
    const response = seeOther(input.back);
    const age = input.theme === "auto" ? 0 : yearSeconds;
    response.headers.append("set-cookie", `theme=${input.theme}; Path=/; SameSite=Lax; Max-Age=${age}`);
    return Promise.resolve(response);
  },
});

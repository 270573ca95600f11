import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute, seeOther } from "#lib/http/route.server.ts";
import { cancelAsk } from "#lib/runs/cancel.server.ts";

/** Withdraws an ask; its runs end unless somebody else waits for them too. */
export const POST = defineRoute({
  params: z.object({ askId: z.string().max(64) }),
  input: z.strictObject({}),
  authorise: (viewer) => (viewer.kind === "anonymous" ? "sign-in-needed" : "allowed"),
  handler: async ({ viewer, params, isForm }) => {
    const outcome = await cancelAsk(viewer, params.askId);
    if (outcome.kind === "not-found") throw new AppError("not-found", "There is no such run, or it is not yours.");
    return isForm ? seeOther(`/r/${params.askId}`) : outcome;
  },
});

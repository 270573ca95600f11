import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute } from "#lib/http/route.server.ts";
import { replayQuery } from "#lib/review/replay-query.ts";
import { replayForPage } from "#lib/review/replay.server.ts";
import { replayText } from "#lib/review/trace-words.ts";
import { plainText } from "../../../../api/v1/_answers/plain-text.ts";

/** A replayed schedule as plain text. */
export const GET = defineRoute({
  params: z.object({ askId: z.string().max(64) }),
  input: z.strictObject({ member: z.string().optional(), schedule: z.string() }),
  authorise: () => "allowed",
  handler: async ({ viewer, params, input }) => {
    const query = replayQuery(input);
    if (query === null) throw new AppError("bad-request", "That is no schedule: one looks like 1::0.1.0_2x3.");
    const found = await replayForPage(viewer, params.askId, query);
    if (found === null) throw new AppError("not-found", "There is no such run.");
    return plainText(replayText(found.page, found.replay));
  },
});

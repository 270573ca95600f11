import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute } from "#lib/http/route.server.ts";
import { readRunPage } from "#lib/review/read-run-page.server.ts";
import { runText } from "#lib/review/render-run.ts";
import { plainText } from "../../../api/v1/_answers/plain-text.ts";

/** The ask as plain text: `/r/ID.txt`. */
export const GET = defineRoute({
  params: z.object({ askId: z.string().max(64) }),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ viewer, params }) => {
    const page = await readRunPage(viewer, params.askId);
    if (page === null) throw new AppError("not-found", "There is no such run.");
    return plainText(runText(page));
  },
});

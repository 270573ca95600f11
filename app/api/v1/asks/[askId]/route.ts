import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import { defineRoute } from "#lib/http/route.server.ts";
import { readRunPage } from "#lib/review/read-run-page.server.ts";
import { runJson } from "#lib/review/render-run.ts";

/** An ask with its runs and their results. */
export const GET = defineRoute({
  params: z.object({ askId: z.string().max(64) }),
  input: z.strictObject({}),
  authorise: () => "allowed",
  handler: async ({ viewer, params }) => {
    const page = await readRunPage(viewer, params.askId);
    if (page === null) throw new AppError("not-found", "There is no such run.");
    return runJson(page);
  },
});
